"""The training loop of a lane: whole steps, without the GIL, without leaving the L1 and L2 caches.

A step draws its rows in blocks of a few panels. For each panel (tiles.py) it computes hidden units,
outputs and errors and pulls the errors back to the hidden units; then, for the whole block, it adds
to the weight gradients, whose sums stay spread over sixteen lanes until the end of the step. All
derivatives are of half the loss; the missing 2 comes in with the horizontal sum.

Rows beyond the drawn ones, and rows added to fill the last panel, are empty, and what an empty row
does is known without computing it: h = 0, so only output_activation(b) matters. They are added
(or, where the last panel has more rows than the batch wanted, taken away) in closed form.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.descent import descend
from superpos_core.engine.fused.gradients import (
    add_awake_gradients,
    add_empty_rows,
    add_weight_gradients,
    start_step,
    sum_gradients,
)
from superpos_core.engine.fused.layout import Floats, LaneStates, Optimiser
from superpos_core.engine.fused.panel import compare, decode, encode, pull_back
from superpos_core.engine.fused.random import binomial
from superpos_core.engine.fused.sampling import (
    RowSampler,
    SamplingTables,
    draw_panel,
    list_awake,
    row_sampler,
)
from superpos_core.engine.fused.simd import (
    Pointer,
    advanced,
    compiled,
    folded,
    load,
    pointer_to,
    sum_of,
)
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.tiles import PANEL_ROWS
from superpos_core.engine.fused.workspace import Size, Workspace, workspace_in


@folded
def _learn_from_panel(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    panel: int,
    sparse: bool,
) -> None:
    awake_count = size.features
    if sparse:
        x = advanced(work.x, panel * size.padded_features * PANEL_ROWS)
        awake_count = list_awake(x, size.features, work.awake)
    decoder = parameters
    if not size.tied:
        decoder = advanced(parameters, size.padded_features * size.padded_hidden)
    encode(specialisation, size, work, parameters, panel, awake_count)
    decode(specialisation, size, work, decoder, panel)
    compare(specialisation, size, work, advanced(parameters, size.bias_start), panel)
    pull_back(specialisation, size, work, decoder, panel)
    if sparse:
        add_awake_gradients(specialisation, size, work, panel, awake_count)


@folded
def _finish_step(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    empty_rows: int,
) -> float:
    """Complete the gradient; the loss of the step."""
    loss = sum_of(load(work.loss, 0))
    sum_gradients(specialisation, size, work)
    if empty_rows != 0:
        bias = advanced(parameters, size.bias_start)
        loss += add_empty_rows(specialisation, size, work, bias, empty_rows)
    return loss


@compiled
def _wake_all(size: Size, work: Workspace) -> None:
    for feature in range(size.features):
        work.awake[feature] = feature


@compiled
def _weigh(size: Size, work: Workspace, importance: Pointer, rows: int) -> None:
    """Set what a feature's squared error counts in the mean over rows and features."""
    share = np.float32(1.0 / (rows * size.features))
    for feature in range(size.features):
        work.weight[feature] = importance[feature] * share


@folded
def _panels_for(size: Size, rows: int) -> int:
    """Panels of the next block, when so many rows are left."""
    return min(size.block_panels, (rows + PANEL_ROWS - 1) // PANEL_ROWS)


@folded
def _learn_from_batch(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    sampler: RowSampler,
    rows: int,
    sparse: bool,
) -> int:
    """Draw rows and add up their gradients; the number of rows computed."""
    panel_x = size.padded_features * PANEL_ROWS
    left = rows
    while left > 0:
        panels = _panels_for(size, left)
        for panel in range(panels):
            x = advanced(work.x, panel * panel_x)
            draw_panel(specialisation, sampler, x, left, size.features)
            _learn_from_panel(specialisation, size, work, parameters, panel, sparse)
            left -= PANEL_ROWS
        add_weight_gradients(specialisation, size, work, panels, sparse)
    return rows - left


@KERNELS.jit
def train_lanes(
    specialisation: Specialisation,
    size: Size,
    lanes: NDArray[np.int64],
    batch: int,
    states: LaneStates,
    tables: SamplingTables,
    importance: Floats,
    optimiser: Optimiser,
    losses: Floats,
    memory: Floats,
) -> None:
    """Take len(optimiser.learning_rates) steps in each of `lanes`, one lane after the other.

    importance: (lanes, feature_vectors) float32, zero beyond the features.
    losses: (lanes, steps) float32, written.
    memory: of `workspace_memory`; one thread's.
    """
    work = workspace_in(size, memory)
    steps = optimiser.learning_rates.size
    for lane in lanes:
        first = lane * size.parameter_count
        parameters = pointer_to(states.parameters, first)
        sampler = row_sampler(tables, states.random, lane)
        sparse = tables.sparse[lane]
        _weigh(size, work, pointer_to(importance, lane * size.feature_vectors), batch)
        _wake_all(size, work)
        for step in range(steps):
            start_step(specialisation, size, work)
            rows = binomial(batch, tables.row_probability[lane], sampler.state)
            drawn = _learn_from_batch(specialisation, size, work, parameters, sampler, rows, sparse)
            losses[lane, step] = _finish_step(specialisation, size, work, parameters, batch - drawn)
            states.steps[lane] += 1
            descend(
                work.gradient,
                parameters,
                pointer_to(states.first_moment, first),
                pointer_to(states.second_moment, first),
                size.parameter_count,
                states.steps[lane],
                optimiser.learning_rates[step],
                optimiser,
            )


@KERNELS.jit
def gradient_on(
    specialisation: Specialisation,
    size: Size,
    parameters: Floats,
    importance: Floats,
    x: Floats,
    sparse: bool,
    gradient: Floats,
    memory: Floats,
) -> float:
    """One lane's loss on rows x (rows, features), and its gradient, laid out as parameters."""
    work = workspace_in(size, memory)
    own = pointer_to(parameters, 0)
    _wake_all(size, work)
    rows = len(x)
    _weigh(size, work, pointer_to(importance, 0), rows)
    start_step(specialisation, size, work)
    left = rows
    while left > 0:
        panels = _panels_for(size, left)
        for panel in range(panels):
            panel_x = advanced(work.x, panel * size.padded_features * PANEL_ROWS)
            _copy_rows(x, rows - left, panel_x)
            _learn_from_panel(specialisation, size, work, own, panel, sparse)
            left -= PANEL_ROWS
        add_weight_gradients(specialisation, size, work, panels, sparse)
    loss = _finish_step(specialisation, size, work, own, left)
    for index in range(size.parameter_count):
        gradient[index] = work.gradient[index]
    return loss


@compiled
def _copy_rows(x: Floats, first: int, panel: Pointer) -> None:
    rows, features = x.shape
    for row in range(PANEL_ROWS):
        for feature in range(features):
            value = x[first + row, feature] if first + row < rows else np.float32(0.0)
            panel[feature * PANEL_ROWS + row] = value


@KERNELS.jit
def draw_batch(
    specialisation: Specialisation,
    size: Size,
    lane: int,
    states: LaneStates,
    tables: SamplingTables,
    memory: Floats,
    x: Floats,
) -> int:
    """Fill x (batch, features) as a training step of the lane would: empty rows come last.

    Returns the number of rows that were drawn because something in them is active.
    """
    work = workspace_in(size, memory)
    sampler = row_sampler(tables, states.random, lane)
    batch, features = x.shape
    rows = binomial(batch, tables.row_probability[lane], sampler.state)
    x[:] = 0.0
    for first in range(0, rows, PANEL_ROWS):
        draw_panel(specialisation, sampler, work.x, rows - first, features)
        for row in range(min(PANEL_ROWS, rows - first)):
            for feature in range(features):
                x[first + row, feature] = work.x[feature * PANEL_ROWS + row]
    return rows
