"""The part of a square matrix that is shown, and how it is zoomed and moved."""

from dataclasses import dataclass

from superpos_tui.drawing.span import MIN_SHOWN, Span, zoomed_size


def start_around(index: int, shown: int, count: int) -> int:
    """The first of ``shown`` of ``count`` items with this one in their middle, or at an end."""
    return max(0, min(index - shown // 2, count - shown))


@dataclass(frozen=True)
class Window:
    """``side`` rows and columns of a square matrix, from (``row``, ``column``) on."""

    row: int
    column: int
    side: int

    @classmethod
    def whole(cls, features: int) -> "Window":
        """All of a matrix."""
        return cls(0, 0, features)

    @property
    def rows(self) -> range:
        """The rows that are shown."""
        return range(self.row, self.row + self.side)

    @property
    def columns(self) -> range:
        """The columns that are shown."""
        return range(self.column, self.column + self.side)

    @property
    def middle(self) -> tuple[int, int]:
        """The entry in the middle."""
        return self.row + self.side // 2, self.column + self.side // 2

    def part_of(self, features: int) -> tuple[range, range]:
        """The rows and columns that a matrix of this many features has."""
        return self.rows[: max(features - self.row, 0)], self.columns[
            : max(features - self.column, 0)
        ]

    def has(self, feature: int, other: int) -> bool:
        """Whether an entry is shown."""
        return feature in self.rows and other in self.columns

    def within(self, features: int) -> "Window":
        """As large a window as fits, at the nearest place."""
        rows, columns = (span.within(features) for span in self._spans)
        return self._at(rows, columns)

    def zoomed(self, steps: int, around: tuple[int, int], features: int, unmerged: int) -> "Window":
        """Half as many rows per step, or twice as many if negative; an entry keeps its place.

        ``unmerged`` is the most rows that are drawn without merging entries.
        """
        side = zoomed_size(self.side, steps, features, unmerged)
        rows, columns = (
            span.resized(side, entry, features)
            for span, entry in zip(self._spans, around, strict=True)
        )
        return self._at(rows, columns)

    def moved(self, right: int, down: int, features: int) -> "Window":
        """Moved by a quarter of it each."""
        rows, columns = self._spans
        return self._at(rows.moved(down, features), columns.moved(right, features))

    def around(self, feature: int, other: int) -> "Window":
        """Moved no further than needed to show an entry."""
        rows, columns = self._spans
        return self._at(rows.around(feature), columns.around(other))

    def on_diagonal(self, feature: int, other: int) -> "Window":
        """Of the same size on the diagonal, with an entry; itself if that is too far from it."""
        moved = Window(self.row, self.row, self.side).around(feature, feature).around(other, other)
        return moved if moved.has(feature, other) else self

    @classmethod
    def spanning(
        cls, first: tuple[range, range], second: tuple[range, range], features: int
    ) -> "Window":
        """The smallest window with two blocks of entries, these in its middle."""
        ends = [
            (min(one.start, other.start), max(one.stop, other.stop))
            for one, other in zip(first, second, strict=True)
        ]
        side = max(MIN_SHOWN, *(stop - start for start, stop in ends))
        rows, columns = (Span.centred(start, stop, side) for start, stop in ends)
        return cls._at(rows, columns).within(features)

    @property
    def _spans(self) -> tuple[Span, Span]:
        return Span(self.row, self.side), Span(self.column, self.side)

    @classmethod
    def _at(cls, rows: Span, columns: Span) -> "Window":
        return cls(rows.start, columns.start, rows.size)
