"""An array found in a file of weights: described first, read only if it is wanted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from superpos_core.errors import printable

FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})
OTHERS = {"object": "Python objects, which are never read"}
MAX_LISTED = 6


@dataclass(frozen=True)
class FoundArray:
    """An array in an open file. ``dtype`` is the name that numpy or torch gives it.

    ``read`` returns its values, bfloat16 as float32, and raises ``UnreadableArrays``.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    read: Callable[[], NDArray[Any]]

    @property
    def is_float(self) -> bool:
        """Whether it may hold weights."""
        return self.dtype in FLOATS

    @property
    def description(self) -> str:
        """A description such as ``W (20, 5)``, or ``W (20, 5) of int64``."""
        shape = "×".join(map(str, self.shape)) or "a single number"
        kind = "" if self.is_float else f" of {OTHERS.get(self.dtype, printable(self.dtype))}"
        return f"{printable(self.name)} ({shape}){kind}"


@dataclass(frozen=True)
class Contents:
    """The arrays of an open file by name, and its metadata."""

    arrays: Mapping[str, FoundArray]
    metadata: Mapping[str, str] = field(default_factory=dict)


def listed(arrays: Iterable[FoundArray]) -> str:
    """Some arrays as text: the first few, and how many more there are."""
    each = [array.description for array in arrays]
    more = f" and {len(each) - MAX_LISTED} more" if len(each) > MAX_LISTED else ""
    return ", ".join(each[:MAX_LISTED]) + more
