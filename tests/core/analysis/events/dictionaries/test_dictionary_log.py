"""All rules of dictionaries together."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.analysis.events.dictionaries.planted import found_in, planted, texts, turned
from tests.core.dictionary_records import SMALL_DICTIONARIES, made_record, still_training_models

from superpos_core.analysis.events.dictionaries.log import RULES
from superpos_core.analysis.events.of_record import events_of
from superpos_core.arrays import FloatArray
from superpos_core.record.timeline import Timeline


def wandering(seed: int, moments: int = 12) -> list[FloatArray]:
    """Decoders that move from random ones to the features, on the way with noise."""
    random = np.random.default_rng(seed)
    shares = np.linspace(0, 1, moments)
    noise = random.standard_normal((moments, 4, 4))
    return [
        share * np.eye(4) + (1 - share) * each for share, each in zip(shares, noise, strict=True)
    ]


@given(st.integers(0, 1000), st.integers(2, 12))
def test_events_are_found_again_as_the_run_continues(seed: int, end: int) -> None:
    decoders = wandering(seed)
    early, whole = found_in(planted(decoders[:end])), found_in(planted(decoders))
    assert set(early) <= set(whole)


def test_events_of_every_kind_of_dictionary_are_in_order_and_in_range() -> None:
    record = made_record(SMALL_DICTIONARIES)
    for kind, cohort in record.cohorts.items():
        found = events_of(record, kind, range(len(cohort.lanes)))
        assert found
        assert [each.step for each in found] == sorted(each.step for each in found)
        for each in found:
            assert each.kind in RULES
            assert each.feature is None or 0 <= each.feature < 5
            assert each.latent is None or 0 <= each.latent < 6


def test_nothing_happens_to_a_dictionary_that_does_not_move() -> None:
    assert found_in(planted([turned(0.3)] * 8)) == []


def test_l0_reaches_that_of_the_features_and_leaves_it() -> None:
    """Each latent sees its own feature; without two of them L0 is a half of the truth."""
    silent = [[0, 1], [0, 1], [], [], [0], [0]]
    reached, left = texts(planted([np.eye(4)] * 6, silent), "l0")
    assert reached[0] == 2
    assert reached[1].startswith("L0 reaches the truth: 0.")
    assert left[0] == 4
    assert left[1].startswith("L0 leaves the truth: 0.")


@pytest.mark.parametrize("moment", [0, 3])
def test_a_dictionary_that_is_not_finite_has_diverged_there(moment: int) -> None:
    decoders = [np.eye(4) for _ in range(6)]
    decoders[moment] = np.full((4, 4), np.nan)
    assert [(each.step, each.text) for each in found_in(planted(decoders))] == [
        (moment, "diverged")
    ]


def test_a_run_without_moments_has_no_events_yet() -> None:
    models = still_training_models(made_record(), 10)
    bare = {name: replace(cohort, timeline=Timeline()) for name, cohort in models.cohorts.items()}
    assert events_of(replace(models, cohorts=bare), "relu", [0]) == []


def test_no_two_rules_find_events_of_one_kind() -> None:
    """They would replace each other in the registry."""
    assert len(RULES) == 9
    assert all(rule.summary for rule in RULES.values())
