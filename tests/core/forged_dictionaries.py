"""Dictionaries that were never trained, in the form of a finished run."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.record.dictionaries import DictionaryCohort, DictionaryRecord
from superpos_core.record.history import LossHistory
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.directions import OF_MODEL
from superpos_core.task.dictionaries.kinds import kind_named
from superpos_core.task.dictionaries.truth import made_directions
from superpos_core.task.parameters import Parameters

Forge = Callable[[FloatArray, np.random.Generator, int], FloatArray]
"""Makes a decoder (K, d) from true directions (n, d), a generator and K."""


def zero_rows(directions: FloatArray, _: np.random.Generator, latents: int) -> FloatArray:
    return np.zeros((latents, directions.shape[1]))


def random_rows(directions: FloatArray, random: np.random.Generator, latents: int) -> FloatArray:
    return random.standard_normal((latents, directions.shape[1]))


def one_for_all(directions: FloatArray, _: np.random.Generator, latents: int) -> FloatArray:
    return np.tile(directions.sum(axis=0), (latents, 1))


def true_directions(directions: FloatArray, _: np.random.Generator, latents: int) -> FloatArray:
    return directions[np.arange(latents) % len(directions)]


def forged(config: ExperimentConfig, forge: Forge) -> DictionaryRecord:
    """A finished run with these decoders; encoders read the same directions."""
    lanes = config.lanes_of(config.dictionaries[0])
    is_made = config.directions != OF_MODEL
    directions = made_directions(config if is_made else replace(config, directions="random"), lanes)
    cohorts = {kind: _cohort(config, kind, directions, forge) for kind in config.dictionaries}
    return DictionaryRecord(config, cohorts, directions=directions)


def _cohort(
    config: ExperimentConfig, kind: str, directions: FloatArray, forge: Forge
) -> DictionaryCohort:
    lanes = config.lanes_of(kind)
    random = np.random.default_rng(0)
    decoders = np.stack([forge(each, random, config.latents) for each in directions])
    lengths = np.linalg.norm(decoders, axis=2, keepdims=True)
    decoders = (decoders / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    sizes = (config.features, config.hidden, config.latents)
    arrays = {
        each.name: np.zeros((len(lanes), *each.shape(*sizes)), np.float32)
        for each in kind_named(kind).trained
    }
    arrays |= {"decoder": decoders, "encoder": decoders.swapaxes(1, 2)}
    history = LossHistory(len(lanes))
    history.append(np.ones((5, len(lanes)), np.float32))
    return DictionaryCohort(
        lanes, config.steps, Parameters(**arrays), history.full, history.recent, config.restarts,
        active=history.full, recent_active=history.recent,
    )  # fmt: skip
