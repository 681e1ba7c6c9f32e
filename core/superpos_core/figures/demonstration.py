"""The paper's figure of "Demonstrating Superposition": W·Wᵀ and b, and below them the norms."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from superpos_core.arrays import FloatArray
from superpos_core.figures import gram, norms
from superpos_core.figures.tools import marks, notes
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.placing import evenly
from superpos_core.geometry import measures
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named

GAP = 0.12
MAX_BLOCK = 2.0
MAX_COLUMNS = 7
"""One row holds the paper's seven densities."""
BETWEEN = 0.19
"""Inches between a square and its bars, including a line of text."""


def draw(record: LanesRecord) -> Figure:
    """One column per setting: the square with b, over one bar per feature.

    One row per model, or one of all models if there are few.
    """
    config, models = record.config, tuple(record.cohorts)
    settings = len(config.settings)
    is_one_row = settings * len(models) <= MAX_COLUMNS
    in_a_row = settings * len(models) if is_one_row else settings
    room = min(pages.widest_block(in_a_row, GAP, MAX_COLUMNS), MAX_BLOCK)
    widths = gram.square_and_bias_widths(room, config.features)
    side, _ = widths
    block_size = (room, 2 * side + BETWEEN)
    shown = pages.settings_that_fit(config, block_size, GAP, MAX_COLUMNS)
    if len(models) > 1:
        shown = evenly(shown, MAX_COLUMNS)
    drawn = [_Block.of(record.cohorts[model].best(), lane) for model in models for lane in shown]
    page, blocks = pages.lane_page(
        record,
        pages.Header(_title(models), _reading(record, drawn, len(shown))),
        block_size,
        GAP,
        count=len(drawn),
        max_columns=MAX_COLUMNS if is_one_row else min(MAX_COLUMNS, len(shown)),
        scales=2,
    )
    limit = norms.common_limit(np.stack([each.norms for each in drawn]))
    for each, block in zip(drawn, blocks, strict=True):
        pages.lane_title(page, block, side, each.lane)
        above = gram.draw_square_and_bias(
            page, block.left, block.top, widths, each.product, each.bias
        )
        below_top = block.top + side + BETWEEN
        name = f"{each.lane.model}: " if len(models) > 1 else ""
        title = f"{name}{each.represented} represented"
        pages.column_title(page, block.left + side / 2, below_top, title)
        below = page.axes(block.left, below_top, side, side)
        norms.draw_bars(below, each.norms, each.superposition, limit, side / config.features)
        norms.draw_line(below, config, each.lane)
        if block.is_first_in_row:
            for axes in (above, below):
                marks.feature_ticks(axes, config.features)
                axes.set_ylabel("feature i", labelpad=1)
    marks.weight_scale_bar(page, f"{_squares(models)}, b", index=1)
    marks.superposition_scale_bar(page)
    return page.figure


@dataclass(frozen=True)
class _Block:
    """One lane: its square and bias, and the norm and superposition of each feature."""

    lane: Lane
    product: FloatArray
    bias: FloatArray
    norms: FloatArray
    superposition: FloatArray
    represented: int

    @classmethod
    def of(cls, cohort: Cohort, index: int) -> "_Block":
        parameters = cohort.parameters.take(index)
        vectors = cohort.vectors_of(index).astype(np.float64)
        return cls(
            cohort.lanes[index],
            gram.strongest_product(cohort.model, parameters),
            parameters.bias,
            measures.feature_norms(vectors),
            measures.superposition(vectors),
            int(measures.represented(vectors)),
        )


def _title(models: tuple[str, ...]) -> str:
    formulas = "; ".join(f"{model}, {model_named(model).formula}" for model in models)
    return f"Demonstrating superposition — {formulas}"


def _squares(models: tuple[str, ...]) -> str:
    names = [model_named(model).product for model in models]
    return " or ".join(dict.fromkeys(names))


def _reading(record: LanesRecord, drawn: list[_Block], shown: int) -> str:
    config, models = record.config, tuple(record.cohorts)
    matrix = " or ".join(dict.fromkeys(f"‖{notes.matrix_name(model)}ᵢ‖" for model in models))
    arrays = [
        array
        for each in drawn
        for array in (each.product, each.bias, each.norms, each.superposition)
    ]
    return (
        f"Above, row i, column j of {_squares(models)}: {notes.added_note(models)}. "
        f"Below, one bar per feature: its norm {matrix}, near 1 if represented."
        + norms.line_note(config)
        + "".join(dict.fromkeys(notes.vectors_note(model) for model in models))
        + notes.importance_note(record)
        + marks.blocks_note(config.features)
        + notes.some_note(shown, len(config.settings))
        + marks.not_finite_note(arrays)
    )
