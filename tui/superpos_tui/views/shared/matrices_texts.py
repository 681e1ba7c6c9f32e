"""What is written beside matrices with one row per feature, and below them in the border."""

from collections.abc import Sequence

from superpos_core.ticks import round_step
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED, SELECTED_BELOW
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


def write_column_numbers(
    cells: Cells, layout: MatricesLayout, numbers: Sequence[int], marked: int | None = None
) -> None:
    """Write the ``numbers`` of as many columns as fit, by their places, above the matrix.

    One place may be ``marked``; numbers that would touch its number are left out.
    """
    if layout.top < 1:
        return
    columns, y = layout.units.items, layout.top - 1
    room = len(str(max(numbers))) + 1
    apart = round_step(room * layout.merged_units, layout.wide)
    taken = range(0)
    if marked is not None and marked in columns:
        label = f"{SELECTED_BELOW}{numbers[marked]}"
        x = _start_over(layout, marked, label)
        cells.write(x, y, label, Ink.ACCENT)
        taken = range(x, x + len(label))
    for column in range(columns.start, columns.stop, apart):
        text = str(numbers[column])
        x = _start_over(layout, column, text)
        if not taken or x > taken.stop or x + len(text) < taken.start:
            cells.write(x, y, text, Ink.MUTED)


def _start_over(layout: MatricesLayout, column: int, text: str) -> int:
    """Where a text over the middle of a column begins."""
    square = (column - layout.units.start) // layout.merged_units
    return max(layout.left + square * layout.wide + (layout.wide - len(text)) // 2, 0)


def readings_of(layout: MatricesLayout | None, readings: Sequence[str]) -> tuple[str, ...]:
    """What a row and a column are, after how many entries are merged, if they are."""
    merged = layout.merged_note if layout else ""
    return tuple(" · ".join(filter(None, (merged, reading))) for reading in (*readings, ""))
