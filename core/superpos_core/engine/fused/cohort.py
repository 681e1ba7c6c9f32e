"""Cohorts: lanes of one model form, size and kind of data, trained by the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.kernel import draw_batch, gradient_of_step, train_lanes
from superpos_core.engine.fused.layout import Floats, LaneStates, Layout, Optimiser
from superpos_core.engine.fused.ray_kernel import draw_batch_of_rays, train_lanes_on_rays
from superpos_core.engine.fused.ray_memory import RaySize, ray_memory, ray_size_of
from superpos_core.engine.fused.ray_rows import RayTables
from superpos_core.engine.fused.rows import GivenRows
from superpos_core.engine.fused.sampling_tables import SamplingTables
from superpos_core.engine.fused.specialisation import (
    Formula,
    Sampling,
    Specialisation,
    padded,
)
from superpos_core.engine.fused.threads import Piece, Threads
from superpos_core.engine.fused.workspace import Size, size_of, workspace_memory
from superpos_core.engine.news import News, ignore_news
from superpos_core.task.parameters import Parameters

PIECES_PER_THREAD = 8
"""Number of pieces of each thread's share, so that none waits long for the last one."""


@dataclass(frozen=True)
class FusedCohort:
    """Lanes that share all but probabilities, importances, parameters and random state."""

    specialisation: Specialisation
    layout: Layout
    size: Size
    states: LaneStates
    rows: SamplingTables | GivenRows | RayTables
    importance: Floats
    """(lanes, feature_vectors), zero beyond the features"""
    hidden_penalty: NDArray[np.float64]
    """(lanes,), λ: the objective is the total loss plus the mean of λ·‖h‖₁ over rows"""
    units: IntArray
    """(lanes,), hidden units with weights, in whole tiles: fewer where m is smaller"""
    hidden_noise: NDArray[np.float64]
    """(lanes, 3): σ, q and m of noise and dropout on the hidden layer (noise.py)"""

    @classmethod
    def new(
        cls,
        *,
        formula: Formula,
        tied: bool,
        hidden: int,
        probabilities: ArrayLike,
        importance: ArrayLike,
        seeds: ArrayLike,
        sampling: Sampling | None = None,
        set_sizes: Sequence[int] | None = None,
        hidden_penalty: ArrayLike = 0.0,
        hidden_of_lanes: Sequence[int] | None = None,
        hidden_noise: ArrayLike = 0.0,
        hidden_dropout: ArrayLike = 0.0,
    ) -> FusedCohort:
        """Lanes with all parameters zero; write initial ones into ``parameters``.

        probabilities, importance: (lanes, features). seeds: (lanes,) 64-bit integers. set_sizes:
        sizes of the sets of neighbouring features. hidden_penalty, hidden_noise, hidden_dropout:
        (lanes,), or one for all. hidden_of_lanes: (lanes,), if some have fewer hidden units than
        ``hidden``.
        """
        sampling = sampling or Sampling()
        probabilities = np.asarray(probabilities, np.float64)
        lanes, features = probabilities.shape
        layout = Layout.of(features, hidden, tied)
        weights = np.zeros((lanes, layout.feature_vectors), np.float32)
        weights[:, :features] = importance
        own_hidden = [hidden] * lanes if hidden_of_lanes is None else hidden_of_lanes
        noise = np.empty((lanes, 3))
        noise[:, 0], noise[:, 1] = hidden_noise, hidden_dropout
        noise[:, 2] = own_hidden
        return cls(
            Specialisation(formula, sampling, layout.tiles, bool(noise[:, :2].any())),
            layout,
            size_of(layout),
            LaneStates.new(layout, np.asarray(seeds, np.uint64)),
            SamplingTables.of(probabilities, set_sizes, sampling.grouping),
            weights,
            np.array(np.broadcast_to(hidden_penalty, lanes), np.float64),
            np.array([padded(each, layout.tiles.hidden) for each in own_hidden], np.int64),
            noise,
        )

    def on_rays(self, probabilities: FloatArray) -> FusedCohort:
        """The same lanes, their rows drawn by active entries and trained on as rays.

        probabilities: (lanes, features), independent. Hidden units are linear in the rows of a ray:
        the hidden activation is the identity, or ReLU if no value is negative.
        """
        return replace(self, rows=RayTables.of(probabilities))

    def on_given(self, datasets: Iterable[Floats]) -> FusedCohort:
        """The same lanes, each trained on a dataset with rows (rows, features).

        Every step uses all rows, unless ``in_order`` sets an order.
        """
        specialisation = replace(self.specialisation, sampling=None)
        return replace(self, specialisation=specialisation, rows=GivenRows.of(datasets))

    def on_drawn(self, rows: Sequence[Floats]) -> FusedCohort:
        """The same lanes with the rows of the next steps of each, (steps, batch, features).

        Whether inactive features are skipped stays as it was, so that no division into slices
        changes how numbers are rounded.
        """
        assert isinstance(self.rows, GivenRows)
        steps, batch, features = rows[0].shape
        drawn = GivenRows.of(each.reshape(-1, features) for each in rows)
        order = np.arange(steps * batch).reshape(steps, batch)
        ordered = drawn._replace(sparse=self.rows.sparse).in_order([order] * len(rows))
        return replace(self, rows=ordered)

    def in_order(self, orders: Sequence[IntArray]) -> FusedCohort:
        """The same lanes with the indices of each lane's rows in the next steps, (steps, rows)."""
        assert isinstance(self.rows, GivenRows)
        return replace(self, rows=self.rows.in_order(orders))

    @property
    def lanes(self) -> int:
        return len(self.states.steps)

    @property
    def parameters(self) -> Parameters:
        """All lanes' parameters, as writable views."""
        return self.layout.named(self.states.parameters)

    def costs(self, batch: int) -> NDArray[np.float64]:
        """(lanes,): expected work per step, roughly in vector instructions."""
        weights = self.size.padded_features * self.units
        if isinstance(self.rows, RayTables):
            comparing = 10 * self.rows.expected_rows(batch) * self.size.features
            products = 3 * self.rows.expected_rays(batch) * weights
            return (comparing + products) / 16 + 2 * weights + 500
        row = (5 * weights + 25 * self.size.features) / 16
        once = (10 if self.layout.tied else 20) * weights / 2 + 500
        all_rows = self.rows.batch if isinstance(self.rows, GivenRows) else batch
        rows = np.where(
            self.hidden_noise[:, :2].any(axis=1), all_rows, self.rows.expected_rows(batch)
        )
        return rows * row + once

    def train(
        self,
        lanes: NDArray[np.int64],
        batch: int,
        optimiser: Optimiser,
        losses: Floats,
        memory: Floats,
    ) -> None:
        """Take the optimiser's steps in these lanes; losses is (all lanes, steps).

        memory: from ``scratch_memory``.
        """
        for units in dict.fromkeys(self.units[lanes].tolist()) or (self.size.units,):
            own, size = lanes[self.units[lanes] == units], self.size._replace(units=units)
            weights, scratch = (self.importance, self.hidden_penalty), self.scratch(batch)
            if isinstance(scratch, RaySize):
                train_lanes_on_rays(
                    self.specialisation, scratch._replace(size=size), own, self.states,
                    self.rows, *weights, optimiser, losses, memory,
                )  # fmt: skip
            else:
                train_lanes(
                    self.specialisation, size, own, batch, self.states,
                    self.rows, *weights, self.hidden_noise, optimiser, losses, memory,
                )  # fmt: skip

    def scratch(self, batch: int) -> Size | RaySize:
        """What the scratch memory of a thread depends on."""
        if not isinstance(self.rows, RayTables):
            return self.size
        return ray_size_of(self.size, self.layout.tiles, batch, self.rows.capacity(batch))

    def gradient(
        self, lane: int, x: Floats, sparse: bool | None = None, memory: Floats | None = None
    ) -> tuple[float, Floats]:
        """Loss and gradient (in the layout of the parameters) of a lane on rows x.

        sparse: overrides whether to skip inactive features. memory: from `workspace_memory`; it
        then holds what the last chunk of rows left, such as its noise.
        """
        rows = GivenRows.of([x])
        if sparse is not None:
            rows.sparse[:] = sparse
        gradient = np.zeros(self.layout.parameter_count, np.float32)
        loss = gradient_of_step(
            replace(self.specialisation, sampling=None),
            self.size,
            self.states.parameters[lane],
            rows,
            self.importance[lane],
            float(self.hidden_penalty[lane]),
            self.hidden_noise[lane : lane + 1],
            self.states.random[lane : lane + 1].copy(),
            gradient,
            workspace_memory(self.size) if memory is None else memory,
        )
        return float(loss), gradient

    def batch(self, lane: int, rows: int) -> Floats:
        """The rows (rows, features) of the lane's next step; advances its random state."""
        x = np.empty((rows, self.layout.features), np.float32)
        scratch = self.scratch(rows)
        memory = scratch_memory(scratch)
        draw = draw_batch_of_rays if isinstance(scratch, RaySize) else draw_batch
        draw(self.specialisation, scratch, lane, self.states, self.rows, memory, x)
        return x

    def compile(self, on_news: News = ignore_news) -> None:
        """Compile the kernel or load it from the cache, by a call that trains no lane.

        ``on_news`` is called if that takes seconds: the kernel is neither in memory nor on disk.
        """
        no_lanes, no_steps = np.zeros(0, np.int64), Optimiser(np.zeros(0))
        losses = np.zeros((0, 0), np.float32)
        memory = scratch_memory(self.scratch(1))
        KERNELS.first_call(lambda: self.train(no_lanes, 1, no_steps, losses, memory), on_news)


def scratch_memory(scratch: Size | RaySize) -> Floats:
    """Scratch memory for one thread."""
    return ray_memory(scratch) if isinstance(scratch, RaySize) else workspace_memory(scratch)


class CohortRunner:
    """Advances cohorts on several threads, each with its own scratch memory."""

    def __init__(self, threads: Threads) -> None:
        self.threads = threads
        self._memory: list[dict[Size | RaySize, Floats]] = [{} for _ in range(threads.count)]

    def advance(self, batch: int, work: Sequence[tuple[FusedCohort, Optimiser]]) -> list[Floats]:
        """Take each optimiser's steps in every lane of its cohort; their losses (lanes, steps)."""
        losses = [
            np.empty((cohort.lanes, len(optimiser.learning_rates)), np.float32)
            for cohort, optimiser in work
        ]
        self.threads.do(
            [
                self._piece(work[number], lanes, cost, batch, losses[number])
                for number, lanes, cost in self._shares(batch, work)
            ]
        )
        return losses

    def _piece(
        self,
        work: tuple[FusedCohort, Optimiser],
        lanes: NDArray[np.int64],
        cost: float,
        batch: int,
        losses: Floats,
    ) -> Piece:
        cohort, optimiser = work

        def train(thread: int) -> None:
            memory = self._memory_of(thread, cohort.scratch(batch))
            cohort.train(lanes, batch, optimiser, losses, memory)

        return Piece(cost, train)

    def _memory_of(self, thread: int, scratch: Size | RaySize) -> Floats:
        if scratch not in self._memory[thread]:
            self._memory[thread][scratch] = scratch_memory(scratch)
        return self._memory[thread][scratch]

    def _shares(
        self, batch: int, work: Sequence[tuple[FusedCohort, Optimiser]]
    ) -> list[tuple[int, NDArray[np.int64], float]]:
        """(index of the cohort, lanes, cost): consecutive lanes of about equal cost."""
        costs = [cohort.costs(batch) * len(optimiser.learning_rates) for cohort, optimiser in work]
        total = max(sum(cost.sum() for cost in costs), 1.0)
        share = total / (PIECES_PER_THREAD * self.threads.count)
        return [
            (number, lanes, float(cost[lanes].sum()))
            for number, cost in enumerate(costs)
            for lanes in _split(cost, share)
        ]


def _split(cost: NDArray[np.float64], share: float) -> list[NDArray[np.int64]]:
    """Runs of consecutive lanes with a cost of about ``share`` each."""
    piece_of_lane = ((np.cumsum(cost) - cost / 2) // share).astype(np.int64)
    cuts = np.flatnonzero(np.diff(piece_of_lane)) + 1
    return np.split(np.arange(len(cost)), cuts)
