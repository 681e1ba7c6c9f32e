"""While training, the picture of the hidden space moves no faster than it can be followed."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.polytopes import random_orthogonal, spokes

from superpos_core.analysis.orientation import part_of_turn, steady_axes
from superpos_core.arrays import FloatArray
from superpos_core.geometry.hidden_space import picture_axes
from superpos_core.geometry.rotation import rotation
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import Cohort
from superpos_core.record.timeline import TimelineRecorder, next_step_to_keep
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters

STEPS = [0, *(int(100 * 1.03**k) for k in range(160))]
"""As they are drawn at a pace at which each decade takes as long."""


def weights_at(step: int) -> FloatArray:
    """Five features, of which the first fades and returns mirrored, while another one appears."""
    share = min(step / 1000, 1)
    lengths = np.array([[abs(1 - 2 * share)], [share], [1.0], [0.8], [1.0]])
    weights: FloatArray = spokes(180 * (share > 0.5), 72 + 40 * share, 144, 216, 288) * lengths
    return weights


def cohort_at(step: int, *, to_the_end: bool = False) -> Cohort:
    """A lane with these weights, at every moment that is kept up to a step."""
    recorder = TimelineRecorder()
    last = STEPS[-1] if to_the_end else step
    kept = 0
    while kept < last:
        recorder.record(kept, parameters(weights_at(kept)))
        kept = next_step_to_keep(kept)
    recorder.record(last, parameters(weights_at(last)))
    curve = LossHistory(1).full
    return Cohort(
        (Lane("tied", 0.9, 0),), last, parameters(weights_at(last)), curve, curve,
        timeline=recorder.view(),
    )  # fmt: skip


def parameters(weights: FloatArray) -> Parameters:
    return Parameters(encoder=weights[None], bias=np.zeros((1, len(weights))))


def furthest(pictures: Sequence[FloatArray]) -> float:
    """How far a feature moves at most between two pictures."""
    return max(float(np.linalg.norm(b - a, axis=1).max()) for a, b in pairwise(pictures))


def test_features_move_little_between_frames_although_others_define_the_axes() -> None:
    weights = [weights_at(step) for step in STEPS]
    at_once = [each @ picture_axes(each) for each in weights]
    steady = [
        each @ steady_axes(cohort_at(step), 0, step, is_trained=False)
        for step, each in zip(STEPS, weights, strict=True)
    ]
    assert furthest(at_once) > 1
    assert furthest(steady) < 0.3


def test_the_end_of_a_run_is_upright_and_so_are_all_of_its_moments() -> None:
    cohort = cohort_at(STEPS[-1])
    upright = picture_axes(weights_at(STEPS[-1]))
    for step in (0, 300, STEPS[-1]):
        np.testing.assert_array_equal(steady_axes(cohort, 0, step, is_trained=True), upright)


def test_it_depends_on_the_step_and_not_on_how_far_training_is() -> None:
    now, later = cohort_at(700), cohort_at(700, to_the_end=True)
    np.testing.assert_array_equal(
        steady_axes(later, 0, 640, is_trained=False), steady_axes(now, 0, 640, is_trained=False)
    )


@pytest.mark.parametrize("step", [0, 99, 5000])
def test_without_moments_or_before_the_first_mark_it_is_upright(step: int) -> None:
    curve = LossHistory(1).full
    bare = Cohort((Lane("tied", 0.9, 0),), step, parameters(weights_at(step)), curve, curve)
    np.testing.assert_array_equal(
        steady_axes(bare, 0, step, is_trained=False), picture_axes(weights_at(step))
    )


@given(st.floats(-179, 179), st.floats(0, 1))
def test_part_of_a_rotation_is_a_rotation_by_part_of_its_angle(angle: float, share: float) -> None:
    part = part_of_turn(rotation(math.radians(angle)), share)
    np.testing.assert_allclose(part, rotation(math.radians(share * angle)), atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_a_turn_is_complete_and_continuous(seed: int, dimensions: int) -> None:
    turn = random_orthogonal(seed, dimensions)
    parts = [part_of_turn(turn, share) for share in np.linspace(0, 1, 101)]
    np.testing.assert_allclose(parts[0], np.eye(dimensions), atol=1e-6)
    np.testing.assert_array_equal(parts[-1], turn)
    assert furthest(parts) < 2 * math.pi / 100
    assert max(np.linalg.norm(part, 2) for part in parts) < 1 + 1e-6


def test_what_is_mirrored_turns_over_like_a_card() -> None:
    half = part_of_turn(np.diag([-1.0, 1.0]), 0.5)
    np.testing.assert_allclose(half, np.diag([0.0, 1.0]), atol=1e-12)
