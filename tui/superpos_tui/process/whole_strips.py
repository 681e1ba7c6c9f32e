"""Keeps Textual's lines of the screen from becoming garbage that only a collection finds.

A line that is not cut, because one widget fills it, caches itself as its own only part. So each
frame would leave thousands of objects in cycles, and looking for them takes as long as a frame.
"""

from collections.abc import Iterable, Sequence

from textual.strip import Strip

_cut = Strip.divide


def divide(self: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    """Cut a line at these columns, the last of which is its end; without a cycle if it is whole."""
    cuts = list(cuts)
    return [self] if cuts == [self.cell_length] else _cut(self, cuts)


def let_go_of_strips() -> None:
    """Divide all of Textual's lines like this from now on."""
    Strip.divide = divide  # type: ignore[method-assign]
