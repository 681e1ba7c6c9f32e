"""The kept losses, however they were sliced, and the smoothing of curves."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.record.history import (
    CAPACITY,
    RECENT,
    LossCurve,
    LossHistory,
    moving_average,
)

seeds = st.integers(0, 2**32 - 1)


def random_losses(seed: int, steps: int, lanes: int) -> FloatArray:
    return np.random.default_rng(seed).lognormal(-5, 1, (steps, lanes)).astype(np.float32)


def history_of(losses: FloatArray, cuts: list[int]) -> LossHistory:
    """A history that received ``losses`` in pieces, split at ``cuts``."""
    history = LossHistory(losses.shape[1])
    for piece in np.split(losses, sorted(cuts)):
        history.append(piece)
    return history


def assert_same_curve(one: LossCurve, other: LossCurve) -> None:
    np.testing.assert_array_equal(one.steps, other.steps)
    np.testing.assert_array_equal(one.low, other.low)
    np.testing.assert_array_equal(one.high, other.high)
    np.testing.assert_array_equal(one.mean, other.mean)


def assert_summarises(curve: LossCurve, losses: FloatArray) -> None:
    """Each point has the mean, minimum and maximum loss since the previous point."""
    exact = losses.astype(np.float64)
    assert curve.steps[-1] == len(losses)
    begin = 0
    for index, end in enumerate(curve.steps):
        group = exact[begin:end]
        np.testing.assert_allclose(curve.mean[:, index], group.mean(axis=0), rtol=1e-5)
        np.testing.assert_array_equal(curve.low[:, index], group.min(axis=0))
        np.testing.assert_array_equal(curve.high[:, index], group.max(axis=0))
        begin = end


split_losses = st.integers(1, 6 * CAPACITY).flatmap(
    lambda steps: st.tuples(st.just(steps), st.lists(st.integers(0, steps), max_size=12))
)


@given(seeds, split_losses, st.integers(1, 4))
@settings(max_examples=40)
def test_the_curve_does_not_depend_on_how_the_losses_were_sliced(
    seed: int, split: tuple[int, list[int]], lanes: int
) -> None:
    steps, cuts = split
    losses = random_losses(seed, steps, lanes)
    sliced, whole = history_of(losses, cuts), history_of(losses, [])
    assert sliced.step == whole.step == steps
    assert_same_curve(sliced.full, whole.full)
    assert_same_curve(sliced.recent, whole.recent)


@given(seeds, split_losses, st.integers(1, 3))
@settings(max_examples=20)
def test_points_have_the_mean_minimum_and_maximum_loss_of_their_steps(
    seed: int, split: tuple[int, list[int]], lanes: int
) -> None:
    steps, cuts = split
    losses = random_losses(seed, steps, lanes)
    assert_summarises(history_of(losses, cuts).full, losses)


@pytest.mark.parametrize("steps", [CAPACITY, 5 * CAPACITY + 3])
def test_without_ranges_the_means_are_the_same_before_and_after_storing(steps: int) -> None:
    losses = random_losses(4, steps + 9, 3)
    ranged, means = LossHistory(3), LossHistory(3, keeps_ranges=False)
    for history in (ranged, means):
        history.append(losses[:steps])
    full = means.full
    assert set(full.arrays()) == {"steps", "mean"} < set(ranged.full.arrays())
    assert_same_curve(full, LossCurve.of_means(full.steps, ranged.full.mean))
    kept, recent = (LossCurve.stored(curve.arrays()) for curve in (full, means.recent))
    restored = LossHistory.restored(kept, recent, means.partial, keeps_ranges=False)
    for history in (restored, ranged):
        history.append(losses[steps:])
    assert_same_curve(restored.full, LossCurve.of_means(ranged.full.steps, ranged.full.mean))
    assert_same_curve(restored.recent, ranged.recent)


def test_ranges_are_stored_with_the_curves_that_have_them() -> None:
    history = history_of(random_losses(5, 2 * CAPACITY, 2), [])
    assert_same_curve(LossCurve.stored(history.full.arrays()), history.full)
    assert_same_curve(LossCurve.stored(vars(history.recent)), history.recent)  # as it was stored


@pytest.mark.parametrize("steps", [1, 2, CAPACITY - 1, CAPACITY, CAPACITY + 1, 2 * CAPACITY + 1])
def test_appending_one_by_one_gives_the_same_curve_as_one_append(steps: int) -> None:
    losses = random_losses(0, steps, 2)
    one_by_one = history_of(losses, list(range(1, steps)))
    assert_same_curve(one_by_one.full, history_of(losses, []).full)
    assert_summarises(one_by_one.full, losses)


def test_points_are_evenly_spaced_up_to_the_partial_newest_one() -> None:
    curve = history_of(random_losses(1, 5 * CAPACITY + 3, 1), []).full
    spacing = np.diff(curve.steps)
    assert np.unique(spacing[:-1]).size == 1
    assert 0 < spacing[-1] <= spacing[0]
    assert curve.steps[0] == spacing[0]


@pytest.mark.parametrize("lanes", [1, 10])
def test_a_long_run_keeps_a_bounded_curve_that_still_covers_it(lanes: int) -> None:
    history = LossHistory(lanes)
    chunk = random_losses(2, 4096, lanes)
    for appended in range(1, 61):
        history.append(chunk)
        points = history.full.steps.size
        assert points <= CAPACITY + 1
        if appended > 1:
            assert points >= CAPACITY // 2
        assert history.recent.steps.size == RECENT
    assert history.full.steps[-1] == history.step == 60 * 4096


def test_very_many_lanes_keep_fewer_points_each() -> None:
    lanes = 20_000
    history = LossHistory(lanes)
    for _ in range(3):
        history.append(np.ones((100, lanes), np.float32))
    assert history.full.mean.size < 3_000_000
    assert history.full.steps[-1] == 300


def test_a_single_nan_loss_makes_a_gap_only_at_its_point() -> None:
    steps, lanes, broken, lane = 3 * CAPACITY, 3, 1234, 1
    losses = random_losses(3, steps, lanes)
    losses[broken, lane] = math.nan
    curve = history_of(losses, [500, 1500]).full
    point = int(np.searchsorted(curve.steps, broken + 1))
    for values in (curve.mean, curve.low, curve.high):
        gaps = np.argwhere(~np.isfinite(values))
        np.testing.assert_array_equal(gaps, [[lane, point]])


@given(seeds, st.integers(1, 4 * CAPACITY), st.lists(st.integers(0, 10**6), min_size=1, max_size=5))
@settings(max_examples=20)
def test_points_without_a_bad_loss_are_not_touched_by_gaps(
    seed: int, steps: int, places: list[int]
) -> None:
    good = random_losses(seed, steps, 1)
    bad = good.copy()
    bad[[place % steps for place in places]] = math.nan
    whole, broken = history_of(good, []).full, history_of(bad, []).full
    begins = np.concatenate([[0], whole.steps[:-1]])
    touched = [
        bool(np.isnan(bad[begin:end]).any()) for begin, end in zip(begins, whole.steps, strict=True)
    ]
    np.testing.assert_array_equal(np.isnan(broken.mean[0]), touched)
    kept = ~np.array(touched)
    np.testing.assert_array_equal(broken.mean[0, kept], whole.mean[0, kept])


def test_an_infinite_loss_makes_its_whole_point_non_finite() -> None:
    losses = random_losses(4, 2 * CAPACITY, 1)
    losses[100] = math.inf
    curve = history_of(losses, []).full
    point = int(np.searchsorted(curve.steps, 101))
    assert not np.isfinite(curve.mean[0, point])
    assert not np.isfinite(curve.high[0, point])
    assert not np.isfinite(curve.low[0, point])


@given(seeds, split_losses)
@settings(max_examples=20)
def test_the_recent_window_holds_the_last_losses_unchanged(
    seed: int, split: tuple[int, list[int]]
) -> None:
    steps, cuts = split
    losses = random_losses(seed, steps, 2)
    recent = history_of(losses, cuts).recent
    kept = min(steps, RECENT)
    np.testing.assert_array_equal(recent.steps, np.arange(steps - kept + 1, steps + 1))
    for values in (recent.mean, recent.low, recent.high):
        np.testing.assert_array_equal(values, losses[-kept:].T)


def test_an_empty_history_has_empty_curves() -> None:
    history = LossHistory(3)
    for curve in (history.full, history.recent):
        assert curve.steps.shape == (0,)
        assert curve.mean.shape == (3, 0)


def test_a_returned_curve_does_not_change_when_losses_are_added() -> None:
    history = history_of(random_losses(5, CAPACITY - 1, 2), [])
    full, recent = history.full, history.recent
    before = [array.copy() for array in (full.mean, full.low, full.high, full.steps, recent.mean)]
    history.append(random_losses(6, 3 * CAPACITY, 2))
    after = (full.mean, full.low, full.high, full.steps, recent.mean)
    for was, now in zip(before, after, strict=True):
        np.testing.assert_array_equal(was, now)


def test_the_caller_may_reuse_the_array_of_appended_losses() -> None:
    losses = random_losses(7, 10, 2)
    history = LossHistory(2)
    history.append(losses)
    losses[:] = 0
    assert history.full.low.min() > 0
    assert history.recent.low.min() > 0


def average_by_loops(values: FloatArray, steps: IntArray, reach: float) -> list[float]:
    """The mean of the finite values at steps within a factor ``reach``."""
    smoothed = []
    for step, value in zip(steps, values, strict=True):
        near = values[(steps >= step / reach) & (steps <= step * reach)]
        near = near[np.isfinite(near)]
        smoothed.append(float(near.mean() if math.isfinite(value) else value))
    return smoothed


def average(values: FloatArray, reach: float, stride: int = 1) -> FloatArray:
    steps = stride * np.arange(1, values.size + 1)
    return moving_average(steps, values, steps / reach, steps * reach)


curves = hnp.arrays(
    np.float64,
    st.integers(1, 60),
    elements=st.floats(1e-6, 10) | st.sampled_from([math.nan, math.inf, -math.inf]),
)


@given(seeds, st.integers(1, RECENT), st.integers(1, 200), st.data())
def test_the_mean_up_to_a_step_covers_the_steps_before_it(
    seed: int, steps: int, window: int, data: st.DataObject
) -> None:
    losses = random_losses(seed, steps, 2)
    step = data.draw(st.integers(1, steps))
    mean = history_of(losses, []).recent.mean_up_to(step, window, 1)
    assert mean == pytest.approx(losses[max(step - window, 0) : step, 1].mean(), rel=1e-5)


def test_the_mean_up_to_a_step_without_a_point_uses_the_next_or_last_point() -> None:
    means = np.array([[5.0, 3.0, 1.0]])
    curve = LossCurve(np.array([1000, 2000, 3000]), means, means, means)
    assert curve.mean_up_to(2500, 100, 0) == 1
    assert curve.mean_up_to(2000, 100, 0) == 3
    assert curve.mean_up_to(2000, 1500, 0) == 4
    assert curve.mean_up_to(3500, 100, 0) == 1


def test_before_the_first_step_there_is_no_mean() -> None:
    empty, some = LossHistory(1).full, history_of(random_losses(0, 5, 1), []).full
    assert math.isnan(empty.mean_up_to(3, 100, 0))
    assert math.isnan(some.mean_up_to(0, 100, 0))


class TestMovingAverage:
    @given(curves, st.floats(1, 3), st.integers(1, 16))
    def test_it_is_the_mean_of_the_finite_values_nearby(
        self, values: FloatArray, reach: float, stride: int
    ) -> None:
        steps = stride * np.arange(1, values.size + 1)
        expected = average_by_loops(values, steps, reach)
        np.testing.assert_allclose(average(values, reach, stride), expected, rtol=1e-12)

    def test_after_a_huge_loss_it_is_still_exact(self) -> None:
        values = np.array([1e30] + [1e-3] * 20)
        np.testing.assert_allclose(average(values, 1.5)[5:], 1e-3, rtol=1e-12)

    @given(curves, st.floats(1, 3))
    def test_gaps_stay_gaps_and_do_not_spread(self, values: FloatArray, reach: float) -> None:
        smoothed, bad = average(values, reach), ~np.isfinite(values)
        np.testing.assert_array_equal(smoothed[bad], values[bad])
        assert np.isfinite(smoothed[~bad]).all()

    def test_an_empty_curve_stays_empty(self) -> None:
        assert average(np.empty(0), 10).shape == (0,)
