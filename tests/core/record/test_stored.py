"""Records and histories taken apart for a file, and put together again."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.phase_maps import phase_config
from tests.core.snapshots import SMALL, finished, trained

from superpos_core.record.history import LossHistory
from superpos_core.record.lane_group import Mark
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.stored import Stored


def through_json(stored: Stored) -> Stored:
    return Stored(dict(stored.arrays), json.loads(json.dumps(stored.facts)))


@given(
    before=st.integers(0, 3000),
    after=st.integers(1, 1500),
    lanes=st.integers(1, 3),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_a_restored_history_continues_exactly(
    before: int, after: int, lanes: int, seed: int
) -> None:
    losses = np.random.default_rng(seed).random((before + after, lanes), dtype=np.float32)
    history = LossHistory(lanes)
    history.append(losses[:before])
    other = LossHistory.restored(history.full, history.recent, history.partial)
    for each in (history, other):
        each.append(losses[before:])
    assert other.step == history.step == before + after
    for one, same in ((history.full, other.full), (history.recent, other.recent)):
        for name, array in vars(one).items():
            np.testing.assert_array_equal(getattr(same, name), array, err_msg=name)


def test_lanes_come_back_as_they_were() -> None:
    config = replace(SMALL, models=("tied", "untied"), restarts=2, hidden_penalty=0.1)
    record = trained(config)
    marked = {
        model: replace(cohort, marks=(Mark(3, "S 0.9 → 0.5"),))
        for model, cohort in record.cohorts.items()
    }
    record = replace(record, cohorts=marked)
    timelines = {model: cohort.timeline for model, cohort in record.cohorts.items()}
    restored = LanesRecord.restored(config, through_json(record.stored()), timelines)
    assert restored.steps == record.steps
    for name, array in record.arrays().items():
        np.testing.assert_array_equal(restored.arrays()[name], array, err_msg=name)
    for model, cohort in record.cohorts.items():
        other = restored.cohorts[model]
        assert other.marks == cohort.marks
        assert [other.ranked(setting) for setting in range(2)] == [
            cohort.ranked(setting) for setting in range(2)
        ]
        np.testing.assert_array_equal(other.losses.high, cohort.losses.high)
        np.testing.assert_array_equal(other.timeline.steps, cohort.timeline.steps)


def test_a_map_comes_back_as_it_was() -> None:
    record = finished(phase_config(5, 4)).record_as(PhaseMap)
    assert record.filled.all()
    restored = PhaseMap.restored(record.config, through_json(record.stored()), {})
    assert restored.share_done == record.share_done
    for name, array in vars(record).items():
        if isinstance(array, np.ndarray):
            np.testing.assert_array_equal(getattr(restored, name), array, err_msg=name)


@pytest.mark.parametrize("changed", ["missing", "shape"])
def test_arrays_of_another_config_are_refused(changed: str) -> None:
    record = trained()
    arrays = dict(record.stored().arrays)
    name = next(name for name in arrays if name.startswith("parameters/"))
    if changed == "missing":
        del arrays[name]
    else:
        arrays[name] = arrays[name][..., :-1]
    with pytest.raises((KeyError, ValueError)):
        LanesRecord.restored(record.config, Stored(arrays, record.stored().facts), {})
