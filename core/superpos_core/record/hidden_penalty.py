"""The penalty on the hidden layer: it is minimised with the loss, and is not shown with it.

Restarts are ranked by what is minimised, so the penalty of each has to be known ("The Strategic
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

MOST_ROWS, FEWEST_ROWS = 2048, 128
"""Rows behind the mean penalties of a setting's restarts."""
MULTIPLICATIONS = 1 << 26
"""So many are spent on the restarts of one setting: some hundredths of a second."""


@dataclass(frozen=True)
class HiddenPenalties:
    """The penalties of the lanes of one model, computed for a setting when they are asked for.

    ``parameters`` are those of all lanes, with a leading lane axis.
    """

    config: ExperimentConfig
    lanes: tuple[Lane, ...]
    parameters: Parameters
    _kept: dict[range, FloatArray] = field(default_factory=dict, repr=False, compare=False)

    def at(self, places: range) -> FloatArray:
        """What each of some lanes, next to one another, adds to its mean loss; shape (places,).

        Not finite where the weights are not.
        """
        found = self._kept.get(places)
        if found is None:
            found = self._kept[places] = self._penalties(places)
        return found

    def __getstate__(self) -> dict[str, Any]:
        """For another process: what is kept is left behind, as a thread may be adding to it."""
        return {**self.__dict__, "_kept": {}}

    def _penalties(self, places: range) -> FloatArray:
        work = self.config.features * self.config.hidden * len(places)
        rows = int(np.clip(MULTIPLICATIONS // work, FEWEST_ROWS, MOST_ROWS))
        return np.array(
            [
                mean_penalty(self.config, self.lanes[place], self.parameters.encoder[place], rows)
                for place in places
            ]
        )


def penalties_of(
    config: ExperimentConfig, lanes: tuple[Lane, ...], parameters: Parameters
) -> HiddenPenalties | None:
    """The penalties of the lanes of one model; ``None`` where nothing is penalised."""
    return HiddenPenalties(config, lanes, parameters) if config.hidden_penalty else None


def mean_penalty(config: ExperimentConfig, lane: Lane, encoder: FloatArray, rows: int) -> float:
    """λ·‖h‖₁ / n averaged over rows: what the penalty adds to a lane's mean loss.

    ``encoder`` is W, shape (n, m). Restarts of a setting see the same ``rows`` fresh rows, so that
    chance hardly matters to their order; where they train on datasets, each sees rows of its own.
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
