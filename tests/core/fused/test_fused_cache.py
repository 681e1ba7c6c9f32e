"""Compiled kernels on disk: the kernel in processes of its own, what heals in small."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from superpos_core.engine.fused.cache import KernelCache
from superpos_core.engine.fused.specialisation import Formula, Specialisation, Tiles

CORE = Path(__file__).parents[3] / "core"
START = """
import json, sys
import numpy as np
from superpos_core.engine.fused.cohort import FusedCohort
from superpos_core.engine.fused.kernel import train_lanes
from superpos_core.engine.fused.specialisation import Formula
cohort = FusedCohort.new(formula=Formula(), tied=True, hidden=1, probabilities=[[0.5]],
                    importance=[[1.0]], seeds=[1])
needs = cohort.needs_compiling
cohort.compile()
print(json.dumps({
    "needs": needs, "compiled": sum(train_lanes.stats.cache_misses.values()),
    "needs after": cohort.needs_compiling, "torch": "torch" in sys.modules,
}))
"""


def start(cache: Path) -> dict[str, Any]:
    """Start a process that needs the kernel."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(CORE)}
    done = subprocess.run(
        [sys.executable, "-c", START], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_kernel_is_compiled_once_and_again_if_what_is_on_disk_is_broken(tmp_path):
    compiled = {"needs": True, "compiled": 1, "needs after": False, "torch": False}
    found = {"needs": False, "compiled": 0, "needs after": False, "torch": False}
    assert start(tmp_path) == compiled
    assert start(tmp_path) == found
    for file in tmp_path.rglob("*.nbc"):
        file.write_bytes(b"not a kernel" * 100)
    assert start(tmp_path) == compiled
    assert start(tmp_path) == found


# ── The same with a function that compiles in no time ───────────────────────────────────────────

SPECIALISATION = Specialisation(Formula(), None, Tiles(1, 1, 1))


def thrice(number: int) -> int:
    return 3 * number


class Start(NamedTuple):
    needs: bool
    compiled: int
    needs_after: bool


def start_small(root: Path) -> Start:
    """What a new process would do that needs a small kernel."""
    cache = KernelCache(root)
    kernel = cache.jit(thrice)
    needs = cache.needs_compiling(SPECIALISATION)
    cache.first_call(SPECIALISATION, lambda: kernel(1))
    assert kernel(14) == 42
    compiled = sum(kernel.stats.cache_misses.values())
    return Start(needs, compiled, cache.needs_compiling(SPECIALISATION))


COMPILED, FOUND = Start(True, 1, False), Start(False, 0, False)


@pytest.fixture
def cache(tmp_path):
    assert start_small(tmp_path) == COMPILED
    assert start_small(tmp_path) == FOUND
    return tmp_path


@pytest.mark.parametrize("kind", ["*.nbc", "*.nbi", "kernels.json"])
@pytest.mark.parametrize("damage", [b"", b"not a kernel" * 100], ids=["empty", "nonsense"])
def test_a_broken_cache_heals(cache, kind, damage):
    files = list(cache.rglob(kind))
    assert files
    for file in files:
        file.write_bytes(damage)
    assert not start_small(cache).needs_after
    assert start_small(cache) == FOUND


def test_an_unlisted_broken_index_heals(cache):
    next(cache.rglob("kernels.json")).unlink()
    next(cache.rglob("*.nbi")).write_bytes(b"broken")
    assert start_small(cache).compiled >= 1
    assert start_small(cache) == FOUND


def test_without_a_place_to_write_it_compiles_every_time(tmp_path):
    occupied = tmp_path / "superpos-tui"
    occupied.write_text("a file where the folder should be")
    for _ in range(2):
        assert start_small(occupied / "kernels").needs
    assert occupied.is_file()
