"""The form in which engines train a dictionary's arrays.

They differ from the shown ones in two ways: a tied encoder is no array of its own, and jump-relu
trains log θ, because θ must stay positive (as in SAELens).
"""

from collections.abc import Mapping

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import THRESHOLD, W_ENC, DictionaryKind
from superpos_core.task.dictionaries.options import TIED
from superpos_core.task.models import TrainedArray
from superpos_core.task.parameters import Parameters

Arrays = Mapping[str, FloatArray]


def own_arrays(config: ExperimentConfig, kind: DictionaryKind) -> tuple[TrainedArray, ...]:
    """The arrays that are trained as such."""
    is_tied = config.encoder == TIED
    return tuple(each for each in kind.trained if not (is_tied and each == W_ENC))


def is_of_batch(kind: DictionaryKind, array: TrainedArray) -> bool:
    """Whether it is the running threshold of BatchTopK, which is one for all latents."""
    return array == THRESHOLD and kind.activation == "batch-topk"


def as_shown(kind: DictionaryKind, arrays: Arrays) -> Parameters:
    """Copies of trained arrays, of one lane or of many, as all others know them."""
    shown = {name: array.copy() for name, array in arrays.items()}
    if W_ENC.name not in shown:
        shown[W_ENC.name] = np.ascontiguousarray(shown["decoder"].swapaxes(-1, -2))
    if _has_logarithm(kind):
        shown[THRESHOLD.name] = np.exp(shown[THRESHOLD.name])
    return Parameters(**{each.name: shown[each.name] for each in kind.trained})


def as_trained(config: ExperimentConfig, kind: DictionaryKind, shown: Parameters) -> Arrays:
    """The arrays to train for shown ones.

    Raises ``ValueError`` for a tied encoder that is not the decoder's transpose.
    """
    if config.encoder == TIED:
        transpose = shown.arrays["decoder"].swapaxes(-1, -2)
        if not np.array_equal(shown.encoder, transpose):
            raise ValueError("the encoder is tied, but is not the decoder's transpose")
    trained = {each.name: shown.arrays[each.name] for each in own_arrays(config, kind)}
    if _has_logarithm(kind):
        trained[THRESHOLD.name] = np.log(trained[THRESHOLD.name])
    return trained


def _has_logarithm(kind: DictionaryKind) -> bool:
    return kind.activation == "jump-relu"
