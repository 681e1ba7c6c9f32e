"""``--export`` that ends early, by a signal or a failed write, names the complete files."""

import errno
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.tui.headless.scripted import CONFIG, names_in, scripted_train

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import Trial
from superpos_core.files.export import export
from superpos_core.files.storage import WriteError
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.job import EngineFactory
from superpos_core.training.run import Progress
from superpos_tui.headless import export_headless, runs


@pytest.mark.usefixtures("_scripted")
def test_a_failed_write_is_reported_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Iterator[Path]:
        yield tmp_path / "weights.safetensors"
        raise WriteError(tmp_path / "loss.csv", OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(runs, "export", fail)
    assert export_headless([Trial(CONFIG)], tmp_path, ("png",), EngineChoice()) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"superpos-tui: cannot write {tmp_path / 'loss.csv'}: no space left on device; "
        f"written to {tmp_path}: weights.safetensors, run.json, loss.csv, state.safetensors, "
        "status.json, timeline"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.usefixtures("_scripted")
@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (signal.SIGINT, 130, "stopped by Ctrl-C"),
        (signal.SIGTERM, 143, "ended by SIGTERM"),
    ],
)
def test_after_a_signal_while_writing_the_complete_files_are_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    code: int,
    words: str,
) -> None:
    def stopped(*arguments: object, **options: object) -> Iterator[Path]:
        paths = export(*arguments, **options)  # type: ignore[arg-type]
        yield next(paths)
        yield next(paths)
        os.kill(os.getpid(), number)
        yield from paths

    before = signal.getsignal(number)
    monkeypatch.setattr(runs, "export", stopped)
    assert export_headless([Trial(CONFIG)], tmp_path, ("png",), EngineChoice()) == code
    kept = ["loss.csv", "state.safetensors", "status.json", "timeline"]
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"superpos-tui: {words}; written to {tmp_path}: "
        f"{', '.join(['run.json', 'weights.safetensors', *kept])}"
    )
    assert names_in(tmp_path) == {"run.json", "weights.safetensors", *kept}
    assert signal.getsignal(number) == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_a_signal_lost_in_a_callback_is_checked_for_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killer:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    def losing_train(
        config: ExperimentConfig, on_progress: Progress, engine: EngineFactory, **options: Any
    ) -> Snapshot:
        killer = Killer()
        del killer  # Python drops exceptions raised in here
        return scripted_train(config, on_progress, engine, **options)

    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    monkeypatch.setattr(runs, "train", losing_train)
    assert export_headless([Trial(CONFIG)], tmp_path, ("png",), EngineChoice()) == 143
    assert "ended by SIGTERM; written to" in capsys.readouterr().err
