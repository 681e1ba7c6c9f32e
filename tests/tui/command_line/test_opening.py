"""Paths on the command line: what is opened, and one line for what cannot be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tests.core.files.runs.folder import WrittenFolder, written
from tests.core.snapshots import SMALL, finished
from tests.tui.command_line.test_parts import parsed

from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_core.task.config import ExperimentConfig
from superpos_tui.process.opened_run import NothingOpened, OpenedFile, OpenedRun
from superpos_tui.settings.recreating import command_to_open

MINE = ExperimentConfig("mine", features=3, hidden=2, models=("tied",), sparsities=(0.9,))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs, one with unknown options and one of an experiment, and a weight file."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "small", finished(SMALL))
    WrittenFolder(tmp_path / "mine", MINE).describe(unknown=["sparsities", "importance"])
    WrittenFolder(tmp_path / "phase", EXPERIMENTS["phase"].config).describe()
    weights = {"W": np.ones((2, 5, 3), np.float32), "b_final": np.ones((2, 5), np.float32)}
    save_file(weights, tmp_path / "mine.safetensors")
    return tmp_path


def test_a_run_is_opened_with_its_config_and_its_view(place: Path) -> None:
    request = parsed(["small", "--focus", "untied,1", "--theme", "paper"])
    assert isinstance(request.source, OpenedRun)
    assert request.trials[0].config == SMALL
    assert (request.view, request.focus.model, request.focus.setting) == ("live", "untied", 1)
    request = parsed(["phase"])
    assert (request.trials[0].experiment, request.view) == (EXPERIMENTS["phase"], "phase")


def test_a_phase_map_without_an_experiment_opens_where_it_is_shown(place: Path) -> None:
    config = replace(EXPERIMENTS["phase"].config, name="mine")
    WrittenFolder(place / "map", config).describe()
    assert parsed(["map"]).view == "phase"


def test_options_say_what_a_run_leaves_open(place: Path) -> None:
    request = parsed(["mine", "--sparsity", "0.99", "--importance", "0.8"])
    config = request.trials[0].config
    assert (config.sparsities, config.importance) == ((0.99,), 0.8)


def test_a_weight_file_is_opened(place: Path) -> None:
    request = parsed(["mine.safetensors", "--sparsity", "0.9"])
    assert isinstance(request.source, OpenedFile)
    assert request.source.latest is not None
    assert request.source.latest.config is request.trials[0].config
    assert request.trials[0].config.sparsities == (0.9,)


@pytest.mark.parametrize(
    "words",
    [
        "phase --view live",
        "small --focus untied,1",
        "mine --sparsity 0.99 --importance 0.8",
        "mine.safetensors --layout notebook --sparsity 0.9 --view weights",
    ],
)
def test_the_copied_command_opens_the_same(place: Path, words: str) -> None:
    request = parsed(words.split())
    assert request.source is not None
    assert request.source.path is not None
    command = command_to_open(
        request.source.path,
        request.source.options,
        request.trials[0],
        request.view,
        request.focus,
    )
    assert sorted(command.split()) == sorted(["superpos-tui", *words.split()])
    again = parsed(command.split()[1:])
    assert (again.view, again.focus) == (request.view, request.focus)
    assert again.trials[0].config == request.trials[0].config


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("smal", "path smal: it does not exist; did you mean small?"),
        ("small --experiment intro", "experiment intro: an opened run is not trained"),
        ("small --quick", "quick : an opened run is not trained"),
        ("small --importance 0.5", "importance 0.5: the run itself says 0.9"),
        ("mine --sparsity 0,0.9", "sparsity 0,0.9: the run has 1 lane, and this makes others"),
        ("mine --sparsity 2", "sparsity 2"),
        ("small --layout own", "layout own: a run's folder says itself"),
        ("--layout own", "layout own: no file is opened"),
        ("small mine.safetensors", "path mine.safetensors: several files of weights"),
        ("small mine --layout own", "layout own: a run's folder says itself"),
        (". --export out", "export out: nothing is trained"),
        ("small --run other", "run other: a path is opened, not trained"),
        ("small --resume small", "resume small: a path is opened, not trained"),
        ("--resume small --from mine.safetensors", "from mine.safetensors: a resumed run"),
        (". --quick", "quick : an opened run is not trained"),
        ("small --focus mlp", "focus mlp"),
    ],
)
def test_what_cannot_be_opened_takes_one_line(place: Path, words: str, message: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        parsed(words.split())
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("words", [".", "small mine phase"])
def test_several_runs_are_listed_and_each_can_be_opened(place: Path, words: str) -> None:
    request = parsed(words.split())
    assert isinstance(request.source, NothingOpened)
    assert request.runs is not None
    names = [run.name for run in request.runs.lister.refresh().runs]
    assert names == ["mine", "phase", "small"]
    trial, source = request.runs.open(place / "small")
    assert trial.config == SMALL
    assert source.path == place / "small"
