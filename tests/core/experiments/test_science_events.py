"""Events of features in a plane: levels of the loss, and jumps of dimensionality."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.core.experiments.plane import PENTAGON, PLANE, geometry_in, tied
from tests.core.experiments.turned_dials import DENSE, best_lane, turned

from superpos_core.analysis.events.event import Event
from superpos_core.analysis.events.log import events_of_lanes
from superpos_core.analysis.events.plateaus import PLATEAU_MOMENTS, PLATEAU_TOLERANCE
from superpos_core.geometry.components import geometry_of
from superpos_core.geometry.measures import REPRESENTED_NORM
from superpos_core.record.lanes import Cohort
from superpos_core.record.timeline import feature_dimensionality_over, feature_norms_over
from superpos_core.task.models import MODELS
from superpos_core.training.run import train

TIED = MODELS["tied"]


def test_the_loss_falls_from_the_level_of_two_digons_when_the_ignored_feature_is_represented() -> (
    None
):
    """In 108 lanes the only drop was at 19,000 to 22,600 steps, 6.5e-4 … 6.8e-4 → 2.0e-4.

    The loss of two pairs and an ignored feature is (V + 2p²/3)/5, V = p/3 − p²/4, for p = 1 − S.
    """
    lane = best_lane()
    before = geometry_of(tied(turned().dense).parameters.encoder[lane])
    after_turning = [
        event
        for event in events_of_lanes(tied(turned().sparsest), [lane])
        if event.step > DENSE.steps
    ]
    assert sorted(event.kind for event in after_turning) == ["loss", "represented"]
    fall, represented = sorted(after_turning, key=lambda event: event.kind)
    assert (represented.feature,) == before.ignored
    assert represented.step == pytest.approx(fall.step, rel=0.15)
    p = 0.01
    level, lower_level = levels_of(fall)
    assert level == pytest.approx((p / 3 - p**2 / 4 + 2 * p**2 / 3) / 5, rel=0.07)
    assert lower_level == pytest.approx(2.0e-4, rel=0.1)


def levels_of(fall: Event) -> tuple[float, float]:
    before, after = fall.text.removeprefix("loss falls a level: ").split(" → ")
    return float(before.replace("−", "-")), float(after.replace("−", "-"))


@cache
def very_sparse() -> Cohort:
    """Sixteen restarts at 1 − S = 0.01, about half of which pass through the digons."""
    return tied(train(replace(PLANE, sparsities=(0.99,), restarts=16)))


def jumps_to_the_pentagon(lane: int) -> list[Event]:
    return [
        event
        for event in events_of_lanes(very_sparse(), [lane])
        if event.kind == "dimensionality" and event.text.endswith("D 1/2 → 2/5")
    ]


def test_a_jump_from_one_half_to_two_fifths_has_a_plateau_on_both_sides() -> None:
    jumps = [jump for lane in range(16) for jump in jumps_to_the_pentagon(lane)]
    assert len(jumps) >= 8
    timeline = very_sparse().timeline
    for jump in jumps:
        shares = feature_dimensionality_over(timeline, TIED, jump.lane)[:, jump.feature]
        earlier, later = shares[timeline.steps < jump.step], shares[timeline.steps >= jump.step]
        assert np.sum(np.abs(earlier - 1 / 2) <= PLATEAU_TOLERANCE) >= PLATEAU_MOMENTS
        np.testing.assert_allclose(later, 2 / 5, atol=PLATEAU_TOLERANCE)


def test_features_jump_from_one_half_to_two_fifths_when_the_loss_falls_a_level() -> None:
    """In seeds 0 to 63 this held in all 27 lanes where at least two features jump."""
    jumping = 0
    for lane in range(16):
        jumps = jumps_to_the_pentagon(lane)
        if len(jumps) < 2:
            continue
        jumping += 1
        assert geometry_in(very_sparse(), lane) == PENTAGON
        events = events_of_lanes(very_sparse(), [lane])
        last_fall = [event for event in events if event.kind == "loss"][-1]
        assert all(0.85 < jump.step / last_fall.step < 1.5 for jump in jumps)
        before, after = levels_of(last_fall)
        assert after < before / 2
    assert jumping >= 4


def test_represented_and_lost_events_add_up_to_the_represented_features() -> None:
    for lane in range(16):
        events = events_of_lanes(very_sparse(), [lane])
        is_represented = feature_norms_over(very_sparse().timeline, TIED, lane) > REPRESENTED_NORM
        for feature in range(PLANE.features):
            kinds = [event.kind for event in events if event.feature == feature]
            gained = kinds.count("represented") - kinds.count("lost")
            assert gained == int(is_represented[-1, feature]) - int(is_represented[0, feature])
