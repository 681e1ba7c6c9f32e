"""Where the bars of features are: in rows with their numbers, or side by side if they are many."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.colours.scales import SUPERPOSITION_LIMIT
from superpos_core.geometry.blocks import greatest_in_blocks
from superpos_tui.drawing.bars import FULL_NORM, lying_bar, place_standing_bars, standing_bars
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import FULL, NEARLY_FULL, NEARLY_WIDE
from superpos_tui.drawing.palette import Ink, Palette, superposition_inks
from superpos_tui.views.shared.legends import shade

GAP = 2
"""Columns between two columns of bars."""
NUMBER_WIDTH = 6
"""Columns of the norm behind its bar, with the gaps around it."""
MAX_THICKNESS = 3
MAX_PITCH = 3
"""Columns of a standing bar with the gap after it, if there is room."""


@dataclass(frozen=True)
class Rows:
    """``features`` in columns ``column_width`` wide, of ``rows`` features each.

    A feature has ``thickness`` rows of cells.
    """

    features: int
    column_width: int
    rows: int
    thickness: int

    @classmethod
    def fitting(cls, features: int, width: int, height: int) -> "Rows":
        """As few columns as possible, and bars as thick as then fit."""
        columns = max(-(-features // max(height, 1)), 1)
        rows = max(-(-features // columns), 1)
        thickness = max(min(height // rows, MAX_THICKNESS), 1)
        return cls(features, (width + GAP) // columns, rows, thickness)

    @property
    def label_width(self) -> int:
        """Columns of a feature's index."""
        return len(str(self.features - 1))

    @property
    def room(self) -> int:
        """Columns behind a feature's index."""
        return self.column_width - self.label_width - 1 - GAP

    @property
    def middle(self) -> int:
        """The row of a bar in which its index and its number stand."""
        return (self.thickness - 1) // 2

    def corner(self, feature: int) -> tuple[int, int]:
        """The column and the row where a feature's index stands."""
        column, row = divmod(feature, self.rows)
        return column * self.column_width, row * self.thickness

    def feature_at(self, x: int, y: int) -> int | None:
        """The feature whose row contains a cell."""
        row = y // self.thickness
        feature = x // max(self.column_width, 1) * self.rows + row
        return feature if 0 <= row < self.rows and 0 <= feature < self.features else None

    def write_label(self, cells: Cells, feature: int, ink: int) -> tuple[int, int]:
        """Write a feature's index; return where its bar begins."""
        x, y = self.corner(feature)
        cells.write(x, y + self.middle, f"{feature:>{self.label_width}}", ink)
        return x + self.label_width + 1, y

    def write_bar(self, cells: Cells, x: int, y: int, bar: str, ink: int) -> None:
        """Write a bar in all rows of its feature: only the first has a gap above it."""
        for row in range(self.thickness):
            cells.write(x, y + row, bar.replace(NEARLY_FULL, FULL) if row else bar, ink)


def write_lying_bars(
    cells: Cells,
    layout: Rows,
    norms: FloatArray,
    interference: FloatArray,
    dedicated: int,
    selected: int | None,
    palette: Palette,
) -> None:
    """Draw each feature's index, its bar with a mark at 1, and its norm; the first m are bright."""
    bar_width = layout.room + 1 - NUMBER_WIDTH
    inks = superposition_inks(interference)
    for feature, norm in enumerate(norms):
        ink = Ink.TEXT if feature < dedicated else Ink.MUTED
        x, y = layout.write_label(cells, feature, Ink.ACCENT if feature == selected else ink)
        for row in range(layout.thickness):
            cells.write(x + int(bar_width / FULL_NORM), y + row, "┊", Ink.FAINT)
        bar = _lying_bar(float(norm), bar_width, float(interference[feature]), palette)
        layout.write_bar(cells, x, y, bar, int(inks[feature]))
        cells.write(x + bar_width + 1, y + layout.middle, f"{norm:4.2f}"[:4], Ink.MUTED)


def _lying_bar(norm: float, width: int, interference: float, palette: Palette) -> str:
    filled = None if palette.has_scales else shade(interference / SUPERPOSITION_LIMIT)
    return lying_bar(norm / FULL_NORM, width, filled)


def write_standing_bars(
    cells: Cells, rows: int, norms: FloatArray, interference: FloatArray, palette: Palette
) -> None:
    """Draw one bar per feature; if there are too many, that of the longest of each group."""
    longest = greatest_in_blocks(norms, -(-norms.size // max(cells.width, 1)))
    norms, interference = norms[longest], interference[longest]
    pitch = pitch_of(norms.size, cells.width)
    glyphs = standing_bars(norms / FULL_NORM, rows, apart=pitch > 1)
    if not palette.has_scales:
        shades = [shade(value / SUPERPOSITION_LIMIT) for value in interference]
        glyphs = np.where(np.isin(glyphs, (FULL, NEARLY_WIDE)), shades, glyphs)
    columns = range(0, cells.width, pitch)
    inks = superposition_inks(interference)
    place_standing_bars(cells, glyphs, inks, columns, max(pitch - 1, 1))


def pitch_of(bars: int, width: int) -> int:
    """Columns from one vertical bar to the next, the last of them free if there are several."""
    return max(min(width // max(bars, 1), MAX_PITCH), 1)
