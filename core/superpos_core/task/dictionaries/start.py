"""The parameters of a dictionary at step 0, the same for every engine."""

from collections.abc import Callable, Sequence

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import THRESHOLD, kind_named
from superpos_core.task.dictionaries.objective import JUMP_THRESHOLD
from superpos_core.task.dictionaries.options import INDEPENDENT, RANDOM, TRUTH
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters, stacked

Drawn = Callable[[ExperimentConfig, Lane, FloatArray], FloatArray]


def check_start(config: ExperimentConfig) -> None:
    """Raise ``InvalidValue`` if dictionaries of this config cannot start where it says."""
    if config.dictionary_start == TRUTH and config.latents != config.features:
        reason = f"a start from the true directions has one latent for each of {config.features}"
        raise InvalidValue("latents", config.latents, reason, str(config.features))


def initial_dictionary(config: ExperimentConfig, lane: Lane, directions: FloatArray) -> Parameters:
    """The dictionary of ``lane`` at step 0, float32; ``directions`` (n, d) are the true ones.

    The rows of W_dec have length 1, W_enc is W_decᵀ and biases are 0, as in the papers (Bricken et
    al. 2023; Gao et al. 2024). That also holds for true directions that are not orthogonal, as in
    Chanin et al. (2025): the pseudo-inverse would have no interference, but a sparse latent should
    read one direction, not the difference between many.
    """
    kind = kind_named(lane.model)
    decoder = _STARTS[config.dictionary_start](config, lane, directions)
    arrays = {
        each.name: np.full(each.shape(0, config.hidden, config.latents), each.initial, np.float32)
        for each in kind.trained
    }
    if kind.activation == "jump-relu":
        arrays[THRESHOLD.name][:] = JUMP_THRESHOLD
    encoder = np.ascontiguousarray(_ENCODERS.get(config.dictionary_start, _same)(lane, decoder).T)
    return Parameters(**{**arrays, "encoder": encoder, "decoder": decoder})


def stacked_initial_dictionaries(
    config: ExperimentConfig, lanes: Sequence[Lane], directions: FloatArray
) -> Parameters:
    """Those of all ``lanes`` of one kind, with a leading lane axis, as ``directions`` have."""
    return stacked(
        [initial_dictionary(config, *each) for each in zip(lanes, directions, strict=True)]
    )


def _same(_: Lane, decoder: FloatArray) -> FloatArray:
    return decoder


def _others(lane: Lane, decoder: FloatArray) -> FloatArray:
    return of_length_1(lane.random("initial encoder").standard_normal(decoder.shape))


def _random(config: ExperimentConfig, lane: Lane, _: FloatArray) -> FloatArray:
    drawn = lane.random("initial dictionary").standard_normal((config.latents, config.hidden))
    return of_length_1(drawn)


def _true(config: ExperimentConfig, _: Lane, directions: FloatArray) -> FloatArray:
    check_start(config)
    return of_length_1(directions)


_STARTS: dict[str, Drawn] = {RANDOM: _random, INDEPENDENT: _random, TRUTH: _true}
_ENCODERS = {INDEPENDENT: _others}


def of_length_1(rows: FloatArray) -> FloatArray:
    """The rows (rows, d) scaled to length 1, float32; rows of zeros stay."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: FloatArray = rows / np.where(norms > 0, norms, 1)
    return scaled.astype(np.float32)
