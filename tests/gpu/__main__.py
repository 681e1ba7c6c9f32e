"""Everything that must be checked on a GPU, in one command: `python tests/gpu`.

Run it with a Python that has torch, on a machine with a GPU; with `--device cpu` it runs anywhere.
It compares the torch engine there with the torch engine on the CPU, and its CUDA graphs with single
steps; it runs out of memory and follows the advice; it logs somebody's own loop there; it compares
its speed with the fused engine's; it exports, and opens the instrument in a terminal. Each part
runs in its own process and may fail without ending the rest. Parts whose packages are missing are
skipped, and the table says so.

Progress goes to standard error, and Markdown tables to standard output. `--part WORD` selects
parts, `--minutes N` limits their total time, `--tiny` uses sizes that only show that the check
runs. It exits with 1 if anything failed, and with 2 if there is no such device.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [str(ROOT / source) for source in ("core", "tui", ".")]
sys.path[:0] = SOURCES

from tests.gpu.all_parts import PARTS  # noqa: E402  the line above makes it importable
from tests.gpu.machine import description  # noqa: E402
from tests.gpu.parts import Finding, Part, Report, Target, run_part  # noqa: E402
from tests.gpu.report import line_of, markdown  # noqa: E402

from superpos_core.engine.choice import EngineChoice  # noqa: E402
from superpos_core.errors import InvalidValue  # noqa: E402

STANDARD_ERROR = 2
MIN_SECONDS = 10.0
GRACE_SECONDS = 5.0
"""How long a part has to end by itself when its time is over."""

RunPart = Callable[[Part, Target, float], Report]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the requested checks, print the tables and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--device", default="cuda", metavar="NAME", help="such as cuda:1 or cpu")
    parser.add_argument("--minutes", type=float, default=8.0, metavar="N")
    parser.add_argument("--part", default="", metavar="WORD", help="only parts that contain it")
    parser.add_argument("--tiny", action="store_true", help="sizes for a test of the check itself")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)  # a part, in its process
    options = parser.parse_args(arguments)
    if not __debug__:
        _report("python -O removes the assertions that this runs")
        return 2
    try:
        EngineChoice("torch", options.device).check()
    except InvalidValue as error:
        _report(f"--{error}")
        return 2
    target = Target(options.device.lower(), options.tiny)
    parts = [part for part in PARTS if options.part in part.name]
    if options.into is not None:
        _run_and_keep(parts[0], target, options.minutes * 60, options.into)
        return 0
    reports = check_all(parts, target, options.minutes * 60)
    sys.stdout.write(f"{markdown(description(target.device), parts, reports)}\n")
    return int(any(report.failed for report in reports) or not reports)


def check_all(
    parts: Sequence[Part], target: Target, seconds: float, run: RunPart | None = None
) -> list[Report]:
    """Run all parts; unused time of a part goes to those after it."""
    run = run or in_its_own_process
    start, shares = time.monotonic(), 0.0
    whole = sum(part.share for part in parts)
    reports = []
    for part in parts:
        shares += part.share
        left = start + seconds * shares / whole - time.monotonic()
        _report(f"{part.title}: at most {max(left, MIN_SECONDS):.0f} s")
        reports.append(run(part, target, max(left, MIN_SECONDS)))
    return reports


def in_its_own_process(part: Part, target: Target, seconds: float) -> Report:
    """Run a part so that a crash, or a device that hangs, ends nothing else."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder, "report.json")
        arguments = ["--part", part.name, "--device", target.device, "--into", str(into)]
        arguments += ["--minutes", str((seconds - GRACE_SECONDS) / 60)]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.gpu", *arguments, *(["--tiny"] if target.tiny else [])],
            cwd=ROOT, env=_environment(), stdout=STANDARD_ERROR, start_new_session=True,
        )  # fmt: skip
        try:
            code = process.wait(seconds)
            end = None if code == 0 else f"its process ended with exit code {code}"
        except subprocess.TimeoutExpired:
            end = f"it was still running after {seconds:.0f} s"
        finally:
            _end(process)
        report = _kept(into) or Report(part.name, 0.0, ())
    findings = report.findings
    if end is not None:
        findings = (*findings, Finding("the rest", end, passed=False))
        _report_finding(findings[-1])
    return Report(part.name, time.monotonic() - start, findings)


def _environment() -> dict[str, str]:
    paths = [*SOURCES, os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process of a part and those that it started."""
    if process.poll() is None and os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _run_and_keep(part: Part, target: Target, seconds: float, into: Path) -> None:
    """Run a part in its own process; its findings are kept even if it crashes."""
    findings: list[Finding] = []

    def keep(finding: Finding) -> None:
        findings.append(finding)
        _report_finding(finding)
        new = into.with_suffix(".new")
        new.write_text(json.dumps(Report(part.name, 0.0, tuple(findings)).as_dict()), "utf-8")
        new.replace(into)

    run_part(part, target, seconds, keep)


def _kept(into: Path) -> Report | None:
    if not into.exists():
        return None
    return Report.from_dict(json.loads(into.read_text("utf-8")))


def _report_finding(finding: Finding) -> None:
    _report(f"  {line_of(finding)}")


def _report(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
