"""Commands to training. They travel through one queue and are applied between slices."""

from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_core.training.pacing import Pace


@dataclass(frozen=True)
class Pause:
    """Stop training until ``Resume``."""


@dataclass(frozen=True)
class Resume:
    """Continue after ``Pause``."""


@dataclass(frozen=True)
class SingleStep:
    """Take exactly one step of every model, then pause."""


@dataclass(frozen=True)
class Reset:
    """Restart at step 0 with the same seed, without steps that dials added."""


@dataclass(frozen=True)
class Reseed:
    """Restart like ``Reset``, but with another seed."""

    seed: int


@dataclass(frozen=True)
class SetPace:
    """Train at another speed from now on."""

    pace: Pace


@dataclass(frozen=True)
class JoinModel:
    """Also train this model's lanes, from step 0; does nothing if they are already training."""

    model: str


@dataclass(frozen=True)
class LeaveModel:
    """Train and keep this model's lanes no longer; others go on as they were.

    Does nothing if there are none; the last model cannot leave.
    """

    model: str


@dataclass(frozen=True)
class Restart:
    """Restart at step 0 with another config, whatever its sizes."""

    config: ExperimentConfig


@dataclass(frozen=True)
class TurnDials:
    """Continue with the same weights under another config of the same models, lanes and sizes.

    ``text`` describes the change, for the mark at this step. The run gets its full length again.
    """

    config: ExperimentConfig
    text: str


@dataclass(frozen=True)
class Undo:
    """Go back to the moment before the last ``TurnDials``; does nothing if there was none."""


@dataclass(frozen=True)
class BringBack:
    """Continue the run that was left last (``WayBack``); does nothing if there is none.

    The present one is left in turn.
    """


RESTARTING_COMMANDS = (Reset, Reseed, Restart, BringBack)
"""The commands that start a new generation of snapshots."""

JobCommand = JoinModel | LeaveModel | TurnDials | Undo
"""The commands that each kind of job applies in its own way, or refuses."""

Command = Pause | Resume | SingleStep | Reset | Reseed | SetPace | Restart | BringBack | JobCommand
