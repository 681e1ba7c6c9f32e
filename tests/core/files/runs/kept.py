"""Runs of the scripted engine that are kept in a folder."""

import csv
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from tests.core.phase_maps import phase_config
from tests.core.snapshots import SMALL
from tests.scripted_engine import ScriptedEngine

from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.resuming import checkpoint_in
from superpos_core.files.runs.status_file import read_status
from superpos_core.files.runs.writer import RunWriter
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train

LANES = replace(SMALL, models=("tied", "untied"), restarts=2, steps=120)
MAP = replace(phase_config(13, 12), steps=30)


def ticking() -> Callable[[], float]:
    """A clock on which a second passes at every look: every slice is one step, and kept."""
    ticks = itertools.count()
    return lambda: float(next(ticks))


def written(folder: Path, config: ExperimentConfig = LANES, **options: Any) -> Snapshot:
    return train(config, engine=ScriptedEngine, journal=RunWriter(folder, **options))


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "loss.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_finished_run_is_whole(tmp_path: Path) -> None:
    last = written(tmp_path)
    record = last.record_as(LanesRecord)
    manifest = Manifest.read(tmp_path)
    assert manifest is not None
    assert set(manifest.files) == {path.name for path in tmp_path.iterdir()}
    assert ExperimentConfig.from_dict(manifest.config) == LANES
    assert (manifest.engine, manifest.device) == (last.engine, last.device)
    for model, cohort in record.cohorts.items():
        folder = tmp_path / "timeline" / model
        assert sorted(int(path.stem) for path in folder.iterdir()) == list(cohort.timeline.steps)
        newest = load_file(folder / f"{LANES.steps}.safetensors")
        np.testing.assert_array_equal(newest["b"], cohort.parameters.bias)
    status = read_status(tmp_path)
    assert status is not None
    assert (status.state, status.step, status.steps) == ("finished", 120, 120)


def test_the_rows_of_losses_cover_every_step_once(tmp_path: Path) -> None:
    record = written(tmp_path).record_as(LanesRecord)
    rows = rows_of(tmp_path)
    for table in record.losses:
        for index, name in enumerate(table.names):
            found = {int(row["step"]): float(row[name]) for row in rows if row[name]}
            assert list(found) == list(range(1, LANES.steps + 1))
            np.testing.assert_array_equal(
                np.array(list(found.values()), np.float32), table.curve.mean[index]
            )


def cells_of(folder: Path) -> set[tuple[str, str, str]]:
    """Every step, column and loss."""
    return {
        (row["step"], name, loss) for row in rows_of(folder) for name, loss in row.items() if loss
    }


def restored_lanes(folder: Path) -> LanesRecord:
    checkpoint = checkpoint_in(folder)
    return LanesRecord.restored(checkpoint.config, checkpoint.state, checkpoint.timelines)
