"""Somebody's own training loop on the device, logged: nothing waits for the device.

The loop is that of the example with stacked instances.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from tests.core.live.examples import stacked_torch
from tests.gpu.parts import Finding, Target, checked

from superpos_core import live
from superpos_core.files.runs.moments import moment_path
from superpos_core.files.runs.status_file import read_status

STEPS, TINY_STEPS = 2000, 20
LOGGED = 100
"""The device queues about a thousand kernels; beyond them it is the queue that makes them wait."""
SECONDS_QUEUED = 1.0
MAX_SHARE_OF_QUEUE = 0.5


def check(target: Target) -> Iterator[Finding]:
    """Check that a loop arrives on disk, and that logging does not wait for the device."""
    yield checked("stacked instances", _arrives, target)
    yield checked("no waiting", _waits_for_nothing, target)


def _arrives(target: Target) -> str:
    steps = TINY_STEPS if target.tiny else STEPS
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        models = stacked_torch.train(folder, steps, batch=16 if target.tiny else 1024,
                                     device=target.device)  # fmt: skip
        seconds = time.perf_counter() - start
        found = load_file(moment_path(Path(folder), "tied", steps - 1))
        np.testing.assert_array_equal(found["W"], models.W.detach().cpu().numpy())
        np.testing.assert_array_equal(found["b"], models.b_final.detach().cpu().numpy())
        status = read_status(Path(folder))
        assert status is not None
        assert status.state == "finished"
        rows = (Path(folder) / "loss.csv").read_bytes().count(b"\n") - 1
        assert rows >= min(steps, 1000), f"{rows} rows of losses"
    return f"{steps:,} steps at {steps / seconds:,.0f} per second, {rows:,} rows, the last weights"


def _waits_for_nothing(target: Target) -> str:
    """Log while the device has a queue of work: whatever waited would wait for all of it."""
    device = target.device
    W, loss = torch.rand(10, 20, 5, device=device), torch.rand(10, device=device)
    b, large = torch.rand(10, 20, device=device), torch.rand(4096, 4096, device=device)
    is_queued = device.startswith("cuda")  # the CPU computes at once
    with tempfile.TemporaryDirectory() as folder, live.start(f"{folder}/run") as run:
        run.log(0, loss=loss, W=W, b=b)
        for _ in range(_products_in(SECONDS_QUEUED, large) if is_queued else 0):
            torch.mm(large, large)
        queued = time.perf_counter()
        for step in range(1, LOGGED):
            run.log(step, loss=loss * step, W=W, b=b)
        logged = time.perf_counter() - queued
        if is_queued:
            torch.cuda.synchronize(device)
        whole = time.perf_counter() - queued
    per_call = f"{1e6 * logged / LOGGED:.0f} µs per call"
    if not is_queued:
        return per_call
    share = logged / whole
    assert share < MAX_SHARE_OF_QUEUE, f"logging took {share:.0%} of the time of the queue"
    return f"{per_call}, {LOGGED} of them while {whole:.2f} s of work were queued"


def _products_in(seconds: float, large: torch.Tensor) -> int:
    """How many products take the device so long."""
    torch.mm(large, large)
    torch.cuda.synchronize(large.device)
    start = time.perf_counter()
    for _ in range(10):
        torch.mm(large, large)
    torch.cuda.synchronize(large.device)
    return max(round(10 * seconds / (time.perf_counter() - start)), 1)
