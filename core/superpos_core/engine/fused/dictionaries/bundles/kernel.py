"""The training loop of bundles: whole steps, without the GIL."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.dictionaries.bundles.memory import Bundle, Extent, bundle_in
from superpos_core.engine.fused.dictionaries.bundles.steps import (
    activate,
    fill_gradient,
    fill_loss,
    follow_gradient,
    project,
    pull_back,
    sum_over_rows,
)
from superpos_core.engine.fused.dictionaries.chunks import RowTable
from superpos_core.engine.fused.dictionaries.layout import (
    LaneObjectives,
    Objective,
    Size,
    States,
)
from superpos_core.engine.fused.dictionaries.matrices import copy, matrix_at, part_of
from superpos_core.engine.fused.layout import Floats, Optimiser
from superpos_core.engine.fused.pointers import (
    Pointer,
    advanced,
    floats_at,
    integers_at,
    pointer_to,
    store,
)
from superpos_core.engine.fused.simd import VECTOR_WIDTH, zeros
from superpos_core.engine.fused.transposition import transpose


@compiled
def _turn(source: Pointer, rows: int, columns: int, target: Pointer) -> None:
    """target = sourceᵀ, of whole vectors of rows and of columns."""
    for row in range(0, rows, VECTOR_WIDTH):
        for column in range(0, columns, VECTOR_WIDTH):
            transpose(
                advanced(source, row * columns + column),
                columns,
                advanced(target, column * rows + row),
                rows,
            )


@compiled
def _gather(
    extent: Extent,
    bundle: Bundle,
    lanes: NDArray[np.int64],
    own: LaneObjectives,
    states: States,
) -> None:
    """Lanes into elements of vectors; without a lane, everything is 0."""
    count = extent.parameter_count
    start = lanes[0] * count
    _turn(pointer_to(states.parameters, start), VECTOR_WIDTH, count, bundle.parameters)
    _turn(pointer_to(states.first_moment, start), VECTOR_WIDTH, count, bundle.first_moment)
    _turn(pointer_to(states.second_moment, start), VECTOR_WIDTH, count, bundle.second_moment)
    for index in range(extent.latents * VECTOR_WIDTH):
        bundle.activity[index] = np.float32(0.0)
    for index in range(extent.rows * VECTOR_WIDTH):
        bundle.share[index] = np.float32(0.0)
    store(bundle.weight, 0, zeros())
    for element in range(lanes.size):
        bundle.weight[element] = np.float32(own.penalty[lanes[element]])
        for latent in range(extent.latents):
            activity = states.activity[lanes[element], latent]
            bundle.activity[latent * VECTOR_WIDTH + element] = activity


@compiled
def _scatter(
    extent: Extent, bundle: Bundle, lanes: NDArray[np.int64], states: States, steps: int
) -> None:
    """Elements of vectors into lanes, which have taken so many steps."""
    count = extent.parameter_count
    start = lanes[0] * count
    _turn(bundle.parameters, count, VECTOR_WIDTH, pointer_to(states.parameters, start))
    _turn(bundle.first_moment, count, VECTOR_WIDTH, pointer_to(states.first_moment, start))
    _turn(bundle.second_moment, count, VECTOR_WIDTH, pointer_to(states.second_moment, start))
    for element in range(lanes.size):
        states.steps_taken[lanes[element]] += steps
        for latent in range(extent.latents):
            activity = bundle.activity[latent * VECTOR_WIDTH + element]
            states.activity[lanes[element], latent] = activity


@compiled
def _fill_shares(bundle: Bundle, lanes: NDArray[np.int64], rows: RowTable, step: int) -> int:
    """The shares of the rows of a step; returns how many rows occur in any of the lanes."""
    most = 1
    for element in range(lanes.size):
        lane = lanes[element]
        first, shares = integers_at(rows.first[lane]), floats_at(rows.shares[lane])
        start, end = first[step], first[step + 1]
        for row in range(end - start):
            share = shares[start + row]
            bundle.share[row * VECTOR_WIDTH + element] = share
            if share != 0.0 and row >= most:
                most = row + 1
    return most


@compiled
def _write(bundle: Bundle, lanes: NDArray[np.int64], column: int, table: Floats) -> None:
    """The numbers of a step into the table (all lanes, steps)."""
    for element in range(lanes.size):
        table[lanes[element], column] = bundle.numbers[element]


@KERNELS.jit
def train_bundles(
    extent: Extent,
    size: Size,
    objective: Objective,
    lanes: NDArray[np.int64],
    own: LaneObjectives,
    states: States,
    basis: Floats,
    coordinates: Floats,
    rows: RowTable,
    optimiser: Optimiser,
    begun: int,
    losses: Floats,
    active: Floats,
    memory: Floats,
) -> None:
    """Take len(optimiser.learning_rates) steps in each of ``lanes``, sixteen at a time.

    lanes: consecutive ones from the first of a bundle. basis, coordinates: from ``Subspaces``.
    losses, active: (all lanes, steps) float32, written from column ``begun`` on.
    """
    bundle = bundle_in(extent, memory)
    m, r = extent.hidden, extent.dimensions
    for begin in range(0, lanes.size, VECTOR_WIDTH):
        together = lanes[begin : begin + VECTOR_WIDTH]
        number = together[0] // VECTOR_WIDTH
        own_basis = matrix_at(pointer_to(basis, number * r * m * VECTOR_WIDTH), m)
        copy(own_basis, r, m, part_of(bundle.frame, 1, 0))
        start = number * extent.rows * (1 + r) * VECTOR_WIDTH
        own_rows = matrix_at(pointer_to(coordinates, start), 1 + r)
        taken, steps = states.steps_taken[together[0]], optimiser.learning_rates.size
        _gather(extent, bundle, together, own, states)
        for step in range(steps):
            occurring = _fill_shares(bundle, together, rows, step)
            project(extent, size, bundle)
            activate(extent, size, bundle, own_rows, occurring)
            fill_loss(extent, bundle, occurring, bundle.numbers)
            _write(bundle, together, begun + step, losses)
            pull_back(extent, bundle, occurring, bundle.numbers)
            _write(bundle, together, begun + step, active)
            sum_over_rows(extent, objective, bundle, own_rows, occurring)
            fill_gradient(extent, size, objective, bundle)
            rate = optimiser.learning_rates[step]
            follow_gradient(extent, size, objective, bundle, taken + step + 1, rate, optimiser)
        _scatter(extent, bundle, together, states, steps)
