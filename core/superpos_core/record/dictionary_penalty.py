"""What dictionaries minimise besides their reconstruction error, by which restarts are ranked too.

By the error alone the restart whose penalty did least would win: the one with most active latents.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from superpos_core.arrays import FloatArray, freeze
from superpos_core.record.penalties import Penalties
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import fresh_rows
from superpos_core.task.dictionaries.forward import encode
from superpos_core.task.dictionaries.kinds import kind_named
from superpos_core.task.dictionaries.penalty import mean_penalty, minimises_more
from superpos_core.task.dictionaries.rows import hidden_activation, hidden_vectors
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters


@dataclass(frozen=True)
class DictionaryPenalties(Penalties):
    """The penalties of one kind's lanes; ``directions`` (lanes, n, d) are what they read."""

    directions: FloatArray

    @property
    def multiplications(self) -> int:
        """Into hidden vectors, into latents, and back."""
        config = self.config
        return (config.features + 2 * config.latents) * config.hidden

    def of_lane(self, index: int, rows: int) -> float:
        """The penalty of one lane on rows that the restarts of a setting share.

        Each restart sees them through its own directions.
        """
        config, lane = self.config, self.lanes[index]
        x = _common_rows(config, replace(lane, seed=config.seed), rows)
        hidden = hidden_vectors(x, self.directions[index], hidden_activation(config))
        kind, parameters = kind_named(lane.model), self.parameters.take(index)
        with np.errstate(all="ignore"):
            activations = encode(kind, parameters, hidden, config.active_latents_of(lane))
            shares, strength = np.full(rows, 1 / rows), config.latent_penalty_of(lane)
            return mean_penalty(kind, parameters, hidden, activations, shares, strength)


@lru_cache(maxsize=1)  # of the restarts, one after another
def _common_rows(config: ExperimentConfig, lane: Lane, rows: int) -> FloatArray:
    return freeze(fresh_rows(config, lane, lane.random("penalty"), rows))


def dictionary_penalties(
    config: ExperimentConfig,
    lanes: tuple[Lane, ...],
    parameters: Parameters,
    directions: FloatArray,
) -> DictionaryPenalties | None:
    """The penalties of one kind's lanes; ``None`` for kinds that minimise the error alone."""
    if not minimises_more(kind_named(lanes[0].model)):
        return None
    return DictionaryPenalties(config, lanes, parameters, directions)
