"""Sweeps besides sparsity: an importance, a density, a size, a penalty or noise.

One of them changes nothing and only numbers the lanes.

To add a sweep, add an entry to ``SWEEPS``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue, lookup
from superpos_core.task.lanes import HIDDEN, INSTANCE

if TYPE_CHECKING:
    from superpos_core.task.config import ExperimentConfig


def _leave(values: FloatArray, factor: float) -> None:
    """Change nothing."""


def _scale_first(values: FloatArray, factor: float) -> None:
    values[0] = min(values[0] * factor, 1.0)


def _scale_last(values: FloatArray, factor: float) -> None:
    values[-1] *= factor


def _as_factor(_config: "ExperimentConfig", factor: float) -> str:
    return f"×{factor:.3g}"


def _rows(config: "ExperimentConfig", factor: float) -> str:
    return f"= {config.dataset_size_at(factor):,}"


def _penalty(config: "ExperimentConfig", factor: float) -> str:
    return f"= {config.hidden_penalty_at(factor):.3g}"


def _noise(config: "ExperimentConfig", factor: float) -> str:
    return f"= {config.hidden_noise_at(factor):.3g}"


def _number(_config: "ExperimentConfig", number: float) -> str:
    return f"{number:.0f}"


def _equal(_config: "ExperimentConfig", number: float) -> str:
    return f"= {number:.0f}"


@dataclass(frozen=True)
class Sweep:
    """A quantity that is different in each setting, in most sweeps by a factor.

    ``scale_importance`` and ``scale_probability`` change the (n,) arrays of a lane in place;
    ``scales_dataset``: scales the number of rows in a lane's dataset; ``scales_penalty``: scales
    the penalty on the hidden layer, and ``scales_noise`` the noise on it, where a factor of 0 gives
    lanes without it;
    ``sets_hidden``: the values are numbers of hidden dimensions; ``scales_activity``: multiplies
    the active latents k of dictionaries, and divides their penalty λ. ``axis`` labels the axis of a
    figure, and ``factor_of`` is a shorter label.

    ``symbol`` and ``relation`` name a setting, such as ``T`` and ``= 5``. In the symbol, ``{last}``
    stands for the index of the last feature.
    """

    name: str
    summary: str
    axis: str
    factor_of: str
    symbol: str
    relation: Callable[["ExperimentConfig", float], str] = _as_factor
    scale_importance: Callable[[FloatArray, float], None] = _leave
    scale_probability: Callable[[FloatArray, float], None] = _leave
    scales_dataset: bool = False
    scales_penalty: bool = False
    scales_noise: bool = False
    sets_hidden: bool = False
    scales_activity: bool = False

    def check(self, values: Sequence[float]) -> None:
        """Raise ``InvalidValue`` for values that this sweep cannot take."""
        if self.name == "none":
            if values:
                raise InvalidValue("sweep-values", values[0], "nothing is swept", "a sweep by name")
            return
        if not values:
            raise InvalidValue("sweep-values", "''", "nothing to sweep over", "such as 0.5,1,2")
        for value in values:
            if self.name in WHOLE_NUMBERS:
                _check_whole(value, *WHOLE_NUMBERS[self.name])
                continue
            may_be_none = self.scales_penalty or self.scales_noise
            is_in_range = value >= 0 if may_be_none else value > 0
            if not (math.isfinite(value) and is_in_range):
                choices = "a number from 0" if may_be_none else "a number above 0"
                raise InvalidValue("sweep-values", value, "it is a factor", choices)


WHOLE_NUMBERS = {
    INSTANCE: (0, "it is the number of an instance"),
    HIDDEN: (1, "it is a number of hidden dimensions"),
}
"""The sweeps whose values are whole numbers: the smallest one, and what they are."""


def _check_whole(value: float, least: int, reason: str) -> None:
    if not (math.isfinite(value) and value >= least and value == int(value)):
        such_as = ",".join(str(least + more) for more in range(3))
        choices = f"whole numbers from {least}, such as {such_as}"
        raise InvalidValue("sweep-values", value, reason, choices)


SWEEPS: dict[str, Sweep] = {
    sweep.name: sweep
    for sweep in (
        Sweep("none", "nothing but sparsity", "", "", ""),
        Sweep(
            "last-importance",
            "the importance of the last feature, times this",
            "relative importance of the last feature",
            "last importance",
            "I{last}",
            scale_importance=_scale_last,
        ),
        Sweep(
            "first-density",
            "the density of feature 0, times this (at most 1)",
            "relative density of feature 0",
            "density of feature 0",
            "p₀",
            scale_probability=_scale_first,
        ),
        Sweep(
            "dataset-size",
            "the number of rows in the dataset, times this",
            "relative size of the dataset",
            "rows of the dataset",
            "T",
            _rows,
            scales_dataset=True,
        ),
        Sweep(
            "hidden-penalty",
            "the penalty on the hidden layer, times this (0 is none)",
            "relative penalty on the hidden layer",
            "penalty",
            "λ",
            _penalty,
            scales_penalty=True,
        ),
        Sweep(
            "hidden-noise",
            "the noise on the hidden layer, times this (0 is none)",
            "relative noise on the hidden layer",
            "noise",
            "σ",
            _noise,
            scales_noise=True,
        ),
        Sweep(
            HIDDEN,
            "the number of hidden dimensions m, which is this",
            "hidden dimensions m",
            "hidden dimensions",
            "m",
            _equal,
            sets_hidden=True,
        ),
        Sweep(
            "latent-activity",
            "the active latents k of dictionaries, times this, and their penalty λ over this",
            "relative activity of latents",
            "activity of latents",
            "activity",
            scales_activity=True,
        ),
        Sweep(
            INSTANCE,
            "nothing: lanes that differ in their number alone",
            "instance",
            "instance",
            "instance",
            _number,
        ),
    )
}


def axis_positions(values: Sequence[float]) -> FloatArray:
    """Positions of swept values on an axis, in arbitrary units: logarithmic unless one is 0."""
    positions = np.asarray(values, dtype=np.float64)
    return np.log10(positions) if np.all(positions > 0) else positions


def sweep_named(name: str) -> Sweep:
    """The sweep called ``name``; raises ``InvalidValue`` if there is none."""
    return lookup("sweep", SWEEPS, name)
