"""Events of features that become represented or are lost."""

import numpy as np
import pytest
from tests.core.analysis.events.happenings import from_norms, noise


def test_a_feature_is_represented_when_its_norm_rises_above_one_half() -> None:
    assert from_norms([0.1, 0.3, 0.49, 0.51, 1.0]) == [(3, "feature 0 represented")]


def test_a_feature_is_lost_when_its_norm_falls_well_below_one_half() -> None:
    assert from_norms([0.6, 0.45, 0.41, 0.39, 0.0]) == [(3, "feature 0 lost")]


def test_a_feature_represented_from_the_start_is_not_an_event() -> None:
    assert from_norms([0.9, 1.0, 1.0], [0.1, 0.0, 0.0]) == []


def test_events_name_their_feature() -> None:
    assert from_norms([1, 1, 0, 0, 0], [0, 0, 0, 1, 1], [0, 1, 1, 0, 1]) == [
        (1, "feature 2 represented"),
        (2, "feature 0 lost"),
        (3, "feature 1 represented"),
        (3, "feature 2 lost"),
        (4, "feature 2 represented"),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_hovering_at_one_half_makes_at_most_one_event(seed: int) -> None:
    hovering = np.clip(0.5 + 0.03 * noise(seed, 100), 0.41, None)
    assert len(from_norms(hovering)) <= 1
    assert len(from_norms(np.clip(hovering - 0.1, None, 0.49))) <= 1
