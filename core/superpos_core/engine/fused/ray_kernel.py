"""The training loop of a lane whose rows are rays: few active features, at unequal frequencies.

A step costs entries + rows × n + rays × n × m, not rows × n × m. There are fewer rays than rows if
a few features are active alone in most rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.compilation import folded
from superpos_core.engine.fused.layout import Floats, LaneStates, Optimiser
from superpos_core.engine.fused.pointers import Pointer, advanced, pointer_to
from superpos_core.engine.fused.ray_gradient import (
    finish_ray_gradient,
    learn_from_rays,
    start_ray_step,
)
from superpos_core.engine.fused.ray_memory import RaySize, RayWorkspace, ray_workspace_in
from superpos_core.engine.fused.ray_rows import (
    RaySampler,
    RayTables,
    draw_entries,
    group_entries,
    ray_sampler,
)
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.steps import decoder_of, take_step, weigh


@folded
def _learn_from_step(
    specialisation: Specialisation,
    rays: RaySize,
    work: RayWorkspace,
    parameters: Pointer,
    sampler: RaySampler,
) -> float:
    """Returns a step's loss and leaves its gradient in the workspace."""
    size = rays.size
    bias = advanced(parameters, size.bias_start)
    start_ray_step(rays, work, decoder_of(size, parameters), bias)
    entries = draw_entries(specialisation, sampler, work, rays.batch, size.features, rays.capacity)
    count, occupied = group_entries(work, rays.batch, entries)
    for first in range(0, count, rays.chunk):
        learn_from_rays(
            specialisation, rays, work, parameters, first, min(rays.chunk, count - first)
        )
    return finish_ray_gradient(specialisation, rays, work, bias, rays.batch - occupied)


@KERNELS.jit
def train_lanes_on_rays(
    specialisation: Specialisation,
    rays: RaySize,
    lanes: NDArray[np.int64],
    states: LaneStates,
    tables: RayTables,
    importance: Floats,
    hidden_penalty: NDArray[np.float64],
    optimiser: Optimiser,
    losses: Floats,
    memory: Floats,
) -> None:
    """As `train_lanes` in kernel.py; memory: from `ray_memory`."""
    work, size = ray_workspace_in(rays, memory), rays.size
    for lane in lanes:
        parameters = pointer_to(states.parameters, lane * size.parameter_count)
        sampler = ray_sampler(tables, states.random, lane)
        own_importance = pointer_to(importance, lane * size.feature_vectors)
        weigh(size, work, own_importance, hidden_penalty[lane], rays.batch)
        for step in range(optimiser.learning_rates.size):
            losses[lane, step] = _learn_from_step(specialisation, rays, work, parameters, sampler)
            rate = optimiser.learning_rates[step]
            take_step(size, work.gradient, states, lane, rate, optimiser)


@KERNELS.jit
def draw_batch_of_rays(
    specialisation: Specialisation,
    rays: RaySize,
    lane: int,
    states: LaneStates,
    tables: RayTables,
    memory: Floats,
    x: Floats,
) -> None:
    """Fill x (batch, features) as a training step of the lane would."""
    work = ray_workspace_in(rays, memory)
    sampler = ray_sampler(tables, states.random, lane)
    x[:] = 0.0
    entries = draw_entries(specialisation, sampler, work, rays.batch, x.shape[1], rays.capacity)
    for entry in range(entries):
        row, feature = np.int64(work.entry_row[entry]), np.int64(work.entry_feature[entry])
        x[row, feature] = work.entry_value[entry]
