"""Trains a phase diagram block by block, coarse to fine, so that it fills visibly.

Lanes do not depend on each other, so a cell comes out the same however the grid is cut into blocks;
the engine holds only the current block.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Self

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.experiments.expected_time import lane_count
from superpos_core.record.hidden_penalty import penalties_of
from superpos_core.record.phase_grid import BLOCK_LANES, Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.stored import Stored
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.checkpoint import ENGINE, Checkpoint, load_engine_state
from superpos_core.training.commands import JobCommand, JoinModel, LeaveModel, TurnDials, Undo
from superpos_core.training.job import CommandRefused, EngineFactory, Job, Plan, Track

RANKING_SHARE = 1 / 3
"""Restarts are ranked by their mean loss over this last fraction of all steps.

It is large because sparse features interfere only when active together, which is rare: a few
hundred steps do not distinguish one antipodal pair from another.
"""

BLOCK = "block"
"""What precedes the names of the current block's arrays in a state."""


class PhaseMapJob(Job):
    """Fills the phase map of a config; the whole map is one track, block after block.

    Turning a dial restarts the map: half a map trained differently would be meaningless.
    """

    record_type = PhaseMap

    def __init__(self, grid: PhaseGrid, make_engine: EngineFactory) -> None:
        self._config = grid.config
        self._make_engine = make_engine
        self._map = PhaseMap.empty(grid)
        self._blocks = list(grid.blocks())
        self._blocks_done = 0
        self._training: _Training | None = None
        self._engine = self._device = ""
        self._train_next_block()

    @classmethod
    def check(cls, config: ExperimentConfig) -> None:
        """Raise ``InvalidValue`` for a config that is not a phase diagram."""
        PhaseGrid(config)

    @classmethod
    def lanes_at_once(cls, config: ExperimentConfig) -> int:
        """The lanes of one block."""
        return min(lane_count(config), max(BLOCK_LANES, config.restarts))

    @classmethod
    def start(cls, config: ExperimentConfig, make_engine: EngineFactory) -> Self:
        """An empty map, and the engine for its first block."""
        return cls(PhaseGrid(config), make_engine)

    @classmethod
    def resume(cls, checkpoint: Checkpoint, make_engine: EngineFactory) -> Self:
        """The map as it was, and its current block."""
        job = cls(PhaseGrid(checkpoint.config), make_engine)
        job._continue_from(checkpoint)
        return job

    @property
    def config(self) -> ExperimentConfig:
        """The config it trains."""
        return self._config

    @property
    def engine(self) -> str:
        """The name of the newest block's engine."""
        return self._engine

    @property
    def device(self) -> str:
        """The device on which that engine computes."""
        return self._device

    def tracks(self) -> dict[str, Track]:
        """One track, named after the only model; it stops at the end of each block."""
        steps = self._config.steps
        before = self._blocks_done * steps
        step = before if self._training is None else before + self._training.step
        (model,) = self._config.models
        return {model: Track(step, len(self._blocks) * steps, before + steps)}

    def advance(self, plan: Plan) -> Mapping[str, FloatArray]:
        """Train the current block for the given number of steps; a map keeps no loss curves."""
        if self._training is not None:
            self._training.advance(plan)
        return {}

    def keep(self, plan: Plan) -> None:
        """Fill in a trained block, and start the next one."""
        training = self._training
        if training is None or training.step < self._config.steps:
            return
        (model,) = plan
        parameters = training.engine.parameters(model)
        losses = training.mean_losses
        lanes = self._map.grid.config_of(training.block).lanes
        penalties = penalties_of(self._config, lanes, parameters)
        if penalties is not None:
            losses = losses + penalties.at(range(len(lanes)))
        self._map = self._map.with_block(training.block, parameters, losses)
        self.close()
        self._blocks_done += 1
        self._train_next_block()

    def record(self) -> PhaseMap:
        """The current map."""
        return replace(self._map, share_done=self._share_done())

    def state(self) -> Stored:
        """The map, and the engine's state and the losses of the current block."""
        state = self.record().stored().with_facts(blocks_done=self._blocks_done)
        if self._training is None:
            return state
        return self._training.stored_in(state)

    def apply(self, command: JobCommand) -> ExperimentConfig | None:
        """Dials restart the map; no model can join or leave; there is never anything to undo."""
        match command:
            case TurnDials(config):
                return config
            case JoinModel(model) if model not in self._config.models:
                raise CommandRefused(f"{model} cannot join: a phase map trains a single model")
            case LeaveModel(model) if model in self._config.models:
                raise CommandRefused(f"{model} is the only model of the phase map")
            case JoinModel() | LeaveModel() | Undo():
                return None

    def close(self) -> None:
        """Release the engine of the current block."""
        if self._training is not None:
            self._training.engine.close()
            self._training = None

    def _continue_from(self, checkpoint: Checkpoint) -> None:
        state = checkpoint.state
        self._map = PhaseMap.restored(checkpoint.config, state, checkpoint.timelines)
        if self._blocks_done != state.facts["blocks_done"]:
            self.close()
            self._blocks_done = int(state.facts["blocks_done"])
            self._train_next_block()
        if self._training is not None:
            self._training.continue_from(state)

    def _train_next_block(self) -> None:
        if self._blocks_done == len(self._blocks):
            return
        block = self._blocks[self._blocks_done]
        config = self._map.grid.config_of(block)
        self._training = _Training(block, config, self._make_engine(config))
        self._engine = self._training.engine.name
        self._device = self._training.engine.device

    def _share_done(self) -> float:
        """The fraction of all cells trained; the current block counts by its steps."""
        cells = float(self._map.filled.sum())
        if self._training is not None:
            cells += self._training.block.cells * self._training.step / self._config.steps
        return cells / self._map.grid.cells


class _Training:
    """A block in its engine: its current step, and the losses of its last steps."""

    def __init__(self, block: Block, config: ExperimentConfig, engine: Engine) -> None:
        self.block = block
        self.engine = engine
        self.step = 0
        self._ranked_steps = math.ceil(RANKING_SHARE * config.steps)
        self._first_ranked = config.steps - self._ranked_steps
        self._loss_sums = np.zeros(block.cells * config.restarts)

    def advance(self, plan: Plan) -> None:
        """Take the steps; sum up the losses of the steps used for ranking."""
        for losses in self.engine.advance(plan).values():
            # Step by step, so that the sums do not depend on where slices end.
            for ranked in losses[max(self._first_ranked - self.step, 0) :]:
                self._loss_sums += ranked
            self.step += len(losses)

    def stored_in(self, state: Stored) -> Stored:
        """``state`` with what this block needs to continue."""
        return (
            state.with_arrays(ENGINE, self.engine.state())
            .with_arrays(BLOCK, {"loss_sums": self._loss_sums})
            .with_facts(engine=self.engine.name, block_step=self.step)
        )

    def continue_from(self, state: Stored) -> None:
        """Continue from ``stored_in``; raises as ``load_engine_state`` does."""
        load_engine_state(self.engine, state)
        self._loss_sums = state.arrays[f"{BLOCK}/loss_sums"].copy()
        self.step = int(state.facts["block_step"])

    @property
    def mean_losses(self) -> FloatArray:
        """The mean losses over the steps used for ranking, shape (lanes,)."""
        return self._loss_sums / self._ranked_steps
