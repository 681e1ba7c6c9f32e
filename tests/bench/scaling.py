"""How the fused engine's time and memory grow with lanes and with n·m.

Each size is measured in a separate process, so that its peak memory is its own.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from superpos_core.engine.fused.engine import FusedEngine
from superpos_core.task.config import ExperimentConfig

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 1.5
BATCH = 1024


@dataclass(frozen=True)
class Size:
    """A number of lanes of one size at one density."""

    lanes: int
    features: int
    hidden: int

    def config(self) -> ExperimentConfig:
        """The config; restarts are the simplest way to get this many lanes."""
        return ExperimentConfig(
            "bench", features=self.features, hidden=self.hidden, models=("tied",), importance=1.0,
            sparsities=(0.5,), batch=BATCH, steps=10_000_000, restarts=self.lanes,
        )  # fmt: skip


LANES = tuple(Size(lanes, 2, 1) for lanes in (2_500, 5_000, 10_000, 20_000, 40_000))
SIZES = tuple(Size(10, n, m) for n, m in ((40, 10), (80, 20), (160, 40), (320, 80)))


def report_on_scaling() -> None:
    """Print time and memory for lanes that double, and for n·m that quadruples."""
    for title, sizes in (("n=2, m=1, more lanes", LANES), ("10 lanes, larger n·m", SIZES)):
        print(f"\n{title} (fused engine, all cores, batch {BATCH}, tied, S 0.5)")
        idle = _measured(Size(1, 1, 1))["mebibytes"]
        for size in sizes:
            measured = _measured(size)
            work = size.lanes * size.features * size.hidden
            print(
                f"  {size.lanes:6,} lanes {size.features:3}→{size.hidden:<3} "
                f"{measured['seconds'] * 1e3:9.3f} ms/step "
                f"{measured['seconds'] / work * 1e9:8.2f} ns per lane and n·m   "
                f"peak {measured['mebibytes']:6.0f} MiB "
                f"({measured['mebibytes'] - idle:5.0f} more than one lane 1→1)",
                flush=True,
            )


def _measured(size: Size) -> Mapping[str, float]:
    program = f"from tests.bench.scaling import *; measure(Size{(*vars(size).values(),)})"
    path = f"import sys; sys.path[:0] = {[str(ROOT / source) for source in ('core', '.')]!r}; "
    done = subprocess.run(
        [sys.executable, "-c", path + program], check=True, capture_output=True, text=True
    )
    result: Mapping[str, float] = json.loads(done.stdout)
    return result


def measure(size: Size) -> None:
    """Print the median time of a step and the peak memory of this process, as JSON."""
    engine = FusedEngine(size.config())
    engine.advance({"tied": 2})
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        engine.advance({"tied": 10})
        times.append((time.perf_counter() - start) / 10)
    engine.close()
    print(json.dumps({"seconds": float(np.median(times)), "mebibytes": _peak_mebibytes()}))


def _peak_mebibytes() -> float:
    """The peak of this process alone: getrusage includes the peak of its parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
