"""The main figure: W·Wᵀ with its bias column, from dense to sparse."""

import numpy as np
from matplotlib.figure import Figure

from superpos_core import measures
from superpos_core.arrays import FloatArray
from superpos_core.figures import marks
from superpos_core.figures import page as pages
from superpos_core.models import model_named
from superpos_core.snapshot import Snapshot

GAP = 0.2
INNER_GAP = 0.045
LARGEST_SIDE = 2.6


def draw(snapshot: Snapshot, model: str) -> Figure:
    """A square for every sparsity, W·Wᵀ or W₁·W₂, and b beside it on the same scale."""
    cohort = snapshot.cohorts[model].best()
    square = "W·Wᵀ" if model_named(model).tied else "W₁·W₂"
    products = [measures.gram(cohort.parameters.lane(index)) for index in range(len(cohort.lanes))]
    header = pages.Header(
        pages.model_title(f"{square} and b", model),
        "Row i, column j: what input feature i adds to output j. "
        + pages.importance_note(snapshot)
        + marks.not_finite_note([*products, cohort.parameters.bias]),
    )
    side, bias_width = _sizes(len(cohort.lanes), snapshot.config.features)
    page, blocks = pages.lane_page(snapshot, header, (side + INNER_GAP + bias_width, side), GAP)
    for index, (lane, block) in enumerate(zip(cohort.lanes, blocks, strict=True)):
        pages.lane_title(page, block, side, lane)
        _draw_lane(page, block, products[index], cohort.parameters.bias[index], side, bias_width)
    marks.weight_scale_bar(page, f"{square}, b")
    return page.figure


def _sizes(lanes: int, features: int) -> tuple[float, float]:
    """The square's side and the bias column's width: one entry wide, but never a hairline."""
    room = pages.widest_block(lanes, GAP) - INNER_GAP
    side = min(LARGEST_SIDE, room - 0.08)
    bias_width = float(np.clip(side / features, 0.07, 0.12))
    return min(side, room - bias_width), bias_width


def _draw_lane(
    page: pages.Page,
    block: pages.Block,
    product: FloatArray,
    bias: FloatArray,
    side: float,
    bias_width: float,
) -> None:
    axes = page.axes(block.left, block.top, side, side)
    marks.draw_matrix(axes, product)
    marks.end_ticks(axes, len(product))
    if block.is_first_in_row:
        marks.feature_ticks(axes, len(product))
        axes.set_ylabel("feature i", labelpad=1)
    column = page.axes(block.left + side + INNER_GAP, block.top, bias_width, side)
    marks.draw_matrix(column, bias[:, None])
    middle = block.left + side + INNER_GAP + bias_width / 2
    pages.column_title(page, middle, block.top, "b")
