"""The layout of the probe table's rows and columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from superpos_core.arrays import IntArray
from superpos_tui.drawing.bars import SignedBars
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.scene import Scene
from superpos_tui.views.probe.measures import (
    followed,
    probe_input,
    worst_attack,
)

LIMIT = 1.5
"""The value that fills a bar, fixed and equal in all columns: features are at most 1."""
MIN_BAR = 3
MAX_BAR = 20
NUMBER = 5
MAX_ROW_HEIGHT = 8
"""Rows per feature where there is room: a bar of all but one of them, and a gap."""
GROUPS = (2, 3, 4, 5, 10)
"""So many features stand together if there is room for blank rows, but not for higher ones."""
LEAST_SUMMARY = 2
GAP = 2
"""Columns between two columns of the table."""
STAGE_SETS: tuple[tuple["Stage", ...], ...] = (
    ("x", "pre", "cut", "output", "error"),
    ("x", "pre", "output", "error"),
    ("x", "pre", "output"),
    ("pre", "output"),
    ("pre",),
)
"""The stages of the input's way through the model: the first set that fits is shown."""
Stage = Literal["x", "pre", "cut", "output", "error"]
BARS: tuple[Stage, ...] = ("x", "pre", "output")


@dataclass(frozen=True)
class _Column:
    """A stage's bars, if it has any, and the right end of its numbers."""

    stage: Stage
    right: int
    bars: SignedBars | None


@dataclass(frozen=True)
class Layout:
    """The shown features, their rows, and the columns of the table."""

    features: IntArray
    left_out: IntArray
    first_row: int
    row_height: int
    group: int
    summary_row: int
    columns: tuple[_Column, ...]

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "Layout":
        first_row = 1 if height > 3 else 0
        summary = 0 if height < 7 else 2 if height < 16 else 3
        least = min(summary, LEAST_SUMMARY)
        if summary and scene.of(worst_attack) is not None:
            summary, least = summary + 1, least + 1
        features, left_out = _shown(scene, height - first_row - summary)
        row_height = max(1, (height - first_row - summary - 1) // features.size)
        # The last row ends with a gap: a shorter summary needs no blank row before it.
        thicker = (height - first_row - least) // features.size
        if thicker > row_height and not left_out.size:
            row_height, summary = thicker, least
        row_height = min(row_height, MAX_ROW_HEIGHT)
        used = first_row + row_height * features.size + (left_out.size > 0)
        count = features.size
        fitting = (each for each in GROUPS if used + (count - 1) // each < height - summary)
        group = count + 1 if left_out.size else next(fitting, count + 1)
        used += (count - 1) // group
        # A blank row before the summary, if there is room.
        summary_row = min(used + 1, height - summary)
        columns = _columns(scene, width)
        return cls(features, left_out, first_row, row_height, group, summary_row, columns)

    @property
    def thickness(self) -> int:
        """The rows of a bar."""
        return max(1, self.row_height - 1)

    def top_of(self, index: int) -> int:
        """The first row of the feature with this index among those shown."""
        return self.first_row + index * self.row_height + index // self.group

    def feature_at(self, y: int) -> int | None:
        """The feature in a row of cells."""
        for index, feature in enumerate(self.features.tolist()):
            if 0 <= y - self.top_of(index) < self.row_height:
                return int(feature)
        return None


def _shown(scene: Scene, rows: int) -> tuple[IntArray, IntArray]:
    """The features to show and those left out; both in order."""
    n = scene.config.features
    if n <= rows:
        return np.arange(n), np.arange(0)
    pointed_at = np.isin(np.arange(n), _pointed_at(scene))
    probed = scene.of(followed)
    matters = np.maximum(np.abs(probed.drive), np.abs(probed.error))
    # Ties after rounding go by index, so that rows do not swap while a model trains.
    matters = np.round(np.nan_to_num(matters, nan=LIMIT, posinf=LIMIT), 2)
    # lexsort sorts by its last key first.
    order = np.lexsort((-matters, scene.of(probe_input) == 0, ~pointed_at))
    count = max(rows - 1, 1)
    return np.sort(order[:count]), np.sort(order[count:])


def _pointed_at(scene: Scene) -> list[int]:
    """The features that are always shown: the selected one and the one under attack."""
    cursor, attack = scene.options.cursor, scene.of(worst_attack)
    chosen = [] if cursor is None else [cursor.feature]
    return chosen if attack is None else [*chosen, attack.feature]


def _columns(scene: Scene, width: int) -> tuple[_Column, ...]:
    """The columns of the first stage set with wide enough bars, or of the last set."""
    for stages in STAGE_SETS:
        room = width - label_width(scene) - sum(_fixed_width(stage) for stage in stages)
        sides = sum(sum(_sides(scene, stage)) for stage in stages)
        if room >= MIN_BAR * sides:
            break
    unit = min(max(room // sides, 1), MAX_BAR)
    return tuple(_placed(scene, stages, unit))


def _placed(scene: Scene, stages: Sequence[Stage], unit: int) -> Iterator[_Column]:
    x = label_width(scene)
    for stage in stages:
        x += GAP
        left_side, right_side = _sides(scene, stage)
        bars = None
        end = x + NUMBER
        if right_side:
            zero = x + left_side * unit
            bars = SignedBars(zero, left_side * unit, right_side * unit, LIMIT)
            end = zero + right_side * unit + 2 + NUMBER
        yield _Column(stage, end, bars)
        x = end


def label_width(scene: Scene) -> int:
    """Columns for a mark and the index of a feature."""
    return len(SELECTED) + 1 + len(str(scene.config.features - 1))


def _fixed_width(stage: Stage) -> int:
    """The width without bars: a gap, the number and, for bars, the zero line and a blank."""
    return GAP + NUMBER + (2 if stage in BARS else 0)


def _sides(scene: Scene, stage: Stage) -> tuple[int, int]:
    """Whether a stage's bars need room (1) or not (0) left and right of their zero line."""
    if stage not in BARS:
        return 0, 0
    has_negatives = {
        "x": bool(np.any(scene.of(probe_input) < 0)),
        "pre": True,
        "output": scene.model.output.has_negative_values,
    }
    return int(has_negatives[stage]), 1
