"""Runs that a test logs, and what their folders hold afterwards."""

import csv
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from superpos_core.arrays import FloatArray
from superpos_core.files.runs.layout import LOSSES_FILE, MANIFEST_FILE, TIMELINE_FOLDER
from superpos_core.files.runs.status_file import RunStatus, read_status

LANES, FEATURES, HIDDEN = 3, 5, 2
DEADLINE = 60.0
RANDOM = np.random.default_rng(0)
STACK: FloatArray = RANDOM.normal(size=(LANES, FEATURES, HIDDEN)).astype(np.float32)
BIASES: FloatArray = RANDOM.normal(size=(LANES, FEATURES)).astype(np.float32)
ONE: FloatArray = STACK[0]
BIAS: FloatArray = BIASES[0]


def manifest(folder: Path) -> dict[str, Any]:
    """``run.json``."""
    values: dict[str, Any] = json.loads((folder / MANIFEST_FILE).read_text())
    return values


def status(folder: Path) -> RunStatus:
    """``status.json``, which has to be there."""
    found = read_status(folder)
    assert found is not None
    return found


def moments(folder: Path, model: str = "tied") -> dict[int, dict[str, FloatArray]]:
    """The kept moments of a model by step."""
    found = sorted((folder / TIMELINE_FOLDER / model).iterdir(), key=lambda path: int(path.stem))
    return {int(path.stem): load_file(path) for path in found}


def losses(folder: Path) -> dict[int, list[float]]:
    """The rows of losses by step."""
    with (folder / LOSSES_FILE).open(newline="", encoding="utf-8") as file:
        _, *rows = csv.reader(file)
    assert len({row[0] for row in rows}) == len(rows)
    return {int(step): [float(cell) for cell in cells] for step, *cells in rows}


def wait_for(is_true: Callable[[], bool]) -> None:
    """Wait until another thread has done something."""
    deadline = threading.Event()
    for _ in range(int(DEADLINE / 0.01)):
        if is_true():
            return
        deadline.wait(0.01)
    raise AssertionError("it did not happen")
