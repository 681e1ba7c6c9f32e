"""Dials: the settings that can be turned while lanes train, and the way back."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from superpos_core.record.lane_group import LaneGroup
from superpos_core.record.stored import Stored
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_core.training.job import CommandRefused
from superpos_core.training.kept import Kept

State = TypeVar("State")
"""The state of whatever trains."""
DIALS = tuple(each.field for each in options_of(ExperimentConfig) if each.dial is not None)
"""The settings that can be turned while lanes train."""
MAX_BRANCHES = 8
"""Maximum number of dial changes that can be undone; each keeps a copy of all training state."""


def check_dials(turned: ExperimentConfig, current: ExperimentConfig) -> None:
    """Raise ``CommandRefused`` unless two configs differ by dials, or by what has joined, alone."""
    dials = {name: getattr(current, name) for name in DIALS}
    same = replace(
        turned,
        models=current.models,
        dictionaries=current.dictionaries,
        steps=current.steps,
        **dials,
    )
    if len(turned.sparsities) != len(current.sparsities) or same != current:
        raise CommandRefused("these dials belong to another run")


def full_length_of(config: ExperimentConfig, state: Stored, groups: Iterable[LaneGroup]) -> int:
    """The steps of a resumed run, without those that dials added; ``config`` may ask for more."""
    is_turned = any(group.marks for group in groups)
    return int(state.facts["full_length"]) if is_turned else config.steps


@dataclass(frozen=True)
class Branch(Generic[State]):
    """The whole training state at one moment, to return to."""

    config: ExperimentConfig
    state: State
    kept: dict[str, Kept]


@dataclass
class Branches(Generic[State]):
    """The newest moments to return to, each before a dial was turned."""

    _all: list[Branch[State]] = field(default_factory=list)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._all)

    def add(self, branch: Branch[State]) -> None:
        """Remember a moment, in place of the oldest one if there are too many."""
        self._all = [*self._all[1 - MAX_BRANCHES :], branch]

    def take(self) -> Branch[State] | None:
        """The newest moment, which is forgotten; ``None`` if there is none."""
        return self._all.pop() if self._all else None


def copies(kept: dict[str, Kept]) -> dict[str, Kept]:
    """Independent copies of what is kept of each group."""
    return {name: each.copy() for name, each in kept.items()}
