"""Mean squared overlaps and the bound below them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from superpos_core.arrays import FloatArray
from superpos_core.geometry.measures import mean_squared_overlap
from superpos_core.theory.welch import welch_bound

rows = st.tuples(st.integers(2, 9), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(0.1, 3) | st.floats(-3, -0.1))
)


@given(rows)
def test_the_mean_is_over_all_pairs_and_never_below_welchs_bound(encoder: FloatArray) -> None:
    unit = encoder / np.linalg.norm(encoder, axis=1, keepdims=True)
    cosines = unit @ unit.T
    pairs = cosines[~np.eye(len(unit), dtype=bool)] ** 2
    overlap = mean_squared_overlap(encoder)
    assert overlap == pytest.approx(pairs.mean())
    assert overlap >= welch_bound(*encoder.shape) - 1e-9


@pytest.mark.parametrize("corners", [3, 5, 8])
def test_a_regular_polygon_reaches_the_bound(corners: int) -> None:
    angles = 2 * np.pi * np.arange(corners) / corners
    polygon = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert mean_squared_overlap(polygon) == pytest.approx(welch_bound(corners, 2))


def test_random_directions_overlap_by_one_in_m() -> None:
    directions = np.random.default_rng(0).normal(size=(400, 20))
    assert mean_squared_overlap(directions) == pytest.approx(1 / 20, rel=0.03)


def test_many_lanes_are_measured_at_once() -> None:
    encoders = np.random.default_rng(0).normal(size=(3, 6, 2))
    assert mean_squared_overlap(encoders) == pytest.approx(
        [float(mean_squared_overlap(each)) for each in encoders]
    )


def test_directions_that_fit_at_right_angles_need_not_overlap() -> None:
    assert welch_bound(3, 3) == welch_bound(2, 5) == 0
    assert mean_squared_overlap(np.eye(3)) == pytest.approx(0)
