"""What is known about the run in a folder besides its numbers, from ``run.json``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from superpos_core.errors import PATH, InvalidValue, reason_of
from superpos_core.experiments import EXPERIMENTS, Experiment, current_name
from superpos_core.files.runs.layout import FORMAT, MANIFEST_FILE
from superpos_core.files.runs.manifest import Manifest
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of, read_options
from superpos_core.training.jobs import check_trainable


@dataclass(frozen=True)
class Description:
    """A run's manifest, its config, and its experiment if this program knows it.

    ``marks`` are the steps, by model, where a dial was turned, and which.
    """

    manifest: Manifest
    config: ExperimentConfig
    experiment: Experiment | None
    marks: Mapping[str, Sequence[tuple[int, str]]]

    @property
    def run(self) -> str:
        """Another run has another one, even in the same folder."""
        return self.manifest.run or self.manifest.identity

    @property
    def unknown(self) -> frozenset[str]:
        """The fields of the config that are placeholders."""
        return frozenset(self.manifest.unknown)

    def knowing(self, typed: Mapping[str, str]) -> "Description":
        """The same with typed options in place of placeholders.

        Raises ``InvalidValue`` for one that is invalid, that the run knows itself, or that would
        change its lanes.
        """
        values = read_options(ExperimentConfig, typed)
        names = {each.field: each.name for each in options_of(ExperimentConfig)}
        for field in typed.keys() - self.unknown:
            reason = f"the run itself says {getattr(self.config, field)}"
            raise InvalidValue(names[field], typed[field], reason, f"no --{names[field]}")
        unknown = tuple(name for name in self.manifest.unknown if name not in values)
        knowing = replace(
            self,
            config=replace(self.config, **values),
            manifest=replace(self.manifest, unknown=unknown),
        )
        if knowing.shapes != self.shapes:
            field = next(iter(values))
            lanes = sum(self.lanes.values())
            reason = f"the run has {lanes} lane{'' if lanes == 1 else 's'}, and this makes others"
            raise InvalidValue(names[field], typed[field], reason, "one value per lane")
        return knowing

    @property
    def lanes(self) -> dict[str, int]:
        """The number of lanes of each group."""
        return {name: len(self.config.lanes_of(name)) for name in self.config.groups}

    @property
    def shapes(self) -> tuple[tuple[int, ...], Mapping[str, int]]:
        """All that determines the shapes of arrays."""
        config = self.config
        return (config.features, config.hidden, config.latents), self.lanes

    @property
    def is_alone(self) -> bool:
        """Whether it is the export of a single moment, of which nothing more is to come."""
        return not self.manifest.run


class NoRun(ValueError):
    """A folder holds no run that can be read (yet); the message says why."""


def description_in(folder: Path, typed: Mapping[str, str] | None = None) -> Description:
    """The description of the run in a folder, with ``typed`` options, by field, as far as unknown.

    Raises ``NoRun`` as long as there is none, and ``InvalidValue`` for one that this program cannot
    read: a newer one, or one whose config is not valid.
    """
    manifest = Manifest.read(folder)
    if manifest is None:
        raise _reason(folder)
    try:
        config = ExperimentConfig.from_dict(manifest.config)
        check_trainable(config)
    except InvalidValue as error:
        reason = f"the config in its {MANIFEST_FILE} is not valid ({error})"
        raise InvalidValue(PATH, folder, reason, "another run") from None
    except (TypeError, ValueError):
        raise NoRun(f"its {MANIFEST_FILE} holds no config") from None
    experiment = EXPERIMENTS.get(current_name(manifest.experiment))
    found = Description(manifest, config, experiment, _marks(manifest.marks))
    return found.knowing(typed) if typed else found


def _reason(folder: Path) -> Exception:
    """Why there is no manifest in a folder."""
    try:
        values = json.loads((folder / MANIFEST_FILE).read_bytes())
    except FileNotFoundError:
        return NoRun(f"there is no {MANIFEST_FILE} in it")
    except OSError as error:
        return NoRun(f"its {MANIFEST_FILE} cannot be read: {reason_of(error)}")
    except (ValueError, RecursionError):
        values = None
    version = values.get("format") if isinstance(values, dict) else None
    if isinstance(version, int) and version > FORMAT:
        reason = f"a newer superpos-tui wrote it (format {version}; this one reads {FORMAT})"
        return InvalidValue(PATH, folder, reason, "a run of this version, or update")
    return NoRun(f"its {MANIFEST_FILE} is not that of a run")


def _marks(values: Mapping[str, Any]) -> dict[str, list[tuple[int, str]]]:
    """The marks in a manifest; those of a model that are not readable are left out."""
    marks = {}
    for model, of_model in values.items():
        try:
            marks[str(model)] = [(int(step), str(text)) for step, text in of_model]
        except (TypeError, ValueError, ArithmeticError):
            continue
    return marks
