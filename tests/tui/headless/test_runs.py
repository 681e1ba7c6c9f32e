"""``--export`` in this process: what is written, where, and what is printed."""

import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from tests.folders import contents
from tests.scripted_engine import ScriptedEngine
from tests.tui.headless.scripted import CONFIG, names_in, scripted_train

from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.experiments import Trial, experiment_named
from superpos_core.figures import registry
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.kinds import ModelFigure
from superpos_core.files.export import export
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.resuming import checkpoint_in
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.job import EngineFactory
from superpos_core.training.run import Progress, train
from superpos_tui.headless import export_headless, runs
from superpos_tui.headless.narrator import Narrator
from superpos_tui.headless.signals import Interrupted


@pytest.mark.usefixtures("_scripted")
def test_paths_are_on_stdout_and_progress_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export_headless([Trial(CONFIG)], tmp_path / "out", ("png",), EngineChoice()) == 0
    said = capsys.readouterr()
    paths = [Path(line) for line in said.out.splitlines()]
    assert sorted(paths) == sorted(p for p in (tmp_path / "out").iterdir() if p.is_file())
    assert [path.name for path in paths[:7]] == [
        "run.json", "weights.safetensors", "loss.csv", "state.safetensors", "status.json",
        "summary.json", "gram-tied.png",
    ]  # fmt: skip
    assert "trained 2 lanes for 20 steps" in said.err
    assert "scripted on cpu" in said.err


@pytest.mark.usefixtures("_scripted")
def test_several_runs_get_one_folder_each_and_a_table_of_outcomes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = experiment_named("twenty")
    twenty = Trial(replace(experiment.config, steps=20), experiment)
    assert export_headless([Trial(CONFIG), twenty], tmp_path, ("svg",), EngineChoice()) == 0
    assert names_in(tmp_path) == {"small", "twenty"}
    err = capsys.readouterr().err
    assert "1 of 2: small" in err
    *_, small, last, together = (line.split() for line in err.splitlines())
    assert (small[0], small[2:]) == ("small", ["0", "of", "0"])
    passed = err.count("pass: ")
    assert (last[0], last[2:]) == ("twenty", [str(passed), "of", "10"])
    assert together[2:] == last[2:]


def test_files_written_to_subfolders_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "twenty"
    paths = [folder / "loss.csv", folder / "a.png", tmp_path / "intro" / "b"]
    Narrator(written=paths).say_what_was_written("stopped", tmp_path)
    line = " ".join(capsys.readouterr().err.split())
    assert line.endswith(": twenty (2 files), intro (1 file)")


@pytest.mark.parametrize(
    ("formats", "folder", "name"), [(("gif",), "out", "formats"), (("png",), "file", "export")]
)
def test_invalid_input_is_refused_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, formats: Sequence[str], folder: str, name: str
) -> None:
    (tmp_path / "file").touch()

    def refuse(*_: object, **__: object) -> Snapshot:
        raise AssertionError("trained too early")

    monkeypatch.setattr(runs, "train", refuse)
    with pytest.raises(InvalidValue) as caught:
        export_headless([Trial(CONFIG)], tmp_path / folder, formats, EngineChoice())
    assert caught.value.name == name


@pytest.fixture
def _untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Snapshot:
        raise AssertionError("trained too early")

    monkeypatch.setattr(runs, "train", refuse)


@pytest.mark.usefixtures("_untrained")
@pytest.mark.parametrize("overwrite", [False, True])
def test_every_folder_is_checked_before_the_first_run_trains(
    tmp_path: Path, overwrite: bool
) -> None:
    trials = [Trial(replace(CONFIG, name=name)) for name in ("first", "second", "third")]
    (tmp_path / "third").mkdir()
    (tmp_path / "third" / "summary.json").write_bytes(b"mine")
    with pytest.raises(InvalidValue, match=r"third: its summary\.json does not belong to a run"):
        export_headless(trials, tmp_path, ("svg",), EngineChoice(), overwrite=overwrite)


@pytest.mark.usefixtures("_scripted")
def test_a_run_is_replaced_only_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    several = replace(CONFIG, models=("tied", "untied"), sparsities=(0.9,))
    alone = replace(several, models=("tied",))
    assert export_headless([Trial(several)], tmp_path, ("svg",), EngineChoice()) == 0
    before = contents(tmp_path)
    with monkeypatch.context() as untrained:
        untrained.setattr(runs, "train", None)
        with pytest.raises(InvalidValue, match="--overwrite"):
            export_headless([Trial(alone)], tmp_path, ("svg",), EngineChoice())
    assert contents(tmp_path) == before
    assert export_headless([Trial(alone)], tmp_path, ("svg",), EngineChoice(), overwrite=True) == 0
    assert contents(tmp_path).keys() == {name for name in before if "untied" not in name}


def test_a_run_that_appears_in_the_folder_meanwhile_is_left_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two programs that train at once do not know of each other."""
    folder, other = tmp_path / "out", replace(CONFIG, features=5)

    def train_beside_another(
        config: ExperimentConfig, on_progress: Progress, engine: EngineFactory, **options: Any
    ) -> Snapshot:
        snapshot = scripted_train(config, on_progress, engine, **options)
        beside = train(other, engine=ScriptedEngine)
        list(export(beside, folder, ("svg",), 1.0, overwrite=True))
        return snapshot

    monkeypatch.setattr(runs, "train", train_beside_another)
    monkeypatch.setattr(runs, "usable_cores", lambda: 1)
    assert export_headless([Trial(CONFIG)], folder, ("svg",), EngineChoice()) == 0
    assert names_in(tmp_path) == {"out", "out-2"}
    records = [Manifest.read(tmp_path / name) for name in ("out", "out-2")]
    assert [record.config["features"] for record in records if record] == [5, 4]
    said = capsys.readouterr()
    assert f"writing this run to {tmp_path / 'out-2'}" in said.err
    assert {Path(line).parent.name for line in said.out.splitlines()} == {"out-2"}


@pytest.mark.usefixtures("_scripted")
def test_a_figure_that_fails_affects_no_other_and_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Figure:
        raise ZeroDivisionError("there is\nnothing to divide by")

    broken = ModelFigure("gram", "a figure that cannot be drawn", fail)
    figures = {"gram": broken, "loss": FIGURES["loss"]}
    monkeypatch.setattr(registry, "ORDINARY", tuple(figures.values()))
    monkeypatch.setattr(registry, "FIGURES", figures)
    trials = [Trial(replace(CONFIG, name=name)) for name in ("first", "second")]
    assert export_headless(trials, tmp_path, ("svg",), EngineChoice()) == 1
    said = capsys.readouterr()
    reason = "gram-tied could not be drawn: ZeroDivisionError: there is nothing to divide by"
    assert said.err.splitlines().count(reason) == 2
    assert said.err.splitlines()[-1] == (
        f"superpos-tui: some figures are missing; written to {tmp_path}: "
        "first (7 files), second (7 files)"
    )
    assert "loss.svg" in names_in(tmp_path / "first")
    assert len(said.out.splitlines()) == 14


@pytest.mark.usefixtures("_scripted")
def test_a_run_that_was_left_continues_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "out"
    assert export_headless([Trial(CONFIG)], whole, ("svg",), EngineChoice()) == 0

    def interrupted(
        config: ExperimentConfig, on_progress: Progress, engine: EngineFactory, **options: Any
    ) -> Snapshot:
        def interrupt(snapshot: Snapshot) -> None:
            if snapshot.record.steps_done >= 10:
                raise Interrupted(signal.SIGINT)

        return scripted_train(config, interrupt, engine, **options)

    with monkeypatch.context() as patch:
        patch.setattr(runs, "train", interrupted)
        assert export_headless([Trial(CONFIG)], folder, ("svg",), EngineChoice()) == 130
    assert f"--resume {folder} --export {folder} continues it" in capsys.readouterr().err
    assert not (folder / "summary.json").exists()
    checkpoint = checkpoint_in(folder)
    export_headless([Trial(CONFIG)], folder, ("svg",), EngineChoice(), checkpoint=checkpoint)
    for name in ("weights.safetensors", "loss.csv"):
        assert (folder / name).read_bytes() == (whole / name).read_bytes()
    assert contents(folder).keys() == contents(whole).keys()
