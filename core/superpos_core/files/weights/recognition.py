"""Which layout a file has: the one way to read its arrays, or a question to the user."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.array_files.array_file import UnreadableArrays
from superpos_core.array_files.found import FoundArray, listed
from superpos_core.arrays import FloatArray, freeze
from superpos_core.errors import InvalidValue, lookup, one_of, printable
from superpos_core.files.weights.layouts import LAYOUTS, Arrays, Casting, Layout, Part
from superpos_core.task.parameters import Parameters
from superpos_core.task.task import MAX_SIZE

OPTION = "layout"


@dataclass(frozen=True)
class Reading:
    """The weights of a file in one layout: ``parameters`` have a leading axis, one lane each.

    ``model`` is the model that the layout implies, or ``None``. ``left_out`` names the arrays that
    it does not use. Without ``has_bias`` the biases are 0 because the file has none.
    """

    layout: Layout
    parameters: Parameters
    model: str | None
    has_bias: bool
    left_out: tuple[str, ...]

    def equals(self, other: "Reading") -> bool:
        """Whether both are the same weights, whatever the layouts are called."""
        mine, others = self.parameters.arrays, other.parameters.arrays
        return mine.keys() == others.keys() and all(
            np.array_equal(mine[name], others[name]) for name in mine
        )


def reading_of(arrays: Mapping[str, FoundArray], layout: str | None = None) -> Reading:
    """The arrays read in the given layout, or in the only one that fits.

    Raises ``InvalidValue`` for an unknown layout, and where several ways to read them remain: then
    nothing but the user can tell. Raises ``UnreadableArrays`` if none fits.
    """
    chosen = None if layout is None else lookup(OPTION, LAYOUTS, layout)
    for group in _groups(arrays):
        castings = _castings(group, chosen)
        for casting in castings:
            _check_sizes(casting)
        distinct = _distinct([_read(casting, group) for casting in castings])
        if len(distinct) == 1:
            return distinct[0]
        if distinct:
            raise _open_question(distinct, group)
    raise _nothing_fits(arrays, chosen)


def _groups(arrays: Arrays) -> Iterator[Arrays]:
    """All arrays, then those of each part of a checkpoint; names without what they share."""
    yield _without_prefix(arrays)
    parts: defaultdict[str, dict[str, FoundArray]] = defaultdict(dict)
    for name, array in arrays.items():
        parts[name.partition(".")[0]][name] = array
    if len(parts) > 1:
        yield from map(_without_prefix, parts.values())


def _without_prefix(arrays: Arrays) -> Arrays:
    """The arrays by their names without the dotted beginning common to all, as of ``module.W``."""
    paths = [name.split(".") for name in arrays]
    shared = 0
    while paths and all(path[shared + 1 :] and path[shared] == paths[0][shared] for path in paths):
        shared += 1
    return {".".join(name.split(".")[shared:]): array for name, array in arrays.items()}


def _castings(arrays: Arrays, chosen: Layout | None) -> list[Casting]:
    """The ways to read them; layouts that go by shapes count only if no name is recognised."""
    if chosen is not None:
        return chosen.castings(arrays, is_chosen=True)
    for by_name in (True, False):
        found = [
            casting
            for layout in LAYOUTS.values()
            if layout.by_name == by_name
            for casting in layout.castings(arrays)
        ]
        if found:
            return found
    return []


def _check_sizes(casting: Casting) -> None:
    """Raise ``UnreadableArrays`` for sizes that cannot be shown, before anything is read."""
    sizes = {"features": casting.features, "hidden dimensions": casting.hidden}
    for what, size in sizes.items():
        if not 1 <= size <= MAX_SIZE:
            raise UnreadableArrays(f"it has {size:,} {what}, and 1 to {MAX_SIZE:,} can be shown")
    if casting.instances == 0:
        raise UnreadableArrays("it has no instances")


def _read(casting: Casting, arrays: Arrays) -> Reading:
    encoder = _matrix(casting, "encoder", "nm")
    assert encoder is not None
    decoder = _matrix(casting, "decoder", "mn")
    if decoder is not None and np.array_equal(decoder, np.swapaxes(encoder, 1, 2)):
        decoder = None
    hidden_bias = _matrix(casting, "hidden_bias", "m")
    if hidden_bias is not None and hidden_bias.any():
        raise UnreadableArrays("its hidden layer has a bias, which none of the models has")
    bias = _matrix(casting, "bias", "n")
    zeros = np.zeros(encoder.shape[:2], np.float32)
    parameters = Parameters(
        encoder=encoder, decoder=decoder, bias=freeze(zeros) if bias is None else bias
    )
    models = casting.layout.models
    used = {array.name for array in casting.roles.values()}
    return Reading(
        layout=casting.layout,
        parameters=parameters,
        model=models[not parameters.is_tied] if models else None,
        has_bias=bias is not None,
        left_out=tuple(array.name for array in arrays.values() if array.name not in used),
    )


def _matrix(casting: Casting, part: Part, axes: str) -> FloatArray | None:
    """The array of a part in float32, with an axis of instances and then these axes.

    Raises ``UnreadableArrays`` for values that are not finite.
    """
    found = casting.array(part)
    if found is None:
        return None
    array, stored_axes = found
    with np.errstate(over="ignore"):
        values = array.read().astype(np.float32)
    if not np.isfinite(values).all():
        raise UnreadableArrays(f"{printable(array.name)} has values that are not finite float32")
    if casting.instances is None:
        values = values[None]
    if stored_axes != axes:
        values = np.swapaxes(values, -1, -2)
    return freeze(np.ascontiguousarray(values))


def _distinct(readings: Sequence[Reading]) -> list[Reading]:
    """Without those that only differ in the name of their layout."""
    kept: list[Reading] = []
    for reading in readings:
        if not any(reading.equals(other) for other in kept):
            kept.append(reading)
    return kept


def _open_question(readings: Sequence[Reading], arrays: Arrays) -> Exception:
    names = list(dict.fromkeys(reading.layout.name for reading in readings))
    reason = f"{listed(arrays.values())} can be read in several ways"
    if len(names) == 1:
        return UnreadableArrays(f"{reason}, and nothing says which matrix is the encoder")
    meanings = "; ".join(f"{name}: {LAYOUTS[name].summary}" for name in names)
    return InvalidValue(OPTION, "''", reason, f"{one_of(names)} ({meanings})")


def _nothing_fits(arrays: Arrays, chosen: Layout | None) -> Exception:
    seen = listed(arrays.values()) or "no arrays"
    if chosen is None:
        return UnreadableArrays(f"it holds {seen}: no weights of such a model")
    others = one_of([name for name in LAYOUTS if name != chosen.name])
    return InvalidValue(
        OPTION, chosen.name, f"{seen} do not fit {chosen.summary}", f"{others}, or none"
    )
