"""The bars of norms: in rows with their numbers, or side by side if they are many."""

from superpos_core.arrays import FloatArray
from superpos_core.geometry.blocks import greatest_in_blocks
from superpos_tui.drawing.bars import (
    FULL_NORM,
    mark_norm_of_one,
    pitch_of,
    place_standing_bars,
)
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink, Palette, superposition_inks
from superpos_tui.views.shared.feature_rows import Rows
from superpos_tui.views.shared.norm_glyphs import lying_norm, standing_norms

NUMBER_WIDTH = 6
"""Columns of the norm behind its bar, with the gaps around it."""


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
        bar = lying_norm(float(norm), float(interference[feature]), bar_width, palette)
        layout.write_bar(cells, x, y, bar, int(inks[feature]))
        cells.write(x + bar_width + 1, y + layout.middle, f"{norm:4.2f}"[:4], Ink.MUTED)


def write_standing_bars(
    cells: Cells, rows: int, norms: FloatArray, interference: FloatArray, palette: Palette
) -> None:
    """Draw one bar per feature; if there are too many, that of the longest of each group."""
    longest = greatest_in_blocks(norms, -(-norms.size // max(cells.width, 1)))
    norms, interference = norms[longest], interference[longest]
    pitch = pitch_of(norms.size, cells.width)
    glyphs = standing_norms(norms, interference, rows, palette, apart=pitch > 1)
    columns = range(0, cells.width, pitch)
    inks = superposition_inks(interference)
    place_standing_bars(cells, glyphs, inks, columns, max(pitch - 1, 1))
    mark_norm_of_one(cells, rows)
