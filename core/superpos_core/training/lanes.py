"""Trains all lanes of a config side by side, keeping losses and, now and then, weights."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Self

from superpos_core.arrays import FloatArray, freeze
from superpos_core.engine import EngineState
from superpos_core.record.hidden_penalty import penalties_of
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import next_step_to_keep
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters
from superpos_core.training.checkpoint import ENGINE, Checkpoint, load_engine_state
from superpos_core.training.commands import JobCommand, JoinModel, LeaveModel, TurnDials, Undo
from superpos_core.training.dials import Branch, Branches, check_dials, copies, full_length_of
from superpos_core.training.job import CommandRefused, EngineFactory, Job, Plan, Track
from superpos_core.training.kept import PARTIAL, Kept, partial_points


class LanesJob(Job):
    """Trains every lane of a config, with one track per model: models may join and leave."""

    record_type = LanesRecord

    def __init__(self, config: ExperimentConfig, make_engine: EngineFactory) -> None:
        self._config = config
        self._make_engine = make_engine
        self._engine = make_engine(config)
        self._full_length = config.steps
        self._branches: Branches[EngineState] = Branches()
        self._kept: dict[str, Kept] = {}
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
            job._kept[model] = Kept.restored(cohort, state, config.noise_changes)
        job._full_length = full_length_of(config, state, record.cohorts.values())
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

    @property
    def added_steps(self) -> int:
        """Those since the run began with its full length."""
        return self._config.steps - self._full_length

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
            self._kept[model].losses.append(each)
        return losses

    def keep(self, plan: Plan) -> None:
        """Keep the weights at the steps worth keeping and at the last step."""
        for model in plan:
            step = self._kept[model].step
            if step in (self._next_step_to_keep(step - 1), self._config.steps):
                self._kept[model].keep(self._parameters(model))

    def record(self) -> LanesRecord:
        """The current state of all lanes."""
        return LanesRecord(self._config, {model: self._cohort(model) for model in self._kept})

    def state(self) -> Stored:
        """The record, the engine's state, and the losses that do not fill a point yet."""
        return (
            self.record()
            .stored()
            .with_arrays(ENGINE, self._engine.state())
            .with_arrays(PARTIAL, partial_points(self._kept))
            .with_facts(engine=self._engine.name, full_length=self._full_length)
        )

    def apply(self, command: JobCommand) -> None:
        """Join, leave, turn dials or undo; never restarts."""
        match command:
            case JoinModel(model):
                self._join(model)
            case LeaveModel(model):
                self._leave(model)
            case TurnDials(config, text):
                self._turn_dials(config, text)
            case Undo():
                self._undo()

    def close(self) -> None:
        """Release the resources held by the engine."""
        self._engine.close()

    def _track(self, model: str) -> None:
        lanes = len(self._config.lanes_of(model))
        self._kept[model] = Kept(lanes, self._config.noise_changes)
        self._kept[model].keep(self._parameters(model))

    def _parameters(self, model: str) -> Parameters:
        padding = self._config.padding_of(self._config.lanes_of(model))
        return self._engine.parameters(model).map(freeze).padded(padding)

    def _steps(self) -> dict[str, int]:
        return {model: kept.step for model, kept in self._kept.items()}

    def _turn_dials(self, config: ExperimentConfig, text: str) -> None:
        """Hand all state over to a new engine for the new config."""
        check_dials(config, self._config)
        # A model may have joined since the dials were shown.
        config = replace(config, models=self._config.models)
        self._branches.add(Branch(self._config, self._engine.state(), copies(self._kept)))
        steps = max(self._steps().values()) + self._full_length
        self._continue_with(replace(config, steps=steps), self._engine.state())
        for kept in self._kept.values():
            kept.mark(text)
            kept.timeline.keep_also(self._config.noise_changes)

    def _undo(self) -> None:
        branch = self._branches.take()
        if branch is None:
            return
        models = self._config.models
        joined_since = [model for model in models if model not in branch.kept]
        left_since = [model for model in branch.kept if model not in models]
        self._continue_with(branch.config, branch.state)
        self._kept = branch.kept
        for model in joined_since:
            self._join(model)
        for model in left_since:
            self._leave(model)

    def _continue_with(self, config: ExperimentConfig, state: EngineState) -> None:
        engine = self._make_engine(config)
        engine.load_state(state)
        self._engine.close()
        self._engine, self._config = engine, config

    def _join(self, model: str) -> None:
        if model not in self._kept:
            self._config = replace(self._config, models=(*self._config.models, model))
            self._engine.join(model)
            self._track(model)

    def _leave(self, model: str) -> None:
        """Hand the state of the others over to an engine without the model."""
        if model not in self._kept:
            return
        if len(self._kept) == 1:
            raise CommandRefused(f"{model} is the only model: another one has to join before")
        models = tuple(each for each in self._config.models if each != model)
        state = self._engine.state()
        of_others = {name: state[name] for name in state if not name.startswith(f"{model}/")}
        self._continue_with(replace(self._config, models=models), of_others)
        del self._kept[model]

    def _cohort(self, model: str) -> Cohort:
        lanes, parameters = self._config.lanes_of(model), self._parameters(model)
        return Cohort(
            lanes=lanes,
            parameters=parameters,
            restarts=self._config.restarts,
            penalties=penalties_of(self._config, lanes, parameters),
            **self._kept[model].parts(),
        )
