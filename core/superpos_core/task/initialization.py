"""The initial weights of a lane, the same for every engine."""

import math
from collections.abc import Sequence

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters, stacked
from superpos_core.task.starts import start_named


def initial_parameters(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The config's start with normal weights of standard deviation √(2/(n + m)), float32.

    This is Xavier initialisation of one (n, m) matrix, times the config's ``initial_scale``. Unlike
    in the official notebook, it does not depend on the number of lanes.
    """
    n, m = config.features, config.hidden_of(lane)
    scale = config.initial_scale * math.sqrt(2 / (n + m))
    random = lane.random("initial weights")

    def normal(rows: int, columns: int) -> FloatArray:
        return scale * random.standard_normal((rows, columns))

    model = model_named(lane.model)
    begun = start_named(config.initial).begin(model, n, m, normal)
    level = {
        array.name: np.full(array.shape(n, m), array.initial, np.float32) for array in model.trained
    }
    return Parameters(**{**level, **begun})


def stacked_initial_parameters(config: ExperimentConfig, lanes: Sequence[Lane]) -> Parameters:
    """The initial parameters of all ``lanes`` of one model, with a leading lane axis.

    Lanes of a smaller m than the config's are padded with zeros, which training keeps: a hidden
    unit without weights has no gradient.
    """
    each = [initial_parameters(config, lane) for lane in lanes]
    return stacked(each, config.padding_of(lanes))
