"""The weights themselves: W and b, or W₁, W₂ᵀ and b."""

import numpy as np
from matplotlib.figure import Figure

from superpos_core.figures.tools import marks, notes
from superpos_core.figures.tools import page as pages
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.models import NamedMatrix

GAP = 0.3
INNER_GAP = 0.06
MAX_HEIGHT = 2.2
MIN_HEIGHT = 1.0
MIN_WIDTH = 0.22
MIN_ENTRY_WIDTH = 0.04
"""Minimum width of an entry; fewer sparsities share a row to provide it."""
BIAS_WIDTH = 0.09


def draw(record: LanesRecord, model: str) -> Figure:
    """The matrices of every sparsity side by side, one row per feature, on one scale."""
    cohort = record.cohorts[model].best()
    config, settings = record.config, len(cohort.lanes)
    names = [name for name, _ in cohort.model.by_feature(cohort.parameters.take(0))]
    height, widths = _sizes(settings, config.features, config.hidden, names)
    block_width = sum(widths) + INNER_GAP * (len(widths) - 1)
    shown = pages.settings_that_fit(config, (block_width, height), GAP)
    lanes = [cohort.model.by_feature(cohort.parameters.take(setting)) for setting in shown]
    header = pages.Header(
        notes.model_title(_listed(names), model),
        "One row per feature, one column per hidden dimension."
        + notes.importance_note(record)
        + marks.blocks_note(config.features, config.hidden)
        + notes.some_note(len(shown), settings)
        + marks.not_finite_note([matrix for lane in lanes for _, matrix in lane]),
    )
    page, blocks = pages.lane_page(record, header, (block_width, height), GAP, count=len(shown))
    for setting, matrices, block in zip(shown, lanes, blocks, strict=True):
        pages.lane_title(page, block, block_width, cohort.lanes[setting])
        own = _own_widths(config, cohort.lanes[setting], widths)
        _draw_lane(page, block, matrices, height, own, sum(widths) - sum(own))
    marks.weight_scale_bar(page, ", ".join(names))
    return page.figure


def _sizes(lanes: int, n: int, m: int, names: list[str]) -> tuple[float, list[float]]:
    """The height of all matrices and the width of each; entries are square if readable."""
    weights = len(names) - 1
    fixed = BIAS_WIDTH + weights * INNER_GAP
    in_a_row_of_all = (pages.widest_block(lanes, GAP) - fixed) / weights
    alone_in_its_row = (pages.widest_block(1, GAP) - fixed) / weights
    widest = max(in_a_row_of_all, min(MIN_ENTRY_WIDTH * m, alone_in_its_row))
    height = float(np.clip(widest * n / m, MIN_HEIGHT, MAX_HEIGHT))
    width = float(np.clip(height * m / n, MIN_WIDTH, widest))
    return height, [width] * weights + [BIAS_WIDTH]


def _own_widths(config: ExperimentConfig, lane: Lane, widths: list[float]) -> list[float]:
    """The widths in a lane whose m is smaller than that of the widest: entries stay as wide."""
    share = config.hidden_of(lane) / config.hidden
    *weights, bias = widths
    return [*(max(share * width, min(MIN_WIDTH, width)) for width in weights), bias]


def _draw_lane(
    page: pages.Page,
    block: pages.Block,
    matrices: list[NamedMatrix],
    height: float,
    widths: list[float],
    indent: float,
) -> None:
    first = left = block.left + indent / 2
    for (name, matrix), width in zip(matrices, widths, strict=True):
        axes = page.axes(left, block.top, width, height)
        marks.draw_matrix(axes, matrix)
        pages.column_title(page, left + width / 2, block.top, name)
        if name != "b":
            marks.end_ticks(axes, matrix.shape[1])
        if block.is_first_in_row and left == first:
            marks.feature_ticks(axes, len(matrix))
            axes.set_ylabel("feature", labelpad=1)
        left += width + INNER_GAP


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
