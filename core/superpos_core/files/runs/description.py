"""``run.json`` of a run's folder: what is trained there, and in which format it is kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS, Experiment, current_name
from superpos_core.files.runs.layout import FORMAT, MANIFEST_FILE, OLDER_FORMATS
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.jobs import check_trainable


@dataclass(frozen=True)
class Description:
    """What is known about a run besides its numbers.

    ``run`` is another one after a restart in the same folder. ``steps`` and ``marks`` are by model.
    """

    format: int
    run: str
    config: ExperimentConfig
    experiment: Experiment | None
    engine: str
    device: str
    steps: Mapping[str, int]
    unknown: frozenset[str]
    marks: Mapping[str, Sequence[Sequence[Any]]]


class NoRun(ValueError):
    """A folder holds no run that can be read (yet); the message says why."""


def description_in(folder: Path) -> Description:
    """The description of the run in a folder.

    Raises ``NoRun`` as long as there is none, and ``InvalidValue`` for one that this program cannot
    read: a newer one, or with a config that is not valid.
    """
    try:
        content = (folder / MANIFEST_FILE).read_bytes()
    except OSError:
        raise NoRun(f"there is no {MANIFEST_FILE} in it") from None
    try:
        values = json.loads(content)
        version = values["format"]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise NoRun(f"its {MANIFEST_FILE} is not that of a run") from None
    if version not in (FORMAT, *OLDER_FORMATS):
        if isinstance(version, int) and version > FORMAT:
            reason = f"a newer superpos-tui wrote it (format {version}; this one reads {FORMAT})"
            raise InvalidValue("path", folder, reason, "a run of this version, or update")
        raise NoRun(f"its {MANIFEST_FILE} is not that of a run")
    try:
        return _description(values)
    except InvalidValue as error:
        reason = f"its {MANIFEST_FILE} cannot be used ({error})"
        raise InvalidValue("path", folder, reason, "another run") from None
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise NoRun(f"its {MANIFEST_FILE} is incomplete") from None


def _description(values: Mapping[str, Any]) -> Description:
    config = ExperimentConfig.from_dict(values["config"])
    check_trainable(config)
    name = current_name(str(values.get("experiment", "")))
    return Description(
        format=int(values["format"]),
        run=str(values.get("run") or values["identity"]),
        config=config,
        experiment=EXPERIMENTS.get(name),
        engine=str(values.get("engine") or ""),
        device=str(values.get("device") or ""),
        steps={str(model): int(step) for model, step in values.get("steps", {}).items()},
        unknown=frozenset(map(str, values.get("unknown", ()))),
        marks=_marks(values.get("marks", {})),
    )


def _marks(values: Mapping[str, Any]) -> dict[str, list[tuple[int, str]]]:
    return {
        str(model): [(int(step), str(text)) for step, text in of_model]
        for model, of_model in values.items()
    }
