"""Trains all lanes of a config side by side, keeping their losses and, now and then, weights."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from superpos_core.arrays import frozen
from superpos_core.engine import EngineState
from superpos_core.record.hidden_penalty import penalties_of
from superpos_core.record.history import LossHistory
from superpos_core.record.snapshot import Cohort, Mark, Snapshot
from superpos_core.record.timeline import TimelineRecorder, next_step_to_keep
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import Command, JoinModel, TurnDials, Undo
from superpos_core.training.loop import CommandRefused, EngineFactory, Plan, TrainingLoop
from superpos_core.training.pacing import PACES, Pace

DIALS = ("sparsities", "importance", "learning_rate", "weight_decay", "batch")
"""The settings that can be turned while lanes train."""
MOST_BRANCHES = 8
"""So many turns of dials can be undone; each keeps a copy of everything that trains."""


def _differ_by_dials(one: ExperimentConfig, other: ExperimentConfig) -> bool:
    """Whether only dials, or models that have joined, tell two configs apart."""
    dials = {name: getattr(other, name) for name in DIALS}
    same_lanes = len(one.sparsities) == len(other.sparsities)
    return same_lanes and replace(one, models=other.models, steps=other.steps, **dials) == other


class Trainer(TrainingLoop):
    """Trains every lane of a config to its last step, at a pace, obeying commands."""

    def __init__(
        self,
        config: ExperimentConfig,
        make_engine: EngineFactory,
        pace: Pace = PACES["full"],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._make_engine = make_engine
        super().__init__(config, pace, clock)

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

    def _begin(self) -> None:
        super()._begin()
        self._engine = self._make_engine(self._config)
        self._full_length = self._config.steps
        self._branches: list[_Branch] = []
        self._histories: dict[str, LossHistory] = {}
        self._timelines: dict[str, TimelineRecorder] = {}
        self._marks: dict[str, tuple[Mark, ...]] = {}
        self._pace_clocks: dict[str, float] = {}
        for model in self._config.models:
            self._track(model)

    def _track(self, model: str) -> None:
        self._histories[model] = LossHistory(len(self._config.lanes_of(model)))
        self._timelines[model] = TimelineRecorder()
        self._timelines[model].record(0, self._engine.parameters(model).map(frozen))
        self._marks[model] = ()
        self._pace_clocks[model] = 0.0

    def _steps(self) -> dict[str, int]:
        return {model: history.step for model, history in self._histories.items()}

    def _is_finished(self) -> bool:
        return all(step >= self._config.steps for step in self._steps().values())

    def _due(self, since_last_turn: float) -> Plan:
        plan = {}
        for model, step in self._steps().items():
            self._pace_clocks[model] += since_last_turn
            due = self._pace.step_at(self._pace_clocks[model], self._config.steps)
            # A slice ends where the timeline wants the weights: the same moments at any pace.
            plan[model] = min(due, step + self._steps_per_slice, next_step_to_keep(step)) - step
        return {model: steps for model, steps in plan.items() if steps > 0}

    def _single_step(self) -> None:
        unfinished = [m for m, step in self._steps().items() if step < self._config.steps]
        if unfinished:
            self._train(dict.fromkeys(unfinished, 1))

    def _advance(self, plan: Plan) -> None:
        for model, losses in self._engine.advance(plan).items():
            self._histories[model].append(losses)

    def _take_stock(self, plan: Plan) -> None:
        for model in plan:
            step = self._histories[model].step
            if step in (next_step_to_keep(step - 1), self._config.steps):
                self._timelines[model].record(step, self._engine.parameters(model).map(frozen))

    def _obey(self, command: Command) -> None:
        match command:
            case JoinModel(model):
                self._join(model)
            case TurnDials(config, text):
                self._turn_dials(config, text)
            case Undo():
                self._undo()
            case _:
                super()._obey(command)

    def _close(self) -> None:
        self._engine.close()

    def _turn_dials(self, config: ExperimentConfig, text: str) -> None:
        """Another engine for the new config takes over everything that the old one knows."""
        if not _differ_by_dials(config, self._config):
            raise CommandRefused("the dials that were turned are those of another run")
        # A model may have joined since the dials were looked at.
        config = replace(config, models=self._config.models)
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
        history, lanes = self._histories[model], self._config.lanes_of(model)
        parameters = self._engine.parameters(model).map(frozen)
        return Cohort(
            lanes=lanes,
            step=history.step,
            parameters=parameters,
            losses=history.full,
            recent_losses=history.recent,
            restarts=self._config.restarts,
            timeline=self._timelines[model].view(),
            marks=self._marks[model],
            penalties=penalties_of(self._config, lanes, parameters),
        )


@dataclass(frozen=True)
class _Branch:
    """Everything that training was at one moment, to come back to."""

    config: ExperimentConfig
    engine_state: EngineState
    histories: dict[str, LossHistory]
    timelines: dict[str, TimelineRecorder]
    marks: dict[str, tuple[Mark, ...]]
