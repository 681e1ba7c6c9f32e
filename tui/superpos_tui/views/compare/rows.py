"""The numbers that the compare panel shows of both lanes."""

from collections.abc import Callable
from dataclasses import dataclass

from superpos_tui.drawing.numbers import fixed, short_loss, signed
from superpos_tui.measures.geometry import (
    dimensions_per_feature,
    represented,
    sum_of_dimensionality,
)
from superpos_tui.measures.loss import loss_over_linear, recent_loss
from superpos_tui.scene import Measure


@dataclass(frozen=True)
class Row:
    """One measure: its name, meaning and formats; ``change`` formats a difference."""

    name: str
    meaning: str
    measure: Measure[float]
    written: Callable[[float], str]
    change: Callable[[float], str]


ROWS = (
    Row(
        "represented",
        "features with a norm above 0.5",
        represented,
        "{:.0f}".format,
        "{:+.0f}".format,
    ),
    Row(
        "D*",
        "D* = m / ‖W‖²: hidden dimensions per feature that the weights amount to",
        dimensions_per_feature,
        lambda x: fixed(x, 4, 2),
        signed,
    ),
    Row(
        "ΣD",
        "ΣD: the dimensions that all features take up, at most as many as there are",
        sum_of_dimensionality,
        lambda x: fixed(x, 6, 2).strip(),
        signed,
    ),
    Row(
        "loss",
        "the training loss, a mean of the last steps",
        recent_loss,
        short_loss,
        "{:+.1e}".format,
    ),
    Row(
        "L/L_linear",
        "the training loss as a multiple of the best linear model’s: below 1, superposition gains",
        loss_over_linear,
        lambda x: fixed(x, 5, 2),
        signed,
    ),
)
