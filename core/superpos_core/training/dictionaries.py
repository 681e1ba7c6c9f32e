"""Trains dictionaries, after the models whose directions they should find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.record.dictionaries import DictionaryCohort, DictionaryRecord
from superpos_core.record.dictionary_penalty import dictionary_penalties
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import next_step_to_keep
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import KINDS, kind_named
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.start import check_start
from superpos_core.task.dictionaries.truth import steps_of_models
from superpos_core.task.models import TrainedArray
from superpos_core.task.sweeps import sweep_named
from superpos_core.training.checkpoint import ENGINE, Checkpoint, load_engine_state
from superpos_core.training.commands import JobCommand, JoinModel, LeaveModel, TurnDials, Undo
from superpos_core.training.dials import Branch, Branches, check_dials, copies, full_length_of
from superpos_core.training.dictionary_stages import Stages
from superpos_core.training.job import CommandRefused, EngineFactory, Job, Plan, Track
from superpos_core.training.kept import PARTIAL, Kept, partial_points

ACTIVE = "active"
"""The name of the curve of L0."""
OF_MODELS = ("importance", "weight_decay", "hidden_noise", "hidden_dropout")
"""Dials without effect on dictionaries."""


@dataclass(frozen=True)
class _StageState:
    """Where a run stood, to return to: the directions, the models' steps, and its engine."""

    model_step: int
    directions: FloatArray
    engine: Mapping[str, NDArray[Any]]


class DictionariesJob(Job):
    """Trains every dictionary of a config, all kinds in lockstep, on one track.

    The track begins with the steps of the models, if they train. Then their directions are fixed,
    and the dictionaries read them.
    """

    record_type = DictionaryRecord

    def __init__(
        self,
        config: ExperimentConfig,
        make_engine: EngineFactory,
        stages: Stages,
        kept: dict[str, Kept],
    ) -> None:
        self._config = config
        self._make_engine = make_engine
        self._stages = stages
        self._kept = kept
        self._full_length = config.steps
        self._branches: Branches[_StageState] = Branches()

    @classmethod
    def check(cls, config: ExperimentConfig) -> None:
        """Raise ``InvalidValue`` for sweeps over m, and for a start that the sizes rule out."""
        if sweep_named(config.sweep).sets_hidden:
            reason = "all dictionaries of a run read hidden vectors of the same size"
            raise InvalidValue("sweep", config.sweep, reason, "another sweep, or a run for each m")
        check_start(config)

    @classmethod
    def trained_arrays(cls, config: ExperimentConfig) -> Sequence[Sequence[TrainedArray]]:
        """Those of models, and of each kind."""
        return [
            *super().trained_arrays(config),
            *(kind_named(kind).trained for kind in config.dictionaries),
        ]

    @classmethod
    def start(cls, config: ExperimentConfig, make_engine: EngineFactory) -> Self:
        """Models at step 0, or else dictionaries."""
        cls.check(config)
        kept = {kind: _nothing_kept(config, kind) for kind in config.dictionaries}
        job = cls(config, make_engine, Stages(config, make_engine), kept)
        job._keep_first_moments()
        return job

    @classmethod
    def resume(cls, checkpoint: Checkpoint, make_engine: EngineFactory) -> Self:
        """The run as it was; dials turned before can no longer be undone."""
        config, state = checkpoint.config, checkpoint.state
        cls.check(config)
        record = DictionaryRecord.restored(config, state, checkpoint.timelines)
        stages = Stages(config, make_engine, record.model_step, record.directions)
        kept = {
            kind: Kept.restored(group, state, further={ACTIVE: (group.active, group.recent_active)})
            for kind, group in record.cohorts.items()
        }
        job = cls(config, make_engine, stages, kept)
        load_engine_state(stages.engine, state)
        job._full_length = full_length_of(config, state, record.cohorts.values())
        return job

    @property
    def config(self) -> ExperimentConfig:
        """The current config."""
        return self._config

    @property
    def engine(self) -> str:
        """The name of the engine that trains now."""
        return self._stages.engine.name

    @property
    def device(self) -> str:
        """The device on which that engine computes."""
        return self._stages.engine.device

    @property
    def undoable(self) -> int:
        """The number of dial changes that can be undone."""
        return len(self._branches)

    @property
    def added_steps(self) -> int:
        """Those since the run began with its full length."""
        return self._config.steps - self._full_length

    def tracks(self) -> dict[str, Track]:
        """One track, of models and dictionaries; it stops between them, and at kept moments."""
        of_models = steps_of_models(self._config)
        stop = of_models
        if not self._stages.are_models_training:
            stop += next_step_to_keep(self._step)
        step = self._stages.model_step + self._step
        return {DICTIONARIES: Track(step, of_models + self._config.steps, stop)}

    def advance(self, plan: Plan) -> Mapping[str, FloatArray]:
        """Train the models, whose losses are not kept, or all dictionaries: losses, then L0."""
        (steps,) = plan.values()
        if self._stages.are_models_training:
            self._stages.advance_models(steps)
            return {}
        progress = self._stages.advance(dict.fromkeys(self._kept, steps))
        for kind, (losses, active) in progress.items():
            self._kept[kind].losses.append(losses)
            self._kept[kind].further[ACTIVE].append(active)
        return {kind: np.concatenate(curves, axis=1) for kind, curves in progress.items()}

    def keep(self, plan: Plan) -> None:
        """Keep the dictionaries at the steps worth keeping and at the last step."""
        if self._step == 0:
            self._keep_first_moments()
        elif self._step in (next_step_to_keep(self._step - 1), self._config.steps):
            self._keep_moments()

    def record(self) -> DictionaryRecord:
        """All dictionaries, and the directions of the moment."""
        cohorts = {kind: self._cohort(kind) for kind in self._kept}
        stages = self._stages
        return DictionaryRecord(self._config, cohorts, stages.directions, stages.model_step)

    def state(self) -> Stored:
        """The record, the engine's state, and the points of curves that are not full yet."""
        return (
            self.record()
            .stored()
            .with_arrays(ENGINE, self._stages.engine.state())
            .with_arrays(PARTIAL, partial_points(self._kept))
            .with_facts(engine=self.engine, full_length=self._full_length)
        )

    def apply(self, command: JobCommand) -> None:
        """Join, leave, turn dials or undo; never restarts."""
        match command:
            case JoinModel(name):
                self._join(name)
            case LeaveModel(name):
                self._leave(name)
            case TurnDials(config, text):
                self._turn_dials(config, text)
            case Undo():
                self._undo()

    def close(self) -> None:
        """Release the engine."""
        self._stages.close()

    @property
    def _step(self) -> int:
        """The step of all dictionaries."""
        return next(iter(self._kept.values())).step

    def _keep_first_moments(self) -> None:
        """As long as models train there is nothing to keep: what a start is may depend on them."""
        if not self._stages.are_models_training:
            self._keep_moments()

    def _keep_moments(self) -> None:
        for kind, kept in self._kept.items():
            kept.keep(self._stages.parameters(kind))

    def _cohort(self, kind: str) -> DictionaryCohort:
        active, config = self._kept[kind].further[ACTIVE], self._config
        lanes, parameters = config.lanes_of(kind), self._stages.parameters(kind)
        return DictionaryCohort(
            lanes=lanes,
            parameters=parameters,
            restarts=config.restarts,
            penalties=dictionary_penalties(config, lanes, parameters, self._stages.directions),
            active=active.full,
            recent_active=active.recent,
            **self._kept[kind].parts(),
        )

    # ── commands ──────────────────────────────────────────────────────────────────────────────

    def _join(self, name: str) -> None:
        if name in self._kept:
            return
        if name not in KINDS:
            raise CommandRefused(f"{name} cannot join: this run trains dictionaries, not models")
        if self._step:
            raise CommandRefused(f"{name} cannot join: the other dictionaries are no longer at 0")
        self._config = replace(self._config, dictionaries=(*self._config.dictionaries, name))
        self._stages.join(name, self._config)
        self._kept[name] = _nothing_kept(self._config, name)
        self._keep_first_moments()

    def _leave(self, name: str) -> None:
        """Hand the state of the others over to an engine without the kind."""
        if name not in self._kept:
            return
        if len(self._kept) == 1:
            raise CommandRefused(f"{name} is the only kind: another one has to join before")
        kinds = tuple(kind for kind in self._config.dictionaries if kind != name)
        state = self._stage_state()
        of_others = {key: state.engine[key] for key in state.engine if key.split("/")[0] != name}
        config = replace(self._config, dictionaries=kinds)
        self._continue_with(config, replace(state, engine=of_others))
        del self._kept[name]

    def _turn_dials(self, config: ExperimentConfig, text: str) -> None:
        """Hand all state over to a new engine for the new config."""
        check_dials(config, self._config)
        self._check_has_effect(config)
        config = replace(
            config,
            dictionaries=self._config.dictionaries,
            steps=self._step + self._full_length,
        )
        state = self._stage_state()
        branch = Branch(self._config, state, copies(self._kept))
        self._continue_with(config, state)
        self._branches.add(branch)
        for kept in self._kept.values():
            kept.mark(text)

    def _check_has_effect(self, config: ExperimentConfig) -> None:
        """Raise ``CommandRefused`` for a dial of models that are trained already."""
        if self._stages.are_models_training:
            return
        for name in OF_MODELS:
            if getattr(config, name) != getattr(self._config, name):
                what = name.replace("_", " ")
                raise CommandRefused(f"{what} is a dial of the models, and they do not train")

    def _undo(self) -> None:
        branch = self._branches.take()
        if branch is None:
            return
        joined_since = [kind for kind in self._kept if kind not in branch.kept]
        left_since = [kind for kind in branch.kept if kind not in self._kept]
        self._continue_with(branch.config, branch.state)
        self._kept = branch.kept
        for kind in joined_since:
            self._join(kind)
        for kind in left_since:
            self._leave(kind)

    def _stage_state(self) -> _StageState:
        stages = self._stages
        return _StageState(stages.model_step, stages.directions, stages.engine.state())

    def _continue_with(self, config: ExperimentConfig, state: _StageState) -> None:
        stages = Stages(config, self._make_engine, state.model_step, state.directions)
        stages.engine.load_state(state.engine)
        self._stages.close()
        self._config, self._stages = config, stages


def _nothing_kept(config: ExperimentConfig, kind: str) -> Kept:
    return Kept(len(config.lanes_of(kind)), further=(ACTIVE,))
