"""Reconstruction errors by hand."""

import numpy as np
import pytest

from superpos_core.analysis.dictionaries.reconstruction import error_of_truth, reconstruction_of
from superpos_core.analysis.dictionaries.rows import TrueRows

X = np.array([[1.0, 2.0], [0.0, 3.0]])
ROWS = TrueRows.sampled(X, X)
AXES = np.eye(2)


def test_error_variance_and_shrinkage() -> None:
    found = reconstruction_of(ROWS, np.array([[1.0, 0.0], [0.0, 1.5]]), AXES, l0=1.5)
    assert found.error == pytest.approx((4 + 2.25) / 2)
    assert found.variance == pytest.approx(0.25 + 0.25)
    assert found.shrinkage == pytest.approx((1 / np.sqrt(5) + 0.5) / 2)
    assert found.explained_variance == pytest.approx(1 - 3.125 / 0.5)


@pytest.mark.parametrize(("l0", "error"), [
    (0, (1 + 4 + 9) / 2),
    (0.5, (1 + 4) / 2),
    (1, 1 / 2),
    (1.25, 1 / 4),  # the smallest of three entries half of the time
    (1.5, 0),
    (9, 0),
])  # fmt: skip
def test_the_truth_keeps_the_largest_entries(l0: float, error: float) -> None:
    assert error_of_truth(ROWS, AXES, l0) == pytest.approx(error)


def test_entries_are_as_large_as_their_part_of_the_hidden_vector() -> None:
    longer = np.diag([4.0, 1.0])
    rows = TrueRows.sampled(X, X @ longer)
    assert error_of_truth(rows, longer, 0.5) == pytest.approx((4 + 9) / 2)


def test_the_truth_leaves_an_error_where_a_hidden_relu_cuts() -> None:
    directions = np.array([[1.0, -1.0]])
    x = np.array([[1.0], [0.0]])
    rows = TrueRows.sampled(x, np.maximum(x @ directions, 0))
    assert error_of_truth(rows, directions, 9) == pytest.approx(1 / 2)


def test_rows_without_any_hidden_vector_are_explained_only_by_nothing() -> None:
    rows = TrueRows.sampled(np.zeros((2, 2)), np.zeros((2, 2)))
    silent = reconstruction_of(rows, np.zeros((2, 2)), AXES, l0=0)
    assert (silent.shrinkage, silent.explained_variance) == (0, 1)
    assert reconstruction_of(rows, np.ones((2, 2)), AXES, l0=0).explained_variance == 0
