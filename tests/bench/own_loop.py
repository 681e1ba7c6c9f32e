"""What ``superpos_core.live`` costs somebody's training loop: one call, a whole loop, and a start.

The loop is numpy's, of ten lanes of 20→5 with their gradients by hand. Turns with and without
logging alternate within the same run. Time of the processors counts besides the time that passes:
it includes the thread that writes, and whatever else the machine does changes it less.
"""

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core import live
from superpos_core.live.run import LiveRun

LANES, FEATURES, HIDDEN, BATCH = 10, 20, 5, 1024
CALLS = 100_000
STEPS_PER_TURN = 20
TURNS_PER_ROUND = 20
FIRST_STEP = 1000
"""Before it moments are dense, which a loop as short as this one should not pay for."""
IMPORTS = ("numpy", "superpos_core.live")
START = "from superpos_core import live; live.start({folder!r})"
CORE = Path(live.__file__).resolve().parents[2]


def report_on_live(rounds: int) -> None:
    """Print how long a call takes, how much it slows a loop, and how long the import takes."""
    for library in ("numpy", "torch"):
        calls = np.sort(_seconds_per_call(library)) * 1e6
        median, late = calls[len(calls) // 2], calls[int(0.99 * len(calls))]
        print(f"run.log of {library}'s arrays, {LANES} lanes of {FEATURES}→{HIDDEN}:")
        print(
            f"  median {median:.1f} µs, 99th percentile {late:.1f} µs, longest {calls[-1]:,.0f} µs"
        )
    turns = np.array(list(_turns(TURNS_PER_ROUND * rounds)))
    step = np.median(turns[:, 0, 0]) / STEPS_PER_TURN
    print(f"a numpy loop, {step * 1e6:,.0f} µs per step, {len(turns)} pairs of turns:")
    for index, clock in enumerate(CLOCKS):
        ratios = turns[:, 1, index] / turns[:, 0, index]
        print(f"  slowed by {100 * (np.median(ratios) - 1):+.2f} % by {clock}")
    for name in IMPORTS:
        print(f"import {name}: {1e3 * _seconds_of(f'import {name}'):.0f} ms")
    with tempfile.TemporaryDirectory() as folder:
        start = START.format(folder=f"{folder}/run")
        print(f"import and start, numpy included: {1e3 * _seconds_of(start):.0f} ms")


@contextmanager
def _run() -> Iterator[LiveRun]:
    with tempfile.TemporaryDirectory() as folder, live.start(f"{folder}/run") as run:
        yield run


def _seconds_per_call(library: str) -> NDArray[np.float64]:
    arrays: list[Any] = [
        np.ones(shape, dtype=np.float32)
        for shape in ((LANES, FEATURES, HIDDEN), (LANES, FEATURES), (LANES,))
    ]
    if library == "torch":
        import torch

        arrays = [torch.nn.Parameter(torch.from_numpy(array)) for array in arrays]
    W, b, loss = arrays
    seconds = np.empty(CALLS)
    with _run() as run:
        for step in range(CALLS):
            start = time.perf_counter()
            run.log(step, loss=loss, W=W, b=b)
            seconds[step] = time.perf_counter() - start
    return seconds


CLOCKS = {"time": time.perf_counter, "processor time": time.process_time}


def _turns(pairs: int) -> Iterator[tuple[list[float], list[float]]]:
    """The seconds of turns by all clocks: without logging, and with it; either comes first."""
    with _run() as run:

        def log(step: int, loss: Array, W: Array, b: Array) -> None:
            run.log(FIRST_STEP + step, loss, W=W, b=b)

        for pair in range(pairs):
            first = pair * STEPS_PER_TURN
            if pair % 2:
                logged = _loop(first, log)
                yield _loop(first, _log_nothing), logged
            else:
                yield _loop(first, _log_nothing), _loop(first, log)


Array = NDArray[np.float32]


def _log_nothing(step: int, loss: Array, W: Array, b: Array) -> None:
    """Stands in for ``log`` where nothing is logged."""


Log = Callable[[int, Array, Array, Array], None]


def _loop(first: int, log: Log) -> list[float]:
    """Train for the steps of a turn; returns the seconds by all clocks."""
    random = np.random.default_rng(0)
    W = random.normal(size=(LANES, FEATURES, HIDDEN)).astype(np.float32) * 0.3
    b = np.zeros((LANES, FEATURES), dtype=np.float32)
    importance = np.float32(0.9) ** np.arange(FEATURES, dtype=np.float32)
    start = [clock() for clock in CLOCKS.values()]
    for step in range(first, first + STEPS_PER_TURN):
        x = random.random((LANES, BATCH, FEATURES), dtype=np.float32)
        x *= random.random((LANES, BATCH, FEATURES), dtype=np.float32) < 0.1
        hidden = x @ W
        output = hidden @ W.swapaxes(1, 2) + b[:, None]
        error = np.maximum(output, 0) - x
        loss = (importance * error**2).mean(axis=(1, 2))
        slope = 2 * importance * error * (output > 0) / (BATCH * FEATURES)
        W -= slope.swapaxes(1, 2) @ hidden + x.swapaxes(1, 2) @ (slope @ W)
        b -= slope.sum(axis=1)
        log(step, loss, W, b)
    return [clock() - before for clock, before in zip(CLOCKS.values(), start, strict=True)]


def _seconds_of(statement: str) -> float:
    """How long a statement takes in a fresh interpreter; the fastest of several."""
    timed = f"import time; s = time.perf_counter(); {statement}; print(time.perf_counter() - s)"
    environment = {
        name: each for name, each in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    times = []
    for _ in itertools.repeat(None, 7):
        done = subprocess.run(
            [sys.executable, "-c", timed],
            env={**environment, "PYTHONPATH": str(CORE)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        times.append(float(done.stdout))
    return min(times)
