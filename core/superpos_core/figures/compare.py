"""Two lanes, or two moments of one, side by side with their difference and their numbers.

It shows a pair, not a whole run, so the registry does not list it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from superpos_core.analysis.evaluation import OF_LOSSES, evaluate
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.errors import InvalidValue
from superpos_core.figures.gram import strongest_product
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.side_by_side import (
    ROW,
    TABLE_GAP,
    TITLES,
    Row,
    write_table,
    write_title,
)
from superpos_core.geometry import measures
from superpos_core.geometry.blocks import gram_change
from superpos_core.geometry.feature_vectors import feature_vectors, responses
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters
from superpos_core.task.setting_names import setting_name

COMPARED_ROWS = 1 << 16
NAMES = 0.62
GAP = 0.2
INNER_GAP = 0.045
BIAS_WIDTH = 0.08


@dataclass(frozen=True)
class Side:
    """One side of the comparison: a lane of a model in a record.

    ``LanesRecord.at_step`` returns records of earlier moments.
    """

    record: LanesRecord
    model: str
    lane_index: int

    @property
    def config(self) -> ExperimentConfig:
        """The config it was trained with."""
        return self.record.config

    @property
    def lane(self) -> Lane:
        """The lane."""
        return self.record.cohorts[self.model].lanes[self.lane_index]

    @property
    def step(self) -> int:
        """The number of steps it has taken."""
        return self.record.cohorts[self.model].step

    @property
    def parameters(self) -> Parameters:
        """Its weights."""
        return self.record.cohorts[self.model].parameters.take(self.lane_index)


def draw_pair(reference: Side, now: Side) -> Figure:
    """The squares of both and now − reference on one scale, each with its bias, and a table.

    Losses are measured on fresh data, the same for equal lanes. Raises ``KeyError`` for a model
    missing from a record, ``IndexError`` for an unknown lane, and ``InvalidValue`` if the two have
    different numbers of features.
    """
    features = reference.config.features, now.config.features
    if features[0] != features[1]:
        reason = f"the other model has {features[0]}, so there is no difference to draw"
        raise InvalidValue("features", features[1], reason, "two models with equally many features")
    with style.house_style():
        return _compose(reference, now)


def _compose(reference: Side, now: Side) -> Figure:
    features = now.config.features
    before, after = (
        responses(model_named(side.model), side.parameters) for side in (reference, now)
    )
    change = gram_change(before, after, marks.block_side(features))
    squares = (
        strongest_product(model_named(reference.model), reference.parameters),
        strongest_product(model_named(now.model), now.parameters),
        change.strongest,
    )
    biases = reference.parameters.bias, now.parameters.bias
    with np.errstate(all="ignore"):
        columns = (*biases, biases[1] - biases[0])
    rows = _rows(reference, now)
    header = pages.Header(
        " and ".join(dict.fromkeys(_formula(side) for side in (reference, now))) + ", compared",
        f"Row i, column j: {notes.added_note([reference.model, now.model])}; beside it the bias b."
        + f" Right: middle − left, of norm ‖G − G′‖ = {change.distance:.3g}."
        + notes.importance_note(now.record)
        + marks.blocks_note(features)
        + marks.not_finite_note([*squares, *columns]),
    )
    side = (_room() - 2 * GAP) / 3 - INNER_GAP - BIAS_WIDTH
    body = TITLES + side + TABLE_GAP + ROW * len(rows)
    page = pages.new_page(now.record, header, pages.TEXT_WIDTH, body)
    top = header.height(page.width) + TITLES
    titles = (_title(reference), _title(now), ("difference", "middle − left"))
    for index, (square, column) in enumerate(zip(squares, columns, strict=True)):
        left = _left(index, side)
        write_title(page, left + side / 2, top, *titles[index])
        _draw_square(page, (left, top), side, square, column)
    middles = [_left(column, side) + side / 2 for column in range(3)]
    write_table(page, top + side + TABLE_GAP, middles, rows)
    marks.weight_scale_bar(page, "all entries, b")
    return page.figure


def _room() -> float:
    return pages.TEXT_WIDTH - 2 * pages.MARGIN - NAMES


def _left(index: int, side: float) -> float:
    return pages.MARGIN + NAMES + index * (side + INNER_GAP + BIAS_WIDTH + GAP)


def _formula(side: Side) -> str:
    return model_named(side.model).product


def _title(side: Side) -> tuple[str, str]:
    title = f"{side.model}, {setting_name(side.config, side.lane)}"
    if side.lane.instance is not None:
        return title, ""
    return title, f"seed {side.lane.seed} · step {side.step:,}"


def _draw_square(
    page: pages.Page, corner: tuple[float, float], side: float, square: FloatArray, bias: FloatArray
) -> None:
    left, top = corner
    axes = page.axes(left, top, side, side)
    marks.draw_matrix(axes, square, (len(bias), len(bias)))
    marks.end_ticks(axes, len(bias))
    if left == _left(0, side):
        marks.feature_ticks(axes, len(bias))
        axes.set_ylabel("feature i", labelpad=1)
    column = page.axes(left + side + INNER_GAP, top, BIAS_WIDTH, side)
    marks.draw_matrix(column, bias[:, None])
    pages.column_title(page, left + side + INNER_GAP + BIAS_WIDTH / 2, top, "b")


def _rows(reference: Side, now: Side) -> list[Row]:
    sides = (reference, now)
    vectors = [
        feature_vectors(model_named(side.model), side.parameters).astype(np.float64)
        for side in sides
    ]

    def both(measure: Callable[[FloatArray], FloatArray | IntArray]) -> tuple[float, float]:
        first, second = (float(np.sum(measure(each))) for each in vectors)
        return first, second

    rows = [
        Row("represented", both(measures.represented), "{:.0f}".format, "{:+.0f}".format),
        Row("D*", both(measures.dimensions_per_feature), "{:.3f}".format, "{:+.3f}".format),
        Row("Σ Dᵢ", both(measures.feature_dimensionality), "{:.2f}".format, "{:+.2f}".format),
    ]
    if any(side.record.unknown & OF_LOSSES for side in sides):
        return rows
    losses = [evaluate(side.config, side.lane, side.parameters, COMPARED_ROWS) for side in sides]
    return [
        *rows,
        Row(
            "loss (mean)",
            (losses[0].loss_mean, losses[1].loss_mean),
            "{:.2e}".format,
            "{:+.2e}".format,
        ),
        Row(
            "L / L_linear",
            (losses[0].loss_over_linear, losses[1].loss_over_linear),
            "{:.3f}".format,
            "{:+.3f}".format,
        ),
    ]
