"""What a run leaves: the base of all kinds of record. Each kind of job makes one of its own.

Nobody asks a record what it is in order to do one thing or another: whoever can show, check or draw
something takes one kind, and says which.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self, TypeVar

from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossCurve
from superpos_core.task.config import ExperimentConfig

Kind = TypeVar("Kind", bound="Record")
"""The kind of record that something takes."""


@dataclass(frozen=True)
class LossTable:
    """The losses of lanes that train in lockstep, and a name for each of them."""

    names: tuple[str, ...]
    curve: LossCurve


@dataclass(frozen=True)
class Record(ABC):
    """What training has produced so far: immutable arrays, and what they are of.

    ``config`` is that of now: models join, and dials are turned. ``remarks`` are what is to be said
    of the run wherever its numbers are shown.
    """

    title: ClassVar[str]
    """What the kind is called within a sentence, such as "phase map"."""

    config: ExperimentConfig
    remarks: tuple[str, ...] = field(default=(), kw_only=True)

    def __getstate__(self) -> dict[str, Any]:
        """For another process: what was measured stays here, as a thread may be adding to it."""
        return {name: value for name, value in self.__dict__.items() if name != "measured"}

    @cached_property
    def measured(self) -> dict[Hashable, dict[Hashable, Any]]:
        """Room for whoever measures this record to keep what was found; it goes with this.

        Nothing else depends on it. Any thread may look and add.
        """
        return {}

    # ── what a kind says ──────────────────────────────────────────────────────────────────────

    @property
    @abstractmethod
    def share_done(self) -> float:
        """How much of all training is done, from 0 to 1."""

    @abstractmethod
    def arrays(self) -> dict[str, FloatArray]:
        """All that was trained, by name, as a file of weights holds it."""

    # ── what a kind may say otherwise ─────────────────────────────────────────────────────────

    @property
    def steps_done(self) -> int:
        """``share_done`` as so many steps of the config's."""
        return int(self.share_done * self.config.steps)

    @property
    def steps(self) -> Mapping[str, int]:
        """The step of each thing that keeps the moments it passes, by name: of each model."""
        return {}

    @property
    def losses(self) -> tuple[LossTable, ...]:
        """The losses of all that keeps them."""
        return ()

    def at_step(self, step: int) -> Self:
        """The same run at the moment kept that is nearest to ``step``; itself if none is kept."""
        return self

    @property
    def _varied(self) -> tuple[str, ...]:
        """What is varied, told before the seed."""
        return ()

    @property
    def _chosen(self) -> tuple[str, ...]:
        """What of all that was trained is shown, told after the seed."""
        return ()

    # ── what follows ──────────────────────────────────────────────────────────────────────────

    @property
    def newest_step(self) -> int:
        """The largest of ``steps``; 0 where there are none."""
        return max(self.steps.values(), default=0)

    @property
    def provenance(self) -> tuple[str, ...]:
        """Where its numbers come from, part by part: experiment, sizes, seed, steps."""
        config = self.config
        penalty = (f"penalty λ = {config.hidden_penalty:g}",) if config.hidden_penalty else ()
        # Where models differ, each; what keeps no moments is trained to its end or not shown.
        taken = sorted(set(self.steps.values())) or [config.steps]
        return (
            f"experiment {config.name}",
            f"n = {config.features} → m = {config.hidden}",
            *self._varied,
            *penalty,
            f"seed {config.seed}",
            *self._chosen,
            f"step {' and '.join(f'{step:,}' for step in taken)} of {config.steps:,}",
        )
