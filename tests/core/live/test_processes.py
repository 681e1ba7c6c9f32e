"""Runs end as their processes do: at exit, by an error, forked, or killed."""

import ast
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from tests.core.live.rig import losses, manifest, moments, status

ROOT = Path(__file__).resolve().parents[3]

LOOP = """
import os, signal, sys
import numpy as np
from superpos_core import live

W = np.ones((4, 2))
def log(run, steps):
    for step in steps:
        run.log(step, loss=float(step), W=W * step)

run = live.start({folder!r}, steps=1000)
"""


def run_script(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Run a loop in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", LOOP.format(folder=str(folder)) + textwrap.dedent(body)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "core")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("ending", "state", "reason", "code"),
    [
        ("", "finished", "", 0),
        ("raise ValueError('shapes differ')", "failed", "ValueError: shapes differ", 1),
        ("raise KeyboardInterrupt", "stopped", "", -2),
        ("sys.ps1 = '>>> '", "stopped", "", 0),
    ],
)
def test_a_run_ends_with_its_program(
    tmp_path: Path, ending: str, state: str, reason: str, code: int
) -> None:
    done = run_script(tmp_path, f"log(run, range(35))\n{ending}")
    assert done.returncode == code, done.stderr
    found = status(tmp_path)
    assert (found.state, found.reason, found.step) == (state, reason, 34)
    assert list(losses(tmp_path)) == list(range(35))
    assert max(moments(tmp_path)) == 34


def test_forked_processes_log_nothing(tmp_path: Path) -> None:
    done = run_script(
        tmp_path,
        """
        log(run, range(5))
        child = os.fork()
        log(run, range(5, 20) if child else range(100, 120))
        if not child:
            run.finish()
            sys.exit()
        assert os.waitpid(child, 0)[1] == 0
        log(run, range(20, 30))
        """,
    )
    assert done.returncode == 0, done.stderr
    assert list(losses(tmp_path)) == list(range(30))
    assert max(moments(tmp_path)) == 29
    assert status(tmp_path).state == "finished"


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_killed_run_leaves_whole_files(tmp_path: Path, after: int) -> None:
    """It is killed while its thread writes: at once after so many files."""
    done = run_script(
        tmp_path,
        f"""
        from pathlib import Path
        from superpos_core.live import scribe

        scribe.SECONDS_PER_ROUND = 0.001
        write_bytes = Path.write_bytes
        left = {after}

        def counted(path, content):
            global left
            left -= 1
            if left == 0:
                write_bytes(path, content[: len(content) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return write_bytes(path, content)

        Path.write_bytes = counted
        log(run, range(10 ** 9))
        """,
    )
    assert done.returncode == -9
    files = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
    if after == 1:
        assert not files - {"run.json"}
        return
    assert manifest(tmp_path)["experiment"] == tmp_path.name
    for step, arrays in moments_whole(tmp_path).items():
        np.testing.assert_array_equal(arrays["W"], np.full((1, 4, 2), step, np.float32))


def moments_whole(folder: Path) -> dict[int, dict[str, np.ndarray]]:
    """The moments, without a temporary file that nobody could remove."""
    for path in (folder / "timeline" / "tied").glob(".*.part"):
        path.unlink()
    return moments(folder)


def test_starting_loads_no_heavy_library(tmp_path: Path) -> None:
    done = run_script(
        tmp_path,
        """
        log(run, range(5))
        run.finish()
        heavy = {"torch", "jax", "numba", "matplotlib", "textual", "rich", "click", "pandas"}
        assert not heavy & set(sys.modules), heavy & set(sys.modules)
        """,
    )
    assert done.returncode == 0, done.stderr


def test_importing_loads_nothing() -> None:
    body = (
        "import sys; before = set(sys.modules); from superpos_core import live; "
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", body],
        env={**os.environ, "PYTHONPATH": str(ROOT / "core")},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    loaded = ast.literal_eval(done.stdout)
    assert "numpy" not in loaded
    assert [name for name in loaded if name.startswith("superpos")] == [
        "superpos_core",
        "superpos_core.live",
    ]
