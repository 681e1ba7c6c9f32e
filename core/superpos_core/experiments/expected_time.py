"""Estimated training time of an experiment, before it starts and while it goes on."""

from functools import lru_cache

import numpy as np

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.rows import expected_rows
from superpos_core.task.dictionaries.truth import model_config, steps_of_models
from superpos_core.task.lanes import Lane

SECONDS_PER_ROW = 3e-9
SECONDS_PER_WEIGHT = 9e-11
"""Time of the fused engine on one core: per row of a batch, and per entry of W and row.

Fitted to the experiments on two cores of a server with AVX-512: most are within a factor of two,
and all but one within three.
"""

SECONDS_PER_STEP = 2.5e-6
SECONDS_PER_HIDDEN_ROW = 1e-7
SECONDS_PER_LATENT = 1e-8
SECONDS_PER_DICTIONARY_WEIGHT = 5e-11
"""The same of dictionaries: per step, per different row of a batch, and, of each such row, per
latent and per entry of W_dec.

Fitted like those above, to the experiments with dictionaries and to dictionaries of up to 512
latents in 64 dimensions.
"""
MOST_SETTINGS = 16
"""Maximum number of settings whose rows are counted: evenly spaced ones."""

TRUST = 0.1
"""The share of a training over which its own speed outweighs what was expected."""


def lane_count(config: ExperimentConfig) -> int:
    """The number of lanes, without creating them: a phase diagram has tens of thousands."""
    return len(config.groups) * len(config.settings) * config.restarts


def expected_seconds(config: ExperimentConfig, cores: int) -> float:
    """Seconds of training with the fused engine, to an order of magnitude.

    Each lane is trained by one core at a time. Dictionaries train after their models.
    """
    if config.kind != DICTIONARIES:
        return _seconds_of_models(config, cores)
    first = _seconds_of_models(model_config(config), cores) if steps_of_models(config) else 0.0
    return first + _seconds_of_dictionaries(config, cores)


def _seconds_of_models(config: ExperimentConfig, cores: int) -> float:
    lanes = lane_count(config)
    rows = config.steps * config.batch * lanes / min(cores, lanes)
    sizes = [config.hidden_at(swept) for swept in config.sweep_values or (None,)]
    weights = config.features * sum(sizes) / len(sizes)
    return rows * (SECONDS_PER_ROW + SECONDS_PER_WEIGHT * weights)


def _seconds_of_dictionaries(config: ExperimentConfig, cores: int) -> float:
    lanes = lane_count(config)
    of_row = SECONDS_PER_HIDDEN_ROW + config.latents * (
        SECONDS_PER_LATENT + SECONDS_PER_DICTIONARY_WEIGHT * config.hidden
    )
    of_step = SECONDS_PER_STEP + _rows_per_step(config) * of_row
    return config.steps * of_step * lanes / min(cores, lanes)


@lru_cache(maxsize=16)  # the header asks for it in every frame
def _rows_per_step(config: ExperimentConfig) -> float:
    """The mean number of different rows that a lane of dictionaries reads in a step."""
    settings = config.settings[:: -(-len(config.settings) // MOST_SETTINGS)]
    lanes = [
        Lane(config.groups[0], each.sparsity, config.seed, each.swept, each.sweep)
        for each in settings
    ]
    return float(np.mean([expected_rows(config, lane) for lane in lanes]))


def seconds_left(config: ExperimentConfig, cores: int, share: float, seconds: float) -> float:
    """Seconds until the end, after a ``share`` of the training has taken so many.

    The first slices are slow, so the expectation counts as if a share of ``TRUST`` had already been
    trained as it says: the estimate begins there and soon follows what is measured.
    """
    whole = (seconds + TRUST * expected_seconds(config, cores)) / (share + TRUST)
    return whole * (1 - share)
