"""What lanes minimise besides the loss that is shown, so that restarts are ranked by all of it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters

MAX_ROWS, MIN_ROWS = 2048, 128
"""Maximum and minimum number of rows averaged over for a setting's restarts."""
MAX_MULTIPLICATIONS = 1 << 26
"""Budget for the restarts of one setting: a few hundredths of a second."""


@dataclass(frozen=True)
class Penalties(ABC):
    """The penalties of a group's lanes, computed per setting on demand.

    ``parameters`` covers all lanes, with a leading lane axis.
    """

    config: ExperimentConfig
    lanes: tuple[Lane, ...]
    parameters: Parameters
    _cache: dict[range, FloatArray] = field(
        default_factory=dict, repr=False, compare=False, kw_only=True
    )

    @property
    @abstractmethod
    def multiplications(self) -> int:
        """Those of one row of one lane."""

    @abstractmethod
    def of_lane(self, index: int, rows: int) -> float:
        """What the penalty adds to the mean loss of a lane, over so many rows."""

    def at(self, indices: range) -> FloatArray:
        """What the penalty adds to the mean loss of consecutive lanes, shape (indices,).

        Not finite where the weights are not.
        """
        found = self._cache.get(indices)
        if found is None:
            rows = MAX_MULTIPLICATIONS // (self.multiplications * len(indices))
            rows = int(np.clip(rows, MIN_ROWS, MAX_ROWS))
            found = np.array([self.of_lane(index, rows) for index in indices])
            self._cache[indices] = found
        return found

    def __getstate__(self) -> dict[str, Any]:
        """Leaves the cache out when pickled, because another thread may be adding to it."""
        return {**self.__dict__, "_cache": {}}
