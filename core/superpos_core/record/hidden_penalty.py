"""The penalty on the hidden layer: minimised together with the loss, but not shown with it.

Restarts are ranked by the training objective, so the penalty of each must be known ("The Strategic
Picture of Superposition": an L1 penalty on hidden activations).
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import dataset, fresh_rows
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters

MAX_ROWS, MIN_ROWS = 2048, 128
"""Maximum and minimum number of rows averaged over for a setting's restarts."""
MAX_MULTIPLICATIONS = 1 << 26
"""Budget for the restarts of one setting: a few hundredths of a second."""


@dataclass(frozen=True)
class HiddenPenalties:
    """The penalties of one model's lanes, computed per setting on demand.

    ``parameters`` covers all lanes, with a leading lane axis.
    """

    config: ExperimentConfig
    lanes: tuple[Lane, ...]
    parameters: Parameters
    _cache: dict[range, FloatArray] = field(default_factory=dict, repr=False, compare=False)

    def at(self, indices: range) -> FloatArray:
        """What the penalty adds to the mean loss of consecutive lanes, shape (indices,).

        Not finite where the weights are not.
        """
        found = self._cache.get(indices)
        if found is None:
            found = self._cache[indices] = self._penalties(indices)
        return found

    def __getstate__(self) -> dict[str, Any]:
        """Leaves the cache out when pickled, because another thread may be adding to it."""
        return {**self.__dict__, "_cache": {}}

    def _penalties(self, indices: range) -> FloatArray:
        work = self.config.features * self.config.hidden * len(indices)
        rows = int(np.clip(MAX_MULTIPLICATIONS // work, MIN_ROWS, MAX_ROWS))
        return np.array(
            [
                mean_penalty(self.config, self.lanes[index], self.parameters.encoder[index], rows)
                for index in indices
            ]
        )


def penalties_of(
    config: ExperimentConfig, lanes: tuple[Lane, ...], parameters: Parameters
) -> HiddenPenalties | None:
    """The penalties of one model's lanes; ``None`` where nothing is penalised."""
    return HiddenPenalties(config, lanes, parameters) if config.hidden_penalty else None


def mean_penalty(config: ExperimentConfig, lane: Lane, encoder: FloatArray, rows: int) -> float:
    """λ·‖h‖₁ / n averaged over rows: what the penalty adds to a lane's mean loss.

    ``encoder`` is W, shape (n, m). Restarts of a setting share the same ``rows`` fresh rows, so
    that chance hardly affects their order; with fixed datasets, each uses rows of its dataset.
    """
    strength = config.hidden_penalty_of(lane) / config.features
    if strength == 0:
        return 0.0
    if config.dataset_size:
        x = dataset(config, lane)[:rows]
    else:
        common = replace(lane, seed=config.seed)
        x = fresh_rows(config, common, common.random("penalty"), rows)
    with np.errstate(all="ignore"):
        hidden = model_named(lane.model).hidden(x @ encoder)
        return strength * float(np.abs(hidden).sum(axis=1).mean(dtype=np.float64))
