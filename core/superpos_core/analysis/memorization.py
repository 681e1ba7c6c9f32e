"""Memorization: whether a model stores the rows of its dataset or learns features.

With few rows a model stores each one: the hidden vectors h_x form a regular polygon. With many rows
it learns features (Henighan et al. 2023, "Superposition, Memorization, and Double Descent").
"""

from collections.abc import Sequence

import numpy as np

from superpos_core.analysis.evaluation import squared_error_sums
from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import dataset, fresh_rows
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named, reconstruct
from superpos_core.task.parameters import Parameters


def hidden_rows(config: ExperimentConfig, lane: Lane, parameters: Parameters) -> FloatArray:
    """h_x of each row that a lane trains on, shape (T, m); x·W if the hidden layer is linear.

    Raises ``InvalidValue`` if data are fresh at every step.
    """
    with np.errstate(all="ignore"):
        return reconstruct(model_named(lane.model), parameters, dataset(config, lane)).hidden


def training_loss(config: ExperimentConfig, lane: Lane, parameters: Parameters) -> float:
    """The total loss of a lane over all rows that it trains on.

    Raises ``InvalidValue`` if data are fresh at every step.
    """
    rows = dataset(config, lane)
    errors = squared_error_sums(lane, parameters, rows)
    return float(config.importance_of(lane) @ errors) / len(rows)


def losses_on_fresh_rows(
    config: ExperimentConfig, lanes: Sequence[Lane], parameters: Parameters, rows: int
) -> FloatArray:
    """The total losses of lanes over the same fresh rows, unseen by all; shape (lanes,).

    The lanes, the leading axis of ``parameters``, share one model and one sparsity: they may differ
    only in seed and dataset size.
    """
    first = lanes[0]
    x = fresh_rows(config, first, first.random("evaluation"), rows)
    errors = [squared_error_sums(first, parameters.take(index), x) for index in range(len(lanes))]
    losses: FloatArray = np.stack(errors) @ config.importance_of(first) / rows
    return losses
