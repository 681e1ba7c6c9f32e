"""Work on large arrays in strips of rows, which bounds memory and makes it cancellable.

The user may move on while something is still being measured. Callers wrap a measure in
``cancellable``, and everything that works in ``strips`` then stops before the next strip.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MAX_STRIP_ENTRIES = 1 << 20
"""Maximum entries of a strip: 8 MiB of float64."""


class Cancelled(Exception):
    """The result is no longer needed."""


_is_cancelled: ContextVar[Callable[[], bool]] = ContextVar("is_cancelled", default=lambda: False)
"""Separate in every thread, so that cancelling one measure does not affect others."""


@contextmanager
def cancellable(is_cancelled: Callable[[], bool]) -> Iterator[None]:
    """Within this block ``strips`` raises ``Cancelled`` as soon as ``is_cancelled`` is true."""
    token = _is_cancelled.set(is_cancelled)
    try:
        yield
    finally:
        _is_cancelled.reset(token)


def strips(rows: int, row_entries: int, max_entries: int = MAX_STRIP_ENTRIES) -> Iterator[slice]:
    """Slices of the rows 0 … ``rows`` − 1 with at most ``max_entries`` entries, or a single row.

    Yields one empty slice if there are no rows. Raises ``Cancelled`` before the next slice if
    cancelled.
    """
    rows_per_strip = max(max_entries // max(row_entries, 1), 1)
    for start in range(0, max(rows, 1), rows_per_strip):
        if _is_cancelled.get()():
            raise Cancelled
        yield slice(start, min(start + rows_per_strip, rows))
