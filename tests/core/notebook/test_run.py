"""Runs in a notebook."""

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.core.live.rig import BIASES, LANES, ONE, STACK
from tests.core.snapshots import SMALL, finished, left_by
from tests.scripted_engine import ScriptedEngine

from superpos_core import live, notebook
from superpos_core.errors import InvalidValue
from superpos_core.experiments import experiment_named
from superpos_core.files.summary import summarise
from superpos_core.notebook import pictures
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.phase_grid import PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.snapshot import Snapshot

SIGNATURE = b"\x89PNG"


@pytest.fixture(scope="module")
def run() -> notebook.Run:
    config = replace(SMALL, sweep="first-density", sweep_values=(0.5, 2.0), restarts=2)
    return notebook.train(config, engine=ScriptedEngine)


def test_a_run_shows_its_main_figure(run: notebook.Run) -> None:
    png = run._repr_png_()
    assert png is not None
    assert png.startswith(SIGNATURE)
    shown = run._repr_html_()
    assert shown.startswith('<img src="data:image/png;base64,iVBOR')
    assert "n = 5 → m = 2" in shown
    assert pictures.main_figure(run.record, None) == "gram-tied"
    assert run.figure("norms-tied").axes
    with pytest.raises(KeyError, match="nothing"):
        run.figure("nothing")


def test_an_experiment_has_its_own_main_figure() -> None:
    experiment = experiment_named("phase")
    empty = PhaseMap.empty(PhaseGrid(experiment.quick_config))
    snapshot = left_by(empty)
    assert pictures.experiment_of(snapshot) is experiment
    found = notebook.Run(snapshot)
    assert len(found.losses()) == len(found.measures()) == 0
    assert found._repr_html_()


def test_names_cannot_become_markup() -> None:
    record = finished().record
    shown = pictures.html_of(left_by(replace(record, remarks=("<script>",))))
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_without_matplotlib_the_reason_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "superpos_core.figures.registry", None)
    shown = notebook.Run(finished())._repr_html_()
    assert "no figure: ModuleNotFoundError" in shown
    assert notebook.Run(finished())._repr_png_() is None


def test_losses_are_those_of_the_record(run: notebook.Run) -> None:
    assert isinstance(run.record, LanesRecord)
    table = run.losses()
    cohort = run.record.cohorts["untied"]
    index = 5
    lane, name = cohort.lanes[index], run.record.losses[1].names[index]
    rows = table[table["lane"] == name]
    np.testing.assert_array_equal(rows["step"], cohort.losses.steps)
    np.testing.assert_array_equal(rows["loss"], cohort.losses.mean[index])
    assert set(rows["model"]) == {"untied"}
    for column, value in (("sparsity", lane.sparsity), ("swept", lane.swept), ("seed", lane.seed)):
        assert set(rows[column]) == {value}
    assert len(table) == 2 * len(cohort.lanes) * len(cohort.losses.steps)


def test_measures_are_those_of_the_summary() -> None:
    snapshot = finished()
    table = notebook.Run(snapshot).measures()
    lanes = summarise(snapshot, 0.0)["lanes"]
    assert len(table) == len(lanes)
    assert table.dtype.names is not None
    for row, lane in zip(table, lanes, strict=True):
        for name in set(table.dtype.names) & set(lane) - {"swept"}:
            np.testing.assert_array_equal(row[name], lane[name])
        assert np.isnan(row["swept"])
        assert row["step"] == lane["steps"]
    assert "feature_norms" in set(table.dtype.names) & set(lanes[0])


def test_frames_need_pandas_and_nothing_else_does(
    run: notebook.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[str, Any]] = []
    pandas = ModuleType("pandas")
    pandas.DataFrame = made.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    run.to_frame()
    run.to_frame("measures")
    assert [len(set(map(len, columns.values()))) for columns in made] == [1, 1]
    np.testing.assert_array_equal(made[0]["loss"], run.losses()["loss"])
    assert made[1]["feature_norms"][0].shape == (5,)
    with pytest.raises(InvalidValue, match="losses or measures"):
        run.to_frame("weights")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError):
        run.to_frame()


def test_a_run_that_goes_on_is_read_again_when_it_is_shown(tmp_path: Path) -> None:
    with live.start(tmp_path / "run", density=0.1) as writer:
        writer.log(0, loss=np.ones(LANES), W=STACK, b=BIASES)
    run = notebook.open_run(str(tmp_path / "run"))
    assert run.snapshot.record.newest_step == 0
    with live.start(tmp_path / "run", density=0.1, overwrite=True) as writer:
        for step in range(20):
            writer.log(step, loss=np.ones(LANES), W=STACK + step, b=BIASES)
    assert "finished" in run._repr_html_()
    assert run.snapshot.record.newest_step == 19
    assert len(run.losses()) == 20 * LANES


def test_files_of_weights_open_too(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", W=ONE, b=BIASES[0])
    run = notebook.open_run(tmp_path / "w.npz")
    assert run.measures()["feature_norms"].shape == (1, 5)
    assert run._repr_png_()


def test_an_empty_folder_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"run\.json"):
        notebook.open_run(tmp_path)


def test_in_ipython_a_snapshot_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: dict[type, Any] = {}
    formatters = {"text/html": SimpleNamespace(for_type=shown.__setitem__)}
    shell = SimpleNamespace(display_formatter=SimpleNamespace(formatters=formatters))
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    pictures.let_snapshots_show_themselves()
    assert shown[Snapshot](finished()).startswith("<img")
    ipython.get_ipython = lambda: None
    pictures.let_snapshots_show_themselves()
