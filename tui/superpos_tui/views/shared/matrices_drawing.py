"""A matrix with one row per feature as squares."""

from superpos_core.arrays import FloatArray
from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.squares import draw_squares, write_values_on
from superpos_tui.views.shared.matrices_layout import MatricesLayout


def draw_part(matrix: FloatArray, layout: MatricesLayout, palette: Palette) -> Cells:
    """The shown rows and columns of a ``matrix``; a matrix with one column is shown whole.

    If entries are merged, the strongest of each block is drawn; large ones have their numbers.
    """
    features, units = layout.features.items, layout.units.items
    shown = matrix[features.start : features.stop]
    if matrix.shape[1] > 1:
        shown = shown[:, units.start : units.stop]
    squares = strongest_of_blocks(shown, layout.merged_features, layout.merged_units)
    picture = draw_squares(squares, layout.wide, palette, layout.half_rows)
    if layout.merged_features == layout.merged_units == 1 and palette.has_scales:
        write_values_on(picture, squares, layout.wide, layout.half_rows)
    return picture
