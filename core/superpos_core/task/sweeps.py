"""What can be swept besides sparsity: an importance, a density, the dataset, the penalty.

A new sweep is one more entry in ``SWEEPS``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue, lookup


def _leave(values: FloatArray, factor: float) -> None:
    """Change nothing."""


def _scale_first(values: FloatArray, factor: float) -> None:
    values[0] = min(values[0] * factor, 1.0)


def _scale_last(values: FloatArray, factor: float) -> None:
    values[-1] *= factor


@dataclass(frozen=True)
class Sweep:
    """A quantity that takes another value in each setting.

    ``scale_importance`` and ``scale_probability`` change the (n,) arrays of a lane in place;
    ``scales_dataset`` says that the number of rows in a lane's dataset is what changes, and
    ``scales_penalty`` that the penalty on the hidden layer is; of that a factor may be 0, so that
    lanes without it stand beside the others. ``axis`` is what the axis of a figure says, and
    ``factor_of`` the same in two or three words.
    """

    name: str
    summary: str
    axis: str
    factor_of: str
    scale_importance: Callable[[FloatArray, float], None] = _leave
    scale_probability: Callable[[FloatArray, float], None] = _leave
    scales_dataset: bool = False
    scales_penalty: bool = False

    def check(self, values: Sequence[float]) -> None:
        """Raises ``InvalidValue`` where the values do not suit."""
        if self.name == "none":
            if values:
                raise InvalidValue("sweep-values", values[0], "nothing is swept", "a sweep by name")
            return
        if not values:
            raise InvalidValue("sweep-values", "''", "nothing to sweep over", "such as 0.5,1,2")
        for value in values:
            is_in_range = value >= 0 if self.scales_penalty else value > 0
            if not (math.isfinite(value) and is_in_range):
                choices = "a number from 0" if self.scales_penalty else "a number above 0"
                raise InvalidValue("sweep-values", value, "it is a factor", choices)


SWEEPS: dict[str, Sweep] = {
    sweep.name: sweep
    for sweep in (
        Sweep("none", "nothing but sparsity", "", ""),
        Sweep(
            "last-importance",
            "the importance of the last feature, times this",
            "relative importance of the last feature",
            "last importance",
            scale_importance=_scale_last,
        ),
        Sweep(
            "first-density",
            "the density of feature 0, times this (1 at most)",
            "relative density of feature 0",
            "density of feature 0",
            scale_probability=_scale_first,
        ),
        Sweep(
            "dataset-size",
            "the number of rows in the dataset, times this",
            "relative size of the dataset",
            "rows of the dataset",
            scales_dataset=True,
        ),
        Sweep(
            "hidden-penalty",
            "the penalty on the hidden layer, times this (0 is none)",
            "relative penalty on the hidden layer",
            "penalty",
            scales_penalty=True,
        ),
    )
}


def places_on_axis(values: Sequence[float]) -> FloatArray:
    """Where settings stand on an axis of what is varied: by logarithm, or as they are if one is 0.

    In any unit; the shape is that of ``values``.
    """
    places = np.asarray(values, dtype=np.float64)
    return np.log10(places) if np.all(places > 0) else places


def sweep_named(name: str) -> Sweep:
    """The sweep called ``name``; raises ``InvalidValue`` with the known names otherwise."""
    return lookup("sweep", SWEEPS, name)
