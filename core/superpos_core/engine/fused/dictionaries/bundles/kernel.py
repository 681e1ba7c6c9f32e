"""The training loop of bundles: whole steps, without the GIL."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.dictionaries.matrices import copy, matrix_at, part_of
from superpos_core.engine.fused.dictionaries.bundles.memory import Bundle, Extent, bundle_in
from superpos_core.engine.fused.dictionaries.bundles.steps import (
    activate,
    add_loss,
    fill_gradient,
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
from superpos_core.engine.fused.layout import Floats, Optimiser
from superpos_core.engine.fused.pointers import (
    Pointer,
    advanced,
    floats_at,
    integers_at,
    pointer_to,
)
from superpos_core.engine.fused.simd import VECTOR_WIDTH
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
def _gather(extent: Extent, bundle: Bundle, states: States, first: int) -> None:
    """Lanes into elements of vectors."""
    count = extent.parameter_count
    start = first * count
    _turn(pointer_to(states.parameters, start), VECTOR_WIDTH, count, bundle.parameters)
    _turn(pointer_to(states.first_moment, start), VECTOR_WIDTH, count, bundle.first_moment)
    _turn(pointer_to(states.second_moment, start), VECTOR_WIDTH, count, bundle.second_moment)


@compiled
def _scatter(extent: Extent, bundle: Bundle, states: States, first: int) -> None:
    """Elements of vectors into lanes."""
    count = extent.parameter_count
    start = first * count
    _turn(bundle.parameters, count, VECTOR_WIDTH, pointer_to(states.parameters, start))
    _turn(bundle.first_moment, count, VECTOR_WIDTH, pointer_to(states.first_moment, start))
    _turn(bundle.second_moment, count, VECTOR_WIDTH, pointer_to(states.second_moment, start))


@compiled
def _fill_shares(
    bundle: Bundle, lanes: NDArray[np.int64], begin: int, count: int, rows: RowTable, step: int
) -> int:
    """The shares of the rows of a step; returns how many rows occur in any of the lanes."""
    most = 1
    for element in range(count):
        lane = lanes[begin + element]
        first, shares = integers_at(rows.first[lane]), floats_at(rows.shares[lane])
        start, end = first[step], first[step + 1]
        for row in range(end - start):
            share = shares[start + row]
            bundle.share[row * VECTOR_WIDTH + element] = share
            if share != 0.0 and row >= most:
                most = row + 1
    return most


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
    k, m, r = extent.latents, extent.hidden, extent.dimensions
    for begin in range(0, lanes.size, VECTOR_WIDTH):
        count, first = min(VECTOR_WIDTH, lanes.size - begin), lanes[begin]
        number = first // VECTOR_WIDTH
        copy(matrix_at(pointer_to(basis, number * r * m * VECTOR_WIDTH), m), r, m, part_of(bundle.frame, 1, 0))
        at = number * extent.rows * (r + 1) * VECTOR_WIDTH
        of_rows = matrix_at(pointer_to(coordinates, at), r + 1)
        _gather(extent, bundle, states, first)
        for index in range((k + extent.rows + 1) * VECTOR_WIDTH):
            bundle.activity[index] = np.float32(0.0)  # and shares and λ, which follow
        for element in range(count):
            lane = lanes[begin + element]
            bundle.weight[element] = np.float32(own.penalty[lane])
            for latent in range(k):
                bundle.activity[latent * VECTOR_WIDTH + element] = states.activity[lane, latent]
        for step in range(optimiser.learning_rates.size):
            occurring = _fill_shares(bundle, lanes, begin, count, rows, step)
            project(extent, size, bundle)
            activate(extent, size, bundle, of_rows, occurring)
            add_loss(extent, bundle, occurring, bundle.numbers)
            for element in range(count):
                losses[lanes[begin + element], begun + step] = bundle.numbers[element]
            pull_back(extent, bundle, occurring, bundle.numbers)
            for element in range(count):
                active[lanes[begin + element], begun + step] = bundle.numbers[element]
            sum_over_rows(extent, objective, bundle, of_rows, occurring)
            fill_gradient(extent, size, objective, bundle)
            taken = states.steps[first] + step + 1
            rate = optimiser.learning_rates[step]
            follow_gradient(extent, size, objective, bundle, taken, rate, optimiser)
        _scatter(extent, bundle, states, first)
        for element in range(count):
            lane = lanes[begin + element]
            states.steps[lane] += optimiser.learning_rates.size
            for latent in range(k):
                states.activity[lane, latent] = bundle.activity[latent * VECTOR_WIDTH + element]
