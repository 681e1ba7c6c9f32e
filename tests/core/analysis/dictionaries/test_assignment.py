"""The Hungarian method against all permutations and against scipy."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from superpos_core.analysis.dictionaries.assignment import cheapest_assignment
from superpos_core.arrays import FloatArray, IntArray

seeds = st.integers(0, 2**32 - 1)


def cost_of(costs: FloatArray, columns: IntArray) -> float:
    return float(costs[np.arange(len(costs)), columns].sum())


@given(seed=seeds, rows=st.integers(1, 5), more=st.integers(0, 2), tied=st.booleans())
def test_no_permutation_is_cheaper(seed: int, rows: int, more: int, tied: bool) -> None:
    random = np.random.default_rng(seed)
    costs = random.standard_normal((rows, rows + more))
    costs = np.round(costs) if tied else costs
    found = cheapest_assignment(costs)
    assert len(set(found.tolist())) == rows
    every = permutations(range(rows + more), rows)
    assert cost_of(costs, found) == pytest.approx(
        min(cost_of(costs, np.array(one)) for one in every)
    )


@pytest.mark.parametrize("shape", [(12, 12), (20, 25), (30, 50)])
def test_scipy_finds_the_same(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        costs = random.standard_normal(shape)
        assert cheapest_assignment(costs).tolist() == linear_sum_assignment(costs)[1].tolist()


def test_the_greedy_choice_is_given_up_where_it_pays() -> None:
    costs = np.array([[0.0, 1.0], [0.1, 9.0]])
    assert cheapest_assignment(costs).tolist() == [1, 0]


def test_nothing_is_assigned_to_nothing() -> None:
    assert cheapest_assignment(np.zeros((0, 3))).tolist() == []
