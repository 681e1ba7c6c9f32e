"""Restarts of dictionaries are ranked by what they minimise, not by their error alone."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.dictionary_records import SMALL_DICTIONARIES
from tests.scripted_dictionaries import scripted_engines

from superpos_core.analysis.dictionaries.of_record import score_of
from superpos_core.arrays import FloatArray
from superpos_core.record.dictionaries import DictionaryCohort, DictionaryRecord
from superpos_core.record.history import LossCurve
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.training.run import train

CONFIG = replace(
    SMALL_DICTIONARIES, name="ranked", dictionaries=tuple(KINDS), latent_penalty=0.5, batch=8
)


def record() -> DictionaryRecord:
    return train(CONFIG, engine=scripted_engines).record_as(DictionaryRecord)


def with_losses(cohort: DictionaryCohort, losses: FloatArray) -> DictionaryCohort:
    """The same lanes, with these losses at step 1."""
    return replace(
        cohort, recent_losses=LossCurve.of_means(np.array([1]), losses[:, None].astype(np.float32))
    )


@pytest.mark.parametrize("kind", KINDS)
def test_penalties_are_those_of_other_rows(kind: str) -> None:
    run = record()
    cohort = run.cohorts[kind]
    found = [cohort.penalty_of(cohort.lanes_at(setting)) for setting in (0, 1)]
    expected = [score_of(run, kind, lane).penalty for lane in range(4)]
    np.testing.assert_allclose(np.concatenate(found), expected, rtol=0.15)
    assert (cohort.penalties is None) == (kind in ("topk", "batch-topk"))
    assert (np.concatenate(found) == 0).all() == (cohort.penalties is None)


def test_the_penalty_decides_between_equal_errors() -> None:
    cohort = record().cohorts["relu"]
    penalties = cohort.penalty_of(range(2))
    better = int(np.argmin(penalties))
    gap = abs(float(penalties[1] - penalties[0]))
    losses = np.full(4, 0.1)
    losses[better] += gap / 2
    ranked = with_losses(cohort, losses)
    assert ranked.ranked(0) == [better, 1 - better]
    assert replace(ranked, penalties=None).ranked(0) == [1 - better, better]
    losses[better] += gap
    assert with_losses(cohort, losses).ranked(0) == [1 - better, better]
