"""Sixteen dictionaries at once: which are trained so, and what the parts compute."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from tests.core.engine.dictionaries.examples import dictionaries, every, reading

from superpos_core.engine.dictionaries.counted_rows import CountedRows
from superpos_core.engine.fused.dictionaries.bundles.subspaces import Subspaces
from superpos_core.engine.fused.dictionaries.matrices import (
    matrix_at,
    part_of,
    repeated,
    set_product,
    transposed,
)
from superpos_core.engine.fused.dictionaries.trainers import Bundles, OneByOne
from superpos_core.engine.fused.pointers import advanced, load, pointer_to, store
from superpos_core.engine.fused.simd import VECTOR_WIDTH
from superpos_core.engine.fused.sums import sum_of, sums_of_each

Vectors = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def random_vectors(seed: int, *shape: int) -> Vectors:
    """Vectors in an array of this shape, sixteen numbers each."""
    numbers = np.random.default_rng(seed).standard_normal((*shape, VECTOR_WIDTH))
    return np.ascontiguousarray(numbers, np.float32)


# Which lanes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Bundles),
        ({"hidden": 70, "restarts": 32, "sparsities": (0.9,)}, Bundles),
        ({"restarts": 15}, OneByOne),
        ({"latents": 33}, OneByOne),
        ({"distribution": "leader", "correlation": (1.0, 0.0, 0.0, 0.0)}, Bundles),
        ({"encoder": "tied"}, OneByOne),
        ({"distribution": "uniform"}, OneByOne),
        ({"features": 9}, OneByOne),
        ({"dictionaries": ("topk",)}, OneByOne),
        ({"dictionaries": ("gated",)}, OneByOne),
    ],
)
def test_many_relu_dictionaries_on_counted_rows_are_bundled(
    options: dict[str, Any], expected: type
) -> None:
    config = dictionaries(**{"dictionaries": ("relu",), "restarts": 17, **options})
    made = reading("fused", config)
    made.advance(every(config, 1))
    (cohort,) = made._cohorts.values()
    made.close()
    assert type(cohort._trainer) is expected


# Subspaces ------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden_activation", ["identity", "relu"])
def test_coordinates_and_basis_are_the_rows_again(hidden_activation: str) -> None:
    model = {"identity": "tied", "relu": "relu-hidden"}[hidden_activation]
    config = dictionaries(features=3, hidden=11, restarts=9, directions="model", models=(model,))
    lanes, random = config.lanes_of("relu"), np.random.default_rng(1)
    directions = random.standard_normal((len(lanes), 3, 11)).astype(np.float32)
    directions[0, 1] = 0  # a feature that is not represented
    rows = [CountedRows(config, *of_lane) for of_lane in zip(lanes, directions, strict=True)]
    found = Subspaces.of(rows, 11)
    dimensions = 3 if hidden_activation == "identity" else 8
    assert found.basis.shape == (2, dimensions, 11, VECTOR_WIDTH)
    assert found.coordinates.shape == (2, 8, 1 + dimensions, VECTOR_WIDTH)
    for lane, of_lane in enumerate(rows):
        bundle, element = divmod(lane, VECTOR_WIDTH)
        basis = found.basis[bundle, :, :, element]
        coordinates = found.coordinates[bundle, :, :, element]
        np.testing.assert_allclose(basis @ basis.T, np.eye(dimensions), atol=1e-6)
        np.testing.assert_array_equal(coordinates[:, 0], -1)
        np.testing.assert_allclose(coordinates[:, 1:] @ basis, of_lane.vectors, atol=1e-5)
    assert not found.basis[1, :, :, 2:].any(), "of no lane"


# Products -------------------------------------------------------------------------------------


@njit  # type: ignore[untyped-decorator]
def product(sums: Vectors, start: Vectors, left: Vectors, right: Vectors) -> None:
    """sums = start + left @ right."""
    rows, columns, count = sums.shape[0], sums.shape[1], right.shape[0]
    of_start = matrix_at(pointer_to(start, 0), columns)
    of_left = matrix_at(pointer_to(left, 0), count)
    of_right = matrix_at(pointer_to(right, 0), columns)
    of_sums = matrix_at(pointer_to(sums, 0), columns)
    set_product(of_sums, of_start, rows, columns, of_left, of_right, count)


@njit  # type: ignore[untyped-decorator]
def product_of_transposed(sums: Vectors, left: Vectors, right: Vectors) -> None:
    """sums = leftᵀ @ rightᵀ, but for the first row of sums."""
    rows, columns, count = sums.shape[0] - 1, sums.shape[1], left.shape[0]
    nothing = np.zeros(16, np.float32)
    of_left = transposed(matrix_at(pointer_to(left, 0), rows))
    of_right = transposed(matrix_at(pointer_to(right, 0), count))
    of_sums = part_of(matrix_at(pointer_to(sums, 0), columns), 1, 0)
    start = repeated(pointer_to(nothing, 0))
    set_product(of_sums, start, rows, columns, of_left, of_right, count)


SIZES = st.integers(1, 14)


@settings(deadline=None, max_examples=60)
@given(SIZES, SIZES, st.integers(0, 9))
def test_products_are_those_of_numpy(rows: int, columns: int, count: int) -> None:
    left, right = random_vectors(1, rows, count), random_vectors(2, count, columns)
    start, sums = random_vectors(3, rows, columns), np.zeros((rows, columns, 16), np.float32)
    expected = np.einsum("rke,kce->rce", left, right)
    product(sums, start, left, right)
    np.testing.assert_allclose(sums, start + expected, atol=1e-5)
    below = random_vectors(4, rows + 1, columns)
    kept = below[0].copy()
    turned = (np.ascontiguousarray(each.swapaxes(0, 1)) for each in (left, right))
    product_of_transposed(below, *turned)
    np.testing.assert_allclose(below[1:], expected, atol=1e-5)
    np.testing.assert_array_equal(below[0], kept)


@njit  # type: ignore[untyped-decorator]
def both_sums(vectors: Vectors, at_once: Vectors, one_by_one: Vectors) -> None:
    """The sum over each of sixteen vectors, in both ways."""
    store(pointer_to(at_once, 0), 0, sums_of_each(pointer_to(vectors, 0)))
    for number in range(16):
        one_by_one[number] = sum_of(load(advanced(pointer_to(vectors, 0), 16 * number), 0))


def test_sums_at_once_are_the_same_as_one_by_one() -> None:
    vectors = random_vectors(5, VECTOR_WIDTH)
    at_once, one_by_one = np.zeros((2, VECTOR_WIDTH), np.float32)
    both_sums(vectors, at_once, one_by_one)
    np.testing.assert_array_equal(at_once, one_by_one)
    np.testing.assert_allclose(at_once, vectors.sum(axis=1), atol=1e-5)
