"""What is written above and below the pictures of both sides, whatever they are."""

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.ticks import with_minus
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import grouped, setting_name
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import longest_within, one_line
from superpos_tui.scene import Scene
from superpos_tui.views.compare.measures import pin_of, reference_scene, sides_of
from superpos_tui.views.compare.state import PinnedRun

NO_CHANGE = "·"
UNKNOWN = "—"
MIN_INVITATION = 20
"""Columns in which a sentence is worth wrapping."""


@dataclass(frozen=True)
class Row:
    """One number of the table: its name and meaning, and how a ``change`` of it is written."""

    name: str
    meaning: str
    value: Callable[[Scene], float]
    written: Callable[[Scene], str]
    change: Callable[[float], str]

    def texts(self, reference: Scene, now: Scene) -> tuple[str, str, str]:
        """The number of both sides, and the change."""
        change = change_text(self.value(reference), self.value(now), self.change)
        return self.written(reference), self.written(now), change


class Columns(Protocol):
    """Names on the left, then the reference, the current lane, and what changes."""

    @property
    def names_width(self) -> int:
        """Columns of the names."""

    @property
    def column_width(self) -> int:
        """Columns of each side."""

    def left_of(self, column: int) -> int:
        """The left edge of a column: 0 the reference, 1 the current lane, 2 what changes."""


def is_same(scene: Scene) -> bool:
    """Whether the reference is the current lane at the current step, perhaps as it was opened."""
    reference = scene.of(reference_scene)
    return (
        scene.config == reference.config
        and scene.focus.model == reference.focus.model
        and scene.lane_index == reference.lane_index
        and scene.step == reference.step
        and _are_equal(scene.parameters.arrays, reference.parameters.arrays)
    )


def _are_equal(first: Mapping[str, FloatArray], second: Mapping[str, FloatArray]) -> bool:
    """Another run of the same config, on another engine for example, has other weights."""
    return all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)


def write_sides(cells: Cells, layout: Columns, scene: Scene) -> None:
    """Write the model and setting of both sides, then the seed and step; in two rows."""
    for column, (name, side) in enumerate(sides_of(scene)):
        setting = setting_name(side.config, side.setting)
        model = f"{side.focus.model} {setting}".strip()
        width = layout.column_width - 1
        first = longest_within(width, f"{name}: {model}", f"{name[:3]}: {model}", model, setting)
        run = None if side is scene else pin_of(scene).run
        second = longest_within(width, *_origins(side, run))
        cells.write(layout.left_of(column), 0, first[:width], Ink.TEXT)
        cells.write(layout.left_of(column), 1, second[:width], Ink.MUTED)


def _origins(side: Scene, run: PinnedRun | None) -> tuple[str, ...]:
    """The run or the seed of a side, and its step, longest first; nothing if they are not known."""
    whose = f"seed {side.lane.seed}" if run is None else one_line(run.name)
    if not side.knows_training:
        return ("",) if run is None else (whose,)
    step = f"step {grouped(side.step)}"
    return f"{whose} · {step}", step, grouped(side.step)


def write_row(cells: Cells, layout: Columns, y: int, name: str, texts: Sequence[str]) -> None:
    """Write a row of the table: a name, the values of both sides, and the change."""
    cells.write(0, y, name[: max(layout.names_width - 1, 0)], Ink.MUTED)
    for column, text in enumerate(texts):
        if column == 2:
            cells.write(layout.left_of(column), y, text, Ink.MUTED)
        else:
            cells.write(layout.left_of(column), y, text[: layout.column_width - 1], Ink.TEXT)


def change_text(before: float, now: float, written: Callable[[float], str]) -> str:
    """The change, as ``written``; a dot if that is 0, and a dash if it is not known."""
    change = now - before
    if not math.isfinite(change):
        return UNKNOWN
    text = with_minus(written(change).strip())
    return text if any(digit in text for digit in "123456789") else NO_CHANGE


def write_invitation(
    cells: Cells, corner: tuple[int, int], size: tuple[int, int], text: str
) -> None:
    """Write a sentence over what is drawn right of ``corner``, in so many columns and rows."""
    (left, top), (width, height) = corner, size
    lines = textwrap.wrap(text, max(width, min(cells.width - left, MIN_INVITATION)))[:height]
    for y in range(height):
        cells.grounds[top + y, left:] = Ink.NONE
        line = lines[y] if y < len(lines) else ""
        cells.write(left, top + y, line.ljust(cells.width - left), Ink.ACCENT)
