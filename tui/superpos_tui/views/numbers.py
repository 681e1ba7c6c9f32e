"""The numbers of a panel as a table that a spreadsheet or a notebook reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.errors import InvalidValue

MAX_NUMBERS = 200_000
"""Maximum numbers to copy; a terminal takes about 100 kB, and e exports everything."""


@dataclass(frozen=True)
class Numbers:
    """A table: the names of its columns, and its rows."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[object]]

    def as_tsv(self) -> str:
        """Tab-separated lines; nine digits distinguish any two numbers of single precision."""
        lines = (map(_text, row) for row in (self.header, *self.rows))
        return "".join("\t".join(line) + "\n" for line in lines)


def _text(value: object) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.9g}"
    return " ".join(str(value).split())


def check_copyable(count: int) -> None:
    """Raise ``InvalidValue`` for more numbers than can be copied."""
    if count > MAX_NUMBERS:
        raise InvalidValue("numbers", f"{count:,}", "too many to copy", "e, which exports them")


def by_column(**columns: Iterable[object]) -> Numbers:
    """A table of columns of the same length."""
    return Numbers(tuple(columns), list(zip(*columns.values(), strict=True)))


def with_index(name: str, columns: dict[str, NDArray[Any]]) -> Numbers:
    """One row per index, counted from 0; an array of two dimensions is one column per number.

    Those columns are called ``W[0]``, ``W[1]`` and so on.
    """
    header, parts = [name], []
    for label, values in columns.items():
        check_copyable(values.size)
        is_wide = values.ndim > 1
        header += [f"{label}[{each}]" for each in range(values.shape[1])] if is_wide else [label]
        parts.append(values if is_wide else values[:, None])
    rows = zip(*parts, strict=True)
    return Numbers(
        tuple(header),
        [[index, *(number for part in row for number in part)] for index, row in enumerate(rows)],
    )
