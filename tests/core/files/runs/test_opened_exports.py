"""Exports and opened runs: old exports open, and an opened run is exported as it was."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.core.files.runs.folder import WrittenFolder, files_in, written
from tests.core.files.runs.test_reader import CONFIG, cohorts, read
from tests.core.snapshots import finished
from tests.core.training.stopping import assert_same_record

from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_core.figures.drawing import Drawn
from superpos_core.files import storage
from superpos_core.files.export import export
from superpos_core.files.run_folder import folder_for
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return finished(CONFIG)


def no_figures(_: Record, _names: Sequence[str], _formats: Sequence[str]) -> Iterator[Drawn]:
    return iter(())


def test_an_old_export_opens(tmp_path: Path, snapshot: Snapshot) -> None:
    list(export(snapshot, tmp_path, ("svg",), 1.0, draw=no_figures))
    manifest = json.loads((tmp_path / "run.json").read_bytes())
    kept = ("format", "experiment", "config", "steps", "identity", "files")
    (tmp_path / "run.json").write_text(
        json.dumps({**{name: manifest[name] for name in kept}, "format": 1})
    )
    for name in ("state.safetensors", "status.json"):
        (tmp_path / name).unlink(missing_ok=True)
    reader = read(tmp_path)
    assert reader.state == "finished"
    for model, cohort in snapshot.record_as(LanesRecord).cohorts.items():
        found = cohorts(reader)[model]
        assert found.step == cohort.step
        np.testing.assert_array_equal(found.parameters.encoder, cohort.parameters.encoder)
        np.testing.assert_array_equal(found.losses.mean, cohort.losses.mean)


def test_an_old_phase_map_opens(tmp_path: Path) -> None:
    config = replace(EXPERIMENTS["phase-3"].quick_config, steps=2, restarts=2)
    snapshot = finished(config)
    record = snapshot.record_as(PhaseMap)
    storage.write_weights(tmp_path / "weights.safetensors", record)
    WrittenFolder(tmp_path, config).describe(format=1, identity="x", run="")
    found = read(tmp_path).snapshot
    assert found is not None
    same = found.record_as(PhaseMap)
    np.testing.assert_array_equal(same.encoder, record.encoder)
    np.testing.assert_array_equal(same.filled, record.filled)
    np.testing.assert_array_equal(same.region, record.region)
    assert same.remarks


def test_a_run_is_not_exported_over_itself(tmp_path: Path, snapshot: Snapshot) -> None:
    folder = written(tmp_path / "run", snapshot).path
    found = read(folder).snapshot
    assert found is not None
    before = files_in(folder)
    for overwrite in (False, True):
        with pytest.raises(InvalidValue, match="the run is read from it"):
            export(found, folder, ("svg",), 1.0, overwrite=overwrite)
    assert files_in(folder) == before


def test_the_folder_of_an_opened_moment_is_not_taken_for_another_export(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    first = folder_for(snapshot, tmp_path, "moment")
    list(export(snapshot, first, ("svg",), 1.0, draw=no_figures))
    assert folder_for(snapshot, tmp_path, "moment") == first
    opened = read(first).snapshot
    assert opened is not None
    assert folder_for(opened, tmp_path, "moment") == tmp_path / "moment-2"


def test_an_opened_run_is_exported_as_it_was(tmp_path: Path, snapshot: Snapshot) -> None:
    found = read(written(tmp_path / "run", snapshot).path).snapshot
    assert found is not None
    list(export(found, tmp_path / "again", ("svg",), 1.0, draw=no_figures))
    again = read(tmp_path / "again").snapshot
    assert again is not None
    assert_same_record(again.record, snapshot.record)
