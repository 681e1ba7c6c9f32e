"""``--export`` in its own process: real runs, signals and readers that have stopped."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.end_to_end.program import PROGRAM, ROOT, TINY, environment
from tests.folders import files_in
from tests.tui.headless.scripted import names_in

from superpos_core.files.runs.resuming import checkpoint_in


def program(body: str) -> subprocess.Popen[str]:
    """A fresh interpreter that runs ``body`` with signals as a shell gives them."""
    prelude = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    path = os.pathsep.join(str(ROOT / source) for source in ("core", "tui", "."))
    return subprocess.Popen(
        [sys.executable, "-c", prelude + body],
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


INTERRUPTED = """
import sys
from pathlib import Path
from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import Trial
from superpos_tui.headless import drawing_processes, export_headless, runs
from tests.tui.headless.scripted import CONFIG, scripted_train

# Each process records its first figure, and then takes forever.
drawing_processes.PROGRAM = drawing_processes.PROGRAM.replace(
    "main()", "import tests.end_to_end.slow_drawing; main()"
)
runs.train = scripted_train
sys.exit(export_headless([Trial(CONFIG)], Path("out"), ("png", "svg"), EngineChoice(threads=2)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.sampled(2)
def test_a_signal_while_figures_are_drawn_ends_the_wait_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    started = tmp_path / "started"
    started.mkdir()
    monkeypatch.chdir(tmp_path)
    with program(INTERRUPTED) as process:
        assert process.stdout is not None
        names = [Path(process.stdout.readline().strip()).name for _ in range(6)]
        while len(names_in(started)) < 2:
            assert process.poll() is None
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    assert "Traceback" not in err
    assert len(names_in(started)) == 2
    assert files_in(tmp_path / "out") == set(names)
    assert f"; written to out: {', '.join(names)}" in err.splitlines()[-1]


REAL = """
import sys
from pathlib import Path
from superpos_core.task.config import ExperimentConfig
from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import Trial
from superpos_tui.headless import export_headless, progress

light = {{"torch", "matplotlib", "textual"}} & set(sys.modules)
progress.PLAIN_LINE_SHARE = 0
config = ExperimentConfig(
    "real", features=5, hidden=2, models=("untied",), sparsities=(0.9,), batch=16, steps={steps}
)
code = export_headless([Trial(config)], Path({folder!r}), ("png",), EngineChoice())
print("textual" in sys.modules, light or "light")
raise SystemExit(code)
"""


def test_a_real_run_in_its_own_process(tmp_path: Path) -> None:
    with program(REAL.format(steps=50, folder=str(tmp_path))) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    *paths, last = out.splitlines()
    assert last == "False light"
    assert {Path(path).name for path in paths} == files_in(tmp_path)
    (lane,) = json.loads((tmp_path / "summary.json").read_text("utf-8"))["lanes"]
    assert (lane["steps"], lane["model"]) == (50, "untied")
    assert lane["loss_total"] > 0
    assert "untied S=0.9" in err


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize(
    ("line", "number", "code"),
    [
        ("loading", "SIGINT", 130),
        ("loading", "SIGTERM", 143),
        ("loading", "SIGHUP", 129),
        ("step", "SIGINT", 130),
    ],
)
@pytest.mark.sampled(3)
def test_a_signal_before_or_in_training_shows_no_traceback(
    tmp_path: Path, line: str, number: str, code: int
) -> None:
    with program(REAL.format(steps=10_000_000, folder=str(tmp_path))) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith(line):
            assert process.poll() is None
        process.send_signal(signal.Signals[number])
        out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert out == "False light\n"
    assert "Traceback" not in err
    if line == "loading":
        assert "nothing was written" in err
        assert names_in(tmp_path) == set()
    else:
        assert f"--resume {tmp_path} --export {tmp_path} continues it" in err
        assert checkpoint_in(tmp_path).config.steps == 10_000_000


BROKEN_PIPE = """
import os, sys
from pathlib import Path
from superpos_tui.headless.narrator import Narrator
from superpos_tui.process.streams import guard_streams

read, write = os.pipe()
os.close(read)
os.dup2(write, sys.stdout.fileno())
guard_streams()
narrator = Narrator()
narrator.report_file(Path("a"))
narrator.report_file(Path("b"))
sys.stderr.write(str(len(narrator.written)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are those of POSIX")
def test_a_reader_that_has_stopped_does_not_stop_the_export() -> None:
    with program(BROKEN_PIPE) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "2")


@pytest.mark.skipif(sys.platform != "linux", reason="stops a process group")
def test_a_headless_run_ends_when_only_its_main_process_is_resumed(tmp_path: Path) -> None:
    """ctrl+z stops a whole job; a program that resumes its first process may not know others."""
    run = subprocess.Popen(
        [sys.executable, *PROGRAM, *TINY, "--steps", "50", "--formats", "svg", "--export", "out"],
        env=environment(tmp_path / "state"),
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    with run:
        try:
            assert run.stderr is not None
            assert any("evaluating and drawing" in line for line in run.stderr)
            os.killpg(run.pid, signal.SIGTSTP)
            os.waitpid(run.pid, os.WUNTRACED)
            run.send_signal(signal.SIGCONT)
            run.stderr.read()
            assert run.wait(timeout=60) == 0
        finally:
            run.kill()
    assert (tmp_path / "out" / "summary.json").is_file()
