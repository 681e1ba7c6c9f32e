"""Plateaus on the way down from polygon to polygon, and what counts as a polygon."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.polygons import polygon_weights
from tests.core.polytopes import random_orthogonal

from superpos_core.analysis.polygon_descent import (
    corner_sequence,
    exact_losses_over,
    is_polygon,
    plateaus,
    polygon_level,
    polygon_plateaus,
)
from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.record.timeline import Moment, Timeline
from superpos_core.task.parameters import Parameters
from superpos_core.theory import level_of, one_sparse_loss, polygon_loss

FEATURES = 6


def directions(*degrees: float, length: float = 1.0) -> FloatArray:
    """Features of this norm at these angles; the remaining ones of six are dead."""
    encoder = np.zeros((FEATURES, 2))
    angles = np.radians(degrees)
    encoder[: len(degrees)] = length * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return encoder


# ── what counts as a polygon ──────────────────────────────────────────────────────────────────


@given(corners=st.integers(2, 6), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=25)
def test_rotated_and_noisy_polygons_are_recognised(corners: int, seed: int) -> None:
    encoder, _ = polygon_weights(corners, FEATURES)
    noise = 0.01 * np.random.default_rng(seed).standard_normal(encoder.shape)
    turned = encoder @ random_orthogonal(seed, 2) + noise
    assert [k for k in range(2, 7) if is_polygon(turned, k)] == [corners]
    assert not is_polygon(0.7 * turned, corners)


def test_features_may_share_a_corner_and_then_add_up() -> None:
    encoder, _ = polygon_weights(5, FEATURES)
    encoder[5] = encoder[0] = encoder[0] / np.sqrt(2)
    assert is_polygon(encoder, 5)
    encoder[5] = encoder[0] = encoder[0] * np.sqrt(2)
    assert not is_polygon(encoder, 5)


@pytest.mark.parametrize("degrees", [(0, 90, 225), (0, 120, 240), (10, 100), (0, 135, 270)])
def test_up_to_three_corners_at_least_90_degrees_apart_form_a_polygon(
    degrees: tuple[float, ...],
) -> None:
    encoder, corners = directions(*degrees), len(degrees)
    loss = float(one_sparse_loss(encoder @ encoder.T, np.zeros(FEATURES)))
    assert loss == pytest.approx(polygon_loss(corners, FEATURES))
    assert is_polygon(encoder, corners)


@pytest.mark.parametrize("degrees", [(0, 60, 210), (0, 60), (0, 40, 200)])
def test_interfering_corners_do_not_form_a_polygon(degrees: tuple[float, ...]) -> None:
    encoder, corners = directions(*degrees), len(degrees)
    loss = float(one_sparse_loss(encoder @ encoder.T, np.zeros(FEATURES)))
    assert loss > 1.05 * polygon_loss(corners, FEATURES)
    assert not is_polygon(encoder, corners)


def test_a_square_may_be_bent_as_much_as_trained_ones_are() -> None:
    assert is_polygon(directions(0, 85, 190, 274, length=1.04), 4)
    assert not is_polygon(directions(0, 65, 180, 245), 4)
    pentagon_without_a_corner = directions(0, 72, 144, 216)
    assert not is_polygon(pentagon_without_a_corner, 4)


def test_missing_or_non_finite_features_do_not_form_a_polygon() -> None:
    assert not is_polygon(np.full((6, 2), np.nan), 5)
    assert not is_polygon(np.zeros((6, 2)), 2)
    with pytest.raises(InvalidValue, match="corners 1"):
        is_polygon(directions(0), 1)


# ── plateaus ──────────────────────────────────────────────────────────────────────────────────


def test_on_a_plateau_a_run_stays_at_a_level_while_the_step_grows_by_half() -> None:
    steps = np.array([0, 1, 10, 20, 40, 41, 42, 100, 1000])
    four, five, six = (polygon_loss(corners, 6) for corners in (4, 5, 6))
    losses = [four, four, 0.5, five, 1.01 * five, four, four, six, six]
    found = plateaus(steps, losses, 6)
    assert [(each.level.name, each.first, each.last) for each in found] == [
        ("5", 3, 4),
        ("6", 7, 8),
    ]
    assert [each.middle for each in found] == [3, 7]
    assert plateaus(steps[:0], [], 6) == ()


def test_a_loss_that_passes_a_level_at_a_constant_pace_has_no_plateau() -> None:
    steps = np.unique(np.round(10 ** (np.arange(0, 97) / 24)).astype(np.int64))
    share = np.log(steps) / np.log(steps[-1])
    losses = polygon_loss(2, FEATURES) * (1 - share) + polygon_loss(4, FEATURES) * share
    assert any(level_of(float(loss), FEATURES) for loss in losses[1:-1])
    assert plateaus(steps, losses, FEATURES) == ()


def test_the_polygon_distinguishes_levels_that_the_loss_does_not() -> None:
    octagon, hexagon = polygon_weights(8, 8), polygon_weights(6, 8, 1)
    for encoder, bias in (octagon, hexagon):
        loss = float(one_sparse_loss(encoder @ encoder.T, bias))
        level = polygon_level(encoder, loss)
        assert level is not None
        assert level.loss == pytest.approx(loss)
    loss = polygon_loss(8, 8)
    assert level_of(loss, 8) in (polygon_level(octagon[0], loss), polygon_level(hexagon[0], loss))
    assert polygon_level(octagon[0], loss) != polygon_level(hexagon[0], loss)
    assert polygon_level(octagon[0], float("nan")) is None


def timeline_of(*states: tuple[int, FloatArray, FloatArray]) -> Timeline:
    """One lane with these steps, W and b."""
    return Timeline(
        tuple(
            Moment(step, Parameters(encoder=encoder[None], bias=bias[None]))
            for step, encoder, bias in states
        )
    )


def test_a_lane_has_plateaus_where_it_forms_the_polygon_of_its_level() -> None:
    start = (0, np.zeros((FEATURES, 2)), np.zeros(FEATURES))
    square, pentagon = polygon_weights(4, FEATURES), polygon_weights(5, FEATURES, 1)
    timeline = timeline_of(start, (10, *square), (30, *square), (40, *pentagon), (400, *pentagon))
    losses = exact_losses_over(timeline)
    np.testing.assert_allclose(
        losses[1:, 0], np.repeat([polygon_loss(4, 6), polygon_loss(5, 6, 1)], 2)
    )
    found = polygon_plateaus(timeline, losses, 0)
    assert [(each.level.name, each.first, each.last) for each in found] == [
        ("4", 1, 2),
        ("5⁺", 3, 4),
    ]
    assert corner_sequence(found) == (4, 5)


def test_a_loss_at_a_level_by_chance_is_not_a_plateau() -> None:
    """The biases of a pentagon are shifted until its loss equals that of the square."""
    encoder, bias = polygon_weights(5, FEATURES)
    shifts = np.linspace(0, 1, 10_001)
    gram = np.broadcast_to(encoder @ encoder.T, (len(shifts), FEATURES, FEATURES))
    losses = one_sparse_loss(gram, bias + shifts[:, None] * (np.arange(FEATURES) < 5))
    shift = shifts[np.abs(losses - polygon_loss(4, FEATURES)).argmin()]
    chance = (encoder, bias + shift * (np.arange(FEATURES) < 5))
    start = (0, np.zeros((FEATURES, 2)), np.zeros(FEATURES))
    timeline = timeline_of(start, (10, *chance), (100, *chance))
    losses = exact_losses_over(timeline)
    assert [each.level.name for each in plateaus(timeline.steps, losses[:, 0], FEATURES)] == ["4"]
    assert polygon_plateaus(timeline, losses, 0) == ()


def test_an_empty_timeline_has_no_plateau() -> None:
    losses = exact_losses_over(Timeline())
    assert losses.shape == (0, 0)
    assert polygon_plateaus(Timeline(), losses, 0) == ()
