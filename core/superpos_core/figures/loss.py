"""The losses of all lanes against steps, with the closed-form linear optimum."""

from collections.abc import Sequence
from itertools import cycle
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from superpos_core.analysis.evaluation import linear_optimum_of
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.placing import evenly, spread
from superpos_core.record.history import LossCurve, exponential_moving_average
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

BODY_HEIGHT = 3.6
LEFT, RIGHT, TOP, BOTTOM = 0.62, 0.85, 0.3, 0.34
LEGEND_TOP = 0.05
SMOOTHING_SHARE = 0.006
"""Span of the moving average as a share of the points."""
LineStyle = Literal["solid"] | tuple[float, tuple[float, ...]]
MODEL_LINES: tuple[LineStyle, ...] = (
    "solid",
    (0, (5, 1.5)),
    (0, (7, 1.5, 1.5, 1.5)),
    (0, (2.5, 1)),
)
OPTIMUM_LINE: LineStyle = (0, (1, 2.2))
LABEL_SPACING = 0.045
"""Minimum distance between two labels, as a share of the axis."""
MAX_LABELS = 22
MAX_SETTINGS = 60
"""Maximum number of settings drawn: more curves would cover one another."""
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

Limits = tuple[float, float]


def draw(record: LanesRecord) -> Figure:
    """One curve per lane: colour is sparsity, line style is model."""
    config = record.config
    shown = evenly(range(len(config.settings)), MAX_SETTINGS)
    header = pages.Header(
        "Mean loss of every lane",
        "Squared error weighted by importance, averaged over batch and features. Bright: moving "
        "average; light: range from lowest to highest loss. Each sparsity is a different task: "
        "compare a curve with the linear optimum of its colour."
        + notes.some_note(len(shown), len(config.settings))
        + marks.gaps_note([cohort.losses.mean for cohort in record.cohorts.values()]),
    )
    page = pages.new_page(record, header, pages.TEXT_WIDTH, BODY_HEIGHT, pages.PLAIN_FOOTER)
    top = header.height(page.width)
    height = BODY_HEIGHT - TOP - BOTTOM
    axes = page.axes(LEFT, top + TOP, page.width - LEFT - RIGHT, height)
    colours = style.sparsity_colours(len(shown))
    optima = _mean_linear_optima(config, shown)
    curves = [cohort.best().losses.lanes(shown) for cohort in record.cohorts.values()]
    for curve, line in zip(curves, cycle(MODEL_LINES), strict=False):
        for index, colour in enumerate(colours):
            _draw_curve(axes, curve, index, colour, line)
    for optimum, colour in zip(optima, colours, strict=True):
        if optimum > 0:
            axes.axhline(optimum, color=colour, linewidth=0.8, linestyle=OPTIMUM_LINE)
    limits = _limits(record, optima)
    _set_axes(axes, max(1, *(cohort.step for cohort in record.cohorts.values())), limits)
    labelled = evenly(range(len(shown)), MAX_LABELS)
    labels = [
        pages.shown_density_and_sparsity(config.settings[shown[each]])[0] for each in labelled
    ]
    heights = [_end_height(curves, each, optima[each], limits) for each in labelled]
    _label_sparsities(axes, labels, [colours[each] for each in labelled], heights)
    _add_legend(page, top, record, has_optima=any(optimum > 0 for optimum in optima))
    return page.figure


def _mean_linear_optima(config: ExperimentConfig, settings: Sequence[int]) -> list[float]:
    """L_linear at some settings, as a mean over features: 0 if m ≥ n, NaN if unknown."""
    lanes = config.lanes_of(config.models[0])[:: config.restarts]
    return [linear_optimum_of(config, lanes[setting]) / config.features for setting in settings]


def _draw_curve(axes: Axes, curve: LossCurve, index: int, colour: str, line: LineStyle) -> None:
    axes.fill_between(
        curve.steps,
        _positive(curve.low[index]),
        _positive(curve.high[index]),
        color=colour,
        alpha=0.13,
        linewidth=0,
    )
    axes.plot(
        curve.steps,
        _smoothed(curve, index),
        color=colour,
        linestyle=line,
        linewidth=1.0,
        solid_capstyle="round",
        # A single point makes no line and would be invisible.
        marker="." if len(curve.steps) == 1 else "",
        clip_on=len(curve.steps) > 1,
    )


def _smoothed(curve: LossCurve, index: int) -> FloatArray:
    """Moving average in both directions: one way alone lags behind a fast-falling loss."""
    values = curve.mean[index]
    span = SMOOTHING_SHARE * values.size
    there = exponential_moving_average(values, span)
    return _positive(exponential_moving_average(there[::-1], span)[::-1])


def _positive(values: FloatArray) -> FloatArray:
    """NaN, a gap, for what a logarithm cannot show."""
    usable = np.isfinite(values) & (values > 0)
    return np.where(usable, values, np.nan)


def _limits(record: LanesRecord, optima: list[float]) -> Limits:
    """The loss axis: all smoothed curves and optima with margins; a decade for a single value."""
    curves = [cohort.losses.mean.ravel() for cohort in record.cohorts.values()]
    values = _positive(np.concatenate([*curves, np.array(optima)]).astype(np.float64))
    values = values[np.isfinite(values)]
    if not values.size:
        return 1e-4, 1.0
    low, high = float(values.min()), float(values.max())
    room = 1.35 if high > 3 * low else 3.0
    return low / room, high * room


def _set_axes(axes: Axes, steps: int, limits: Limits) -> None:
    axes.set(yscale="log", ylim=limits, xlim=(0, steps), xlabel="step", ylabel="mean loss")
    axes.yaxis.set_major_locator(LogLocator(10, numticks=9))
    axes.yaxis.set_major_formatter(FuncFormatter(_power_of_ten))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.tick_params(which="minor", width=0.3, length=1.2, color=style.RULE)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=style.RULE, linewidth=0.3, alpha=0.6)
    axes.set_axisbelow(True)


def _power_of_ten(value: float, _place: int | None) -> str:
    """A tick label such as 10⁻³ or 2·10⁻³."""
    exponent = int(np.floor(np.log10(value) + 1e-9))
    digits = f"{value / 10.0**exponent:.3g}"
    factor = "" if digits == "1" else f"{digits}·"
    return f"{factor}10{str(exponent).translate(SUPERSCRIPTS)}"


def _label_sparsities(
    axes: Axes, densities: list[str], colours: list[str], heights: list[float]
) -> None:
    """Densities at the right ends of their curves, moved apart if they would overlap."""
    size = style.TEXT_SIZE if len(densities) <= 20 else style.SMALL_SIZE
    positions = spread(heights, LABEL_SPACING)
    for density, colour, height in zip(densities, colours, positions, strict=True):
        axes.text(
            1.015,
            height,
            f"1−S = {density}",
            transform=axes.transAxes,
            color=colour,
            fontsize=size,
            va="center",
        )


def _end_height(curves: list[LossCurve], index: int, optimum: float, limits: Limits) -> float:
    """The height at which the curves of a sparsity end, from 0 at the bottom to 1 at the top.

    The optimum stands in for invisible curves.
    """
    ends = [_smoothed(curve, index)[-1:] for curve in curves]
    visible = np.concatenate(ends)
    visible = visible[np.isfinite(visible)]
    if not visible.size and not optimum > 0:
        return 0.5
    low, high = np.log(limits)
    middle = np.log(visible).mean() if visible.size else np.log(optimum)
    return float((middle - low) / (high - low))


def _add_legend(page: pages.Page, top: float, record: LanesRecord, *, has_optima: bool) -> None:
    """The line styles, in one row above the curves."""
    entries = {
        model: Line2D([], [], color=style.INK, linewidth=1.0, linestyle=line)
        for model, line in zip(record.cohorts, cycle(MODEL_LINES), strict=False)
    }
    if has_optima:
        dotted = Line2D([], [], color=style.INK, linewidth=0.8, linestyle=OPTIMUM_LINE)
        entries["linear optimum, closed form"] = dotted
    page.figure.legend(
        list(entries.values()),
        list(entries),
        loc="upper left",
        bbox_to_anchor=(LEFT / page.width, 1 - (top + LEGEND_TOP) / page.height),
        borderaxespad=0,
        borderpad=0,
        ncols=len(entries),
        frameon=False,
        fontsize=style.TEXT_SIZE,
        handlelength=2.8,
        columnspacing=1.6,
    )
