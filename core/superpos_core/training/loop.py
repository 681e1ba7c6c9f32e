"""Trains whatever job it is given in short slices, obeys commands between them, shows snapshots.

A loop belongs to whichever thread calls ``run``; ``submit`` may be called from any.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace

from superpos_core.record.snapshot import Phase, Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import (
    Command,
    JobCommand,
    JoinModel,
    Pause,
    Reseed,
    Reset,
    Restart,
    Resume,
    SetPace,
    SingleStep,
    TurnDials,
    Undo,
)
from superpos_core.training.job import CommandRefused, Job, Plan, Track
from superpos_core.training.pacing import Pace

SLICE_SECONDS = 0.02
PUBLISH_SECONDS = 1 / 30
WAIT_SECONDS = 0.25
RATE_WINDOW_SECONDS = 1.0
LONGEST_TURN_SECONDS = 0.25
"""What a turn takes beyond this is no time on the pace's clock: the process was stopped, as by
ctrl+z, or a kernel was compiled, and a run should not leap ahead to make up for it."""

BeginJob = Callable[[ExperimentConfig], Job]
Publish = Callable[[Snapshot], None]


class TrainingLoop:
    """Trains a config to its end, at a pace, obeying commands; ``begin_job`` says what training is.

    A job is asked for at once, and again whenever training begins again. The loop alone knows what
    time it is: how far each track should have come, when a snapshot is due, how fast it all goes.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        begin_job: BeginJob,
        pace: Pace,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._begin_job = begin_job
        self._pace = pace
        self._clock = clock
        # Not a SimpleQueue: Python 3.11's waits for ever where a signal, such as SIGCONT,
        # interrupts a wait whose time is over when the thread gets the interpreter again.
        self._commands: queue.Queue[Command] = queue.Queue()
        self._on_refusal: Callable[[str], None] = lambda reason: None
        self._generation = 0
        self._paused = False
        self._steps_per_slice = 1
        self._published_at = -float("inf")
        self._begin(config)

    def submit(self, command: Command) -> None:
        """Ask for something from any thread; it is done before the next slice."""
        self._commands.put(command)

    def run(
        self,
        stop: threading.Event,
        publish: Publish,
        until_finished: bool = False,
        on_refusal: Callable[[str], None] = lambda reason: None,
    ) -> None:
        """Train until ``stop`` is set, or until all lanes are done if ``until_finished``.

        ``publish`` gets a snapshot at most thirty times a second, and whenever the phase changes.
        ``on_refusal`` is told why a command cannot be obeyed; training goes on without it. Both are
        called on this thread, so they must be quick. A finished job waits for commands.
        """
        self._on_refusal = on_refusal
        try:
            self._publish(publish)
            while not stop.is_set() and not (until_finished and self.phase == "finished"):
                self._turn(publish)
        finally:
            self._job.close()

    @property
    def phase(self) -> Phase:
        """What training is doing now."""
        if all(track.is_finished for track in self._job.tracks().values()):
            return "finished"
        return "paused" if self._paused else "training"

    def snapshot(self) -> Snapshot:
        """An immutable picture of everything now."""
        return Snapshot(
            generation=self._generation,
            record=self._job.record(),
            phase=self.phase,
            steps_per_second=self._steps_per_second(),
            engine=self._job.engine,
            device=self._job.device,
            seconds_training=self._seconds_training,
            undoable=self._job.undoable,
        )

    def _begin(self, config: ExperimentConfig) -> None:
        """Stand at step 0 of a config."""
        self._rate = _Rate()
        self._seconds_training = 0.0
        self._steps_taken = 0
        self._turned_at = self._clock()
        self._job = self._begin_job(config)
        self._pace_clocks = dict.fromkeys(self._job.tracks(), 0.0)

    # ── turns ─────────────────────────────────────────────────────────────────────────────────

    def _turn(self, publish: Publish) -> None:
        """Obey what is asked, or else train for a slice, or else wait a little."""
        phase_before = self.phase
        plan = self._plan()
        obeyed = self._obey_commands(timeout=0 if plan else self._idle_seconds())
        if plan and not obeyed:
            self._train(plan)
        is_due = bool(plan) and self._clock() - self._published_at >= PUBLISH_SECONDS
        if obeyed or is_due or self.phase != phase_before:
            self._publish(publish)

    def _publish(self, publish: Publish) -> None:
        publish(self.snapshot())
        self._published_at = self._clock()

    def _plan(self) -> Plan:
        now = self._clock()
        since_last_turn, self._turned_at = now - self._turned_at, now
        counted = min(since_last_turn, LONGEST_TURN_SECONDS)
        return self._due(counted) if self.phase == "training" else {}

    def _due(self, since_last_turn: float) -> Plan:
        """The next slice; ``since_last_turn`` is what has passed on the pace's clock."""
        plan = {}
        for name, track in self._job.tracks().items():
            self._pace_clocks[name] += since_last_turn
            due = self._pace.step_at(self._pace_clocks[name], track.steps)
            plan[name] = min(due, track.step + self._steps_per_slice, track.stop) - track.step
        return {name: steps for name, steps in plan.items() if steps > 0}

    def _idle_seconds(self) -> float:
        """How long to wait for a command when no step is due: in training, one is due soon."""
        return SLICE_SECONDS / 4 if self.phase == "training" else WAIT_SECONDS

    def _train(self, plan: Plan) -> None:
        began = self._clock()
        self._job.advance(plan)
        ended = self._clock()
        self._job.keep(plan)
        steps = max(plan.values())
        self._seconds_training += ended - began
        self._steps_taken += steps
        self._rate.add(ended, steps)
        fitting = int(SLICE_SECONDS * steps / max(ended - began, 1e-9))
        # The first slices also pay for warming up: grow by doubling, shrink at once.
        self._steps_per_slice = max(1, min(fitting, 2 * self._steps_per_slice))

    def _steps_per_second(self) -> float:
        """The rate of now; once all is done, the average of the whole run."""
        if self.phase == "finished" and self._seconds_training > 0:
            return self._steps_taken / self._seconds_training
        return 0.0 if self._paused else self._rate.per_second()

    # ── commands ──────────────────────────────────────────────────────────────────────────────

    def _obey_commands(self, timeout: float) -> bool:
        """Obey all commands that are there, waiting up to ``timeout`` seconds for the first."""
        obeyed = False
        try:
            while True:
                wait = timeout > 0 and not obeyed
                command = self._commands.get(block=wait, timeout=timeout if wait else None)
                try:
                    self._obey(command)
                except CommandRefused as refusal:
                    self._on_refusal(str(refusal))
                obeyed = True
        except queue.Empty:
            return obeyed

    def _obey(self, command: Command) -> None:
        """Raises ``CommandRefused``, with all as it was before, for what cannot be done now."""
        match command:
            case Pause():
                self._paused = True
            case Resume():
                self._paused = False
                self._turned_at = self._clock()  # standing still is no time on the pace's clock
            case SingleStep():
                self._paused = True
                self._single_step()
            case Reset():
                self._begin_again(self._job.config)
            case Reseed(seed):
                self._begin_again(replace(self._job.config, seed=seed))
            case Restart(config):
                self._begin_again(config)
            case SetPace(pace):
                self._pace = pace
                self._set_clocks(self._job.tracks())
            case JoinModel() | TurnDials() | Undo():
                self._have_obeyed(command)

    def _single_step(self) -> None:
        tracks = self._job.tracks()
        unfinished = [name for name, track in tracks.items() if not track.is_finished]
        if unfinished:
            self._train(dict.fromkeys(unfinished, 1))

    def _have_obeyed(self, command: JobCommand) -> None:
        before = self._job.tracks()
        config = self._job.obey(command)
        if config is not None:
            self._begin_again(config)
            return
        # The clock of a track that was moved, or that has another way to go, is no longer right.
        after = self._job.tracks()
        self._set_clocks(
            {name: track for name, track in after.items() if track != before.get(name)}
        )

    def _set_clocks(self, tracks: Mapping[str, Track]) -> None:
        """Go on from where tracks are at the pace of now."""
        for name, track in tracks.items():
            self._pace_clocks[name] = self._pace.elapsed_at(track.step, track.steps)

    def _begin_again(self, config: ExperimentConfig) -> None:
        self._job.close()
        self._generation += 1
        self._begin(config)


class _Rate:
    """Steps a second, over the last second, or over the last slice if that took longer."""

    def __init__(self) -> None:
        self._slices: deque[tuple[float, int]] = deque()

    def add(self, now: float, steps: int) -> None:
        self._slices.append((now, steps))
        while len(self._slices) > 2 and now - self._slices[0][0] > RATE_WINDOW_SECONDS:
            self._slices.popleft()

    def per_second(self) -> float:
        """0 until two slices have been seen: the first has no beginning."""
        if len(self._slices) < 2:
            return 0.0
        (began, first_steps), (ended, _) = self._slices[0], self._slices[-1]
        steps = sum(steps for _, steps in self._slices) - first_steps
        return steps / max(ended - began, 1e-9)
