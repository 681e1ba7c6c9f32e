"""Where matrices with one row per feature lie side by side, their numbers, and rows of text."""

from dataclasses import dataclass

from superpos_tui.drawing.span import Span

GAP = 2
"""Columns between two matrices."""
MAX_WIDE, MAX_HALF_ROWS = 24, 8
"""The largest entry; one as wide as high may have more half rows."""
MAX_ASPECT = 6
"""The largest width of an entry, in times the height of half a row."""
MIN_FOR_TITLES = 3
MIN_FOR_BAR = 6
MIN_FOR_NUMBERS = 8
MIN_FOR_VALUES = 11
"""Minimum rows of the panel for each of these."""


@dataclass(frozen=True)
class MatricesLayout:
    """An entry is ``wide`` columns wide and ``half_rows`` half rows high.

    If there are too many entries, each square is the strongest of ``merged_features`` ×
    ``merged_units``. The first column of the matrices is ``left``, their first row ``top``. The
    last one is followed by ``biases`` columns of one entry each; one alone has no name above it.
    """

    features: Span
    units: Span
    matrices: int
    selected: int | None
    merged_features: int
    merged_units: int
    most_features: int
    most_units: int
    wide: int
    half_rows: int
    left: int
    top: int
    number_width: int
    values_top: int | None
    biases: int = 1

    @classmethod
    def fitting(
        cls,
        features: Span,
        units: Span,
        matrices: int,
        size: tuple[int, int],
        *,
        half_blocks: bool,
        selected: int | None,
        biases: int = 1,
        below: int | None = None,
    ) -> "MatricesLayout | None":
        """The largest entries that fit ``size``; ``None`` if there is no room for a single one.

        Without half blocks an entry has whole rows. So many rows ``below`` are left free, by
        default those for numbers and the scale.
        """
        width, height = size
        number_width, gaps = len(str(features.items[-1])) + 2, (matrices + biases - 1) * GAP
        number_width *= width > number_width + gaps + matrices + biases
        across = width - number_width - gaps
        if across < matrices + biases or height < 1:
            return None
        top = (height >= MIN_FOR_TITLES) * (matrices + biases > 1) + (height >= MIN_FOR_NUMBERS)
        if below is None:
            below = (height >= MIN_FOR_BAR) + (matrices + 1) * (height >= MIN_FOR_VALUES)
        unit = 2 - half_blocks
        most_features = 2 * (height - top - below) // unit
        most_units = (across - biases) // matrices
        merged_features, down = _merged(features.size, most_features)
        merged_units, beside = _merged(units.size, most_units)
        entries = matrices * beside + biases
        wide, half_rows = _entry_size(across // entries, most_features // down * unit)
        return cls(
            features=features,
            units=units,
            matrices=matrices,
            selected=selected,
            merged_features=merged_features,
            merged_units=merged_units,
            most_features=most_features,
            most_units=most_units,
            wide=wide,
            half_rows=half_rows,
            left=number_width + (across - entries * wide) // 2,
            top=top,
            number_width=number_width,
            values_top=height - below if height >= MIN_FOR_VALUES else None,
            biases=biases,
        )

    @property
    def columns(self) -> int:
        """Squares across one matrix."""
        return -(-self.units.size // self.merged_units)

    @property
    def rows(self) -> int:
        """Squares down a matrix."""
        return -(-self.features.size // self.merged_features)

    @property
    def merged_note(self) -> str:
        """What a reading begins with if entries are merged; empty if none are."""
        if self.merged_features == self.merged_units == 1:
            return ""
        return f"each cell: the largest of {self.merged_features}×{self.merged_units}"

    def left_of(self, index: int) -> int:
        """The left edge of a matrix; the bias is the last one."""
        return self.left + index * (self.columns * self.wide + GAP)

    def row_of(self, feature: int) -> int:
        """The row of cells that contains the middle of a feature's squares."""
        square = (feature - self.features.start) // self.merged_features
        return self.top + (2 * square + 1) * self.half_rows // 4

    def features_at(self, y: int) -> range | None:
        """The features in a row of cells; if two squares share it, the one without the cursor."""
        first, second = ((2 * (y - self.top) + half) // self.half_rows for half in (0, 1))
        if y < self.top or first >= self.rows:
            return None
        upper = self._features(first)
        if self.selected in upper and second < self.rows:
            return self._features(second)
        return upper

    def units_at(self, x: int, index: int) -> range | None:
        """The hidden units in a column of cells of a matrix; that of the bias has one column."""
        column = (x - self.left_of(index)) // self.wide
        if not 0 <= column < (self.columns if index < self.matrices else 1):
            return None
        return self._units(column)

    def nearest_features(self, y: int) -> range:
        """The features in a row of cells, or those nearest to it."""
        square = 2 * (y - self.top) // self.half_rows
        return self._features(min(max(square, 0), self.rows - 1))

    def nearest_units(self, x: int) -> range:
        """The hidden units in a column of cells, or those nearest to it in the nearest matrix."""
        across = self.columns * self.wide + GAP
        index = min(max((x - self.left) // across, 0), self.matrices - 1)
        square = (x - self.left_of(index)) // self.wide
        return self._units(min(max(square, 0), self.columns - 1))

    def _features(self, square: int) -> range:
        first = square * self.merged_features
        return self.features.items[first : first + self.merged_features]

    def _units(self, square: int) -> range:
        return self.units.items[square * self.merged_units : (square + 1) * self.merged_units]


def _merged(count: int, most: int) -> tuple[int, int]:
    """How many of ``count`` entries share one of at most so many squares; and all squares."""
    together = -(-count // most)
    return together, -(-count // together)


def _entry_size(room_across: int, room_down: int) -> tuple[int, int]:
    """The largest entry in so many columns and half rows, as columns and half rows."""
    widest = min(room_across, MAX_WIDE)
    half_rows = min(room_down, max(MAX_HALF_ROWS, widest))
    if half_rows > MAX_HALF_ROWS:
        half_rows -= half_rows % 2  # whole rows
    return min(widest, MAX_ASPECT * half_rows), half_rows
