"""The moments of a timeline, and the measures over them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.record.moments import at_steps, recorded

from superpos_core.errors import InvalidValue
from superpos_core.geometry.measures import feature_dimensionality, feature_norms
from superpos_core.record.timeline import (
    EMPTY_TIMELINE,
    dimensionality_of_each,
    feature_dimensionality_over,
    feature_norms_over,
    feature_vectors_over,
)
from superpos_core.task.models import MODELS

TIED = MODELS["tied"]

sizes = st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 4))


# ── timeline ──────────────────────────────────────────────────────────────────────────────────

timelines = st.lists(st.integers(0, 50), unique=True, min_size=1, max_size=8).map(sorted)


@given(timelines, st.integers(-5, 55))
def test_moments_are_found_by_their_step(steps: list[int], step: int) -> None:
    timeline = at_steps(steps)
    assert timeline.steps.tolist() == steps
    distance = min(abs(kept - step) for kept in steps)
    assert timeline.nearest(step).step == min(k for k in steps if abs(k - step) == distance)
    before, after = timeline.before(step), timeline.after(step)
    assert (before and before.step) == max((k for k in steps if k < step), default=None)
    assert (after and after.step) == min((k for k in steps if k > step), default=None)
    assert timeline.up_to(step).steps.tolist() == [kept for kept in steps if kept <= step]


def test_an_empty_timeline_has_no_nearest_moment() -> None:
    assert EMPTY_TIMELINE.before(3) is None
    assert EMPTY_TIMELINE.after(3) is None
    assert EMPTY_TIMELINE.steps.size == EMPTY_TIMELINE.nbytes == 0
    with pytest.raises(InvalidValue, match="step 3: no moment is kept yet"):
        EMPTY_TIMELINE.nearest(3)


def test_the_steps_of_a_timeline_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        at_steps([0, 1]).steps[0] = 7


# ── measures over a timeline ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lane", [0, 1])
def test_measures_over_a_timeline_match_those_of_its_moments(lane: int) -> None:
    timeline = recorded([0, 1, 2, 3]).view()
    encoders = [moment.parameters.encoder[lane] for moment in timeline.moments]
    np.testing.assert_array_equal(feature_vectors_over(timeline, TIED, lane), encoders)
    np.testing.assert_array_equal(
        feature_norms_over(timeline, TIED, lane), [feature_norms(encoder) for encoder in encoders]
    )
    np.testing.assert_allclose(
        feature_dimensionality_over(timeline, TIED, lane),
        [feature_dimensionality(encoder) for encoder in encoders],
        rtol=1e-12,
    )


def test_an_empty_timeline_has_empty_measures() -> None:
    assert feature_vectors_over(EMPTY_TIMELINE, TIED, 0).shape == (0, 0, 0)
    assert feature_norms_over(EMPTY_TIMELINE, TIED, 0).shape == (0, 0)
    assert feature_dimensionality_over(EMPTY_TIMELINE, TIED, 0).shape == (0, 0)


@pytest.mark.parametrize(("moments", "features"), [(1, 3), (7, 100), (13, 100), (3, 300), (0, 4)])
def test_dimensionality_is_the_same_when_measured_in_chunks(moments: int, features: int) -> None:
    encoders = np.random.default_rng(0).standard_normal((moments, features, 5))
    np.testing.assert_allclose(
        dimensionality_of_each(encoders), feature_dimensionality(encoders), rtol=1e-12
    )


def test_a_timeline_larger_than_the_limit_is_thinned_evenly() -> None:
    timeline = at_steps(list(range(101)))
    assert timeline.thinned(10, 1010) is timeline
    assert timeline.thinned(10, 110).steps.tolist() == list(range(0, 101, 10))
    assert timeline.thinned(10, 5).steps.tolist() == [0, 100]
    assert EMPTY_TIMELINE.thinned(10, 5) is EMPTY_TIMELINE
