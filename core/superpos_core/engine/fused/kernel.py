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

from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from superpos_core.engine.fused.activations import (
    activate_hidden,
    activate_output,
    pull_back_hidden,
    pull_back_output,
    target_of,
)
from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.layout import Floats, LaneStates, Layout, Optimiser
from superpos_core.engine.fused.random import binomial
from superpos_core.engine.fused.sampling import (
    RowSampler,
    SamplingTables,
    draw_panel,
    list_awake,
    row_sampler,
)
from superpos_core.engine.fused.simd import (
    LANES,
    Pointer,
    advanced,
    as_words,
    broadcast,
    compiled,
    folded,
    fused_multiply_add,
    load,
    load_broadcast,
    pointer_to,
    square_root,
    store,
    sum_of,
    zeros,
)
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.tiles import (
    PANEL_ROWS,
    PANEL_VECTORS,
    add_outer_products,
    add_to_gradient,
    feature_zeros,
    gradient_zeros,
    hidden_zeros,
    one_feature_zeros,
    store_tile,
    weighted_sums,
    weighted_sums_of,
)

BLOCK_BYTES = 64 * 1024
"""Target for what a block occupies: it should stay in (or near) L1."""
LARGEST_BLOCK = 256  # rows
SMALLEST_BLOCK = 128  # rows


class Size(NamedTuple):
    """Sizes of a lane, as the kernel uses them."""

    features: int
    hidden: int
    tied: bool
    padded_features: int
    padded_hidden: int
    feature_vectors: int
    """padded_features rounded up to whole vectors"""
    bias_start: int
    parameter_count: int
    block_panels: int


class Workspace(NamedTuple):
    """Scratch memory of one thread."""

    x: Any
    """[panel][feature][row]"""
    error: Any
    """[panel][feature][row]: derivative with respect to the outputs before activation"""
    hidden: Any
    """[panel][hidden][row]"""
    hidden_error: Any
    """[panel][hidden][row]"""
    encoder_gradient: Any
    """[feature][hidden][lane of a vector]"""
    decoder_gradient: Any
    """the same; the encoder's own array when tied"""
    bias_gradient: Any
    """[feature][lane of a vector]"""
    loss: Any
    """[lane of a vector]"""
    weight: Any
    """[feature]: importance / (batch * features)"""
    gradient: Any
    """[parameter]"""
    awake: Any
    """[feature], uint32: numbers of the features that are active somewhere in the panel at hand"""


def size_of(layout: Layout) -> Size:
    """The kernel's view of a layout, with a block that fits the caches."""
    row_bytes = 8 * (layout.padded_features + layout.padded_hidden)
    rows = min(max(BLOCK_BYTES // row_bytes, SMALLEST_BLOCK), LARGEST_BLOCK)
    return Size(
        layout.features,
        layout.hidden,
        layout.tied,
        layout.padded_features,
        layout.padded_hidden,
        layout.feature_vectors,
        layout.bias_start,
        layout.parameter_count,
        rows // PANEL_ROWS,
    )


def _constant(of):
    """A number that the specialisation knows, as a function usable in compiled code."""

    @intrinsic
    def constant(typing_context, specialisation):
        def emit(context, builder, signature, arguments):
            return context.get_constant(types.intp, of(specialisation))

        return types.intp(specialisation), emit

    return constant


feature_tile = _constant(lambda s: s.tiles.features)
hidden_tile = _constant(lambda s: s.tiles.hidden)
gradient_tile = _constant(lambda s: s.tiles.gradient_features)


# One panel -----------------------------------------------------------------------------------


@compiled
def _encode(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    encoder: Pointer,
    panel: int,
    awake_count: int,
) -> None:
    """hidden = hidden_activation(x @ encoder), summing over the features that are awake."""
    x = advanced(work.x, panel * size.padded_features * PANEL_ROWS)
    hidden_start = panel * size.padded_hidden * PANEL_ROWS
    for unit in range(0, size.padded_hidden, hidden_tile(specialisation)):
        tile = weighted_sums_of(
            hidden_zeros(specialisation),
            x,
            work.awake,
            awake_count,
            encoder,
            unit,
            size.padded_hidden,
        )
        store_tile(tile, work.hidden, hidden_start + unit * PANEL_ROWS)
    for index in range(hidden_start, hidden_start + size.padded_hidden * PANEL_ROWS, LANES):
        store(work.hidden, index, activate_hidden(specialisation, load(work.hidden, index)))


@compiled
def _decode(
    specialisation: Specialisation, size: Size, work: Workspace, decoder: Pointer, panel: int
) -> None:
    """error = hidden @ decoder.T, for now; bias, activation and target follow."""
    error_start = panel * size.padded_features * PANEL_ROWS
    hidden_start = panel * size.padded_hidden * PANEL_ROWS
    for feature in range(0, size.padded_features, feature_tile(specialisation)):
        tile = weighted_sums(
            feature_zeros(specialisation),
            work.hidden,
            hidden_start,
            size.padded_hidden,
            decoder,
            feature * size.padded_hidden,
            1,
            size.padded_hidden,
        )
        store_tile(tile, work.error, error_start + feature * PANEL_ROWS)


@compiled
def _compare(
    specialisation: Specialisation, size: Size, work: Workspace, bias: Pointer, panel: int
) -> None:
    """Turn outputs into errors; add to the loss and to the bias gradient."""
    start = panel * size.padded_features * PANEL_ROWS
    loss = load(work.loss, 0)
    for feature in range(size.features):
        offset = load_broadcast(bias, feature)
        weight = load_broadcast(work.weight, feature)
        bias_gradient = load(work.bias_gradient, feature * LANES)
        for vector in range(PANEL_VECTORS):
            index = start + feature * PANEL_ROWS + vector * LANES
            z = load(work.error, index) + offset
            output = activate_output(specialisation, z)
            difference = output - target_of(specialisation, load(work.x, index))
            weighted = weight * difference
            loss = fused_multiply_add(weighted, difference, loss)
            error = pull_back_output(specialisation, z, output, weighted)
            bias_gradient = bias_gradient + error
            store(work.error, index, error)
        store(work.bias_gradient, feature * LANES, bias_gradient)
    store(work.loss, 0, loss)


@compiled
def _pull_back(
    specialisation: Specialisation, size: Size, work: Workspace, decoder: Pointer, panel: int
) -> None:
    """hidden_error = (error @ decoder) * hidden_activation'."""
    error_start = panel * size.padded_features * PANEL_ROWS
    hidden_start = panel * size.padded_hidden * PANEL_ROWS
    for unit in range(0, size.padded_hidden, hidden_tile(specialisation)):
        tile = weighted_sums(
            hidden_zeros(specialisation),
            work.error,
            error_start,
            size.padded_features,
            decoder,
            unit,
            size.padded_hidden,
            1,
        )
        store_tile(tile, work.hidden_error, hidden_start + unit * PANEL_ROWS)
    for index in range(hidden_start, hidden_start + size.padded_hidden * PANEL_ROWS, LANES):
        # Only the value of a hidden unit is kept; it must tell the slope, as relu's does.
        value, error = load(work.hidden, index), load(work.hidden_error, index)
        store(work.hidden_error, index, pull_back_hidden(specialisation, value, value, error))


# One block -----------------------------------------------------------------------------------


@compiled
def _add_weight_gradients(
    specialisation: Specialisation, size: Size, work: Workspace, panels: int, sparse: bool
) -> None:
    """encoder += x.T @ hidden_error (unless sparse), decoder += error.T @ hidden.

    Both in one sweep when tied, for then they have the same sums.
    """
    panel_x = size.padded_features * PANEL_ROWS
    panel_hidden = size.padded_hidden * PANEL_ROWS
    row = size.padded_hidden * LANES
    for feature in range(0, size.padded_features, gradient_tile(specialisation)):
        for unit in range(0, size.padded_hidden, hidden_tile(specialisation)):
            place = feature * row + unit * LANES
            tile = gradient_zeros(specialisation)
            if not sparse:
                for panel in range(panels):
                    tile = add_outer_products(
                        specialisation,
                        tile,
                        work.x,
                        panel * panel_x + feature * PANEL_ROWS,
                        work.hidden_error,
                        panel * panel_hidden + unit * PANEL_ROWS,
                    )
                if not size.tied:
                    add_to_gradient(specialisation, tile, work.encoder_gradient, place, row)
                    tile = gradient_zeros(specialisation)
            for panel in range(panels):
                tile = add_outer_products(
                    specialisation,
                    tile,
                    work.error,
                    panel * panel_x + feature * PANEL_ROWS,
                    work.hidden,
                    panel * panel_hidden + unit * PANEL_ROWS,
                )
            add_to_gradient(specialisation, tile, work.decoder_gradient, place, row)


@compiled
def _add_awake_gradients(
    specialisation: Specialisation, size: Size, work: Workspace, panel: int, awake_count: int
) -> None:
    """encoder += x.T @ hidden_error for one panel and the features awake in it."""
    x = advanced(work.x, panel * size.padded_features * PANEL_ROWS)
    hidden_error = advanced(work.hidden_error, panel * size.padded_hidden * PANEL_ROWS)
    row = size.padded_hidden * LANES
    for position in range(awake_count):
        feature = np.int64(work.awake[position])
        for unit in range(0, size.padded_hidden, hidden_tile(specialisation)):
            tile = add_outer_products(
                specialisation,
                one_feature_zeros(specialisation),
                x,
                feature * PANEL_ROWS,
                hidden_error,
                unit * PANEL_ROWS,
            )
            place = feature * row + unit * LANES
            add_to_gradient(specialisation, tile, work.encoder_gradient, place, row)


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
    _encode(specialisation, size, work, parameters, panel, awake_count)
    _decode(specialisation, size, work, decoder, panel)
    _compare(specialisation, size, work, advanced(parameters, size.bias_start), panel)
    _pull_back(specialisation, size, work, decoder, panel)
    if sparse:
        _add_awake_gradients(specialisation, size, work, panel, awake_count)


# One step ------------------------------------------------------------------------------------


@compiled
def _clear(memory: Pointer, count: int) -> None:
    for index in range(0, count, LANES):
        store(memory, index, zeros())


@folded
def _start_step(specialisation: Specialisation, size: Size, work: Workspace) -> None:
    matrix = size.padded_features * size.padded_hidden
    _clear(work.encoder_gradient, matrix * LANES)
    if not size.tied:
        _clear(work.decoder_gradient, matrix * LANES)
    _clear(work.bias_gradient, size.features * LANES)
    store(work.loss, 0, zeros())


@compiled
def _add_empty_rows(
    specialisation: Specialisation, size: Size, work: Workspace, bias: Pointer, rows: int
) -> float:
    """What `rows` empty rows (perhaps a negative number) do to the bias gradient; their loss."""
    loss = zeros()
    count = broadcast(np.float32(rows))
    for feature in range(0, size.feature_vectors, LANES):
        z = load(bias, feature)
        output = activate_output(specialisation, z)
        weighted = count * load(work.weight, feature) * output
        loss = fused_multiply_add(weighted, output, loss)
        place = size.bias_start + feature
        error = pull_back_output(specialisation, z, output, weighted)
        store(work.gradient, place, load(work.gradient, place) + error + error)
    return sum_of(loss)


@compiled
def _sum_gradients(specialisation: Specialisation, size: Size, work: Workspace) -> None:
    """Sum the sixteen lanes of every gradient, times the 2 left out so far."""
    matrix = size.padded_features * size.padded_hidden
    for weight in range(matrix):
        work.gradient[weight] = np.float32(2.0) * sum_of(
            load(work.encoder_gradient, weight * LANES)
        )
    if not size.tied:
        for weight in range(matrix):
            work.gradient[matrix + weight] = np.float32(2.0) * sum_of(
                load(work.decoder_gradient, weight * LANES)
            )
    for feature in range(size.features):
        work.gradient[size.bias_start + feature] = np.float32(2.0) * sum_of(
            load(work.bias_gradient, feature * LANES)
        )


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
    _sum_gradients(specialisation, size, work)
    if empty_rows != 0:
        bias = advanced(parameters, size.bias_start)
        loss += _add_empty_rows(specialisation, size, work, bias, empty_rows)
    return loss


@compiled
def _descend(
    gradient: Pointer,
    parameters: Pointer,
    first_moment: Pointer,
    second_moment: Pointer,
    count: int,
    step: int,
    rate: float,
    optimiser: Optimiser,
) -> None:
    """One step of AdamW, in the order of operations of torch.optim.AdamW."""
    kept = broadcast(np.float32(1.0 - rate * optimiser.weight_decay))
    memory_1 = broadcast(np.float32(optimiser.beta_1))
    news_1 = broadcast(np.float32(1.0 - optimiser.beta_1))
    memory_2 = broadcast(np.float32(optimiser.beta_2))
    news_2 = broadcast(np.float32(1.0 - optimiser.beta_2))
    epsilon = broadcast(np.float32(optimiser.epsilon))
    step_size = broadcast(np.float32(-rate / (1.0 - optimiser.beta_1**step)))
    correction = broadcast(np.float32(1.0 / sqrt(1.0 - optimiser.beta_2**step)))
    for index in range(0, count, LANES):
        slope = load(gradient, index)
        mean = fused_multiply_add(news_1, slope, memory_1 * load(first_moment, index))
        square = fused_multiply_add(news_2 * slope, slope, memory_2 * load(second_moment, index))
        store(first_moment, index, mean)
        store(second_moment, index, square)
        spread = fused_multiply_add(square_root(square), correction, epsilon)
        moved = fused_multiply_add(step_size, mean / spread, kept * load(parameters, index))
        store(parameters, index, moved)


# Lanes ---------------------------------------------------------------------------------------


def workspace_memory(size: Size) -> NDArray[np.float32]:
    """Scratch memory for one thread that trains lanes of this size."""
    rows = size.block_panels * PANEL_ROWS
    matrix = size.padded_features * size.padded_hidden
    count = (
        2 * rows * (size.padded_features + size.padded_hidden)
        + (1 if size.tied else 2) * matrix * LANES
        + (size.padded_features + 1) * LANES
        + size.feature_vectors
        + size.parameter_count
        + size.features
    )
    memory = np.zeros(count + LANES, np.float32)
    start = -memory.ctypes.data % 64 // memory.itemsize  # the beginning of a cache line
    return memory[start : start + count]


@compiled
def _workspace(size: Size, memory: Floats) -> Workspace:
    """Deal the memory out."""
    rows = size.block_panels * PANEL_ROWS
    matrix = size.padded_features * size.padded_hidden * LANES
    x = pointer_to(memory, 0)
    error = advanced(x, rows * size.padded_features)
    hidden = advanced(error, rows * size.padded_features)
    hidden_error = advanced(hidden, rows * size.padded_hidden)
    encoder_gradient = advanced(hidden_error, rows * size.padded_hidden)
    decoder_gradient = advanced(encoder_gradient, 0 if size.tied else matrix)
    bias_gradient = advanced(decoder_gradient, matrix)
    loss = advanced(bias_gradient, size.padded_features * LANES)
    weight = advanced(loss, LANES)
    gradient = advanced(weight, size.feature_vectors)
    return Workspace(
        x,
        error,
        hidden,
        hidden_error,
        encoder_gradient,
        decoder_gradient,
        bias_gradient,
        loss,
        weight,
        gradient,
        as_words(advanced(gradient, size.parameter_count)),
    )


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
        _add_weight_gradients(specialisation, size, work, panels, sparse)
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
    work = _workspace(size, memory)
    steps = optimiser.learning_rates.size
    for lane in lanes:
        first = lane * size.parameter_count
        parameters = pointer_to(states.parameters, first)
        sampler = row_sampler(tables, states.random, lane)
        sparse = tables.sparse[lane]
        _weigh(size, work, pointer_to(importance, lane * size.feature_vectors), batch)
        _wake_all(size, work)
        for step in range(steps):
            _start_step(specialisation, size, work)
            rows = binomial(batch, tables.row_probability[lane], sampler.state)
            drawn = _learn_from_batch(specialisation, size, work, parameters, sampler, rows, sparse)
            losses[lane, step] = _finish_step(specialisation, size, work, parameters, batch - drawn)
            states.steps[lane] += 1
            _descend(
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
    work = _workspace(size, memory)
    own = pointer_to(parameters, 0)
    _wake_all(size, work)
    rows = len(x)
    _weigh(size, work, pointer_to(importance, 0), rows)
    _start_step(specialisation, size, work)
    left = rows
    while left > 0:
        panels = _panels_for(size, left)
        for panel in range(panels):
            panel_x = advanced(work.x, panel * size.padded_features * PANEL_ROWS)
            _copy_rows(x, rows - left, panel_x)
            _learn_from_panel(specialisation, size, work, own, panel, sparse)
            left -= PANEL_ROWS
        _add_weight_gradients(specialisation, size, work, panels, sparse)
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
    work = _workspace(size, memory)
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
