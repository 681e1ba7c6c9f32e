"""Opening a file of weights as a finished run: what it does not tell stays unknown, or is typed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from superpos_core.array_files.array_file import UnreadableArrays
from superpos_core.errors import PATH, InvalidValue, one_of, printable, reason_of
from superpos_core.files.runs.kinds import holds_dictionary
from superpos_core.files.runs.layout import SAELENS_WEIGHTS
from superpos_core.files.weights.contents import FORMATS, arrays_in
from superpos_core.files.weights.own import STEPS, is_own, own_record, untrained_cohort
from superpos_core.files.weights.recognition import Reading, reading_of
from superpos_core.files.weights.saelens import read_dictionary
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import INSTANCE
from superpos_core.task.models import MODELS
from superpos_core.task.options import options_of, read_options

FROM = "from"
"""The name of the option to train the weights of a file."""
NOT_IN_A_FILE = ("sparsities", "importance", "distribution", "models", "seed", STEPS)
"""What other people's files do not tell; a layout may tell the model."""
IN_THE_FILE = ("features", "hidden", "restarts", "sweep", "sweep_values")
"""What the file alone tells, or what does not apply to it."""
OF_LANES = ("features", "hidden", "models", "restarts", "sweep", "sweep_values")
"""What cannot be changed without having other weights."""
DICTIONARY = "dictionary"
"""The layout of what SAELens saves."""
MAX_NAME = 40


def open_weights(
    path: Path,
    layout: str | None = None,
    options: Mapping[str, str] | None = None,
    *,
    option: str = PATH,
    is_to_train: bool = False,
) -> Snapshot:
    """A file of weights as a finished run; every instance in it is a lane.

    ``layout`` names one of ``LAYOUTS`` where the file leaves it open. ``options`` are typed options
    by field of the config, such as ``{"sparsities": "0.9"}``: they fill in what the file does not
    tell, and what remains is in ``Record.unknown``. Of a file of this program, which tells all,
    they may only repeat what it says; if the run ``is_to_train``, they may also change how.
    ``option`` is the name of the path in messages. A folder as SAELens saves it is opened, too: the
    rows of its decoder are shown as features, and ``layout`` has no say in it.

    Nothing in the file is executed. Raises ``InvalidValue`` for a file that cannot be read, one
    without such weights, an ambiguous or unsuitable layout, and options that contradict the file.
    """
    if not is_to_train:
        _refuse_other_kinds(options or {})
    of_saelens = _check_folder(path, layout, option) if holds_dictionary(path) else ""
    file = path / SAELENS_WEIGHTS if of_saelens else path
    with _failures_explained(path, option), arrays_in(file) as contents:
        if is_own(contents.metadata):
            _refuse_layout(layout, "the file is this program's own")
            record = own_record(contents.arrays, contents.metadata)
            record = _with_options(record, options or {}, may_change=is_to_train)
        else:
            reading = reading_of(contents.arrays, DICTIONARY if of_saelens else layout)
            record = _record(_name_of(path), reading, options or {}, of_saelens)
    return Snapshot(
        generation=0,
        record=record,
        phase="finished",
        steps_per_second=0.0,
        engine="",
        device="",
    )


@contextmanager
def _failures_explained(path: Path, option: str) -> Iterator[None]:
    """Turn what is wrong with the file into ``InvalidValue``."""
    try:
        yield
    except UnreadableArrays as error:
        raise InvalidValue(option, path, str(error), f"a file of weights ({FORMATS})") from error
    except OSError as error:
        choices = f"a file of weights ({FORMATS})"
        raise InvalidValue(option, path, reason_of(error), choices) from error
    except MemoryError as error:
        raise InvalidValue(option, path, "not enough memory", "a smaller file") from error


def _refuse_other_kinds(options: Mapping[str, str]) -> None:
    """Raise ``InvalidValue`` for an option that asks for training."""
    for each in options_of(ExperimentConfig):
        if each.kind and each.field in options:
            choices = f"--{FROM} FILE --{each.name} {each.metavar}, to train them"
            raise InvalidValue(each.name, options[each.field], "an opened file is shown", choices)


def _refuse_layout(layout: str | None, reason: str) -> None:
    if layout is not None:
        raise InvalidValue("layout", layout, reason, "no layout")


def _check_folder(path: Path, layout: str | None, option: str) -> str:
    """What the dictionary in a folder is; raises ``InvalidValue`` if it is none."""
    _refuse_layout(layout, "a folder of SAELens says itself how it is laid out")
    try:
        kind = read_dictionary(path).kind.name
    except InvalidValue as error:
        raise error.of_option(option) from error
    return f"{kind} dictionary of SAELens: latents shown as features"


def _name_of(path: Path) -> str:
    """The name of the run: that of the file, in a form fit for one line."""
    name = printable(path.resolve().name if path.is_dir() else path.stem)
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


# ── this program's own files ──────────────────────────────────────────────────────────────────


def _with_options(record: Record, options: Mapping[str, str], *, may_change: bool) -> Record:
    """The record with typed options; raises ``InvalidValue`` for one that contradicts the file.

    They fill in what is unknown, if it was written from opened weights. Of what is known only how
    it is trained ``may_change``, not what its lanes are.
    """
    values = read_options(ExperimentConfig, options)
    changed = replace(record.config, **values)
    for each in options_of(ExperimentConfig):
        known = getattr(record.config, each.field)
        may_be_typed = may_change or each.field in record.unknown
        is_fixed = each.field in OF_LANES or not may_be_typed
        if each.field in values and is_fixed and values[each.field] != known:
            said = each.show(known)
            raise InvalidValue(each.name, options[each.field], f"the file says {said}", said)
    if len(changed.settings) != len(record.config.settings):
        count = len(record.config.settings)
        reason = f"the file has {count} settings"
        raise InvalidValue("sparsity", options["sparsities"], reason, f"{count} sparsities")
    if isinstance(record, LanesRecord):
        parameters = {model: cohort.parameters for model, cohort in record.cohorts.items()}
        cohorts = {
            model: untrained_cohort(changed, model, each) for model, each in parameters.items()
        }
        record = replace(record, cohorts=cohorts)
    return replace(record, config=changed, unknown=record.unknown - values.keys())


# ── other people's files ──────────────────────────────────────────────────────────────────────


def _record(
    name: str, reading: Reading, options: Mapping[str, str], of_saelens: str
) -> LanesRecord:
    """The lanes of a reading, with typed options in place of what is unknown."""
    values = read_options(ExperimentConfig, options)
    lanes, features, hidden = reading.parameters.encoder.shape
    _check_sizes(values, features, hidden)
    model = _model(reading, values.pop("models", None))
    unknown = {field for field in NOT_IN_A_FILE if field not in values}
    if reading.model is not None or "models" in options:
        unknown.discard("models")
    if not reading.has_bias:
        unknown.add("bias")
    config = ExperimentConfig(
        name,
        features=features,
        hidden=hidden,
        models=(model,),
        **{"importance": 1.0, **values, **_grid(lanes, values.pop("sparsities", None))},
    )
    cohort = untrained_cohort(config, model, reading.parameters)
    read_as = of_saelens or f"read as {reading.layout.name}"
    remarks = _remarks(reading, read_as, model if "models" in unknown else "")
    return LanesRecord(
        config, {model: cohort}, remarks=remarks, unknown=frozenset({*unknown, STEPS})
    )


def _check_sizes(values: dict[str, Any], features: int, hidden: int) -> None:
    """Remove sizes that only repeat the file; raise ``InvalidValue`` for what contradicts it."""
    sizes = {"features": features, "hidden": hidden, "restarts": 1, "sweep": "none"}
    for field in IN_THE_FILE:
        if field in values and values.pop(field) != sizes.get(field):
            name = field.replace("_", "-")
            reason = "the file alone decides that"
            raise InvalidValue(name, "", reason, f"no --{name}")


def _grid(lanes: int, sparsities: tuple[float, ...] | None) -> dict[str, Any]:
    """The settings: the instances by number, or by sparsity if each has its own."""
    if sparsities is not None and len(sparsities) == lanes:
        return {"sparsities": sparsities}
    if sparsities is not None and len(sparsities) != 1:
        typed = ",".join(map(str, sparsities))
        reason = f"the file has {lanes} {'instances' if lanes > 1 else 'instance'}"
        choices = "one sparsity for all" + (f", or {lanes}, one for each" if lanes > 1 else "")
        raise InvalidValue("sparsity", typed, reason, choices)
    return {
        "sparsities": sparsities or (0.0,),
        "sweep": INSTANCE,
        "sweep_values": tuple(float(instance) for instance in range(lanes)),
    }


def _model(reading: Reading, typed: tuple[str, ...] | None) -> str:
    """The model as typed, as the layout implies, or the plainest one with such matrices."""
    is_tied = reading.parameters.is_tied
    if typed is None:
        return reading.model or ("tied" if is_tied else "untied")
    fitting = [model.name for model in MODELS.values() if model.tied == is_tied]
    if len(typed) != 1 or typed[0] not in fitting:
        matrices = "one matrix" if is_tied else "two free matrices"
        reason = f"the file has {matrices} per instance"
        raise InvalidValue("model", ",".join(typed), reason, one_of(fitting))
    return typed[0]


def _remarks(reading: Reading, read_as: str, assumed: str) -> tuple[str, ...]:
    """How the file was read, and what was assumed: the model, unless it is known."""
    remarks = [read_as]
    if assumed:
        remarks.append(f"activations unknown: those of {assumed} assumed")
    if not reading.has_bias:
        remarks.append("no bias in the file: shown as 0")
    if reading.left_out:
        names = [printable(name) for name in reading.left_out]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        remarks.append(f"left out: {', '.join(names[:3])}{more}")
    return tuple(remarks)
