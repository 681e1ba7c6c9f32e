"""Starts: the weights and biases that training begins from.

A new start is one more entry in ``STARTS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue, lookup
from superpos_core.task.models import Model
from superpos_core.theory.polygons import best_polygon

INDEPENDENT = "independent"
"""The start of every experiment that names no other one."""
POLYGON_CORNERS = range(2, 9)
POLYGON_NOISE = 0.1
"""What a polygon's random part is multiplied by: it sets features apart and leaves the shape."""


class Normal(Protocol):
    """Draws normal numbers, with the standard deviation of the initial weights."""

    def __call__(self, rows: int, columns: int) -> FloatArray:
        """Shape (rows, columns), float64."""


Begin = Callable[[Model, int, int, Normal], Mapping[str, FloatArray]]
"""Makes initial arrays of one lane from its model, n and m: float32, by name as in ``Parameters``.

Arrays that are left out begin as the model declares."""
SizeCheck = Callable[[int, int], None]
"""Raises ``InvalidValue`` for an n and m that a start does not suit."""


def _any_size(features: int, hidden: int) -> None:
    """Every size suits."""


@dataclass(frozen=True)
class Start:
    """A start by name."""

    name: str
    summary: str
    begin: Begin
    check: SizeCheck = _any_size


def _independent(
    model: Model, features: int, hidden: int, normal: Normal
) -> Mapping[str, FloatArray]:
    encoder = _single(normal(features, hidden))
    if model.tied:
        return {"encoder": encoder}
    return {"encoder": encoder, "decoder": _single(normal(hidden, features))}


def _tied(model: Model, features: int, hidden: int, normal: Normal) -> Mapping[str, FloatArray]:
    return _with_decoder(model, _single(normal(features, hidden)))


def _tied_magnitudes(
    model: Model, features: int, hidden: int, normal: Normal
) -> Mapping[str, FloatArray]:
    """No output starts closed to its own feature: G_jj = Σ_k |W₁_jk|² for one sign or the other."""
    encoder = _single(normal(features, hidden))
    if model.tied:
        return {"encoder": encoder}
    return {"encoder": encoder, "decoder": np.ascontiguousarray(np.abs(encoder).T)}


def _polygon(corners: int) -> Begin:
    """The first features are the corners of the best regular polygon (Chen et al. 2023).

    Its circumradius and bias are those of 1-sparse data; the other features start near 0, with
    bias 0.
    """

    def begin(model: Model, features: int, hidden: int, normal: Normal) -> Mapping[str, FloatArray]:
        polygon = best_polygon(corners)
        turns = 2 * np.pi * np.arange(corners) / corners
        weights = POLYGON_NOISE * normal(features, hidden)
        weights[:corners] += polygon.radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        bias = np.zeros(features, np.float32)
        bias[:corners] = polygon.bias
        return {**_with_decoder(model, _single(weights)), "bias": bias}

    return begin


def _polygon_check(corners: int) -> SizeCheck:
    def check(features: int, hidden: int) -> None:
        if hidden != 2:
            reason = f"a polygon lies in 2 hidden dimensions, here there are {hidden}"
            raise InvalidValue("initial", f"{corners}-gon", reason, f"{INDEPENDENT}, or --hidden 2")
        if features < corners:
            reason = f"every corner is a feature, here there are {features}"
            choices = f"{INDEPENDENT}, or --features {corners} or more"
            raise InvalidValue("initial", f"{corners}-gon", reason, choices)

    return check


def _single(weights: FloatArray) -> FloatArray:
    return weights.astype(np.float32)


def _with_decoder(model: Model, encoder: FloatArray) -> Mapping[str, FloatArray]:
    """The encoder, and where the decoder is free, its transpose for that."""
    if model.tied:
        return {"encoder": encoder}
    return {"encoder": encoder, "decoder": np.ascontiguousarray(encoder.T)}


STARTS: dict[str, Start] = {
    start.name: start
    for start in (
        Start(INDEPENDENT, "every weight is drawn on its own", _independent),
        Start("tied", "W₂ = W₁ᵀ at step 0, where the two are free afterwards", _tied),
        Start(
            "tied-magnitudes",
            "W₂ = |W₁|ᵀ at step 0: a hidden unit raises whatever opens it, of either sign",
            _tied_magnitudes,
        ),
        *(
            Start(
                f"{corners}-gon",
                f"the first {corners} features are the corners of a regular polygon, m = 2",
                _polygon(corners),
                _polygon_check(corners),
            )
            for corners in POLYGON_CORNERS
        ),
    )
}


def start_named(name: str) -> Start:
    """The start called ``name``; raises ``InvalidValue`` with the known names otherwise."""
    return lookup("initial", STARTS, name)
