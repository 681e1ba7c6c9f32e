"""Precision, recall and F1 against counts of rows."""

import numpy as np
import pytest

from superpos_core.analysis.dictionaries.activity import Activity
from superpos_core.analysis.dictionaries.rows import TrueRows


def test_detectors_are_those_of_counted_rows() -> None:
    random = np.random.default_rng(2)
    x = (random.random((60, 3)) < 0.4).astype(float)
    latents = random.random((60, 4)) < 0.3
    activity = Activity.of(TrueRows.sampled(x, x), latents)
    for feature in range(3):
        for latent in range(4):
            pairs = list(zip(x[:, feature] > 0, latents[:, latent], strict=True))
            hits, false_alarms = pairs.count((True, True)), pairs.count((False, True))
            misses = pairs.count((True, False))
            at = feature, latent
            precision, recall = hits / (hits + false_alarms), hits / (hits + misses)
            assert activity.precision[at] == pytest.approx(precision)
            assert activity.recall[at] == pytest.approx(recall)
            f1 = 2 * precision * recall / (precision + recall)
            assert activity.f1[at] == pytest.approx(f1)
            assert activity.accuracy[at] == pytest.approx(1 - (misses + false_alarms) / 60)
    assert activity.l0 == pytest.approx(latents.sum() / 60)


def test_rows_count_by_their_shares() -> None:
    x = np.array([[1.0, 0.0], [0.0, -2.0]])  # a negative value is active too
    rows = TrueRows(x, x, np.array([0.25, 0.75]))
    activity = Activity.of(rows, np.array([[True], [True]]))
    assert activity.of_features.tolist() == [0.25, 0.75]
    assert activity.precision[:, 0].tolist() == [0.25, 0.75]
    assert activity.recall[:, 0].tolist() == [1, 1]


def test_what_is_never_active_scores_0() -> None:
    x = np.array([[1.0, 0.0]])
    activity = Activity.of(TrueRows.sampled(x, x), np.array([[True, False]]))
    assert activity.precision.tolist() == [[1, 0], [0, 0]]
    assert activity.recall.tolist() == [[1, 0], [0, 0]]
    assert activity.f1.tolist() == [[1, 0], [0, 0]]
    assert activity.is_dead.tolist() == [False, True]
