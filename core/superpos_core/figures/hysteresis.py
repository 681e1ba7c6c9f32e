"""Hysteresis: how many features are represented while noise rises, and while it falls again."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from superpos_core.analysis.hysteresis import Hysteresis, has_hysteresis, hystereses
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.placing import evenly
from superpos_core.figures.tools.wrapping import text_width
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.setting_names import sparsity_text

LEFT, GAP = pages.MARGIN + 0.3, 0.4
KEY, TITLE, HEIGHT, BELOW = 0.2, 0.24, 1.5, 0.4
COLUMNS, MAX_DRAWN = 2, 6
UP, DOWN = style.CATEGORICAL[1], style.CATEGORICAL[0]
MARKER, LINE, SPREAD = 3.6, 1.1, 0.18
LOOP = "#efefef"
MISSING = "stairs that are not there yet, or not finite"
ROOM = 0.05
"""Share of an axis left free at each end."""
BETWEEN_NAMES = 0.2
MAX_TICKS = 5


def applies(record: LanesRecord, model: str) -> bool:
    """Whether noise rises and falls, and training has begun."""
    return has_hysteresis(record, model) and len(record.cohorts[model].timeline.moments) > 1


def draw(record: LanesRecord, model: str) -> Figure:
    """The number of represented features over σ, up and down, one panel per sparsity."""
    every = hystereses(record, model)
    shown = evenly(every, MAX_DRAWN)
    columns = min(COLUMNS, len(shown))
    rows = math.ceil(len(shown) / columns)
    header = pages.Header(
        notes.model_title("Noise up and down", model), _reading(record, len(shown), every, model)
    )
    pitch = TITLE + HEIGHT + BELOW
    page = pages.new_page(record, header, pages.TEXT_WIDTH, KEY + rows * pitch, scales=0)
    width = (page.width - LEFT - pages.MARGIN - (columns - 1) * GAP) / columns
    top = header.height(page.width)
    _draw_key(page, top, _has_theory(every))
    for index, each in enumerate(shown):
        left = LEFT + index % columns * (width + GAP)
        above = top + KEY + TITLE + index // columns * pitch
        axes = page.axes(left, above, width, HEIGHT)
        _draw_loop(axes, each, record.config.features)
        name = f"S = {sparsity_text(each.sparsity)}, p = {each.density:.3g}"
        page.text(left, above - 0.06, name, va="bottom")
    return page.figure


def _reading(record: LanesRecord, shown: int, every: list[Hysteresis], model: str) -> str:
    restarts = record.config.restarts
    spread = f", the mean of {restarts} restarts, shaded from least to most" if restarts > 1 else ""
    theory = " Dashed: σ = √(2V), below which a feature of variance V(p) grows from nothing."
    return (
        f"Features with ‖{notes.matrix_name(model)}ᵢ‖ > ½ at the end of each stair{spread}. The "
        "same weights go through all stairs; σ: the standard deviation of the noise on the hidden "
        "layer. Where the curves differ, grey between, the past decides what is represented."
        + (theory if _has_theory(every) else "")
        + notes.some_note(shown, len(every), "sparsities")
        + marks.left_out_note([curve for each in every for curve in (each.up, each.down)], MISSING)
    )


def _has_theory(every: list[Hysteresis]) -> bool:
    return any(np.isfinite(each.unstable_below) for each in every)


def _draw_key(page: pages.Page, top: float, has_theory: bool) -> None:
    """What is counted, and how the curves and the line are marked, from the right."""
    page.text(LEFT, top, "features represented", color=style.QUIET)
    right = page.width - pages.MARGIN
    entries = [("◀ as noise falls", DOWN), ("▶ as noise rises", UP)]
    for name, colour in [*entries, *([("┆ √(2V)", style.QUIET)] if has_theory else [])]:
        page.text(right, top, name, color=colour, ha="right")
        right -= text_width(name, style.TEXT_SIZE) + BETWEEN_NAMES


def _draw_loop(axes: Axes, each: Hysteresis, features: int) -> None:
    up, down = each.up.mean(axis=1), each.down.mean(axis=1)
    axes.fill_between(each.noise, up, down, color=LOOP, linewidth=0, zorder=0.5)
    _draw_branch(axes, each.noise, each.down, DOWN, "<")
    _draw_branch(axes, each.noise, each.up, UP, ">")
    if np.isfinite(each.unstable_below):
        axes.axvline(each.unstable_below, color=style.QUIET, linewidth=0.7, dashes=(4, 3), zorder=1)
    last = float(each.noise[-1])
    axes.set(
        xlim=(-ROOM / 2 * last, (1 + ROOM / 2) * last),
        ylim=(-ROOM * features, (1 + ROOM) * features),
    )
    axes.xaxis.set_major_locator(MaxNLocator(MAX_TICKS))
    axes.yaxis.set_major_locator(MaxNLocator(MAX_TICKS, integer=True, steps=[1, 2, 5, 10]))
    axes.set_xlabel("σ", labelpad=1)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_branch(
    axes: Axes, noise: FloatArray, counts: FloatArray, colour: str, marker: str
) -> None:
    """The mean over restarts, in the direction of its markers, and the range around it."""
    low, high = counts.min(axis=1), counts.max(axis=1)
    axes.fill_between(noise, low, high, color=colour, alpha=SPREAD, linewidth=0, zorder=1)
    axes.plot(
        noise, counts.mean(axis=1), color=colour, linewidth=LINE, marker=marker,
        markersize=MARKER, markeredgewidth=0, zorder=2,
    )  # fmt: skip
