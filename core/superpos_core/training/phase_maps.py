"""Trains a phase diagram block by block, coarse to fine, so that it can be seen while it fills.

Lanes do not depend on what trains beside them, so a cell comes out the same however the grid is cut
into blocks; and only the block in training is held in an engine.
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.record.hidden_penalty import penalties_of
from superpos_core.record.phase_grid import Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import Command, JoinModel, TurnDials
from superpos_core.training.loop import CommandRefused, EngineFactory, Plan, TrainingLoop
from superpos_core.training.pacing import PACES, Pace

RANKING_SHARE = 1 / 3
"""Restarts are ranked by their mean loss over this share of all steps, the last ones.

It is large because sparse features are seldom active together: only then do they interfere, and a
few hundred steps do not tell an antipodal pair from another one.
"""


class MapTrainer(TrainingLoop):
    """Fills the phase diagram of a config, obeying commands as ``Trainer`` does.

    Its snapshots hold no cohorts but a ``phase_map``. Raises ``InvalidValue`` for a config that is
    no phase diagram. Other dials begin the map again: half of it trained otherwise would be no map.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        make_engine: EngineFactory,
        pace: Pace = PACES["full"],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._make_engine = make_engine
        self._training: _Training | None = None
        super().__init__(config, pace, clock)

    def snapshot(self) -> Snapshot:
        """An immutable picture of the map now."""
        return Snapshot(
            generation=self._generation,
            config=self._config,
            phase=self.phase,
            cohorts={},
            steps_per_second=self._steps_per_second(),
            engine=self._engine_name,
            device=self._device,
            seconds_training=self._seconds_training,
            phase_map=replace(self._map, share_done=self._share_done()),
        )

    def _share_done(self) -> float:
        """Of the training of all cells; the block in training counts by its steps."""
        cells = float(self._map.filled.sum())
        if self._training is not None:
            cells += self._training.block.cells * self._training.step / self._config.steps
        return cells / self._map.grid.cells

    def _begin(self) -> None:
        super()._begin()
        self._map = PhaseMap.empty(PhaseGrid(self._config))
        self._blocks = list(self._map.grid.blocks())
        self._blocks_done = 0
        self._pace_clock = 0.0
        self._train_next_block()

    def _train_next_block(self) -> None:
        if self._blocks_done == len(self._blocks):
            return
        block = self._blocks[self._blocks_done]
        config = self._map.grid.config_of(block)
        self._training = _Training(block, config, self._make_engine(config))
        self._engine_name = self._training.engine.name
        self._device = self._training.engine.device

    def _is_finished(self) -> bool:
        return self._training is None

    @property
    def _steps_of_all_blocks(self) -> int:
        return len(self._blocks) * self._config.steps

    @property
    def _step_of_all_blocks(self) -> int:
        """The map as one run, block after block."""
        step = 0 if self._training is None else self._training.step
        return self._blocks_done * self._config.steps + step

    def _due(self, since_last_turn: float) -> Plan:
        self._pace_clock += since_last_turn
        due = self._pace.step_at(self._pace_clock, self._steps_of_all_blocks)
        return self._plan_of(min(due - self._step_of_all_blocks, self._steps_per_slice))

    def _single_step(self) -> None:
        plan = self._plan_of(1)
        if plan:
            self._train(plan)

    def _plan_of(self, steps: int) -> Plan:
        """So many steps, or what is left of the block."""
        if self._training is None:
            return {}
        steps = min(steps, self._config.steps - self._training.step)
        return dict.fromkeys(self._config.models, steps) if steps > 0 else {}

    def _advance(self, plan: Plan) -> None:
        if self._training is not None:
            self._training.advance(plan)

    def _take_stock(self, plan: Plan) -> None:
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
        self._close()
        self._blocks_done += 1
        self._train_next_block()

    def _set_pace(self, pace: Pace) -> None:
        self._pace = pace
        self._pace_clock = pace.elapsed_at(self._step_of_all_blocks, self._steps_of_all_blocks)

    def _obey(self, command: Command) -> None:
        match command:
            case TurnDials(config):
                self._restart(config)
            case JoinModel(model) if model not in self._config.models:
                raise CommandRefused(f"{model} cannot join: a phase map is of one model")
            case _:
                super()._obey(command)

    def _close(self) -> None:
        if self._training is not None:
            self._training.engine.close()
            self._training = None


class _Training:
    """A block in its engine: the step that it is at, and the losses of its last steps."""

    def __init__(self, block: Block, config: ExperimentConfig, engine: Engine) -> None:
        self.block = block
        self.engine = engine
        self.step = 0
        self._ranked_steps = math.ceil(RANKING_SHARE * config.steps)
        self._first_ranked = config.steps - self._ranked_steps
        self._loss_sums = np.zeros(block.cells * config.restarts)

    def advance(self, plan: Plan) -> None:
        """Take the steps; sum up the losses of those by which restarts are ranked."""
        for losses in self.engine.advance(plan).values():
            # Step after step, so that the sums do not depend on where slices end.
            for ranked in losses[max(self._first_ranked - self.step, 0) :]:
                self._loss_sums += ranked
            self.step += len(losses)

    @property
    def mean_losses(self) -> FloatArray:
        """Over the steps by which restarts are ranked, shape (lanes,)."""
        return self._loss_sums / self._ranked_steps
