"""``--from FILE`` trains from someone's weights; one line for what it cannot train."""

from pathlib import Path

import numpy as np
import pytest
from tests.core.phase_maps import filled_with, phase_config
from tests.core.snapshots import trained
from tests.scripted_engine import ScriptedEngine
from tests.tui.command_line.test_parts import parsed
from tests.tui.running import running, until, until_finished

from superpos_core.array_files.array_file import ArrayFile
from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.files.storage import write_weights
from superpos_core.files.weights.opening import open_weights
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.phase_grid import PhaseGrid
from superpos_core.record.snapshot import Snapshot
from superpos_tui.headless import export_headless

W = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
STEPS = "30"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of two instances, one of a bare matrix, a run and a phase map of this program."""
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", W=W, b_final=np.zeros((2, 5), np.float32))
    np.save("matrix", W[0])
    write_weights(Path("own.safetensors"), trained())
    grid = PhaseGrid(phase_config(2, 2))
    write_weights(Path("map.safetensors"), filled_with(grid, np.ones((*grid.shape, 2, 1))))
    return tmp_path


def test_the_settings_are_those_of_the_file_and_the_command_line(place: Path) -> None:
    (trial,) = parsed(
        ["--from", "mine.npz", "--sparsity", "0.9,0", "--steps", "30", "--importance", "0.7"]
    ).trials
    config = trial.config
    assert (config.name, config.features, config.hidden) == ("from mine", 5, 3)
    assert (config.sparsities, config.steps, config.importance) == ((0.9, 0.0), 30, 0.7)
    assert trial.start is not None
    np.testing.assert_array_equal(trial.start.parameters["tied"].encoder, W)


def test_a_run_of_this_program_can_be_trained_otherwise(place: Path) -> None:
    words = "--from own.safetensors --sparsity 0.5,0.8 --learning-rate 0.1"
    (trial,) = parsed(words.split()).trials
    assert (trial.config.sparsities, trial.config.learning_rate) == ((0.5, 0.8), 0.1)
    assert trial.start is not None
    assert list(trial.start.parameters) == ["tied", "untied"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("mine.npz", "sparsity '': training needs it"),
        ("matrix.npy --sparsity 0.9", "model '': training needs it"),
        ("own.safetensors --sparsity 0.9", "the file has 2 settings"),
        ("own.safetensors --features 9", "features 9: the file says 5"),
        ("map.safetensors", "a phase map is not a model to start from"),
        ("none.npz", "from none.npz: no such file"),
        ("mine.npz --experiment intro", "experiment intro: what is trained is in the file"),
        ("mine.npz --quick", "quick"),
        ("mine.npz --layout arena", "layout arena"),
        ("mine.npz mine.npz", "from mine.npz: a path is opened"),
    ],
)
def test_what_cannot_be_trained_is_refused(words: str, message: str, place: Path) -> None:
    with pytest.raises(InvalidValue) as refused:
        parsed(["--from", *words.split()])
    assert message in str(refused.value)


async def test_it_is_put_under_the_dials(place: Path) -> None:
    (trial,) = parsed(f"--from mine.npz --sparsity 0.9 --steps {STEPS}".split()).trials
    async with running(config=trial.config, start=trial.start) as (app, pilot):
        await until_finished(app, pilot)
        first = app.watched.snapshot
        assert_starts_from_it(first)
        await pilot.press("r")
        await until(pilot, lambda: app.watched.snapshot not in (None, first))
        assert_starts_from_it(app.watched.snapshot)


def assert_starts_from_it(snapshot: Snapshot | None) -> None:
    assert snapshot is not None
    cohort = snapshot.record_as(LanesRecord).cohorts["tied"]
    np.testing.assert_array_equal(cohort.timeline.moments[0].parameters.encoder, W)


def test_a_run_without_a_screen_starts_from_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EngineChoice, "make", lambda self, config, say: ScriptedEngine(config))
    request = parsed(f"--from mine.npz --sparsity 0.9 --steps {STEPS} --export out".split())
    assert request.export is not None
    assert export_headless(request.trials, request.export, ("svg",), request.engine) == 0
    with ArrayFile(place / "out" / "timeline" / "tied" / "0.safetensors") as moment:
        np.testing.assert_array_equal(moment.read("W"), W)
    again = open_weights(place / "out" / "weights.safetensors").record_as(LanesRecord)
    assert again.config.name == "from mine"
