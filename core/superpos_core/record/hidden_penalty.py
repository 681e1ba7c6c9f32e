"""The penalty on the hidden layer: minimised together with the loss, but not shown with it.

Restarts are ranked by the training objective, so the penalty of each must be known ("The Strategic
Picture of Superposition": an L1 penalty on hidden activations).
"""

from dataclasses import dataclass, replace

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.record.penalties import Penalties
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import dataset, fresh_rows
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters


@dataclass(frozen=True)
class HiddenPenalties(Penalties):
    """The penalties of one model's lanes."""

    @property
    def multiplications(self) -> int:
        """Those of a row with W."""
        return self.config.features * self.config.hidden

    def of_lane(self, index: int, rows: int) -> float:
        """The mean penalty of one lane."""
        encoder = self.parameters.encoder[index]
        return mean_penalty(self.config, self.lanes[index], encoder, rows)


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
