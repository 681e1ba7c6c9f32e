"""``PATH --export DIR`` writes what was opened, and claims nothing that nobody knows."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.core.dictionary_records import made_record
from tests.core.snapshots import finished
from tests.tui.command_line.test_parts import parsed
from tests.tui.headless.scripted import names_in

from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS, verdicts
from superpos_core.files.export import export
from superpos_core.files.weights.opening import open_weights
from superpos_core.files.weights.saelens import write_dictionaries
from superpos_core.record.lanes import LanesRecord
from superpos_tui.command_line import cli
from superpos_tui.headless.opened import export_opened


@pytest.fixture(autouse=True)
def trains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("an engine was made")

    monkeypatch.setattr(EngineChoice, "make", refuse)


def exported(words: str) -> int:
    request = parsed([*words.split(), "--export", "out", "--formats", "svg"])
    assert request.source is not None
    assert request.export is not None
    experiment = request.trials[0].experiment
    return export_opened(request.source, experiment, request.export, request.formats)


def test_weights_are_written_without_losses_or_a_sparsity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", W=np.ones((2, 4, 2), np.float32), b_final=np.zeros((2, 4), np.float32))
    assert exported("mine.npz") == 0
    assert "loss could not be drawn: the run does not tell its" in capsys.readouterr().err
    assert "loss.svg" not in names_in(tmp_path / "out")
    gram = (tmp_path / "out" / "gram-tied.svg").read_text()
    assert "instance 1" in gram
    assert "S =" not in gram
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["unknown"] == ["distribution", "importance", "seed", "sparsities", "steps"]
    for lane in summary["lanes"]:
        unknown = ("sparsity", "density", "seed", "steps", "loss_mean", "loss_over_linear")
        assert {lane[name] for name in unknown} == {None}
    assert len(summary["lanes"][0]["feature_norms"]) == 4
    assert exported_again(tmp_path / "out") == summary["unknown"]


def exported_again(folder: Path) -> list[str]:
    """What a run opened from the export does not know."""
    source = parsed([str(folder)]).source
    assert source is not None
    while source.poll():  # type: ignore[attr-defined]
        pass
    assert source.latest is not None
    return sorted(source.latest.record.unknown)


def test_a_run_is_written_with_all_that_it_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    list(export(finished(), tmp_path / "run", ("svg",), 1.0))
    assert exported("run") == 0
    assert "loss.svg" in names_in(tmp_path / "out")


def test_the_command_line_does_not_train_what_it_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("w", np.eye(4)[:, :2])
    monkeypatch.setattr(
        "sys.argv", ["superpos-tui", "w.npy", "--export", "out", "--formats", "svg"]
    )
    assert cli.run() == 0
    assert "geometry-tied.svg" in names_in(tmp_path / "out")


def test_a_folder_of_saelens_opens_with_its_latents_as_features(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    record = made_record()
    *_, folder = write_dictionaries(Path("run/saelens"), record)
    assert exported(str(folder)) == 0
    arrays = load_file("out/weights.safetensors")
    decoder = record.cohorts["batch-topk"].parameters.decoder[-1]
    np.testing.assert_array_equal(arrays["tied/instance=0/W"], decoder)
    assert "batch-topk dictionary of SAELens" in (tmp_path / "out" / "gram-tied.svg").read_text()
    monkeypatch.chdir(folder)
    assert parsed(["."]).trials[0].config.name == "seed=1"
    monkeypatch.chdir(tmp_path)
    (folder / "cfg.json").write_text("{}")
    for words, reason in (
        ("run", "it holds no run, but folders of SAELens, such as run/saelens/batch-topk"),
        (str(folder), "its architecture is None, which is not known here"),
        (f"{folder} --layout rows", "layout rows: a folder of SAELens says itself how"),
    ):
        monkeypatch.setattr("sys.argv", ["superpos-tui", *words.split(), "--export", "no"])
        assert cli.run() == 2
        (line,) = capsys.readouterr().err.strip().splitlines()[-1:]
        assert reason in line


def test_checks_of_an_experiment_do_not_apply_to_what_is_unknown(tmp_path: Path) -> None:
    experiment = EXPERIMENTS["intro"]
    config = experiment.config
    W = np.ones((len(config.settings), config.features, config.hidden))
    np.savez(tmp_path / "intro.npz", W=W, b_final=np.zeros(W.shape[:2]))
    record = open_weights(tmp_path / "intro.npz").record_as(LanesRecord)
    for verdict in verdicts(experiment, record):
        assert verdict.passed is None
        assert "unknown: " in verdict.observed


def test_a_run_without_a_moment_cannot_be_written(tmp_path: Path) -> None:
    class Empty:
        latest = None
        path = tmp_path

    with pytest.raises(InvalidValue, match="nothing of it has been written"):
        export_opened(Empty(), None, tmp_path / "out", ("svg",))  # type: ignore[arg-type]
