"""Trains all lanes of a config side by side, keeping losses and, now and then, weights."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from superpos_core.arrays import FloatArray, freeze
from superpos_core.engine import EngineState
from superpos_core.record.hidden_penalty import penalties_of
from superpos_core.record.history import LossHistory
from superpos_core.record.lane_group import Mark
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import TimelineRecorder, next_step_to_keep
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_core.task.parameters import Parameters
from superpos_core.training.checkpoint import ENGINE, Checkpoint, load_engine_state
from superpos_core.training.commands import JobCommand, JoinModel, TurnDials, Undo
from superpos_core.training.job import CommandRefused, EngineFactory, Job, Plan, Track

DIALS = tuple(each.field for each in options_of(ExperimentConfig) if each.dial is not None)
"""The settings that can be turned while lanes train."""
PARTIAL = "partial"
"""What precedes the names of losses that do not fill a point yet, in a state."""
MAX_BRANCHES = 8
"""Maximum number of dial changes that can be undone; each keeps a copy of all training state."""


def _differ_only_by_dials(one: ExperimentConfig, other: ExperimentConfig) -> bool:
    """Whether two configs differ only by dials or by models that have joined."""
    dials = {name: getattr(other, name) for name in DIALS}
    same_lanes = len(one.sparsities) == len(other.sparsities)
    return same_lanes and replace(one, models=other.models, steps=other.steps, **dials) == other


class LanesJob(Job):
    """Trains every lane of a config, with one track per model: a model may join later."""

    record_type = LanesRecord

    def __init__(self, config: ExperimentConfig, make_engine: EngineFactory) -> None:
        self._config = config
        self._make_engine = make_engine
        self._engine = make_engine(config)
        self._full_length = config.steps
        self._branches: list[_Branch] = []
        self._histories: dict[str, LossHistory] = {}
        self._timelines: dict[str, TimelineRecorder] = {}
        self._marks: dict[str, tuple[Mark, ...]] = {}
        for model in config.models:
            self._track(model)

    @classmethod
    def start(cls, config: ExperimentConfig, make_engine: EngineFactory) -> Self:
        """All lanes at step 0, in one engine."""
        return cls(config, make_engine)

    @classmethod
    def resume(cls, checkpoint: Checkpoint, make_engine: EngineFactory) -> Self:
        """The lanes as they were; dials turned before can no longer be undone."""
        config, state = checkpoint.config, checkpoint.state
        job = cls(config, make_engine)
        load_engine_state(job._engine, state)
        record = LanesRecord.restored(config, state, checkpoint.timelines)
        for model, cohort in record.cohorts.items():
            job._histories[model] = LossHistory.restored(
                cohort.losses, cohort.recent_losses, state.arrays[f"{PARTIAL}/{model}"]
            )
            job._timelines[model] = TimelineRecorder.of(cohort.timeline, config.noise_changes)
            job._marks[model] = cohort.marks
        job._full_length = int(state.facts["full_length"])
        return job

    @property
    def config(self) -> ExperimentConfig:
        """The current config."""
        return self._config

    @property
    def engine(self) -> str:
        """The name of its engine."""
        return self._engine.name

    @property
    def device(self) -> str:
        """The device on which that engine computes."""
        return self._engine.device

    @property
    def undoable(self) -> int:
        """The number of dial changes that can be undone."""
        return len(self._branches)

    def tracks(self) -> dict[str, Track]:
        """One track per model; it stops where the timeline keeps the weights.

        So the same moments are kept at any pace.
        """
        return {
            model: Track(step, self._config.steps, self._next_step_to_keep(step))
            for model, step in self._steps().items()
        }

    def _next_step_to_keep(self, step: int) -> int:
        """The first step after ``step`` worth keeping: also where the noise changes."""
        changes = [change for change in self._config.noise_changes if change > step]
        return min([next_step_to_keep(step), *changes[:1]])

    def advance(self, plan: Plan) -> Mapping[str, FloatArray]:
        """Train each model for the given number of steps."""
        losses = self._engine.advance(plan)
        for model, each in losses.items():
            self._histories[model].append(each)
        return losses

    def keep(self, plan: Plan) -> None:
        """Keep the weights at the steps worth keeping and at the last step."""
        for model in plan:
            step = self._histories[model].step
            if step in (self._next_step_to_keep(step - 1), self._config.steps):
                self._timelines[model].record(step, self._parameters(model))

    def record(self) -> LanesRecord:
        """The current state of all lanes."""
        return LanesRecord(self._config, {model: self._cohort(model) for model in self._histories})

    def state(self) -> Stored:
        """The record, the engine's state, and the losses that do not fill a point yet."""
        partial = {model: history.partial for model, history in self._histories.items()}
        return (
            self.record()
            .stored()
            .with_arrays(ENGINE, self._engine.state())
            .with_arrays(PARTIAL, partial)
            .with_facts(engine=self._engine.name, full_length=self._full_length)
        )

    def apply(self, command: JobCommand) -> None:
        """Join, turn dials or undo; never restarts."""
        match command:
            case JoinModel(model):
                self._join(model)
            case TurnDials(config, text):
                self._turn_dials(config, text)
            case Undo():
                self._undo()

    def close(self) -> None:
        """Release the resources held by the engine."""
        self._engine.close()

    def _track(self, model: str) -> None:
        self._histories[model] = LossHistory(len(self._config.lanes_of(model)))
        self._timelines[model] = TimelineRecorder(also=self._config.noise_changes)
        self._timelines[model].record(0, self._parameters(model))
        self._marks[model] = ()

    def _parameters(self, model: str) -> Parameters:
        padding = self._config.padding_of(self._config.lanes_of(model))
        return self._engine.parameters(model).map(freeze).padded(padding)

    def _steps(self) -> dict[str, int]:
        return {model: history.step for model, history in self._histories.items()}

    def _turn_dials(self, config: ExperimentConfig, text: str) -> None:
        """Hand all state over to a new engine for the new config."""
        if not _differ_only_by_dials(config, self._config):
            raise CommandRefused("these dials belong to another run")
        # A model may have joined since the dials were shown.
        config = replace(config, models=self._config.models)
        self._branches = [*self._branches[1 - MAX_BRANCHES :], self._branch()]
        steps = max(self._steps().values()) + self._full_length
        self._continue_with(replace(config, steps=steps), self._engine.state())
        for model, step in self._steps().items():
            self._marks[model] = (*self._marks[model], Mark(step, text))
            self._timelines[model].keep_also(self._config.noise_changes)

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

    def _continue_with(self, config: ExperimentConfig, state: EngineState) -> None:
        engine = self._make_engine(config)
        engine.load_state(state)
        self._engine.close()
        self._engine, self._config = engine, config

    def _join(self, model: str) -> None:
        if model not in self._histories:
            self._config = replace(self._config, models=(*self._config.models, model))
            self._engine.join(model)
            self._track(model)

    def _cohort(self, model: str) -> Cohort:
        history, lanes = self._histories[model], self._config.lanes_of(model)
        parameters = self._parameters(model)
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
    """The whole training state at one moment, to return to."""

    config: ExperimentConfig
    engine_state: EngineState
    histories: dict[str, LossHistory]
    timelines: dict[str, TimelineRecorder]
    marks: dict[str, tuple[Mark, ...]]
