"""The main figure: W·Wᵀ with its bias column, from dense to sparse."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes
from superpos_core.figures.tools import page as pages
from superpos_core.geometry import measures
from superpos_core.geometry.blocks import strongest_of_gram
from superpos_core.geometry.feature_vectors import responses
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.models import Model, model_named
from superpos_core.task.parameters import Parameters

GAP = 0.2
INNER_GAP = 0.045
MAX_BLOCK = 2.8
MIN_ENTRY = 0.01
"""Minimum side of an entry in inches, three dots in print; fewer squares share a row for it."""


def draw(record: LanesRecord, model: str) -> Figure:
    """One square per sparsity, the model's product such as W·Wᵀ, with b on the same scale."""
    config, cohort = record.config, record.cohorts[model].best()
    square = model_named(model).product
    columns = _columns(config.features)
    room = min(pages.widest_block(len(cohort.lanes), GAP, columns), MAX_BLOCK)
    side, bias_width = square_and_bias_widths(room, config.features)
    shown = pages.settings_that_fit(config, (side + INNER_GAP + bias_width, side), GAP)
    products = [
        strongest_product(cohort.model, cohort.parameters.take(setting)) for setting in shown
    ]
    header = pages.Header(
        notes.model_title(f"{square} and b", model),
        f"Row i, column j: {notes.added_note([model])}."
        + notes.importance_note(record)
        + marks.blocks_note(config.features)
        + notes.some_note(len(shown), len(config.settings))
        + marks.not_finite_note([*products, cohort.parameters.bias]),
    )
    page, blocks = pages.lane_page(
        record, header, (side + INNER_GAP + bias_width, side), GAP, count=len(shown)
    )
    for setting, product, block in zip(shown, products, blocks, strict=True):
        pages.lane_title(page, block, side, cohort.lanes[setting])
        axes = draw_square_and_bias(
            page,
            block.left,
            block.top,
            (side, bias_width),
            product,
            cohort.parameters.bias[setting],
        )
        marks.end_ticks(axes, config.features)
        if block.is_first_in_row:
            marks.feature_ticks(axes, config.features)
            axes.set_ylabel("feature i", labelpad=1)
    marks.weight_scale_bar(page, f"{square}, b")
    return page.figure


def _columns(features: int) -> int:
    """The most squares in a row in which single entries can be seen."""
    least = min(MIN_ENTRY * features, MAX_BLOCK)
    fitting = [n for n in range(1, pages.MAX_COLUMNS) if pages.widest_block(n + 1, GAP) >= least]
    return 1 + len(fitting)


def strongest_product(model: Model, parameters: Parameters) -> FloatArray:
    """The model's ``product``; if it is large, the strongest entry of each block."""
    pair, block = responses(model, parameters), marks.block_side(len(parameters.encoder))
    return measures.gram(pair) if block == 1 else strongest_of_gram(pair, block)


def square_and_bias_widths(room: float, features: int) -> tuple[float, float]:
    """The square's side and the bias column's width: one entry wide, but never a hairline."""
    bias_width = float(np.clip((room - INNER_GAP) / (features + 1), 0.07, 0.12))
    return room - INNER_GAP - bias_width, bias_width


def draw_square_and_bias(
    page: pages.Page,
    left: float,
    top: float,
    widths: tuple[float, float],
    product: FloatArray,
    bias: FloatArray,
) -> Axes:
    """A ``strongest_product`` and b, shape (n,), beside it; returns the axes of the square."""
    side, bias_width = widths
    axes = page.axes(left, top, side, side)
    marks.draw_matrix(axes, product, (len(bias), len(bias)))
    column = page.axes(left + side + INNER_GAP, top, bias_width, side)
    marks.draw_matrix(column, bias[:, None])
    pages.column_title(page, left + side + INNER_GAP + bias_width / 2, top, "b")
    return axes
