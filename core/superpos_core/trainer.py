"""Drives an engine in short slices, obeys commands between them and publishes snapshots.

The trainer belongs to whichever thread calls ``run``; ``submit`` may be called from any.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from superpos_core.arrays import frozen
from superpos_core.commands import (
    Command,
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
from superpos_core.config import ExperimentConfig
from superpos_core.engine import Engine, EngineState
from superpos_core.history import LossHistory
from superpos_core.models import Parameters
from superpos_core.pacing import PACES, Pace
from superpos_core.snapshot import Cohort, Mark, Phase, Snapshot
from superpos_core.timeline import TimelineRecorder, next_step_to_keep

SLICE_SECONDS = 0.02
PUBLISH_SECONDS = 1 / 30
WAIT_SECONDS = 0.25
RATE_WINDOW_SECONDS = 1.0
MOST_BRANCHES = 8
"""So many turns of dials can be undone; each keeps a copy of everything that trains."""

EngineFactory = Callable[[ExperimentConfig], Engine]
Publish = Callable[[Snapshot], None]


class Trainer:
    """Trains every lane of a config to its last step, at a pace, obeying commands."""

    def __init__(
        self,
        config: ExperimentConfig,
        make_engine: EngineFactory,
        pace: Pace = PACES["full"],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._config = config
        self._make_engine = make_engine
        self._pace = pace
        self._clock = clock
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._generation = 0
        self._paused = False
        self._steps_per_slice = 1
        self._published_at = -float("inf")
        self._begin()

    def submit(self, command: Command) -> None:
        """Ask for something from any thread; it is done before the next slice."""
        self._commands.put(command)

    def run(self, stop: threading.Event, publish: Publish, until_finished: bool = False) -> None:
        """Train until ``stop`` is set, or until all lanes are done if ``until_finished``.

        ``publish`` gets a snapshot at most thirty times a second, and whenever the phase changes.
        It is called on this thread, so it must be quick. A finished trainer waits for commands.
        """
        try:
            self._publish(publish)
            while not stop.is_set() and not (until_finished and self.phase == "finished"):
                self._turn(publish)
        finally:
            self._engine.close()

    @property
    def phase(self) -> Phase:
        """What the trainer is doing now."""
        if all(step >= self._config.steps for step in self._steps().values()):
            return "finished"
        return "paused" if self._paused else "training"

    def snapshot(self) -> Snapshot:
        """An immutable picture of everything now."""
        return Snapshot(
            generation=self._generation,
            config=self._config,
            phase=self.phase,
            cohorts={model: self._cohort(model) for model in self._histories},
            steps_per_second=self._steps_per_second(),
            engine=self._engine.name,
            device=self._engine.device,
            seconds_training=self._seconds_training,
            undoable=len(self._branches),
        )

    def _steps_per_second(self) -> float:
        """The rate of now; once all is done, the average of the whole run."""
        if self.phase == "finished" and self._seconds_training > 0:
            return self._steps_taken / self._seconds_training
        return 0.0 if self._paused else self._rate.per_second()

    def _begin(self) -> None:
        self._engine = self._make_engine(self._config)
        self._full_length = self._config.steps
        self._branches: list[_Branch] = []
        self._histories: dict[str, LossHistory] = {}
        self._timelines: dict[str, TimelineRecorder] = {}
        self._marks: dict[str, tuple[Mark, ...]] = {}
        self._pace_clocks: dict[str, float] = {}
        self._rate = _Rate()
        self._seconds_training = 0.0
        self._steps_taken = 0
        self._turned_at = self._clock()
        for model in self._config.models:
            self._track(model)

    def _track(self, model: str) -> None:
        self._histories[model] = LossHistory(len(self._config.lanes_of(model)))
        self._timelines[model] = TimelineRecorder()
        self._timelines[model].record(0, _frozen(self._engine.parameters(model)))
        self._marks[model] = ()
        self._pace_clocks[model] = 0.0

    def _steps(self) -> dict[str, int]:
        return {model: history.step for model, history in self._histories.items()}

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

    def _plan(self) -> dict[str, int]:
        """How many steps of each model the next slice takes; models with none are left out."""
        now = self._clock()
        since_last_turn, self._turned_at = now - self._turned_at, now
        if self.phase != "training":
            return {}
        plan = {}
        for model, step in self._steps().items():
            self._pace_clocks[model] += since_last_turn
            due = self._pace.step_at(self._pace_clocks[model], self._config.steps)
            # A slice ends where the timeline wants the weights: the same moments at any pace.
            plan[model] = min(due, step + self._steps_per_slice, next_step_to_keep(step)) - step
        return {model: steps for model, steps in plan.items() if steps > 0}

    def _idle_seconds(self) -> float:
        """How long to wait for a command when no step is due: in training, one is due soon."""
        return SLICE_SECONDS / 4 if self.phase == "training" else WAIT_SECONDS

    def _train(self, plan: dict[str, int]) -> None:
        began = self._clock()
        for model, losses in self._engine.advance(plan).items():
            self._histories[model].append(losses)
        ended = self._clock()
        self._keep_moments(plan)
        steps = max(plan.values())
        self._seconds_training += ended - began
        self._steps_taken += steps
        self._rate.add(ended, steps)
        fitting = int(SLICE_SECONDS * steps / max(ended - began, 1e-9))
        # The first slices also pay for warming up: grow by doubling, shrink at once.
        self._steps_per_slice = max(1, min(fitting, 2 * self._steps_per_slice))

    def _keep_moments(self, models: Iterable[str]) -> None:
        for model in models:
            step = self._histories[model].step
            if step == next_step_to_keep(step - 1):
                self._timelines[model].record(step, _frozen(self._engine.parameters(model)))

    def _obey_commands(self, timeout: float) -> bool:
        """Obey all commands that are there, waiting up to ``timeout`` seconds for the first."""
        obeyed = False
        try:
            while True:
                wait = timeout > 0 and not obeyed
                self._obey(self._commands.get(block=wait, timeout=timeout if wait else None))
                obeyed = True
        except queue.Empty:
            return obeyed

    def _obey(self, command: Command) -> None:
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
                self._restart(self._config)
            case Reseed(seed):
                self._restart(replace(self._config, seed=seed))
            case SetPace(pace):
                self._set_pace(pace)
            case JoinModel(model):
                self._join(model)
            case Restart(config):
                self._restart(config)
            case TurnDials(config, text):
                self._turn_dials(config, text)
            case Undo():
                self._undo()

    def _single_step(self) -> None:
        unfinished = [m for m, step in self._steps().items() if step < self._config.steps]
        if unfinished:
            self._train(dict.fromkeys(unfinished, 1))

    def _restart(self, config: ExperimentConfig) -> None:
        self._engine.close()
        self._config = config
        self._generation += 1
        self._begin()

    def _turn_dials(self, config: ExperimentConfig, text: str) -> None:
        """Another engine for the new config takes over everything that the old one knows."""
        self._branches = [*self._branches[1 - MOST_BRANCHES :], self._branch()]
        steps = max(self._steps().values()) + self._full_length
        self._continue_with(replace(config, steps=steps), self._engine.state())
        for model, step in self._steps().items():
            self._marks[model] = (*self._marks[model], Mark(step, text))
        self._set_pace(self._pace)

    def _branch(self) -> "_Branch":
        return _Branch(
            self._config,
            self._engine.state(),
            {model: history.copy() for model, history in self._histories.items()},
            {model: timeline.copy() for model, timeline in self._timelines.items()},
            dict(self._marks),
        )

    def _undo(self) -> None:
        if not self._branches:
            return
        branch = self._branches.pop()
        joined_since = [model for model in self._config.models if model not in branch.histories]
        self._continue_with(branch.config, branch.engine_state)
        self._histories, self._timelines = branch.histories, branch.timelines
        self._marks = branch.marks
        for model in joined_since:
            self._join(model)
        self._set_pace(self._pace)

    def _continue_with(self, config: ExperimentConfig, state: EngineState) -> None:
        engine = self._make_engine(config)
        engine.load_state(state)
        self._engine.close()
        self._engine, self._config = engine, config

    def _set_pace(self, pace: Pace) -> None:
        self._pace = pace
        for model, step in self._steps().items():
            self._pace_clocks[model] = pace.elapsed_at(step, self._config.steps)

    def _join(self, model: str) -> None:
        if model not in self._histories:
            self._config = replace(self._config, models=(*self._config.models, model))
            self._engine.join(model)
            self._track(model)

    def _cohort(self, model: str) -> Cohort:
        history = self._histories[model]
        return Cohort(
            lanes=self._config.lanes_of(model),
            step=history.step,
            parameters=_frozen(self._engine.parameters(model)),
            losses=history.full,
            recent_losses=history.recent,
            restarts=self._config.restarts,
            timeline=self._timelines[model].view(),
            marks=self._marks[model],
        )


@dataclass(frozen=True)
class _Branch:
    """Everything that training was at one moment, to come back to."""

    config: ExperimentConfig
    engine_state: EngineState
    histories: dict[str, LossHistory]
    timelines: dict[str, TimelineRecorder]
    marks: dict[str, tuple[Mark, ...]]


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


def _frozen(parameters: Parameters) -> Parameters:
    free = parameters.free_decoder
    return Parameters(
        frozen(parameters.encoder),
        None if free is None else frozen(free),
        frozen(parameters.bias),
    )
