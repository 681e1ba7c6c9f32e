"""The record of a run of dictionaries: progress, names of arrays, and the way to a file."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.core.dictionary_records import SMALL_DICTIONARIES, made_record, still_training_models

from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.lane_group import Mark
from superpos_core.record.stored import Stored

CONFIG = SMALL_DICTIONARIES


def through_json(stored: Stored) -> Stored:
    return Stored(dict(stored.arrays), json.loads(json.dumps(stored.facts)))


def test_arrays_have_the_names_and_axes_of_saelens() -> None:
    arrays = made_record().arrays()
    assert arrays["relu/S=0.9/seed=1/W_enc"].shape == (2, 6)
    assert arrays["relu/S=0.9/seed=1/W_dec"].shape == (6, 2)
    assert arrays["batch-topk/S=0.5/seed=0/threshold"].shape == (6,)
    assert arrays["gated/S=0.5/seed=0/r_mag"].shape == (6,)
    assert "gated/S=0.5/seed=0/b_enc" not in arrays
    assert arrays["directions"].shape == (4, 5, 2)


def test_models_and_dictionaries_share_the_progress() -> None:
    record = made_record(step=20)
    assert still_training_models(record, 15).share_done == 15 / 70
    assert record.share_done == 50 / 70
    assert made_record().share_done == 1
    made = replace(CONFIG, directions="random")
    assert replace(made_record(made, 20), model_step=0).share_done == 0.5


def test_a_record_comes_back_as_it_was() -> None:
    record = made_record()
    marked = {
        name: replace(group, marks=(Mark(3, "k 1 → 2"),)) for name, group in record.cohorts.items()
    }
    record = replace(record, cohorts=marked)
    timelines = {name: group.timeline for name, group in record.groups.items()}
    restored = DictionaryRecord.restored(CONFIG, through_json(record.stored()), timelines)
    assert (restored.steps, restored.model_step) == (record.steps, 30)
    assert list(restored.arrays()) == list(record.arrays())
    for name, array in record.arrays().items():
        np.testing.assert_array_equal(restored.arrays()[name], array, err_msg=name)
    for name, group in record.cohorts.items():
        other = restored.cohorts[name]
        assert other.marks == group.marks
        np.testing.assert_array_equal(other.losses.high, group.losses.high)
        np.testing.assert_array_equal(other.active.low, group.active.low)
        np.testing.assert_array_equal(other.recent_active.mean, group.recent_active.mean)


def test_directions_of_another_run_are_refused() -> None:
    stored = made_record().stored()
    arrays = {**stored.arrays, "directions": np.zeros((3, 5, 2), np.float32)}
    with pytest.raises(ValueError, match=r"directions have shape \(3, 5, 2\)"):
        DictionaryRecord.restored(CONFIG, Stored(arrays, stored.facts), {})


def test_an_earlier_moment_has_its_parameters_and_the_whole_curves() -> None:
    record = made_record()
    earlier = record.at_step(19)
    assert set(earlier.steps.values()) == {20}
    group, then = record.cohorts["gated"], earlier.cohorts["gated"]
    np.testing.assert_array_equal(
        then.parameters.encoder, group.timeline.nearest(20).parameters.encoder
    )
    np.testing.assert_array_equal(then.active.mean, group.active.mean)


def test_the_best_restarts_keep_their_own_activity() -> None:
    group = made_record().cohorts["relu"]
    best = group.best()
    chosen = [group.lane_at(0), group.lane_at(1)]
    assert (best.restarts, best.lanes) == (1, tuple(group.lanes[index] for index in chosen))
    np.testing.assert_array_equal(best.active.mean, group.active.mean[chosen])
    expected = group.recent_active.mean[chosen].mean(axis=1)
    np.testing.assert_allclose(best.recent_l0(range(2)), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "directions of tied at step 30 of 30"),
        ({"directions": "random"}, "random directions"),
        ({"model_steps": 0}, "directions of a given tied model"),
    ],
)
def test_provenance_says_where_the_directions_come_from(
    changed: dict[str, object], text: str
) -> None:
    record = made_record(replace(CONFIG, **changed))  # type: ignore[arg-type]
    assert text in record.provenance
    assert {"6 latents", "k = 1", "λ = 0.1"} <= set(record.provenance)
    only = replace(record, cohorts={"relu": record.cohorts["relu"]})
    assert "k = 1" not in only.provenance
