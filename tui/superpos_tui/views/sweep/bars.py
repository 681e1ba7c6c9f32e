"""Bars of norms, coloured by superposition, below or beside the matrices of the sweep panel."""

from superpos_core.geometry.blocks import greatest_in_blocks
from superpos_tui.drawing.bars import (
    mark_norm_of_one,
    place_standing_bars,
)
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.palette import Palette, superposition_inks
from superpos_tui.measures.geometry import feature_norms, superposition
from superpos_tui.scene import Scene
from superpos_tui.views.shared.norm_glyphs import lying_norm, standing_norms


def norms_below(scene: Scene, matrix: MatrixLayout, rows: int, palette: Palette) -> Cells:
    """One bar for each column of the matrix; of merged columns, the longest."""
    cells = Cells.blank(matrix.zoom * matrix.squares, rows)
    shown = slice(matrix.window.columns.start, matrix.window.columns.stop)
    norms = scene.of(feature_norms)[shown]
    longest = greatest_in_blocks(norms, matrix.block)
    norms, interference = norms[longest], scene.of(superposition)[shown][longest]
    bars = standing_norms(norms, interference, rows, palette, apart=matrix.zoom > 1)
    inks = superposition_inks(interference)
    columns = range(0, cells.width, matrix.zoom)
    place_standing_bars(cells, bars, inks, columns, max(matrix.zoom - 1, 1))
    mark_norm_of_one(cells, rows)
    return cells


def write_norms_beside(
    cells: Cells,
    scene: Scene,
    matrix: MatrixLayout,
    corner: tuple[int, int],
    width: int,
    palette: Palette,
) -> None:
    """Write one bar for each row of a matrix whose features have a row each."""
    left, top = corner
    norms, interference = scene.of(feature_norms), scene.of(superposition)
    inks = superposition_inks(interference)
    for feature in matrix.window.rows:
        bar = lying_norm(float(norms[feature]), float(interference[feature]), width, palette)
        cells.write(left, top + matrix.row_of(feature), bar, int(inks[feature]))
