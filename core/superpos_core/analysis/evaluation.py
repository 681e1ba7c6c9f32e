"""The loss of a trained lane over a fresh sample that training never saw."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named, moments_of
from superpos_core.task.dataset import fresh_rows
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named, reconstruct, target_of
from superpos_core.task.parameters import Parameters
from superpos_core.theory import linear_optimum, linear_optimum_of_moments

EVALUATION_ROWS = 1 << 18
"""Maximum number of rows, used for up to 32 features; more features need fewer rows."""
EVALUATION_VALUES = 32 * EVALUATION_ROWS
MIN_EVALUATION_ROWS = 1 << 14
OTHER_RESTARTS_DIVISOR = 8
"""All but the best restart are evaluated on this many times fewer rows."""
CHUNK_ROWS = 1 << 14
CHUNK_ENTRIES = 1 << 22
"""Maximum rows × features per chunk: a few arrays of 16 MiB."""
MAX_EIGENVALUES = 512
"""Maximum features whose covariance has its eigenvalues computed: they take 0.1 s."""

OF_LOSSES = frozenset({"sparsities", "importance", "distribution", "models"})
"""The fields of a config without which weights have no loss."""


def evaluation_rows(features: int, is_best: bool = True) -> int:
    """The number of rows to evaluate a lane on; fewer unless it is its setting's best restart."""
    rows = min(EVALUATION_ROWS, EVALUATION_VALUES // features)
    return max(rows // (1 if is_best else OTHER_RESTARTS_DIVISOR), MIN_EVALUATION_ROWS)


@dataclass(frozen=True)
class Evaluation:
    """A lane's loss over ``rows`` fresh rows.

    ``loss_total`` is the paper's: summed over features, averaged over rows. ``loss_mean`` is also
    averaged over features, as the official notebook prints it.
    """

    rows: int
    loss_mean: float
    loss_total: float
    loss_over_linear: float


def evaluate(
    config: ExperimentConfig,
    lane: Lane,
    parameters: Parameters,
    rows: int = EVALUATION_ROWS,
    on_chunk: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Evaluate one lane; the sample depends only on the lane and its seed.

    ``on_chunk`` is called many times per second, and may raise to abort.
    """
    random = lane.random("evaluation")
    squared_error = np.zeros(config.features)
    chunk_rows = min(CHUNK_ROWS, max(CHUNK_ENTRIES // config.features, 1))
    for start in range(0, rows, chunk_rows):
        on_chunk()
        count = min(chunk_rows, rows - start)
        x = fresh_rows(config, lane, random, count)
        squared_error += squared_error_sums(lane, parameters, x)
    total = float(config.importance_of(lane) @ squared_error) / rows
    return Evaluation(rows, total / config.features, total, loss_over_linear(config, lane, total))


def loss_over_linear(config: ExperimentConfig, lane: Lane, loss_total: float) -> float:
    """L / L_linear, which is comparable across sparsities.

    NaN where L_linear is 0 (m ≥ n) or has no closed form. m is that of the lane.
    """
    optimum = linear_optimum_of(config, lane)
    return loss_total / optimum if optimum > 0 else float("nan")


@lru_cache(maxsize=4096)
def linear_optimum_of(config: ExperimentConfig, lane: Lane) -> float:
    """L_linear: the lowest total loss of a linear model on a lane's data.

    NaN if there is no closed form: if features form sets, if rows come from a fixed dataset, or if
    the target is not the input. NaN too if the moments of the data are unknown, because their file
    is gone, or if there are too many features for eigenvalues between two frames.
    """
    distribution = distribution_named(config.distribution)
    if distribution.source is not None:
        return _optimum_of_rows(config, lane)
    is_known = (
        distribution.grouping == "independent"
        and not (distribution.one_hot or distribution.unit_norm)
        and not config.dataset_size_of(lane)
        and model_named(lane.model).target == "input"
    )
    if not is_known:
        return float("nan")
    probability = config.feature_probability(lane)
    importance = config.importance_of(lane)
    hidden = config.hidden_of(lane)
    return linear_optimum(importance, probability, hidden, distribution.moments)


def _optimum_of_rows(config: ExperimentConfig, lane: Lane) -> float:
    """The same for rows that are drawn as a whole, from their covariance."""
    is_known = not config.dataset_size_of(lane) and model_named(lane.model).target == "input"
    if not is_known or config.features > MAX_EIGENVALUES:
        return float("nan")
    try:
        mean, second = moments_of(
            distribution_named(config.distribution),
            config.feature_probability(lane),
            config.structure,
        )
    except InvalidValue:  # told where rows are drawn; what is trained can be seen without the file
        return float("nan")
    covariance = second - np.outer(mean, mean)
    return linear_optimum_of_moments(config.importance_of(lane), covariance, config.hidden_of(lane))


def squared_error_sums(lane: Lane, parameters: Parameters, x: FloatArray) -> FloatArray:
    """Σ over rows of (target − x̂)², shape (n,)."""
    model = model_named(lane.model)
    with np.errstate(all="ignore"):
        error = target_of(model, x) - reconstruct(model, parameters, x).output
        total: FloatArray = np.sum(np.square(error, dtype=np.float64), axis=0)
    return total
