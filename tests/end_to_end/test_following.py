"""A run that is written elsewhere, followed in a terminal."""

import time
from pathlib import Path

from tests.core.files.runs.folder import WrittenFolder, files_in
from tests.core.record.moments import parameters_of
from tests.end_to_end.program import environment
from tests.end_to_end.terminal import Terminal

from superpos_core.task.config import ExperimentConfig

CONFIG = ExperimentConfig(
    "mine", features=3, hidden=2, models=("tied",), sparsities=(0.9, 0.99), steps=1000
)


def test_moments_appear_by_themselves_and_nothing_is_written(tmp_path: Path) -> None:
    folder = WrittenFolder(tmp_path / "run", CONFIG)
    folder.describe()
    folder.say("training", alive=time.time())
    session = environment(tmp_path / "state", SSH_CONNECTION="10.0.0.1 50000 10.0.0.2 22")
    with Terminal(["run"], environment=session, folder=tmp_path) as terminal:
        terminal.wait_for_text("● following", "waiting for the first moment")
        for step in (0, 1, 20):
            folder.keep("tied", step, parameters_of(seed=step))
            terminal.wait_for_text(f" {step}/1,000", "W·Wᵀ")
        terminal.press("space")
        terminal.wait_for_text("this run is opened, not trained here")
        written = files_in(folder.path)
        folder.say("stopped")
        terminal.wait_for_text("○ stopped")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    assert files_in(folder.path).keys() == written.keys()


def test_a_path_that_is_nothing_takes_one_line(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with Terminal(["run"], environment=environment(tmp_path), folder=tmp_path) as terminal:
        assert terminal.wait_for_exit() == 2
        assert terminal.find(r"path run: it does not exist; did you mean (runs)\?")
