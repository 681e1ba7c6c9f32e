"""The weights that every engine starts a lane from."""

import math
from collections.abc import Sequence

import numpy as np

from superpos_core.config import ExperimentConfig, Lane
from superpos_core.models import Parameters, model_named


def initial_parameters(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Weights from a normal with standard deviation √(2/(n + m)), bias 0, float32.

    Xavier's scale for one (n, m) matrix, times the config's ``initial_scale``. It does not depend
    on the number of lanes, as the official notebook's does.
    """
    n, m = config.features, config.hidden
    scale = config.initial_scale * math.sqrt(2 / (n + m))
    random = lane.random("initial weights")
    encoder = (scale * random.standard_normal((n, m))).astype(np.float32)
    decoder = None
    if not model_named(lane.model).tied:
        decoder = (scale * random.standard_normal((m, n))).astype(np.float32)
    return Parameters(encoder, decoder, np.zeros(n, dtype=np.float32))


def stacked_initial_parameters(config: ExperimentConfig, lanes: Sequence[Lane]) -> Parameters:
    """The initial parameters of lanes of one model, with a leading lane axis."""
    each = [initial_parameters(config, lane) for lane in lanes]
    free = [parameters.free_decoder for parameters in each]
    return Parameters(
        np.stack([parameters.encoder for parameters in each]),
        np.stack([decoder for decoder in free if decoder is not None])
        if free[0] is not None
        else None,
        np.stack([parameters.bias for parameters in each]),
    )
