"""Stages of learning: falls and plateaus of a loss, and when features settle."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.polytopes import DIGON, direct_sum, regular_polygon
from tests.core.snapshots import SMALL

from superpos_core.analysis.stages import loss_over, settling_steps, shape_in_words, stages_of
from superpos_core.arrays import FloatArray
from superpos_core.record.timeline import Moment, Timeline
from superpos_core.task.parameters import Parameters
from superpos_core.theory import feature_variance

OCTAHEDRON = direct_sum(DIGON, DIGON, DIGON)
STEPS = np.unique(np.rint(np.geomspace(1, 10_000, 90))).astype(np.int64)


def staircase(*falls: float, factor: float = 5.0) -> FloatArray:
    """A loss that falls by a factor at each of these steps, within a sixth of a decade."""
    position = np.log10(STEPS)
    shares = [1 / (1 + np.exp(-30 * (position - np.log10(fall)))) for fall in falls]
    loss: FloatArray = np.exp(-np.log(factor) * np.sum(shares, axis=0))
    return loss


def test_the_stages_of_a_staircase_are_its_falls_and_plateaus() -> None:
    stages = stages_of(STEPS, staircase(100, 2000))
    assert [stage.kind for stage in stages] == ["start", "fall", "plateau", "fall", "end"]
    steps = STEPS[[stage.index for stage in stages]]
    assert steps[0] == 1
    assert steps[-1] == 10_000
    np.testing.assert_allclose(steps[[1, 3]], [100, 2000], rtol=0.12)
    assert steps[2] == pytest.approx(np.sqrt(100 * 2000), rel=0.15)


def test_plateaus_are_kept_if_there_are_too_many_stages() -> None:
    stages = stages_of(STEPS, staircase(10, 100, 1000), most=4)
    assert [stage.kind for stage in stages] == ["start", "plateau", "plateau", "end"]


def test_a_constant_loss_has_a_start_and_an_end() -> None:
    stages = stages_of(STEPS, np.full(len(STEPS), 0.3))
    assert [stage.index for stage in stages] == [0, len(STEPS) - 1]


@given(
    losses=st.lists(st.sampled_from([np.nan, np.inf, 0.0, 0.1, 1.0, 1e30]), max_size=40),
    most=st.integers(2, 7),
)
@settings(deadline=None, max_examples=60)
def test_stages_of_any_losses_ascend_to_the_last_finite_one(losses: list[float], most: int) -> None:
    values = np.array(losses)
    indices = [stage.index for stage in stages_of(np.arange(len(losses)), values, most)]
    assert indices == sorted(set(indices))
    assert len(indices) <= most
    usable = np.isfinite(values) & (values > 0)
    if len(losses) and usable[0]:
        assert indices[0] == 0
        assert usable[: indices[-1] + 1].all()
        assert indices[-1] + 1 == len(losses) or not usable[indices[-1] + 1]
    else:
        assert indices == []


def test_a_feature_settles_where_it_last_rises_above_half_its_final_value() -> None:
    steps = np.array([0, 1, 2, 5, 10])
    features = (
        [1.0, 0.4, 0.6, 0.9, 1.0],
        [0.0, 0.1, 0.6, 0.4, 1.0],
        [0.5, 0.5, 0.5, 0.5, 0.5],
        [0.2, np.nan, 0.2, 0.0, 0.0],
    )
    values = np.array(features).T
    np.testing.assert_array_equal(settling_steps(steps, values), [2, 10, 0, np.nan])
    assert np.isnan(settling_steps(steps[:0], np.empty((0, 2)))).all()


def test_the_loss_over_training_uses_the_weights_at_each_moment() -> None:
    """With W = 0 and b the mean, the loss is the variance of every feature."""
    config = replace(SMALL, models=("tied",), sparsities=(0.5,), features=6, hidden=2)
    (lane,) = config.lanes
    bias = np.full((1, 6), lane.density / 2, np.float32)
    ignored = Parameters(encoder=np.zeros((1, 6, 2), np.float32), bias=bias)
    broken = ignored.with_arrays(bias=np.full((1, 6), np.nan, np.float32))
    losses = loss_over(config, lane, Timeline((Moment(0, ignored), Moment(9, broken))), 0)
    expected = feature_variance(config.feature_probability(lane)) @ config.importance_of(lane)
    assert losses[0] == pytest.approx(expected, rel=0.03)
    assert np.isnan(losses[1])
    assert loss_over(config, lane, Timeline(), 0).shape == (0,)


def test_shapes_are_named() -> None:
    collapsed = np.repeat(np.eye(2, 3), 3, axis=0) / np.sqrt(3)
    assert shape_in_words(collapsed, 3) == "one principal component per set"
    assert shape_in_words(collapsed / 2, 3) == "each set grows in one direction"
    assert shape_in_words(collapsed / 2) == "no feature represented"
    assert shape_in_words(np.zeros((6, 3)), 3) == "no feature represented"
    assert shape_in_words(OCTAHEDRON) == "an octahedron: 3 digons"
    assert shape_in_words(regular_polygon(5)) == "1 pentagon"
    assert "not finite" in shape_in_words(np.full((6, 3), np.nan), 3)


def test_leftover_features_form_a_smaller_set() -> None:
    collapsed = np.repeat(np.eye(3), [3, 3, 1], axis=0) / np.sqrt(3)
    assert shape_in_words(collapsed, 3) == "one principal component per set"
    apart = np.vstack([np.repeat(np.eye(2, 3), 3, axis=0), np.eye(3)[1:]])
    assert shape_in_words(apart, 3) != "one principal component per set"
