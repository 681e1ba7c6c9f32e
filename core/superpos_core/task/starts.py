"""Starts: the initial weights and biases.

To add a start, add an entry to ``STARTS``.
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
"""The default start."""
POLYGON_CORNERS = range(2, 9)
POLYGON_NOISE = 0.1
"""Factor on the random weights of a polygon: they distinguish features but keep the shape."""


class Normal(Protocol):
    """Draws normal numbers with the standard deviation of the initial weights."""

    def __call__(self, rows: int, columns: int) -> FloatArray:
        """Shape (rows, columns), float64."""


Begin = Callable[[Model, int, int, Normal], Mapping[str, FloatArray]]
"""Makes initial arrays of one lane from its model, n and m: float32, by name as in ``Parameters``.

Omitted arrays start as declared by the model."""
SizeCheck = Callable[[int, int], None]
"""Raises ``InvalidValue`` for an n and m that a start does not support."""


def _any_size(features: int, hidden: int) -> None:
    """Supports every size."""


@dataclass(frozen=True)
class Start:
    """A named start."""

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
    """No output starts closed to its own feature: G_jj = Σ_k |W₁_jk|² for one of the signs."""
    encoder = _single(normal(features, hidden))
    if model.tied:
        return {"encoder": encoder}
    return {"encoder": encoder, "decoder": np.ascontiguousarray(np.abs(encoder).T)}


def _polygon(corners: int) -> Begin:
    """The first features are the corners of the best regular polygon (Chen et al. 2023).

    Its circumradius and bias are optimal for 1-sparse data; the other features start near 0, with
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
            reason = f"a polygon needs 2 hidden dimensions, not {hidden}"
            raise InvalidValue("initial", f"{corners}-gon", reason, f"{INDEPENDENT}, or --hidden 2")
        if features < corners:
            reason = f"every corner is a feature, and there are only {features}"
            choices = f"{INDEPENDENT}, or --features {corners} or more"
            raise InvalidValue("initial", f"{corners}-gon", reason, choices)

    return check


def _single(weights: FloatArray) -> FloatArray:
    return weights.astype(np.float32)


def _with_decoder(model: Model, encoder: FloatArray) -> Mapping[str, FloatArray]:
    """The encoder and, if the decoder is free, its transpose as the decoder."""
    if model.tied:
        return {"encoder": encoder}
    return {"encoder": encoder, "decoder": np.ascontiguousarray(encoder.T)}


STARTS: dict[str, Start] = {
    start.name: start
    for start in (
        Start(INDEPENDENT, "every weight is drawn independently", _independent),
        Start("tied", "W₂ = W₁ᵀ at step 0, then both are free", _tied),
        Start(
            "tied-magnitudes",
            "W₂ = |W₁|ᵀ at step 0: no output starts closed to its own feature, for either sign",
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
    """The start called ``name``; raises ``InvalidValue`` if there is none."""
    return lookup("initial", STARTS, name)
