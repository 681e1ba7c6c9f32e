"""How training on 1-sparse data comes down from polygon to polygon (Chen et al. 2023)."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.measures import gram
from superpos_core.theory import Rest, is_polygon, one_sparse_loss, rests
from superpos_core.timeline import Timeline


def exact_losses_over(timeline: Timeline) -> FloatArray:
    """The exact total loss of every lane with a ReLU output at each moment, (moments, lanes)."""
    moments = [moment.parameters for moment in timeline.moments]
    return np.stack([one_sparse_loss(gram(each), each.bias) for each in moments])


def polygon_rests(timeline: Timeline, losses: FloatArray, lane: int) -> tuple[Rest, ...]:
    """Where one lane rests on a closed-form level as the polygon that has it.

    ``losses`` are those of ``exact_losses_over``. A loss that is on a level by chance, while the
    features form something else, is no rest.
    """

    def is_on_it(rest: Rest) -> bool:
        parameters = timeline.moments[rest.middle].parameters
        return is_polygon(parameters.encoder[lane], rest.level.corners)

    features = timeline.moments[0].parameters.bias.shape[-1]
    return tuple(filter(is_on_it, rests(timeline.steps, losses[:, lane], features)))
