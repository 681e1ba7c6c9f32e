"""The losses of all lanes against steps, with the closed-form linear optimum."""

from collections.abc import Sequence
from itertools import cycle
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from superpos_core.analysis.evaluation import linear_optimum_of
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.log_axes import drawable, step_axis
from superpos_core.figures.tools.placing import evenly, spread
from superpos_core.figures.tools.wrapping import POINTS, text_width
from superpos_core.record.history import LossCurve, moving_average
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.setting_names import setting_name
from superpos_core.ticks import power_of_ten

BODY_HEIGHT = 3.6
LEFT, TOP, BOTTOM = 0.62, 0.3, 0.34
LABEL_GAP, LEADER, LEADER_WIDTH = 0.16, 0.12, 0.5
LEGEND_TOP = 0.05
SMOOTHED_WITHIN = 1.06
"""The moving average covers steps within this factor of its own, as steps are logarithmic."""
LineStyle = Literal["solid"] | tuple[float, tuple[float, ...]]
MODEL_LINES: tuple[LineStyle, ...] = (
    "solid",
    (0, (5, 1.5)),
    (0, (7, 1.5, 1.5, 1.5)),
    (0, (2.5, 1)),
)
OPTIMUM_LINE: LineStyle = (0, (1, 2.2))
DIFFERENT_TASKS = (
    " Each sparsity is a different task: compare a curve with the linear optimum of its colour."
)
FEW_DECADES = 30.0
"""An axis whose ends are within this factor has ticks between powers of ten too."""
LABEL_SPACING = 0.045
"""Minimum distance between two labels, as a share of the axis."""
MAX_LABELS = 22
FEW_LABELS = 20
"""More labels are small."""
MAX_SETTINGS = 60
"""Maximum number of settings drawn: more curves would cover one another."""

Limits = tuple[float, float]


def draw(record: LanesRecord) -> Figure:
    """One curve per setting and model: colour is the setting, line style the model."""
    config = record.config
    shown = evenly(range(len(config.settings)), MAX_SETTINGS)
    header = pages.Header(
        "Mean loss at every setting",
        "Squared error weighted by importance, averaged over batch and features. Bright: moving "
        "average; light: range from lowest to highest loss."
        + (DIFFERENT_TASKS if len(config.sparsities) > 1 else "")
        + notes.best_note(config)
        + notes.some_note(len(shown), len(config.settings))
        + marks.gaps_note([cohort.losses.mean for cohort in record.cohorts.values()]),
    )
    page = pages.new_page(record, header, pages.TEXT_WIDTH, BODY_HEIGHT, scales=0)
    top = header.height(page.width)
    height = BODY_HEIGHT - TOP - BOTTOM
    labelled = evenly(range(len(shown)), MAX_LABELS)
    labels = [setting_name(config, config.settings[shown[each]]) for each in labelled]
    right = pages.MARGIN + LABEL_GAP + _width_of(labels)
    axes = page.axes(LEFT, top + TOP, page.width - LEFT - right, height)
    colours = style.sparsity_colours(len(shown))
    optima = _mean_linear_optima(config, shown)
    curves = [cohort.best().losses.lanes(shown) for cohort in record.cohorts.values()]
    for curve, line in zip(curves, cycle(MODEL_LINES), strict=False):
        for index, colour in enumerate(colours):
            _draw_curve(axes, curve, index, colour, line)
    for optimum, colour in zip(optima, colours, strict=True):
        if optimum > 0:
            axes.axhline(optimum, color=colour, linewidth=0.8, linestyle=OPTIMUM_LINE)
    limits = _limits(curves, optima)
    _set_axes(axes, curves, limits)
    ends = [_ends(curves, each, optima[each], limits) for each in labelled]
    _label_curves(axes, labels, [colours[each] for each in labelled], ends)
    _add_legend(page, top, record, has_optima=any(optimum > 0 for optimum in optima))
    return page.figure


def _mean_linear_optima(config: ExperimentConfig, settings: Sequence[int]) -> list[float]:
    """L_linear at some settings, as a mean over features: 0 if m ≥ n, NaN if unknown."""
    lanes = config.lanes_of(config.models[0])[:: config.restarts]
    return [linear_optimum_of(config, lanes[setting]) / config.features for setting in settings]


def _draw_curve(axes: Axes, curve: LossCurve, index: int, colour: str, line: LineStyle) -> None:
    axes.fill_between(
        curve.steps,
        drawable(curve.low[index]),
        drawable(curve.high[index]),
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
    """Moving average on both sides: one side alone lags behind a fast-falling loss."""
    steps = curve.steps
    first, last = steps / SMOOTHED_WITHIN, steps * SMOOTHED_WITHIN
    return drawable(moving_average(steps, curve.mean[index], first, last))


def _limits(curves: Sequence[LossCurve], optima: list[float]) -> Limits:
    """The loss axis: all drawn curves and optima with margins; a decade for a single value."""
    losses = [curve.mean.ravel() for curve in curves]
    values = drawable(np.concatenate([*losses, np.array(optima)]).astype(np.float64))
    values = values[np.isfinite(values)]
    if not values.size:
        return 1e-4, 1.0
    low, high = float(values.min()), float(values.max())
    room = 1.35 if high > 3 * low else 3.0
    return low / room, high * room


def _set_axes(axes: Axes, curves: Sequence[LossCurve], limits: Limits) -> None:
    axes.set(yscale="log", ylim=limits, xlabel="step", ylabel="mean loss")
    steps = [curve.steps for curve in curves if curve.steps.size]
    step_axis(
        axes,
        min((int(each[0]) for each in steps), default=1),
        max((int(each[-1]) for each in steps), default=1),
    )
    digits = (1.0, 2.0, 5.0) if limits[1] < FEW_DECADES * limits[0] else (1.0,)
    axes.yaxis.set_major_locator(LogLocator(10, subs=digits, numticks=9))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda loss, _: power_of_ten(loss)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(which="minor", width=0.3, length=1.2, color=style.RULE)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=style.RULE, linewidth=0.3, alpha=0.6)
    axes.set_axisbelow(True)


def _width_of(labels: Sequence[str]) -> float:
    """The width of the widest label in inches."""
    return max(text_width(label, _size_of(labels)) for label in labels)


def _size_of(labels: Sequence[str]) -> float:
    return style.TEXT_SIZE if len(labels) <= FEW_LABELS else style.SMALL_SIZE


def _label_curves(
    axes: Axes, labels: list[str], colours: list[str], ends: list[list[float]]
) -> None:
    """Settings to the right of their curves, moved apart if they would overlap.

    A thin line leads to a label from every end of its curves, of which ``ends`` has the heights.
    """
    positions = spread([float(np.mean(each)) if each else 0.5 for each in ends], LABEL_SPACING)
    for label, colour, position in zip(labels, colours, positions, strict=True):
        axes.annotate(
            label,
            (1, position),
            xycoords="axes fraction",
            xytext=(LABEL_GAP * POINTS, 0),
            textcoords="offset points",
            color=colour,
            fontsize=_size_of(labels),
            va="center",
        )
    right = 1 + LEADER / _width(axes)
    leaders = [
        ([(1.0, end), (right, position)], colour)
        for of_label, colour, position in zip(ends, colours, positions, strict=True)
        for end in of_label
    ]
    axes.add_collection(
        LineCollection(
            [line for line, _ in leaders],
            colors=[colour for _, colour in leaders],
            linewidths=LEADER_WIDTH,
            transform=axes.transAxes,
            clip_on=False,
        ),
        autolim=False,
    )


def _width(axes: Axes) -> float:
    """The width of the axes in inches."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return float(axes.get_position().width * figure.get_figwidth())


def _ends(curves: list[LossCurve], index: int, optimum: float, limits: Limits) -> list[float]:
    """The heights at which the curves of a setting end, from 0 at the bottom to 1 at the top.

    The optimum stands in for invisible curves.
    """
    ends = np.concatenate([_smoothed(curve, index)[-1:] for curve in curves])
    visible = ends[np.isfinite(ends)]
    if not visible.size and optimum > 0:
        visible = np.array([optimum])
    low, high = np.log(limits)
    heights: list[float] = ((np.log(visible) - low) / (high - low)).tolist()
    return heights


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
