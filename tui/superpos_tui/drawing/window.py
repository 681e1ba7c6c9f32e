"""The part of a square matrix that is shown, and how it is zoomed and moved."""

from dataclasses import dataclass, replace

MIN_SIDE = 4
"""Closer than this there is nothing more to see."""


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
        side = min(self.side, features)
        last = features - side
        return Window(min(max(self.row, 0), last), min(max(self.column, 0), last), side)

    def zoomed(self, steps: int, around: tuple[int, int], features: int, unmerged: int) -> "Window":
        """Half as many rows per step, or twice as many if negative; an entry keeps its place.

        ``unmerged`` is the most rows that are drawn without merging entries: steps lead there, and
        while entries are merged, to multiples of it, which fill the room.
        """
        side = self.side
        for _ in range(abs(steps)):
            side = _closer(side, unmerged) if steps > 0 else _farther(side, unmerged)
        side = min(max(side, MIN_SIDE), features)
        row, column = (
            entry - (entry - start) * side // self.side
            for entry, start in zip(around, (self.row, self.column), strict=True)
        )
        return Window(row, column, side).within(features)

    def moved(self, right: int, down: int, features: int) -> "Window":
        """Moved by a quarter of it each."""
        step = max(self.side // 4, 1)
        row, column = self.row + down * step, self.column + right * step
        return replace(self, row=row, column=column).within(features)

    def around(self, feature: int, other: int) -> "Window":
        """Moved no further than needed to show an entry."""
        row = min(max(self.row, feature - self.side + 1), feature)
        column = min(max(self.column, other - self.side + 1), other)
        return replace(self, row=row, column=column)

    def on_diagonal(self, feature: int, other: int) -> "Window":
        """Of the same size on the diagonal, with an entry; itself if that is too far from it."""
        moved = Window(self.row, self.row, self.side).around(feature, feature).around(other, other)
        return moved if moved.has(feature, other) else self

    @classmethod
    def spanning(
        cls, first: tuple[range, range], second: tuple[range, range], features: int
    ) -> "Window":
        """The smallest window with two blocks of entries, these in its middle."""
        (top, bottom), (left, right) = (
            (min(one.start, other.start), max(one.stop, other.stop))
            for one, other in zip(first, second, strict=True)
        )
        side = max(bottom - top, right - left, MIN_SIDE)
        row, column = top - (side - bottom + top) // 2, left - (side - right + left) // 2
        return cls(row, column, side).within(features)


def _closer(side: int, unmerged: int) -> int:
    if side <= unmerged:
        return -(-side // 2)
    return max(-(-side // unmerged) // 2, 1) * unmerged


def _farther(side: int, unmerged: int) -> int:
    if side < unmerged:
        return min(2 * side, unmerged)
    return 2 * (side // unmerged) * unmerged
