"""A run over m on disk: every reader knows the m of each lane."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.core.files.runs.kept import written
from tests.core.files.runs.test_reader import read
from tests.core.hidden_sweeps import SWEEP, alone
from tests.core.training.stopping import assert_same_record, stopped
from tests.scripted_engine import ScriptedEngine

from superpos_core.files.runs.stored_parameters import StoredParameters
from superpos_core.files.storage import write_weights
from superpos_core.files.summary import summarise
from superpos_core.files.weights.opening import open_weights
from superpos_core.notebook.tables import measures_of
from superpos_core.record.lanes import LanesRecord
from superpos_core.training.run import train

SIZES = [1, 2, 3, 5] * 2
MEASURES = ("dimensions_per_feature", "sum_dimensionality", "superposition", "feature_norms")


def widths(record: LanesRecord) -> dict[str, list[int]]:
    return {
        model: [cohort.vectors_of(lane).shape[1] for lane in range(len(cohort.lanes))]
        for model, cohort in record.cohorts.items()
    }


@pytest.fixture(scope="module")
def record() -> LanesRecord:
    return train(SWEEP, engine=ScriptedEngine).record_as(LanesRecord)


def assert_same_weights(one: LanesRecord, other: LanesRecord) -> None:
    assert widths(one) == widths(other) == {"tied": SIZES, "untied": SIZES}
    for model, cohort in one.cohorts.items():
        for name, array in cohort.parameters.arrays.items():
            np.testing.assert_array_equal(other.cohorts[model].parameters.arrays[name], array)


def test_weights_have_the_columns_of_their_lane(tmp_path: Path, record: LanesRecord) -> None:
    write_weights(tmp_path / "weights.safetensors", record)
    shapes = {name: a.shape for name, a in load_file(tmp_path / "weights.safetensors").items()}
    assert shapes["tied/S=0/swept=3/W"] == (8, 3)
    assert shapes["untied/S=0.9/swept=1/W2"] == (1, 8)
    opened = open_weights(tmp_path / "weights.safetensors").record_as(LanesRecord)
    assert_same_weights(record, opened)


def test_a_folder_of_a_run_is_read_back(tmp_path: Path, record: LanesRecord) -> None:
    written(tmp_path, SWEEP)
    snapshot = read(tmp_path).snapshot
    assert snapshot is not None
    opened = snapshot.record_as(LanesRecord)
    assert_same_weights(record, opened)
    moment = opened.cohorts["untied"].timeline.moments[1]
    assert isinstance(moment.parameters, StoredParameters)
    assert moment.parameters.take(2).decoder.shape == (3, 8)
    assert moment.parameters.take([0, 5]).encoder.shape == (2, 8, 2)
    assert [table.names[1] for table in opened.losses] == ["tied S=0 m=2", "untied S=0 m=2"]


def test_a_stopped_run_goes_on_bit_by_bit(record: LanesRecord) -> None:
    checkpoint = stopped(SWEEP, ScriptedEngine, 15)
    resumed = train(SWEEP, engine=ScriptedEngine, checkpoint=checkpoint).record_as(LanesRecord)
    assert_same_record(record, resumed)
    assert widths(resumed) == widths(record)


@pytest.mark.parametrize("hidden", [1, 3])
def test_numbers_of_a_lane_are_those_of_the_lane_alone(hidden: int) -> None:
    sweep, single = (
        train(config, engine=ScriptedEngine) for config in (SWEEP, alone(SWEEP, hidden))
    )
    tables = [measures_of(each.record) for each in (sweep, single)]
    ours = tables[0][[lane for lane in range(16) if tables[0]["swept"][lane] == hidden]]
    for name in MEASURES:
        np.testing.assert_array_equal(ours[name], tables[1][name])
    together, by_itself = (summarise(each, 0.0)["lanes"] for each in (sweep, single))
    for lane, other in zip(
        (lane for lane in together if lane["swept"] == hidden), by_itself, strict=True
    ):
        for name in ("loss_mean", "loss_over_linear", "represented", "shapes", *MEASURES):
            np.testing.assert_array_equal(lane[name], other[name], err_msg=name)
