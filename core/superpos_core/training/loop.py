"""Runs a job in short slices, applies commands between them, and publishes snapshots.

A loop belongs to the thread that calls ``run``; ``submit`` may be called from any thread.
"""

import queue
import threading
import time
from collections.abc import Callable, Mapping

from superpos_core.record.snapshot import Phase, Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import (
    BringBack,
    Command,
    JobCommand,
    Pause,
    Reseed,
    Reset,
    Restart,
    Resume,
    SetPace,
    SingleStep,
)
from superpos_core.training.job import CommandRefused, Job, Plan, Track, config_to_begin_with
from superpos_core.training.journal import Journal
from superpos_core.training.pacing import Pace
from superpos_core.training.publishing import PublishTimes
from superpos_core.training.rate import Rate
from superpos_core.training.way_back import NO_WAY_BACK, ResumeJob, WayBack, cannot_resume

SLICE_SECONDS = 0.02
WAIT_SECONDS = 0.25
MAX_COUNTED_SECONDS = 0.25
"""Maximum time per iteration on the pace's clock: after the process was suspended, as by ctrl+z,
or a kernel was compiled, a run should not leap ahead to catch up."""

StartJob = Callable[[ExperimentConfig], Job]
Publish = Callable[[Snapshot], None]


class TrainingLoop:
    """Trains a config to its end at a pace, applying commands on the way.

    ``start_job`` makes the job, now and at every restart. Only the loop knows the time: which step
    is due on each track, when a snapshot is due, and how fast training runs. ``journal`` keeps the
    run. ``seconds_before`` is the time that a resumed run has already trained. A run that is left
    for another one goes to ``way_back``; ``resume_job`` makes the job that continues it.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        start_job: StartJob,
        pace: Pace,
        clock: Callable[[], float] = time.perf_counter,
        journal: Journal | None = None,
        seconds_before: float = 0.0,
        way_back: WayBack = NO_WAY_BACK,
        resume_job: ResumeJob = cannot_resume,
    ) -> None:
        self._start_job = start_job
        self._resume_job = resume_job
        self._way_back = way_back
        self._journal = journal or Journal()
        self._pace = pace
        self._clock = clock
        # Not a SimpleQueue: in Python 3.11 it waits forever if a signal, such as SIGCONT,
        # interrupts a wait that has timed out by the time the thread gets the interpreter again.
        self._commands: queue.Queue[Command] = queue.Queue()
        self._on_refusal: Callable[[str], None] = lambda reason: None
        self._generation = 0
        self._paused = False
        self._steps_per_slice = 1
        self._publish_times = PublishTimes()
        self._start(start_job(config))
        self._continue_after(seconds_before)

    def submit(self, command: Command) -> None:
        """Send a command from any thread; it is applied before the next slice."""
        self._commands.put(command)

    def run(
        self,
        stop: threading.Event,
        publish: Publish,
        until_finished: bool = False,
        on_refusal: Callable[[str], None] = lambda reason: None,
    ) -> None:
        """Train until ``stop`` is set, or until all lanes are done if ``until_finished``.

        ``publish`` is called with a snapshot at most thirty times per second, less often if
        snapshots take long, and whenever the phase changes. ``on_refusal`` is called with the
        reason why a command was refused; training continues. Both run on this thread, so they must
        be quick. A finished job waits for commands.
        """
        self._on_refusal = on_refusal
        try:
            self._journal.begin(self.snapshot())
            self._publish(publish)
            while not stop.is_set() and not (until_finished and self.phase == "finished"):
                self._iterate(publish)
            self._journal.end(self.snapshot(), self._job.state)
            self._way_back.leave(self._job, self._seconds_training)
        except Exception as error:
            self._journal.fail(f"{type(error).__name__}: {error}")
            raise
        except BaseException:
            self._journal.stop()
            raise
        finally:
            self._job.close()

    @property
    def phase(self) -> Phase:
        """What training is doing now."""
        if all(track.is_finished for track in self._job.tracks().values()):
            return "finished"
        return "paused" if self._paused else "training"

    def snapshot(self) -> Snapshot:
        """An immutable picture of the current state."""
        return Snapshot(
            generation=self._generation,
            record=self._job.record(),
            phase=self.phase,
            steps_per_second=self._steps_per_second(),
            engine=self._job.engine,
            device=self._job.device,
            seconds_training=self._seconds_training,
            undoable=self._job.undoable,
            added_steps=self._job.added_steps,
        )

    def _start(self, job: Job) -> None:
        """Train a job from now on; nothing of it has been trained here."""
        self._rate = Rate()
        self._seconds_training = 0.0
        self._steps_taken = 0
        self._last_iteration_at = self._clock()
        self._job = job
        self._pace_clocks = dict.fromkeys(self._job.tracks(), 0.0)

    def _continue_after(self, seconds: float) -> None:
        """Count the steps and the time of a resumed job, and set its clocks."""
        tracks = self._job.tracks()
        self._seconds_training = seconds
        self._steps_taken = max(track.step for track in tracks.values())
        self._set_clocks(tracks)

    # ── iterations ────────────────────────────────────────────────────────────────────────────

    def _iterate(self, publish: Publish) -> None:
        """Apply waiting commands, or else train for a slice, or else wait briefly."""
        phase_before = self.phase
        plan = self._plan()
        applied = self._apply_commands(timeout=0 if plan else self._idle_seconds())
        if plan and not applied:
            self._train(plan)
        elif not applied:
            self._journal.beat()
        is_due = bool(plan) and self._publish_times.is_due(self._clock())
        if applied or is_due or self.phase != phase_before:
            self._publish(publish)

    def _publish(self, publish: Publish) -> None:
        started = time.thread_time()  # not the clock, which other programs let pass
        snapshot = self.snapshot()
        publish(snapshot)
        seconds = time.thread_time() - started
        self._journal.note(snapshot, self._job.state)
        self._publish_times.add(seconds, self._clock())

    def _plan(self) -> Plan:
        now = self._clock()
        elapsed, self._last_iteration_at = now - self._last_iteration_at, now
        counted = min(elapsed, MAX_COUNTED_SECONDS)
        return self._due(counted) if self.phase == "training" else {}

    def _due(self, elapsed: float) -> Plan:
        """The next slice, after ``elapsed`` more seconds on the pace's clock."""
        plan = {}
        for name, track in self._job.tracks().items():
            self._pace_clocks[name] += elapsed
            due = self._pace.step_at(self._pace_clocks[name], track.steps)
            plan[name] = min(due, track.step + self._steps_per_slice, track.stop) - track.step
        return {name: steps for name, steps in plan.items() if steps > 0}

    def _idle_seconds(self) -> float:
        """How long to wait for a command while no step is due; during training one is due soon."""
        return SLICE_SECONDS / 4 if self.phase == "training" else WAIT_SECONDS

    def _train(self, plan: Plan) -> None:
        started = self._clock()
        losses = self._job.advance(plan)
        ended = self._clock()
        self._job.keep(plan)
        self._journal.add_losses(losses)
        steps = max(plan.values())
        self._seconds_training += ended - started
        self._steps_taken += steps
        self._rate.add(ended, steps)
        fitting = int(SLICE_SECONDS * steps / max(ended - started, 1e-9))
        # The first slices include warm-up: grow by doubling, shrink at once.
        self._steps_per_slice = max(1, min(fitting, 2 * self._steps_per_slice))

    def _steps_per_second(self) -> float:
        """The current rate; after the end, the average over the whole run."""
        if self.phase == "finished" and self._seconds_training > 0:
            return self._steps_taken / self._seconds_training
        return 0.0 if self._paused else self._rate.per_second()

    # ── commands ──────────────────────────────────────────────────────────────────────────────

    def _apply_commands(self, timeout: float) -> bool:
        """Apply all waiting commands, waiting up to ``timeout`` seconds for the first."""
        applied = False
        try:
            while True:
                wait = timeout > 0 and not applied
                command = self._commands.get(block=wait, timeout=timeout if wait else None)
                try:
                    self._apply(command)
                except CommandRefused as refusal:
                    self._on_refusal(str(refusal))
                applied = True
        except queue.Empty:
            return applied

    def _apply(self, command: Command) -> None:
        """Raises ``CommandRefused``, leaving everything unchanged, for an impossible command."""
        match command:
            case Pause():
                self._paused = True
            case Resume():
                self._paused = False
                self._last_iteration_at = self._clock()  # a pause takes no time on the pace's clock
            case SingleStep():
                self._paused = True
                self._single_step()
            case Reset() | Reseed() | Restart():
                self._restart(config_to_begin_with(command, self._job))
            case BringBack():
                self._bring_back()
            case SetPace(pace):
                self._pace = pace
                self._set_clocks(self._job.tracks())
            case _:
                self._apply_to_job(command)

    def _single_step(self) -> None:
        tracks = self._job.tracks()
        unfinished = [name for name, track in tracks.items() if not track.is_finished]
        if unfinished:
            self._train(dict.fromkeys(unfinished, 1))

    def _apply_to_job(self, command: JobCommand) -> None:
        before = self._job.tracks()
        config = self._job.apply(command)
        if config is not None:
            self._restart(config)
            return
        self._journal.rewrite(self.snapshot())
        # The clock of a track whose step or length has changed is no longer right.
        after = self._job.tracks()
        self._set_clocks(
            {name: track for name, track in after.items() if track != before.get(name)}
        )

    def _set_clocks(self, tracks: Mapping[str, Track]) -> None:
        """Continue from the current steps at the current pace."""
        for name, track in tracks.items():
            self._pace_clocks[name] = self._pace.elapsed_at(track.step, track.steps)

    def _restart(self, config: ExperimentConfig) -> None:
        self._generation += 1
        self._way_back.leave(self._job, self._seconds_training)
        self._job.close()
        self._start(self._start_job(config))
        self._journal.begin(self.snapshot())

    def _bring_back(self) -> None:
        """Continue the run that was left, if there is one; raises ``CommandRefused``."""
        self._generation += 1
        back = self._way_back.take(self._job, self._seconds_training, self._resume_job)
        if back is not None:
            self._job.close()
            self._start(back.job)
            self._continue_after(back.seconds_training)
            self._journal.begin(self.snapshot())
