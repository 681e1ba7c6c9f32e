"""What a model makes of the rows of its dataset: whether it stores them, or learns features.

Of few rows a model stores each as it is: the hidden vectors h_x form a regular polygon. Many rows
teach it features (Henighan et al. 2023, "Superposition, Memorization, and Double Descent").
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
    """h_x of each row that a lane trains on, shape (T, m); x·W where the hidden layer is linear.

    Raises ``InvalidValue`` where data are fresh at every step.
    """
    with np.errstate(all="ignore"):
        return reconstruct(model_named(lane.model), parameters, dataset(config, lane)).hidden


def training_loss(config: ExperimentConfig, lane: Lane, parameters: Parameters) -> float:
    """The total loss of a lane over all the rows that it trains on.

    Raises ``InvalidValue`` where data are fresh at every step.
    """
    rows = dataset(config, lane)
    errors = squared_error_sums(lane, parameters, rows)
    return float(config.importance_of(lane) @ errors) / len(rows)


def losses_on_fresh_rows(
    config: ExperimentConfig, lanes: Sequence[Lane], parameters: Parameters, rows: int
) -> FloatArray:
    """The total losses of lanes over the same fresh rows, which none has seen; shape (lanes,).

    The lanes, the leading axis of ``parameters``, are of one model and one sparsity: all that may
    tell them apart is their seed and the size of their dataset.
    """
    first = lanes[0]
    x = fresh_rows(config, first, first.random("evaluation"), rows)
    errors = [squared_error_sums(first, parameters.take(place), x) for place in range(len(lanes))]
    losses: FloatArray = np.stack(errors) @ config.importance_of(first) / rows
    return losses
