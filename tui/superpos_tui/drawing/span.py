"""Consecutive rows or columns of a matrix that are shown, and how they are zoomed and moved."""

from dataclasses import dataclass

MIN_SHOWN = 4
"""Closer than this there is nothing more to see."""


@dataclass(frozen=True)
class Span:
    """``size`` consecutive items of a longer sequence, from ``start`` on."""

    start: int
    size: int

    @classmethod
    def whole(cls, count: int) -> "Span":
        """All items of a sequence."""
        return cls(0, count)

    @classmethod
    def centred(cls, start: int, stop: int, size: int) -> "Span":
        """``size`` items, those from ``start`` to ``stop`` in their middle."""
        return cls(start - (size - (stop - start)) // 2, size)

    @classmethod
    def spanning(cls, first: range, second: range, count: int) -> "Span":
        """The items from one range to another, and at least ``MIN_SHOWN`` of ``count``."""
        start, stop = min(first.start, second.start), max(first.stop, second.stop)
        return cls.centred(start, stop, max(stop - start, MIN_SHOWN)).within(count)

    @property
    def items(self) -> range:
        """The items that are shown."""
        return range(self.start, self.start + self.size)

    @property
    def middle(self) -> int:
        """The item in the middle."""
        return self.start + self.size // 2

    def within(self, count: int) -> "Span":
        """As many of ``count`` items as fit, at the nearest place."""
        size = min(self.size, count)
        return Span(min(max(self.start, 0), count - size), size)

    def around(self, item: int) -> "Span":
        """Moved no further than needed to show an item."""
        return Span(min(max(self.start, item - self.size + 1), item), self.size)

    def moved(self, steps: int, count: int) -> "Span":
        """Moved by a quarter of it per step."""
        return Span(self.start + steps * max(self.size // 4, 1), self.size).within(count)

    def resized(self, size: int, around: int, count: int) -> "Span":
        """Another number of items; the one it is resized ``around`` keeps its place."""
        start = around - (around - self.start) * size // self.size
        return Span(start, size).within(count)


def part_of(span: Span | None, count: int) -> Span | None:
    """The same span of ``count`` items, as far as it fits; ``None`` if it would be all of them."""
    return span.within(count) if span is not None and span.size < count else None


def zoomed_size(size: int, steps: int, count: int, unmerged: int) -> int:
    """Half as many items per step, or twice as many if negative, between ``MIN_SHOWN`` and all.

    ``unmerged`` is the most items that are drawn without merging any: steps lead there, and while
    items are merged, to multiples of it, which fill the room.
    """
    for _ in range(abs(steps)):
        size = _closer(size, unmerged) if steps > 0 else _farther(size, unmerged)
    return min(max(size, MIN_SHOWN), count)


def _closer(size: int, unmerged: int) -> int:
    if size <= unmerged:
        return -(-size // 2)
    return max(-(-size // unmerged) // 2, 1) * unmerged


def _farther(size: int, unmerged: int) -> int:
    if size < unmerged:
        return min(2 * size, unmerged)
    return 2 * (size // unmerged) * unmerged
