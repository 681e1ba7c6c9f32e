"""Planted jumps between plateaus of D are found, and nothing else."""

import numpy as np
import pytest
from tests.core.analysis.events.happenings import (
    PENTAGON,
    STEPS,
    TWO_DIGONS,
    chance,
    from_weights,
    jumps,
    noise,
    staged,
)
from tests.core.polytopes import (
    DEDICATED,
    DIGON,
    direct_sum,
    regular_polygon,
    regular_simplex,
    square_antiprism,
)

from superpos_core.analysis.events.plateaus import PLATEAU_MOMENTS, PLATEAUS


@pytest.mark.parametrize("seed", range(5))
def test_digons_that_open_into_a_pentagon_are_reported_feature_by_feature(seed: int) -> None:
    """As the paper's five features in two dimensions do at high sparsity."""
    digons = np.concatenate([TWO_DIGONS, np.zeros((1, 2))])
    events = from_weights(
        staged((0, chance(5, 2, seed)), (100, digons), (1000, PENTAGON), seed=seed)
    )
    assert jumps(events) == [(1000, f"feature {feature}: D 1/2 → 2/5") for feature in range(4)]
    assert (1000, "represented", 4, "feature 4 represented") in [
        (event.step, event.kind, event.feature, event.text) for event in events
    ]


TETRAHEDRON, TRIANGLE = regular_simplex(4), regular_polygon(3)

SHAPES_WITH_A_FRACTION = {
    "1": direct_sum(DEDICATED, np.zeros((7, 2))),
    "3/4": np.concatenate([TETRAHEDRON, np.zeros((4, 3))]),
    "2/3": direct_sum(TRIANGLE, np.zeros((5, 1))),
    "1/2": direct_sum(DIGON, np.zeros((6, 2))),
    "2/5": direct_sum(PENTAGON, np.zeros((3, 1))),
    "3/8": square_antiprism(),
}
"""Eight features in three dimensions, the first of them in a regular shape."""


@pytest.mark.parametrize("before", SHAPES_WITH_A_FRACTION)
@pytest.mark.parametrize("after", SHAPES_WITH_A_FRACTION)
def test_a_jump_is_named_after_the_fractions_of_the_shapes(before: str, after: str) -> None:
    stages = (50, SHAPES_WITH_A_FRACTION[before]), (1000, SHAPES_WITH_A_FRACTION[after])
    events = from_weights(staged((0, chance(8, 3)), *stages, size=0.001))
    of_the_first = [event.text for event in events if event.kind == "dimensionality"][:1]
    # 3/8 and 2/5 lie within each other's tolerance: between them there is no jump.
    told_apart = before != after and {before, after} != {"3/8", "2/5"}
    assert of_the_first == ([f"feature 0: D {before} → {after}"] if told_apart else [])


def test_every_plateau_is_the_fraction_of_a_regular_shape() -> None:
    assert sorted(map(str, PLATEAUS)) == sorted(SHAPES_WITH_A_FRACTION)


def test_a_pair_of_unequal_norms_is_not_taken_for_a_triangle() -> None:
    """Its D_i are 2/3 and 1/3, but it is a digon before and after."""
    unequal = np.diag([1.0, 0.7]) @ DIGON
    events = from_weights(staged((0, chance(2, 1)), (50, DIGON), (1000, unequal), size=0.001))
    assert jumps(events) == []
    events = from_weights(staged((0, chance(2, 1)), (50, unequal), (1000, DIGON), size=0.001))
    assert jumps(events) == []


def test_random_initial_weights_are_not_a_plateau() -> None:
    """Two features that start as a digon, before the rest of W has moved."""
    events = from_weights(staged((0, TWO_DIGONS), (1000, np.eye(4)[:, :2] + np.eye(4)[:, 2:])))
    assert jumps(events) == []


def test_weights_trained_before_the_timeline_starts_are_a_plateau() -> None:
    later = [step for step in STEPS if step >= 100]
    digons = np.concatenate([TWO_DIGONS, np.zeros((1, 2))])
    encoders = staged((0, digons), (1000, PENTAGON))[-len(later) :]
    assert [step for step, _ in jumps(from_weights(encoders, later))] == [1000] * 4


def test_too_few_moments_are_not_a_plateau() -> None:
    digons = np.concatenate([TWO_DIGONS, np.zeros((1, 2))])
    place = STEPS.index(1000)
    short = STEPS[place + PLATEAU_MOMENTS - 1]
    longer = STEPS[place + PLATEAU_MOMENTS]
    for left_at, expected in ((short, 0), (longer, 8)):
        visit = staged(
            (0, chance(5, 2)), (100, digons), (1000, PENTAGON), (left_at, digons), size=0
        )
        assert len(jumps(from_weights(visit))) == expected


@pytest.mark.parametrize("seed", range(5))
def test_drifting_or_noisy_dimensionality_does_not_jump(seed: int) -> None:
    """A pair whose angle closes steadily over the whole run: D goes from 1/2 to 1."""
    angles = np.linspace(np.pi, np.pi / 2, len(STEPS))
    drifting = np.stack([np.stack([np.cos(angles), np.sin(angles)], axis=1)] * 2, axis=1)
    drifting[:, 0] = [1, 0]
    drifting[0] = chance(2, 2, seed)
    # Both ends are flat, like those of a cosine; test the part in between.
    inner = slice(PLATEAU_MOMENTS + 10, -PLATEAU_MOMENTS - 10)
    assert jumps(from_weights(drifting[inner], STEPS[inner])) == []
    assert jumps(from_weights(noise(seed, (len(STEPS), 20, 5)) / 3)) == []


def test_only_represented_features_jump() -> None:
    """D does not depend on the scale of W, but tiny weights are meaningless."""
    digons = np.concatenate([TWO_DIGONS, np.zeros((1, 2))])
    stages = (100, 0.1 * digons), (1000, 0.1 * PENTAGON)
    assert jumps(from_weights(staged((0, chance(5, 2)), *stages, size=0.0001))) == []
