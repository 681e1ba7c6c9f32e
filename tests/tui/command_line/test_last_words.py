"""What is said once the screen is gone: a run that could not be kept."""

import time
from pathlib import Path

import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import SMALL

from superpos_core.experiments import Trial
from superpos_core.files import storage
from superpos_core.files.runs.writer import RunWriter
from superpos_core.training.pacing import PACES
from superpos_tui.app import SuperposApp
from superpos_tui.command_line import run as command
from superpos_tui.settings.start import Settings


@pytest.mark.parametrize("is_full", [True, False])
def test_a_run_that_a_full_disk_did_not_take_is_said_after_quitting(
    is_full: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    original, state = storage.write_bytes, tmp_path / "state.safetensors"

    def write(path: Path, content: bytes) -> None:
        if is_full and path == state:
            raise storage.WriteError(path, OSError(28, "No space left on device"))
        original(path, content)

    def train_and_quit(app: SuperposApp) -> None:
        source = app.watched.source
        source.start()
        while source.latest is None or source.latest.phase != "finished":
            assert source.failure is None
            time.sleep(0.01)
        source.stop()

    monkeypatch.setattr(storage, "write_bytes", write)
    monkeypatch.setattr(command, "_run", train_and_quit)
    settings = Settings(
        Trial(SMALL),
        lambda config, _: ScriptedEngine(config),
        journal=RunWriter(tmp_path),
        pace=PACES["full"],
    )
    code = command.run(settings)
    said = capfd.readouterr().err
    if is_full:
        why = f"cannot write {state}: no space left on device"
        assert (code, said) == (1, f"superpos-tui: the run was not kept: {why}\n")
    else:
        assert (code, said) == (0, "")
