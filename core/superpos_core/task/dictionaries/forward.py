"""What a trained dictionary makes of hidden vectors, in numpy.

As in evaluation: kinds that select from a batch while they train use their threshold instead, which
makes a row's activations independent of the other rows (Bussmann et al. 2024).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.task.dictionaries.kinds import Activation, DictionaryKind
from superpos_core.task.dictionaries.objective import kept_of_row
from superpos_core.task.parameters import Parameters


class _Encoded(NamedTuple):
    """What activations follow from: the arrays of one lane, h − b_dec and k."""

    parameters: Parameters
    centred: FloatArray
    active_latents: float

    def pre_activation(self) -> FloatArray:
        """(h − b_dec)·W_enc + b_enc, shape (rows, K)."""
        projected: FloatArray = self.centred @ self.parameters.encoder
        return projected + self.parameters.arrays["encoder_bias"]


def encode(
    kind: DictionaryKind, parameters: Parameters, hidden: FloatArray, active_latents: float
) -> FloatArray:
    """The activations f, shape (rows, K), of the latents on ``hidden``, shape (rows, d).

    ``parameters`` are those of one lane and ``active_latents`` its k, of which ``topk`` uses the
    whole part, at least 1, and other kinds nothing.
    """
    encoded = _Encoded(parameters, hidden - parameters.bias, active_latents)
    return _ACTIVATIONS[kind.activation](encoded)


def decode(parameters: Parameters, activations: FloatArray) -> FloatArray:
    """The reconstruction ĥ = f·W_dec + b_dec, shape (rows, d), of ``activations``, (rows, K)."""
    decoded: FloatArray = activations @ parameters.decoder
    return decoded + parameters.bias


def _relu(encoded: _Encoded) -> FloatArray:
    return np.maximum(encoded.pre_activation(), 0)


def _topk(encoded: _Encoded) -> FloatArray:
    """Of equal activations the first come first, as in training."""
    activations = _relu(encoded)
    order = np.argsort(-activations, axis=1, kind="stable")
    silent = order[:, kept_of_row(encoded.active_latents) :]
    np.put_along_axis(activations, silent, 0, axis=1)
    return activations


def _above_threshold(encoded: _Encoded) -> FloatArray:
    pre_activation = encoded.pre_activation()
    return _relu_where(pre_activation > encoded.parameters.arrays["threshold"], pre_activation)


def _gated(encoded: _Encoded) -> FloatArray:
    """The magnitude has the encoder's columns times exp(r_mag), and a bias of its own."""
    arrays = encoded.parameters.arrays
    projected = encoded.centred @ encoded.parameters.encoder
    magnitude = projected * np.exp(arrays["magnitude_scale"]) + arrays["magnitude_bias"]
    return _relu_where(projected + arrays["gate_bias"] > 0, magnitude)


def _relu_where(is_open: BoolArray, values: FloatArray) -> FloatArray:
    return np.where(is_open, np.maximum(values, 0), 0)


_ACTIVATIONS: dict[Activation, Callable[[_Encoded], FloatArray]] = {
    "relu": _relu,
    "topk": _topk,
    "batch-topk": _above_threshold,
    "jump-relu": _above_threshold,
    "gated": _gated,
}
