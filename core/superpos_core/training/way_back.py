"""The way back to a run that was left for another one: in memory, as long as the program runs."""

from collections.abc import Callable
from dataclasses import dataclass

from superpos_core.errors import InvalidValue
from superpos_core.training.checkpoint import Checkpoint
from superpos_core.training.job import CommandRefused, Job

LONG_SECONDS = 60.0
"""Training for longer than this is worth asking about before it is thrown away."""
BEGUN_SHARE = 0.02
"""The share of its steps up to which a run has only just begun."""

ResumeJob = Callable[[Checkpoint], Job]
"""Makes the job that continues from a checkpoint; raises ``InvalidValue`` if it cannot."""


def cannot_resume(checkpoint: Checkpoint) -> Job:
    """Refuse: nothing is known of engines."""
    raise InvalidValue("resume", checkpoint.config.name, "no engine continues it", "another run")


@dataclass(frozen=True)
class Back:
    """A run that has been brought back: its job, and for how long it had trained."""

    job: Job
    seconds_training: float


class WayBack:
    """Holds the run that was left last; training threads set it, and any thread may look.

    What has only just begun does not take the place of a run that took longer, so that restarting
    twice loses no more than restarting once; nor does any short run, if that run took long.
    Dials that were turned in it cannot be undone any more.
    """

    def __init__(self) -> None:
        self._left: Checkpoint | None = None

    @property
    def left(self) -> Checkpoint | None:
        """Where the run that was left continues; ``None`` if there is none."""
        return self._left

    def leave(self, job: Job, seconds_training: float) -> None:
        """Hold a run that is being left, after so much training, unless it has not begun."""
        share_done = max(track.step / track.steps for track in job.tracks().values())
        held = 0.0 if self._left is None else self._left.seconds_training
        is_worth_more = seconds_training >= min(held, LONG_SECONDS)
        is_newer = share_done >= BEGUN_SHARE and held < LONG_SECONDS
        if share_done > 0 and (is_worth_more or is_newer):
            self._left = checkpoint_of(job, seconds_training)

    def take(self, present: Job, seconds_training: float, resume: ResumeJob) -> Back | None:
        """The run that was left, if there is one; the ``present`` one is left in its place.

        Raises ``CommandRefused`` if it cannot be continued: it is still held then.
        """
        left = self._left
        if left is None:
            return None
        try:
            job = resume(left)
        except InvalidValue as error:
            raise CommandRefused(f"it cannot be brought back: {error}") from error
        self.forget()
        self.leave(present, seconds_training)
        return Back(job, left.seconds_training)

    def forget(self) -> None:
        """Hold nothing any more."""
        self._left = None


class _NoWayBack(WayBack):
    """Holds nothing."""

    def leave(self, job: Job, seconds_training: float) -> None:
        """Forget it."""


NO_WAY_BACK: WayBack = _NoWayBack()
"""For a loop that nobody restarts by hand."""


def checkpoint_of(job: Job, seconds_training: float) -> Checkpoint:
    """Everything that the job needs to continue, after so much training."""
    timelines = {name: group.timeline for name, group in job.record().groups.items()}
    return Checkpoint(job.config, job.state(), timelines, seconds_training)
