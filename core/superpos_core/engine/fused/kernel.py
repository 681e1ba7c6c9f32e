"""The training loop of a lane: whole steps, without the GIL, without leaving L1 and L2 caches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.layout import Floats, LaneStates, Optimiser
from superpos_core.engine.fused.noise import noise_of_lane
from superpos_core.engine.fused.pointers import pointer_to
from superpos_core.engine.fused.rows import (
    GivenRows,
    batch_of_lane,
    fill_block,
    rows_of_lane,
    rows_to_compute,
)
from superpos_core.engine.fused.sampling_tables import SamplingTables
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.steps import learn_from_step, start_lane, take_step, weigh
from superpos_core.engine.fused.tiles import BLOCK_ROWS
from superpos_core.engine.fused.workspace import Size, workspace_in


@KERNELS.jit
def train_lanes(
    specialisation: Specialisation,
    size: Size,
    lanes: NDArray[np.int64],
    batch: int,
    states: LaneStates,
    rows: SamplingTables | GivenRows,
    importance: Floats,
    hidden_penalty: NDArray[np.float64],
    hidden_noise: NDArray[np.float64],
    optimiser: Optimiser,
    losses: Floats,
    memory: Floats,
) -> None:
    """Take len(optimiser.learning_rates) steps in each of `lanes`, one lane after the other.

    importance: (lanes, feature_vectors) float32, zero beyond the features.
    hidden_penalty: (lanes,) float64.
    hidden_noise: (lanes, 3) float64: σ, q and m.
    losses: (lanes, steps) float32, written.
    memory: from `workspace_memory`, for one thread.
    """
    work = workspace_in(size, memory)
    steps = optimiser.learning_rates.size
    for lane in lanes:
        parameters = pointer_to(states.parameters, lane * size.parameter_count)
        lane_rows = rows_of_lane(specialisation, rows, states.random, lane)
        lane_batch = batch_of_lane(specialisation, rows, batch, lane)
        own_importance = pointer_to(importance, lane * size.feature_vectors)
        weigh(size, work, own_importance, hidden_penalty[lane], lane_batch)
        noise = noise_of_lane(hidden_noise, states.random, lane)
        start_lane(specialisation, size, work, noise, rows.sparse[lane])
        for step in range(steps):
            losses[lane, step] = learn_from_step(
                specialisation, size, work, parameters, lane_rows, noise, step, lane_batch,
                rows.sparse[lane],
            )  # fmt: skip
            take_step(size, work.gradient, states, lane, optimiser.learning_rates[step], optimiser)


@KERNELS.jit
def gradient_of_step(
    specialisation: Specialisation,
    size: Size,
    parameters: Floats,
    rows: GivenRows,
    importance: Floats,
    hidden_penalty: float,
    hidden_noise: NDArray[np.float64],
    random: NDArray[np.uint32],
    gradient: Floats,
    memory: Floats,
) -> float:
    """The loss and gradient of one lane on its first step's rows, in the layout of parameters.

    hidden_noise: (1, 3) float64: σ, q and m. random: (1, STATE_WORDS), which noise advances.
    """
    work = workspace_in(size, memory)
    noise = noise_of_lane(hidden_noise, random, 0)
    start_lane(specialisation, size, work, noise, rows.sparse[0])
    batch = rows.batch[0]
    weigh(size, work, pointer_to(importance, 0), hidden_penalty, batch)
    loss = learn_from_step(
        specialisation, size, work, pointer_to(parameters, 0),
        rows_of_lane(specialisation, rows, 0, 0), noise, 0, batch, rows.sparse[0],
    )  # fmt: skip
    for index in range(size.parameter_count):
        gradient[index] = work.gradient[index]
    return loss


@KERNELS.jit
def draw_batch(
    specialisation: Specialisation,
    size: Size,
    lane: int,
    states: LaneStates,
    rows: SamplingTables | GivenRows,
    memory: Floats,
    x: Floats,
) -> int:
    """Fill x (batch, features) as a training step of the lane would: empty rows come last.

    Returns the number of rows that are not empty.
    """
    work = workspace_in(size, memory)
    lane_rows = rows_of_lane(specialisation, rows, states.random, lane)
    batch, features = x.shape
    count = rows_to_compute(specialisation, lane_rows, batch, 0)
    x[:] = 0.0
    for first in range(0, count, BLOCK_ROWS):
        fill_block(specialisation, lane_rows, 0, work.x, count - first, features)
        for row in range(min(BLOCK_ROWS, count - first)):
            for feature in range(features):
                x[first + row, feature] = work.x[feature * BLOCK_ROWS + row]
    return count
