"""Two exports of one experiment, compared number by number."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

LOSSES, SUMMARY, WEIGHTS = "loss.csv", "summary.json", "weights.safetensors"
MEASURES_TIME = ("seconds_training",)
NAMES = ("experiment", "config.name")
"""Words that a renamed experiment changes."""


def compared(before: Path, after: Path) -> list[str]:
    """What differs between two exports; nothing where all numbers are the same."""
    missing = [
        f"{name} is missing"
        for name in (LOSSES, SUMMARY, WEIGHTS)
        if (before / name).exists() and not (after / name).exists()
    ]
    if missing:
        return missing
    return [*_weights(before, after), *_losses(before, after), *_summary(before, after)]


def count_equal_figures(before: Path, after: Path) -> tuple[int, int]:
    """How many figures of the first export are the same bytes in the second, and of how many."""
    figures = [file for file in before.iterdir() if file.suffix in (".png", ".gif", ".svg", ".pdf")]
    equal = [
        (after / file.name).exists() and file.read_bytes() == (after / file.name).read_bytes()
        for file in figures
    ]
    return sum(equal), len(figures)


def _weights(before: Path, after: Path) -> Iterator[str]:
    old, new = load_file(before / WEIGHTS), load_file(after / WEIGHTS)
    for name in sorted(old.keys() ^ new.keys()):
        yield f"{WEIGHTS}: {name} is in one of them only"
    for name in sorted(old.keys() & new.keys()):
        if old[name].dtype != new[name].dtype or old[name].tobytes() != new[name].tobytes():
            moved = np.abs(old[name].astype(float) - new[name]).max()
            yield f"{WEIGHTS}: {name} differs by up to {moved:.3g}"


def _losses(before: Path, after: Path) -> Iterator[str]:
    if not (before / LOSSES).exists():
        return
    old, new = ((folder / LOSSES).read_bytes() for folder in (before, after))
    if old != new:
        yield f"{LOSSES}: other bytes"


def _summary(before: Path, after: Path) -> Iterator[str]:
    """Every name that was there is there, with the same value; new names may have come."""
    old, new = (
        dict(_leaves(json.loads((folder / SUMMARY).read_text("utf-8"))))
        for folder in (before, after)
    )
    for name, value in old.items():
        if name in MEASURES_TIME or name in NAMES:
            continue
        if name not in new:
            yield f"{SUMMARY}: {name} is gone"
        elif _is_number(value) and not _same(value, new[name]):
            yield f"{SUMMARY}: {name} was {value!r}, is {new[name]!r}"


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{name}[{index}]")
    else:
        yield name, value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _same(old: float, new: object) -> bool:
    both_nan = isinstance(new, float) and math.isnan(new) and math.isnan(old)
    return both_nan or (type(old) is type(new) and old == new)
