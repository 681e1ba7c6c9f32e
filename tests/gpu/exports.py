"""Headless runs on the device, from the command line to the last figure."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.gpu.parts import Finding, Target, checked

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 240.0
RUNS: dict[str, Sequence[str]] = {
    "twenty": (),
    "phase": ("--quick",),
}
TINY: dict[str, Sequence[str]] = {
    "twenty": ("--steps", "30", "--batch", "16", "--model", "tied", "--sparsity", "0,0.9"),
    "phase": ("--quick", "--steps", "30", "--batch", "16", "--restarts", "1"),
}
EXPECTED_FILES = {"summary.json", "weights.safetensors", "loss.csv"}


def check(target: Target) -> Iterator[Finding]:
    """Check both kinds of run: lanes, and a phase diagram."""
    for name, options in (TINY if target.tiny else RUNS).items():
        arguments = ["--experiment", name, *options]
        yield checked(" ".join(arguments), _export, target, arguments)


def _export(target: Target, arguments: Sequence[str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "superpos_tui", *arguments, "--export", "out",
             *on_device(target)],
            cwd=folder, env=environment(folder), capture_output=True, text=True,
            encoding="utf-8", timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr.strip()[-300:]}"
        assert "Traceback" not in done.stderr, done.stderr[-300:]
        written = {path.name for path in Path(folder, "out").iterdir()}
        summary = json.loads(Path(folder, "out", "summary.json").read_text(encoding="utf-8"))
    assert written >= EXPECTED_FILES, f"missing {EXPECTED_FILES - written}"
    figures = len(written - EXPECTED_FILES)
    assert figures > 0, "no figure"
    where = f"{summary['engine']} on {summary['device']}"
    assert summary["engine"] == "torch", where
    assert summary["device"].startswith(target.device), where
    passed = [check["passed"] for check in summary["checks"]]
    checks = f"{sum(each is True for each in passed)} of {len(passed)} checks passed"
    assert all(passed) or target.tiny, checks
    return (
        f"{where}, trained in {summary['seconds_training']:.1f} s, {checks}, "
        f"{figures} figures, exit code 0"
    )


def on_device(target: Target) -> list[str]:
    """The options that select torch on the device; except on the CPU one is enough."""
    engine = ["--engine", "torch"] if target.device == "cpu" else []
    return [*engine, "--device", target.device]


def environment(state: str) -> dict[str, str]:
    """Variables with the path of the program and the folder for its log."""
    sources = os.pathsep.join(str(ROOT / source) for source in ("core", "tui"))
    earlier = os.environ.get("PYTHONPATH")
    path = f"{sources}{os.pathsep}{earlier}" if earlier else sources
    return {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "XDG_STATE_HOME": state}
