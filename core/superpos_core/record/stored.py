"""A record, or all that training needs to continue, as named arrays and JSON values for a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True)
class Stored:
    """Named arrays, and ``facts``: everything else, as JSON values by name."""

    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def under(self, folder: str) -> dict[str, NDArray[Any]]:
        """The arrays whose names begin with ``folder/``, without that beginning."""
        start = f"{folder}/"
        return {
            name.removeprefix(start): array
            for name, array in self.arrays.items()
            if name.startswith(start)
        }

    def with_arrays(self, folder: str, arrays: Mapping[str, NDArray[Any]]) -> "Stored":
        """The same with more arrays, named ``folder/name``."""
        more = {f"{folder}/{name}": array for name, array in arrays.items()}
        return Stored({**self.arrays, **more}, self.facts)

    def with_facts(self, **facts: Any) -> "Stored":
        """The same with more facts."""
        return Stored(self.arrays, {**self.facts, **facts})
