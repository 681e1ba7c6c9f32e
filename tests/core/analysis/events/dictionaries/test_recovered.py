"""Features that are recovered and lost."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.analysis.events.dictionaries.planted import found_in, planted, texts, turned

from superpos_core.analysis.dictionaries.of_record import score_of

KINDS = ("recovered", "lost")
RECOVERED, BETWEEN, LOST = np.arccos([0.985, 0.96, 0.9])
"""Angles of a latent with its feature."""


def test_a_feature_is_recovered_by_its_latent_and_lost() -> None:
    angles = [LOST, LOST, RECOVERED, 0.0, BETWEEN, BETWEEN, LOST]
    assert texts(planted([turned(angle) for angle in angles]), *KINDS) == [
        (2, "feature 0 recovered by latent 0"),
        (6, "feature 0 lost"),
    ]
    event = found_in(planted([turned(LOST), turned(0)]))[0]
    assert (event.feature, event.latent) == (0, 0)


def test_hovering_at_the_threshold_is_one_event() -> None:
    angles = [LOST, *(RECOVERED, BETWEEN) * 5]
    assert texts(planted([turned(angle) for angle in angles]), *KINDS) == [
        (1, "feature 0 recovered by latent 0")
    ]


def test_what_holds_from_the_start_is_no_event() -> None:
    assert texts(planted([np.eye(4)] * 5), *KINDS) == []


def test_the_latent_is_named_whatever_its_number() -> None:
    """Nor does its length matter."""
    order = [2, 0, 3, 1]
    assert texts(planted([7 * turned(angle)[order] for angle in (LOST, 0.0)]), *KINDS) == [
        (1, "feature 0 recovered by latent 1")
    ]


def test_the_log_and_the_score_agree() -> None:
    """Along the way of wandering latents, as many are recovered as the events say."""
    random = np.random.default_rng(0)
    start, end = random.standard_normal((4, 4)), np.eye(4)
    shares = np.linspace(0, 1, 12)
    record = planted([(1 - share) * start + share * end for share in shares])
    count = int(score_of(record.at_step(0), "relu", 0).is_recovered.sum())
    for step in range(12):
        happened = [each.kind for each in found_in(record) if each.step == step]
        count += happened.count("recovered") - happened.count("lost")
        assert score_of(record.at_step(step), "relu", 0).is_recovered.sum() == count
    assert count == 4


@pytest.mark.parametrize("seed", [0, 1])
def test_of_opposite_features_a_latent_is_that_of_the_one_it_points_along(seed: int) -> None:
    """With signs left out both fit, and rounding would decide anew at every moment."""
    opposite = np.array([[1, 0, 0, 0], [-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]) + 0.0
    noise = 1e-4 * np.random.default_rng(seed).standard_normal((20, 4, 4))
    decoders = [np.ones((4, 4)), *(opposite + each for each in noise)]
    record = replace(planted(decoders), directions=opposite[None].astype(np.float32))
    found = [(each.feature, each.latent) for each in found_in(record) if each.kind == "recovered"]
    assert sorted(found) == [(feature, feature) for feature in range(4)]
