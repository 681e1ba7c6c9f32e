"""Options fill in what a file does not tell; what they contradict is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.core.phase_maps import filled_with, phase_config
from tests.core.snapshots import SMALL, trained

from superpos_core.errors import InvalidValue
from superpos_core.files.storage import write_weights
from superpos_core.files.weights.opening import open_weights
from superpos_core.record.lane_names import exact_lane_names, lane_labels
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.phase_grid import PhaseGrid
from superpos_core.record.phase_map import PhaseMap


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """Three instances of 5 features in 2 dimensions."""
    W = np.random.default_rng(0).normal(size=(3, 5, 2))
    np.savez(tmp_path / "mine.npz", W=W, b_final=np.zeros((3, 5)))
    return tmp_path / "mine.npz"


def opened(path: Path, **options: str) -> LanesRecord:
    return open_weights(path, None, options).record_as(LanesRecord)


def test_what_a_file_does_not_tell_is_unknown(stack: Path) -> None:
    snapshot = open_weights(stack)
    assert (snapshot.phase, snapshot.config.name) == ("finished", "mine")
    record = snapshot.record_as(LanesRecord)
    assert record.unknown == {"sparsities", "importance", "distribution", "seed", "steps"}
    assert not record.cohorts["tied"].losses.steps.size


def test_instances_are_named_by_their_number(stack: Path) -> None:
    lanes = opened(stack).cohorts["tied"].lanes
    assert lane_labels(lanes) == [f"tied instance {number}" for number in range(3)]
    assert exact_lane_names(lanes) == [f"tied/instance={number}" for number in range(3)]


def test_one_sparsity_is_that_of_all(stack: Path) -> None:
    record = opened(stack, sparsities="0.9", importance="0.7")
    lanes = record.cohorts["tied"].lanes
    assert ([lane.sparsity for lane in lanes], record.config.importance) == ([0.9] * 3, 0.7)
    assert record.unknown == {"distribution", "seed", "steps"}


def test_a_sparsity_for_each_makes_them_settings(stack: Path) -> None:
    lanes = opened(stack, sparsities="0.9,0,0.5").cohorts["tied"].lanes
    assert lane_labels(lanes) == ["tied S=0.9", "tied S=0", "tied S=0.5"]


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("sparsities", "0,0.5", "one for each"),
        ("sparsities", "often", "sparsity"),
        ("features", "6", "file alone"),
        ("sweep", "dataset-size", "file alone"),
        ("models", "untied", "one matrix"),
        ("models", "tied,linear", "one matrix"),
        ("models", "frobnicated", "no such"),
    ],
)
def test_options_that_contradict_the_file_are_refused(
    field: str, text: str, reason: str, stack: Path
) -> None:
    with pytest.raises(InvalidValue, match=reason):
        opened(stack, **{field: text})


def test_a_model_that_fits_is_taken(stack: Path) -> None:
    assert list(opened(stack, models="linear", features="5").cohorts) == ["linear"]


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"^path .*no such file"):
        open_weights(tmp_path / "w.npz")
    with pytest.raises(InvalidValue, match=r"^from "):
        open_weights(tmp_path / "w.npz", option="from")


def test_this_program_s_own_file_is_the_run_that_wrote_it(tmp_path: Path) -> None:
    run = trained()
    write_weights(tmp_path / "weights.safetensors", run)
    record = opened(tmp_path / "weights.safetensors")
    assert (record.config, set(record.unknown)) == (run.config, {"steps"})
    for model, cohort in run.cohorts.items():
        mine = record.cohorts[model]
        assert mine.lanes == cohort.lanes
        for name, array in cohort.parameters.arrays.items():
            np.testing.assert_array_equal(mine.parameters.arrays[name], array)


def test_what_was_unknown_stays_so_in_a_file_of_this_program(stack: Path, tmp_path: Path) -> None:
    first = opened(stack, importance="0.9")
    write_weights(tmp_path / "w", first)
    again = opened(tmp_path / "w")
    assert again.unknown == first.unknown
    filled = opened(tmp_path / "w", sparsities="0.9")
    assert (filled.config.sparsities, "sparsities" in filled.unknown) == ((0.9,), False)
    assert filled.cohorts["tied"].lanes[0].sparsity == 0.9
    with pytest.raises(InvalidValue, match="the file says"):
        opened(tmp_path / "w", importance="0.8")


def test_its_config_is_complete(tmp_path: Path) -> None:
    write_weights(tmp_path / "w", trained())
    opened(tmp_path / "w", seed="0", features="5")
    with pytest.raises(InvalidValue, match="the file says 0"):
        opened(tmp_path / "w", seed="1")
    with pytest.raises(InvalidValue, match="layout"):
        open_weights(tmp_path / "w", "rows")


def test_a_truncated_run_of_its_own_is_refused(tmp_path: Path) -> None:
    run = trained()
    fewer = replace(run, cohorts={"tied": run.cohorts["tied"]})
    write_weights(tmp_path / "w", fewer)
    with pytest.raises(InvalidValue, match="promises 10"):
        opened(tmp_path / "w")
    assert SMALL.models == ("tied", "untied")


def test_a_phase_map_of_its_own_opens(tmp_path: Path) -> None:
    grid = PhaseGrid(phase_config(3, 4))
    encoder = np.random.default_rng(0).normal(size=(*grid.shape, 2, 1)).astype(np.float32)
    run = filled_with(grid, encoder)
    write_weights(tmp_path / "w", run)
    record = open_weights(tmp_path / "w").record_as(PhaseMap)
    np.testing.assert_array_equal(record.encoder, run.encoder)
    np.testing.assert_array_equal(record.region, run.region)
