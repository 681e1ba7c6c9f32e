"""What training can be told. Commands travel through one queue and are obeyed between slices."""

from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_core.training.pacing import Pace


@dataclass(frozen=True)
class Pause:
    """Stand still until ``Resume``."""


@dataclass(frozen=True)
class Resume:
    """Go on after ``Pause``."""


@dataclass(frozen=True)
class SingleStep:
    """Take exactly one step of every model, then stand still."""


@dataclass(frozen=True)
class Reset:
    """Begin again at step 0 from the same seed."""


@dataclass(frozen=True)
class Reseed:
    """Begin again at step 0 from another seed."""

    seed: int


@dataclass(frozen=True)
class SetPace:
    """Train at another speed from here on."""

    pace: Pace


@dataclass(frozen=True)
class JoinModel:
    """Train this model's lanes too, from their step 0; nothing happens if they are there."""

    model: str


@dataclass(frozen=True)
class Restart:
    """Begin again at step 0 with another config, whatever its sizes."""

    config: ExperimentConfig


@dataclass(frozen=True)
class TurnDials:
    """Go on with the same weights under another config of the same models, lanes and sizes.

    ``text`` says what changed, for the mark at this step. The run gets its full length again.
    """

    config: ExperimentConfig
    text: str


@dataclass(frozen=True)
class Undo:
    """Go back to the moment before the last ``TurnDials``; nothing happens if there was none."""


BEGINS_AGAIN = (Reset, Reseed, Restart)
"""The commands with which another generation of snapshots begins."""

JobCommand = JoinModel | TurnDials | Undo
"""The commands that each kind of job obeys in a way of its own, or refuses."""

Command = Pause | Resume | SingleStep | Reset | Reseed | SetPace | Restart | JobCommand
