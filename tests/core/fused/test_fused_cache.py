"""Compiled kernels on disk, each start in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

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
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(CORE)}
    done = subprocess.run(
        [sys.executable, "-c", START], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    first = start(folder)
    assert first == {"needs": True, "compiled": 1, "needs after": False, "torch": False}
    return folder


def test_a_second_start_compiles_nothing(cache):
    assert start(cache) == {"needs": False, "compiled": 0, "needs after": False, "torch": False}


@pytest.mark.parametrize("kind", ["*.nbc", "*.nbi", "kernels.json"])
@pytest.mark.parametrize("damage", [b"", b"not a kernel" * 100])
def test_a_broken_cache_heals(cache, kind, damage):
    for file in cache.rglob(kind):
        file.write_bytes(damage)
    assert not start(cache)["needs after"]
    assert start(cache)["compiled"] == 0


def test_an_unlisted_broken_index_heals(cache):
    next(cache.rglob("kernels.json")).unlink()
    next(cache.rglob("*.nbi")).write_bytes(b"broken")
    assert start(cache)["compiled"] >= 1
    assert start(cache)["compiled"] == 0


def test_without_a_place_to_write_it_compiles_every_time(tmp_path):
    occupied = tmp_path / "superpos-tui"
    occupied.write_text("a file where the folder should be")
    assert start(tmp_path)["compiled"] <= 1
    assert occupied.is_file()
