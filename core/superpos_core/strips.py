"""Work on large arrays in strips of rows: bounded memory, and places where it can be given up.

What a person looks at changes while it is measured. Whoever starts a measure says by ``given_up``
how to tell that nobody wants it any more, and all that works in ``strips`` then ends between two.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ENTRIES_AT_ONCE = 1 << 20
"""Entries of a strip at most: 8 MiB of float64, whatever the sizes are."""


class GivenUp(Exception):
    """Nobody wants any more what was being measured."""


_is_unwanted: ContextVar[Callable[[], bool]] = ContextVar("is_unwanted", default=lambda: False)
"""Each thread has its own, so that giving up one measure leaves all others alone."""


@contextmanager
def given_up(is_unwanted: Callable[[], bool]) -> Iterator[None]:
    """Within this block ``strips`` raise ``GivenUp`` as soon as ``is_unwanted`` says so."""
    before = _is_unwanted.set(is_unwanted)
    try:
        yield
    finally:
        _is_unwanted.reset(before)


def strips(rows: int, entries_per_row: int, at_most: int = ENTRIES_AT_ONCE) -> Iterator[slice]:
    """0 … ``rows`` − 1 in slices of as many rows as ``at_most`` entries allow, at least one.

    No rows are one empty slice. Raises ``GivenUp`` before a slice that is not wanted any more.
    """
    rows_at_once = max(at_most // max(entries_per_row, 1), 1)
    for start in range(0, max(rows, 1), rows_at_once):
        if _is_unwanted.get()():
            raise GivenUp
        yield slice(start, min(start + rows_at_once, rows))
