"""What is written beside matrices with one row per feature, and below them in the border."""

from collections.abc import Sequence

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.palette import Ink
from superpos_tui.views.shared.matrices_layout import MatricesLayout


def write_feature_numbers(cells: Cells, layout: MatricesLayout) -> None:
    """Write one index per row of cells: that of the upper feature, or of the one at the cursor."""
    if not layout.number_width:
        return
    right, features = layout.left - 1, layout.features.items
    step = layout.merged_features * (2 if layout.half_rows == 1 else 1)
    for feature in features[::step]:
        cells.write_right(right, layout.row_of(feature), str(feature), Ink.MUTED)
    if layout.selected is not None and layout.selected in features:
        label = f"{SELECTED}{layout.selected:>{layout.number_width - 2}}"
        cells.write_right(right, layout.row_of(layout.selected), label, Ink.ACCENT)


def readings_of(layout: MatricesLayout | None, readings: Sequence[str]) -> tuple[str, ...]:
    """What a row and a column are, after how many entries are merged, if they are."""
    merged = layout.merged_note if layout else ""
    return tuple(" · ".join(filter(None, (merged, reading))) for reading in (*readings, ""))
