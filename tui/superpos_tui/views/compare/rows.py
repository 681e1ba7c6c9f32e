"""The numbers that the compare panel shows of both lanes."""

from collections.abc import Callable

from superpos_tui.drawing.numbers import fixed, short_loss, signed
from superpos_tui.measures.geometry import (
    dimensions_per_feature,
    represented,
    sum_of_dimensionality,
)
from superpos_tui.measures.loss import loss_over_linear, recent_loss
from superpos_tui.scene import Measure
from superpos_tui.views.compare.texts import Row


def _row(
    name: str,
    meaning: str,
    measure: Measure[float],
    written: Callable[[float], str],
    change: Callable[[float], str],
) -> Row:
    return Row(
        name,
        meaning,
        lambda scene: scene.of(measure),
        lambda scene: written(scene.of(measure)).strip(),
        change,
    )


ROWS = (
    _row(
        "represented",
        "features with a norm above 0.5",
        represented,
        "{:.0f}".format,
        "{:+.0f}".format,
    ),
    _row(
        "D*",
        "D* = m / ‖W‖²: hidden dimensions per feature that the weights amount to",
        dimensions_per_feature,
        lambda x: fixed(x, 4, 2),
        signed,
    ),
    _row(
        "ΣD",
        "ΣD: the dimensions that all features take up, at most as many as there are",
        sum_of_dimensionality,
        lambda x: fixed(x, 6, 2),
        signed,
    ),
    _row(
        "loss",
        "the training loss, a mean of the last steps",
        recent_loss,
        short_loss,
        "{:+.1e}".format,
    ),
    _row(
        "L/L_linear",
        "the training loss as a multiple of the best linear model’s: below 1, superposition gains",
        loss_over_linear,
        lambda x: fixed(x, 5, 2),
        signed,
    ),
)
