"""The memory layout of lanes.

A cohort is any number of lanes of one model form and size. All their parameters are one array,
(lanes, parameter_count), each row: encoder, decoder (none when tied), bias. Encoder and decoder are
both stored (features, hidden), i.e. the decoder is W_out transposed, padded with zeros to whole
tiles. Zeros stay zero in training: a padded feature is never active and has no importance, a padded
hidden unit has no weights. The kernel trains these rows in place; ``named`` views them as the usual
matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.random import seeded_states
from superpos_core.engine.fused.simd import VECTOR_WIDTH
from superpos_core.engine.fused.specialisation import Tiles, padded
from superpos_core.task.parameters import Parameters

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Layout:
    """Sizes and offsets of one lane's parameters."""

    features: int
    hidden: int
    tied: bool
    tiles: Tiles

    @classmethod
    def of(cls, features: int, hidden: int, tied: bool) -> Layout:
        return cls(features, hidden, tied, Tiles.fitting(features, hidden))

    @property
    def padded_features(self) -> int:
        return padded(self.features, self.tiles.features)

    @property
    def padded_hidden(self) -> int:
        return padded(self.hidden, self.tiles.hidden)

    @property
    def feature_vectors(self) -> int:
        """Length of an array over features that is read in whole vectors."""
        return padded(self.padded_features, VECTOR_WIDTH)

    @property
    def matrix_size(self) -> int:
        return self.padded_features * self.padded_hidden

    @property
    def bias_start(self) -> int:
        return self.matrix_size * (1 if self.tied else 2)

    @property
    def parameter_count(self) -> int:
        return padded(self.bias_start + self.feature_vectors, VECTOR_WIDTH)

    def named(self, parameters: Floats) -> Parameters:
        """Parameters, (…, parameter_count), as the usual named arrays: views, without copying."""
        decoder = None if self.tied else self._matrix(parameters, self.matrix_size)
        return Parameters(
            encoder=self._matrix(parameters, 0),
            decoder=None if decoder is None else decoder.swapaxes(-1, -2),
            bias=parameters[..., self.bias_start : self.bias_start + self.features],
        )

    def _matrix(self, parameters: Floats, start: int) -> Floats:
        flat = parameters[..., start : start + self.matrix_size]
        shape = (*parameters.shape[:-1], self.padded_features, self.padded_hidden)
        return flat.reshape(shape)[..., : self.features, : self.hidden]


class LaneStates(NamedTuple):
    """All state of training, one row per lane."""

    parameters: Floats
    """(lanes, parameter_count)"""
    first_moment: Floats
    """(lanes, parameter_count): SGD's momentum, too"""
    second_moment: Floats
    """(lanes, parameter_count)"""
    steps: NDArray[np.int64]
    """(lanes,): steps taken"""
    random: NDArray[np.uint32]
    """(lanes, random.STATE_WORDS)"""

    @classmethod
    def new(cls, layout: Layout, seeds: NDArray[np.uint64]) -> LaneStates:
        """Untrained lanes with all parameters zero; set initial ones through the layout."""
        shape = (len(seeds), layout.parameter_count)
        return cls(
            np.zeros(shape, np.float32),
            np.zeros(shape, np.float32),
            np.zeros(shape, np.float32),
            np.zeros(len(seeds), np.int64),
            seeded_states(seeds),
        )


ADAMW, SGD = 0, 1
RULES = {"adamw": ADAMW, "sgd": SGD}
"""The names of optimisers → their numbers in the kernel."""


class Optimiser(NamedTuple):
    """AdamW or SGD, as in torch.optim."""

    learning_rates: NDArray[np.float64]
    """(steps,): the rate of each step of this call, schedule included"""
    rule: int = ADAMW
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    momentum: float = 0.9
    weight_decay: float = 0.01
    """of all parameters"""
    decay_of_weights: float = 0.0
    """of the matrices alone; below 0 it pulls their rows towards length 1 (task/decay.py)"""
