"""The paper's figure of "Demonstrating Superposition": W·Wᵀ and b, and below them the norms."""

import numpy as np
from matplotlib.figure import Figure

from superpos_core import measures
from superpos_core.figures import gram, marks, norms
from superpos_core.figures import page as pages
from superpos_core.models import model_named
from superpos_core.snapshot import Snapshot

GAP = 0.12
LARGEST_BLOCK = 2.0
MOST_COLUMNS = 7
"""A row holds the paper's seven densities."""
BETWEEN = 0.19
"""Inches between a square and its bars, with a line of text."""


def draw(snapshot: Snapshot, model: str) -> Figure:
    """A column for every setting: the square W·Wᵀ or W₁·W₂ with b, over a bar a feature."""
    config, cohort = snapshot.config, snapshot.cohorts[model].best()
    square, matrix = ("W·Wᵀ", "W") if model_named(model).tied else ("W₁·W₂", "V")
    room = min(pages.widest_block(len(cohort.lanes), GAP, MOST_COLUMNS), LARGEST_BLOCK)
    widths = gram.square_and_bias_widths(room, config.features)
    side, _ = widths
    block_size = (room, 2 * side + BETWEEN)
    shown = pages.settings_that_fit(config, block_size, GAP, MOST_COLUMNS)
    products = [gram.strongest_product(cohort.parameters.lane(setting)) for setting in shown]
    vectors = np.stack([cohort.vectors_of(lane) for lane in shown]).astype(np.float64)
    lengths, shared = measures.feature_norms(vectors), measures.superposition(vectors)
    header = pages.Header(
        pages.model_title("Demonstrating superposition", model),
        f"Above, row i, column j of {square}: what input feature i adds to output j. Below, a bar "
        f"a feature: its norm ‖{matrix}ᵢ‖, near 1 if represented. "
        + norms.line_note(config)
        + pages.vectors_note(model)
        + pages.importance_note(snapshot)
        + marks.blocks_note(config.features)
        + pages.some_note(len(shown), len(config.settings))
        + marks.not_finite_note([*products, cohort.parameters.bias, lengths, shared]),
    )
    page, blocks = pages.lane_page(
        snapshot,
        header,
        block_size,
        GAP,
        count=len(shown),
        most_columns=MOST_COLUMNS,
        scales=2,
    )
    limit = norms.common_limit(lengths)
    for index, (setting, block) in enumerate(zip(shown, blocks, strict=True)):
        pages.lane_title(page, block, side, cohort.lanes[setting])
        above = gram.draw_square_and_bias(
            page, block.left, block.top, widths, products[index], cohort.parameters.bias[setting]
        )
        below_top = block.top + side + BETWEEN
        count = int(measures.represented(vectors[index]))
        pages.column_title(page, block.left + side / 2, below_top, f"{count} represented")
        below = page.axes(block.left, below_top, side, side)
        norms.draw_bars(below, lengths[index], shared[index], limit, side / config.features)
        norms.draw_line(below, config)
        if block.is_first_in_row:
            for axes in (above, below):
                marks.feature_ticks(axes, config.features)
                axes.set_ylabel("feature i", labelpad=1)
    marks.weight_scale_bar(page, f"{square}, b", place=1)
    marks.superposition_scale_bar(page)
    return page.figure
