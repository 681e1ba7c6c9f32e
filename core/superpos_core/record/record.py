"""What a run produces: the base class of all kinds of record; each kind of job makes its own.

No code branches on the kind of a record: a panel, check or figure declares the one kind it takes.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import Field, dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar, Self, TypeVar

import numpy as np

from superpos_core.arrays import FloatArray, freeze
from superpos_core.record.history import LossCurve
from superpos_core.record.lane_group import LaneGroup
from superpos_core.record.lane_names import lane_labels
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.noise_schedules import CONSTANT
from superpos_core.task.setting_names import hidden_text

Kind = TypeVar("Kind", bound="Record")
"""The kind of record that a panel, check or figure takes."""


@dataclass(frozen=True)
class LossTable:
    """The losses, or another quantity, of lanes that train in lockstep, and a name for each lane.

    ``recent`` has the newest steps, one point each.
    """

    names: tuple[str, ...]
    curve: LossCurve
    recent: LossCurve


@dataclass(frozen=True)
class Record(ABC):
    """What training has produced so far: immutable arrays and the config they belong to.

    ``config`` is the current one: models join and dials are turned. ``remarks`` are shown wherever
    the numbers of the run are shown. ``unknown`` names the fields of the config that are only
    placeholders: a file with weights does not say, for example, how sparse the data were. Without
    ``steps`` nothing is known of the training, neither the current step nor any loss.
    """

    title: ClassVar[str]
    """The name of the kind within a sentence, such as "phase map"."""

    config: ExperimentConfig
    remarks: tuple[str, ...] = field(default=(), kw_only=True)
    unknown: frozenset[str] = field(default=frozenset(), kw_only=True)

    def __getstate__(self) -> dict[str, Any]:
        """Leaves ``measured`` out when pickled, because another thread may be adding to it."""
        return {name: value for name, value in self.__dict__.items() if name != "measured"}

    @cached_property
    def measured(self) -> dict[Hashable, dict[Hashable, Any]]:
        """A cache for measures of this record, freed together with it.

        Nothing else depends on it. Any thread may read and add.
        """
        return {}

    # ── required of each kind ─────────────────────────────────────────────────────────────────

    @property
    @abstractmethod
    def share_done(self) -> float:
        """The fraction of all training that is done, from 0 to 1."""

    @abstractmethod
    def arrays(self) -> dict[str, FloatArray]:
        """All trained arrays by name, as a weight file holds them."""

    # ── optional overrides ────────────────────────────────────────────────────────────────────

    @property
    def groups(self) -> Mapping[str, LaneGroup]:
        """The lanes that train in lockstep, by name; empty for a kind that keeps no moments."""
        return {}

    @property
    def preparing(self) -> str:
        """What is done before the first step, and how far it is; empty if nothing is."""
        return ""

    @property
    def steps_done(self) -> int:
        """``share_done`` as a number of the config's steps."""
        return int(self.share_done * self.config.steps)

    @property
    def steps(self) -> Mapping[str, int]:
        """The current step of each group."""
        return {name: group.step for name, group in self.groups.items()}

    @property
    def losses(self) -> tuple[LossTable, ...]:
        """One table per group; columns are named by lane labels."""
        return tuple(
            LossTable(tuple(lane_labels(group.lanes)), group.losses, group.recent_losses)
            for group in self.groups.values()
        )

    @property
    def further_curves(self) -> tuple[LossTable, ...]:
        """Of every group, in order, a quantity of the same steps as its losses; or nothing."""
        return ()

    def at_step(self, step: int) -> Self:
        """The run at the kept moment nearest to ``step``; itself if none is kept."""
        return self

    def stored(self) -> Stored:
        """Everything but the config and the moments, for a file; ``restored`` reads it back.

        By default every field that is an array, under its name, and every other one as a fact.
        """
        values = {each.name: getattr(self, each.name) for each in self._own_fields()}
        arrays = {name: each for name, each in values.items() if isinstance(each, np.ndarray)}
        facts = {name: each for name, each in values.items() if name not in arrays}
        return Stored(arrays, facts)

    @classmethod
    def restored(
        cls, config: ExperimentConfig, stored: Stored, timelines: Mapping[str, Timeline]
    ) -> Self:
        """The record that was ``stored``; ``timelines`` are the kept moments by group.

        Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything that is not such a record.
        """
        arrays = {name: freeze(array) for name, array in stored.arrays.items()}
        names = {each.name for each in cls._own_fields()}
        values = {**arrays, **stored.facts}
        return cls(config=config, **{name: values[name] for name in names})

    @classmethod
    def _own_fields(cls) -> list[Field[Any]]:
        """The fields that a kind adds to those of every record."""
        common = {each.name for each in fields(Record)}
        return [each for each in fields(cls) if each.name not in common]

    @property
    def _varied(self) -> tuple[str, ...]:
        """What is varied; precedes the seed in ``provenance``."""
        return ()

    @property
    def _chosen(self) -> tuple[str, ...]:
        """Which of the trained models are shown; follows the seed in ``provenance``."""
        return ()

    # ── derived ───────────────────────────────────────────────────────────────────────────────

    def as_kind(self, kind: type[Kind]) -> Kind:
        """Itself; raises ``TypeError`` if it is of another kind."""
        if not isinstance(self, kind):
            raise TypeError(f"the record is a {self.title}, not a {kind.title}")
        return self

    @property
    def newest_step(self) -> int:
        """The largest of ``steps``; 0 if there are none."""
        return max(self.steps.values(), default=0)

    @property
    def provenance(self) -> tuple[str, ...]:
        """Where the numbers come from, in parts: experiment, sizes, seed, steps."""
        config = self.config
        training = (
            *((f"penalty λ = {config.hidden_penalty:g}",) if config.hidden_penalty else ()),
            *((_noise_text(config),) if config.hidden_noise else ()),
            *((f"hidden dropout {config.hidden_dropout:g}",) if config.hidden_dropout else ()),
        )
        # All distinct steps; a kind that keeps no moments is shown only fully trained.
        taken = sorted(set(self.steps.values())) or [config.steps]
        steps = f"step {' and '.join(f'{step:,}' for step in taken)} of {config.steps:,}"
        return (
            f"{'weights of' if 'steps' in self.unknown else 'experiment'} {config.name}",
            f"n = {config.features} → m = {hidden_text(config)}",
            *self._varied,
            *training,
            *(() if "seed" in self.unknown else (f"seed {config.seed}",)),
            *self._chosen,
            *(() if "steps" in self.unknown else (steps,)),
        )


def _noise_text(config: ExperimentConfig) -> str:
    """Such as "hidden noise σ = 2, up-and-down"."""
    schedule = config.hidden_noise_schedule
    constant = f"hidden noise σ = {config.hidden_noise:g}"
    return constant if schedule == CONSTANT else f"{constant}, {schedule}"
