"""Where one row per feature lies, such as its bar: in as few columns of rows as needed."""

from dataclasses import dataclass

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import FULL, NEARLY_FULL

GAP = 2
"""Columns between two columns of rows."""
MAX_THICKNESS = 3


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
