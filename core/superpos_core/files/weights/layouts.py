"""The registry of layouts: how other people's files name and arrange the weights of such models.

A layout says which array plays which role, by name or by shape, and which of its axes is which. To
support another one, add an entry to ``LAYOUTS``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

from superpos_core.array_files.found import FoundArray

Part = Literal["encoder", "decoder", "bias", "hidden_bias", "only_checked"]
Arrays = Mapping[str, FoundArray]


@dataclass(frozen=True)
class Role:
    """What an array is in a model, and its axes, such as ``nm`` for rows that are features.

    All arrays of a file may have one more axis in front, for instances. ``names`` are those under
    which it is found; a layout that goes by shapes has none.
    """

    part: Part
    axes: str
    names: tuple[str, ...] = ()
    is_optional: bool = False


@dataclass(frozen=True)
class Casting:
    """Which array plays which role; ``instances`` is ``None`` if there is no such axis."""

    layout: "Layout"
    roles: Mapping[Role, FoundArray]
    instances: int | None
    features: int
    hidden: int

    def array(self, part: Part) -> tuple[FoundArray, str] | None:
        """The array that plays a part, and its axes."""
        return next(
            ((array, role.axes) for role, array in self.roles.items() if role.part == part), None
        )


@dataclass(frozen=True)
class Layout:
    """One arrangement of weights in a file.

    ``models`` names the models with a tied and with a free decoder that such files hold; empty if
    the layout does not say. It goes ``by_name``, or by the shapes of whatever arrays there are.
    """

    name: str
    summary: str
    roles: tuple[Role, ...]
    models: tuple[str, str] | tuple[()] = ()
    by_name: bool = True
    only_without: tuple[str, ...] = ()
    """Arrays that show that it is another layout."""
    is_only_chosen: bool = False
    """Whether it is never recognised, only asked for."""

    def castings(self, arrays: Arrays, *, is_chosen: bool = False) -> list[Casting]:
        """All ways to read the arrays in this layout; without names there may be several.

        Unless the layout ``is_chosen``, arrays that leave open which axis is n are read with more
        features than hidden dimensions.
        """
        if self.is_only_chosen and not is_chosen:
            return []
        if any(name in arrays for name in self.only_without):
            return []
        assignments = self._by_names(arrays) if self.by_name else self._by_shapes(arrays)
        castings = [cast for each in assignments if (cast := self._cast(each)) is not None]
        if self.by_name or is_chosen:
            return castings
        return [cast for cast in castings if _has_bias(cast) or cast.features >= cast.hidden]

    def _by_names(self, arrays: Arrays) -> Iterator[dict[Role, FoundArray]]:
        found = {role: arrays[name] for role in self.roles for name in role.names if name in arrays}
        if all(role in found or role.is_optional for role in self.roles):
            yield found

    def _by_shapes(self, arrays: Arrays) -> Iterator[dict[Role, FoundArray]]:
        matrices, vectors = _matrices_and_vectors(arrays)
        wanted = [role for role in self.roles if len(role.axes) == 2]
        if len(matrices) != len(wanted) or len(vectors) > 1:
            return
        bias = {role: vectors[0] for role in self.roles if vectors and len(role.axes) == 1}
        for order in permutations(matrices):
            yield {**dict(zip(wanted, order, strict=True)), **bias}

    def _cast(self, assignment: dict[Role, FoundArray]) -> Casting | None:
        """The sizes on which all arrays agree; ``None`` if they do not."""
        sizes: dict[str, int | None] = {}
        for role, array in assignment.items():
            extra = len(array.shape) - len(role.axes)
            if not array.is_float or extra not in (0, 1):
                return None
            named = zip(role.axes, array.shape[extra:], strict=True)
            for axis, size in [("instances", array.shape[0] if extra else None), *named]:
                if sizes.setdefault(axis, size) != size:
                    return None
        features, hidden = sizes["n"], sizes["m"]
        assert features is not None
        assert hidden is not None
        return Casting(self, assignment, sizes["instances"], features, hidden)


def _has_bias(casting: Casting) -> bool:
    return casting.array("bias") is not None


def _matrices_and_vectors(arrays: Arrays) -> tuple[list[FoundArray], list[FoundArray]]:
    """The arrays that may be matrices, and those that may be a bias.

    With stacks of matrices, one per instance, a matrix is a stack of vectors. Of several vectors
    only those named like a bias count.
    """
    floats = [array for array in arrays.values() if array.is_float]
    axes = 3 if any(len(array.shape) == 3 for array in floats) else 2
    matrices = [array for array in floats if len(array.shape) == axes]
    vectors = [array for array in floats if len(array.shape) == axes - 1]
    if len(vectors) > 1:
        vectors = [array for array in vectors if array.name.rpartition(".")[2].startswith("b")]
    return matrices, vectors


TIED_OR_NOT = ("tied", "untied")

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout(
            "notebook",
            "W (instances, n, m) with b_final: the paper's notebook",
            (Role("encoder", "nm", ("W",)), Role("bias", "n", ("b_final",))),
            TIED_OR_NOT,
        ),
        Layout(
            "arena",
            "W (instances, m, n) with b_final: ARENA",
            (Role("encoder", "mn", ("W",)), Role("bias", "n", ("b_final",))),
            TIED_OR_NOT,
        ),
        Layout(
            "spd",
            "linear1.weight (m, n) and linear2: parameter decomposition (SPD)",
            (
                Role("encoder", "mn", ("linear1.weight",)),
                Role("decoder", "nm", ("linear2.weight",)),
                Role("bias", "n", ("linear2.bias",), is_optional=True),
            ),
            TIED_OR_NOT,
            only_without=("hidden_layers.0.weight",),
        ),
        Layout(
            "devinterp",
            "embedding.weight (m, n) with unembedding: devinterp",
            (
                Role("encoder", "mn", ("embedding.weight",)),
                Role("hidden_bias", "m", ("embedding.bias",), is_optional=True),
                Role("decoder", "nm", ("unembedding.weight",), is_optional=True),
                Role("bias", "n", ("unembedding.bias",), is_optional=True),
            ),
            TIED_OR_NOT,
        ),
        Layout(
            "autoencoder",
            "encoder.weight (m, n), decoder.weight (n, m) and decoder.bias, as in nn.Linear",
            (
                Role("encoder", "mn", ("encoder.weight",)),
                Role("hidden_bias", "m", ("encoder.bias",), is_optional=True),
                Role("decoder", "nm", ("decoder.weight",)),
                Role("bias", "n", ("decoder.bias",)),
            ),
        ),
        Layout(
            "dictionary",
            "W_dec (n, m): a dictionary, its rows shown as features",
            (
                Role("encoder", "nm", ("W_dec",)),
                Role("only_checked", "n", ("b_enc",), is_optional=True),
            ),
        ),
        Layout(
            "dictionary-linear",
            "decoder.weight (m, n): a dictionary in an nn.Linear, its columns shown as features",
            (Role("encoder", "mn", ("decoder.weight",)),),
            is_only_chosen=True,
        ),
        Layout(
            "rows",
            "a matrix (n, m), whose rows are features, with or without a bias",
            (Role("encoder", "nm"), Role("bias", "n", is_optional=True)),
            by_name=False,
        ),
        Layout(
            "columns",
            "a matrix (m, n), whose columns are features, with or without a bias",
            (Role("encoder", "mn"), Role("bias", "n", is_optional=True)),
            by_name=False,
        ),
        Layout(
            "products",
            "matrices (n, m) and (m, n), as in x·W₁·W₂, with or without a bias",
            (Role("encoder", "nm"), Role("decoder", "mn"), Role("bias", "n", is_optional=True)),
            by_name=False,
        ),
        Layout(
            "linear",
            "matrices (m, n) and (n, m), as in two nn.Linear, with or without a bias",
            (Role("encoder", "mn"), Role("decoder", "nm"), Role("bias", "n", is_optional=True)),
            by_name=False,
        ),
    )
}
