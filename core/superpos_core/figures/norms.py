"""How well each feature is represented, and how much it shares its direction."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.geometry import measures
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.task import Task

GAP = 0.2
MAX_WIDTH = 2.6
MIN_HEIGHT = 1.2
MAX_HEIGHT = 2.4
BAR_PITCH = 0.085
BAR_SHARE = 0.8
MIN_PITCH_WITH_GAPS = 0.023
MIN_LIMIT = 1.25
MAX_LIMIT = 10.0
"""Longer bars, from diverged weights, are cut: they would make the others invisible."""


def draw(record: LanesRecord, model: str) -> Figure:
    """One bar per feature for every sparsity: length ‖W_i‖, colour its superposition."""
    config, cohort = record.config, record.cohorts[model].best()
    width = min(MAX_WIDTH, pages.widest_block(len(cohort.lanes), GAP))
    height = float(np.clip(BAR_PITCH * config.features, MIN_HEIGHT, MAX_HEIGHT))
    shown = pages.settings_that_fit(config, (width, height), GAP)
    vectors = [cohort.vectors_of(lane).astype(np.float64) for lane in shown]
    norms = np.stack([measures.feature_norms(each) for each in vectors])
    shared = np.stack([measures.superposition(each) for each in vectors])
    matrix = notes.matrix_name(model)
    header = pages.Header(
        notes.model_title(f"‖{matrix}ᵢ‖ and superposition", model),
        "One bar per feature, of length equal to its norm: near 1 represented, near 0 ignored."
        + line_note(config)
        + notes.vectors_note(model)
        + notes.importance_note(record)
        + notes.some_note(len(shown), len(config.settings))
        + marks.not_finite_note([norms, shared]),
    )
    page, blocks = pages.lane_page(record, header, (width, height), GAP, count=len(shown))
    limit = common_limit(norms)
    for index, (setting, block) in enumerate(zip(shown, blocks, strict=True)):
        pages.lane_title(page, block, width, cohort.lanes[setting])
        count = int(measures.represented(vectors[index]))
        pages.column_title(
            page, block.left + width / 2, block.top, f"{count} of {config.features} represented"
        )
        axes = page.axes(block.left, block.top, width, height)
        draw_bars(axes, norms[index], shared[index], limit, height / config.features)
        draw_line(axes, config, cohort.lanes[setting])
        if block.is_first_in_row:
            marks.feature_ticks(axes, config.features)
            axes.set_ylabel("feature i", labelpad=1)
    marks.superposition_scale_bar(page)
    return page.figure


def line_note(config: ExperimentConfig) -> str:
    """Describes what ``draw_line`` draws."""
    smallest, largest = config.hidden_values[0], config.hidden_values[-1]
    if not _has_line(config, smallest):
        return ""
    return f" Line: below feature m{f' = {largest}' if smallest == largest else ''}."


def draw_line(axes: Axes, config: ExperimentConfig, lane: Lane) -> None:
    """A line below the m most important features: these could have one dimension each."""
    hidden = config.hidden_of(lane)
    if _has_line(config, hidden):
        axes.axhline(hidden - 0.5, color=style.INK, linewidth=0.5)


def _has_line(task: Task, hidden: int) -> bool:
    return hidden < task.features and task.importance < 1


def common_limit(norms: FloatArray) -> float:
    """The common end of the axes of all lanes, so that lengths can be compared."""
    finite = norms[np.isfinite(norms)]
    largest = float(finite.max()) if finite.size else 0.0
    return float(np.clip(1.04 * largest, MIN_LIMIT, MAX_LIMIT))


def draw_bars(
    axes: Axes, norms: FloatArray, shared: FloatArray, limit: float, pitch: float
) -> None:
    """One bar per feature, ``pitch`` inches apart, on an axis up to ``limit``.

    ``norms`` and ``shared``, the superposition, have shape (n,). One collection holds all bars:
    thousands of single patches would take seconds.
    """
    usable = np.isfinite(norms) & np.isfinite(shared)
    # Gaps too small to see would only make the colours pale.
    share = BAR_SHARE if pitch >= MIN_PITCH_WITH_GAPS else 1.0
    rows = np.flatnonzero(usable)
    lengths = np.minimum(norms[rows], limit)
    colours = style.superposition_colours(shared[rows])
    bars = [
        [(0, row - share / 2), (length, row - share / 2),
         (length, row + share / 2), (0, row + share / 2)]
        for row, length in zip(rows, lengths, strict=True)
    ]  # fmt: skip
    axes.add_collection(PolyCollection(bars, facecolors=colours, linewidths=0), autolim=False)
    for index in np.flatnonzero(~usable):
        marks.add_hatching(axes, (0, index - share / 2), limit, share)
    axes.set(xlim=(0, limit), ylim=(len(norms) - 0.5, -0.5))
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    axes.grid(axis="x", color=style.RULE, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.set_yticks([])
