"""Discrete energy levels: features jump between dimensionalities while the loss falls in steps."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from superpos_core.analysis.energy_levels import LEVELS_FROM, Jump
from superpos_core.analysis.events.event import Event
from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.figures.dimensionality import (
    HIGH,
    SHAPE_NAMES,
    dimensionality_axis,
    write_shapes,
)
from superpos_core.figures.energy_runs import Choice, Run
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.log_axes import (
    drawable,
    loss_axis,
    round_ticks,
    step_axis,
    steps_from,
)
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.lanes import Lane

LEFT, GAP = pages.MARGIN + 0.42, 0.2
LEVELS_HEIGHT, BETWEEN, LOSS_HEIGHT, BELOW = 2.7, 0.1, 1.25, 0.36
ABOVE_ALL = 1.16
"""The top of the axis, relative to the highest final D_i; at most 1."""
ABOVE_JUMPS = 1.05
"""The same relative to the D_i before and after jumps."""
MIN_HIGH = 0.58
"""Minimum top of the axis: above the line of the antipodal pair."""
ABOVE_LOSSES = 0.12
"""Room above and below the losses of restarts that jump, as a share of their axis."""
JUMP_INK = style.RULE
JUMP_OPACITY = 0.4
TIMES = style.ORDERED
IGNORED_INK, IGNORED_OPACITY = style.QUIET, 0.3
REPRESENTED_WIDTH, IGNORED_WIDTH = 0.9, 0.45
TICK = 0.09
"""The length of the ticks where features settle, as a share of the loss's panel."""
RESTART_TITLE = 0.4
"""Inches for the two lines above a restart."""
NAMES = {"loss": "the loss falls a level"}
"""The labels of events beside their lines, if they differ from the event text."""
MAX_NAMED = 4
LEFT_FROM = 0.75
"""Beyond this share of the axis, event labels are placed to the left of their lines."""


def applies(record: LanesRecord, model: str) -> bool:
    """Whether training has started: there is more than one moment to draw."""
    return len(record.cohorts[model].timeline.moments) > 1


def draw(record: LanesRecord, model: str) -> Figure:
    """D_i of every feature over training, above the loss, against the same logarithmic steps."""
    cohort = record.cohorts[model]
    choice = Choice.of(record.config, cohort)
    runs = [Run.of(record.config, cohort, lane) for lane in choice.lanes]
    header = pages.Header(
        notes.model_title("Discrete energy levels", model),
        _reading(record, model, runs, choice),
    )
    above = RESTART_TITLE if choice.jumping else pages.LANE_TITLE
    body = above + LEVELS_HEIGHT + BETWEEN + LOSS_HEIGHT + BELOW
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body)
    room = page.width - LEFT - SHAPE_NAMES - pages.MARGIN
    width = (room + GAP) / len(runs) - GAP
    top = header.height(page.width) + above
    high = _high(runs)
    times = _limits([run.settled for run in runs])
    losses = [run.losses[run.steps >= steps_from(run.steps)] for run in runs]
    for column, run in enumerate(runs):
        block = pages.Block(LEFT + column * (width + GAP), top, column == 0)
        if choice.jumping:
            _restart_title(page, block, width, cohort.lanes[run.lane], run)
        else:
            pages.lane_title(page, block, width, cohort.lanes[run.lane])
        upper = page.axes(block.left, top, width, LEVELS_HEIGHT)
        lower = page.axes(block.left, top + LEVELS_HEIGHT + BETWEEN, width, LOSS_HEIGHT)
        _draw_levels(upper, run, high, times, labelled=column == 0)
        _draw_loss(lower, run, times)
        if choice.jumping:
            _loss_axis_of_jumps(lower, runs)
        else:
            loss_axis(lower, losses)
        for axes in (upper, lower):
            step_axis(axes, steps_from(run.steps), int(run.steps[-1]))
            _mark_events(axes, run.events)
            _mark_jumps(axes, run.jumps)
        if len(runs) == 1:
            _name_events(lower, run.events)
        upper.tick_params(axis="x", which="both", labelbottom=False, length=0)
        lower.set_xlabel("step", labelpad=1)
        if column > 0:
            lower.tick_params(labelleft=False)
        if column == len(runs) - 1:
            write_shapes(upper)
    _name_axes(page, top)
    if np.isfinite(times).all():
        _time_scale(page, times)
    return page.figure


def _reading(record: LanesRecord, model: str, runs: list[Run], choice: Choice) -> str:
    config = record.config
    if choice.jumping:
        which = (
            " Bands: jumps, where Dᵢ changes while the loss, flat before and after, falls: in "
            f"{choice.jumping} of {config.restarts} restarts"
            + (f", {len(runs)} of them drawn." if choice.jumping > len(runs) else ".")
        )
    else:
        marked = " Dotted: sudden events." if any(run.events for run in runs) else ""
        which = notes.best_note(config) + notes.some_note(len(runs), len(config.settings)) + marked
    return (
        "One line per feature: its share of a dimension, Dᵢ, coloured by the step from which it "
        "stays above half its final value (ticks above the loss); grey: ignored."
        f"{notes.vectors_note(model)}{which}"
        + marks.gaps_note([run.dimensionality for run in runs])
    )


def _restart_title(
    page: pages.Page, block: pages.Block, width: float, lane: Lane, run: Run
) -> None:
    """The seed of a restart, above a summary of its largest jump."""
    jump = max(run.jumps, key=lambda each: each.fall)
    count = len(jump.changes)
    changing = "one Dᵢ changes" if count == 1 else f"{count} Dᵢ change"
    middle = block.left + width / 2
    page.text(middle, block.top - RESTART_TITLE + 0.02, f"seed {lane.seed}", ha="center")
    page.text(
        middle,
        block.top - RESTART_TITLE + 0.145,
        f"{changing}, loss falls by {jump.fall:.1%}",
        ha="center",
        size=style.SMALL_SIZE,
        color=style.QUIET,
    )


def _high(runs: list[Run]) -> float:
    """The top of the D_i axis: curves may exceed it, except at their ends and at jumps."""
    ends = np.concatenate([run.dimensionality[-1] for run in runs])
    highest = ABOVE_ALL * float(ends[np.isfinite(ends)].max(initial=0))
    of_jumps = [float(jump.changes.max()) for run in runs for jump in run.jumps]
    return float(
        np.clip(max([highest, *(ABOVE_JUMPS * each for each in of_jumps)]), MIN_HIGH, HIGH)
    )


def _loss_axis_of_jumps(axes: Axes, runs: list[Run]) -> None:
    """Limit the axis to losses after the features have grown, so that jumps are visible."""
    first = min([LEVELS_FROM, *(jump.before for run in runs for jump in run.jumps)])
    shown = np.concatenate([run.losses[run.steps >= first] for run in runs])
    low, high = float(shown.min()), float(shown.max())
    room = ABOVE_LOSSES * (high - low) or 1.0
    axes.set_ylim(low - room, high + room)
    round_ticks(axes.yaxis, 4)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=style.SMALL_SIZE)


def _limits(settled: list[FloatArray]) -> tuple[float, float]:
    """The first and the last step at which a feature settles; NaN if none does."""
    known = np.concatenate(settled)
    known = known[np.isfinite(known)]
    return (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)


def _draw_levels(
    axes: Axes, run: Run, high: float, times: tuple[float, float], labelled: bool
) -> None:
    """Features ignored in the end lie below the others, and early ones below late ones."""
    dimensionality_axis(axes, labelled, high)
    stays: BoolArray = np.isfinite(run.settled)
    lines = [np.stack([run.steps, each], axis=1) for each in run.dimensionality.T]
    order = np.argsort(run.settled, kind="stable")[: int(stays.sum())]
    groups = (
        (np.flatnonzero(~stays), IGNORED_INK, IGNORED_WIDTH, IGNORED_OPACITY),
        (order, TIMES(_share(run.settled[order], times)), REPRESENTED_WIDTH, 1.0),
    )
    for zorder, (features, colours, width, opacity) in enumerate(groups, start=2):
        axes.add_collection(
            LineCollection(
                [lines[feature] for feature in features],
                colors=colours,
                linewidths=width,
                alpha=opacity,
                zorder=zorder,
            ),
            autolim=False,
        )


def _share(settled: FloatArray, times: tuple[float, float]) -> FloatArray:
    """From 0 for the first to 1 for the last, on a logarithmic scale."""
    first, last = np.log1p(times)
    share: FloatArray = (np.log1p(settled) - first) / max(last - first, 1e-9)
    return share


def _draw_loss(axes: Axes, run: Run, times: tuple[float, float]) -> None:
    """The loss, and at the top of the panel a tick where each feature settles."""
    axes.plot(run.steps, drawable(run.losses), color=style.INK, linewidth=0.9, zorder=2)
    settled = np.sort(run.settled[np.isfinite(run.settled)])
    axes.vlines(
        settled,
        1 - TICK,
        1,
        transform=axes.get_xaxis_transform(),
        colors=list(TIMES(_share(settled, times))),
        linewidths=REPRESENTED_WIDTH,
        zorder=2,
    )


def _mark_events(axes: Axes, events: tuple[Event, ...]) -> None:
    """A thin line through the panel at every step with a sudden event."""
    for step in sorted({event.step for event in events}):
        axes.axvline(step, color=style.INK, linewidth=0.4, linestyle=(0, (1, 1.5)), zorder=1)


def _mark_jumps(axes: Axes, jumps: tuple[Jump, ...]) -> None:
    """A band through the panel from the start to the end of each fall of the loss."""
    for jump in jumps:
        axes.axvspan(
            jump.before,
            jump.after,
            color=JUMP_INK,
            alpha=JUMP_OPACITY,
            linewidth=0,
            zorder=0.2,
            gid="jump",
        )


def _name_events(axes: Axes, events: tuple[Event, ...]) -> None:
    """The event at each line, below the ticks; omitted if there are many."""
    if len(events) > MAX_NAMED:
        return
    first, last = np.log(axes.get_xlim())
    for index, event in enumerate(events):
        on_left = np.log(event.step) - first > LEFT_FROM * (last - first)
        axes.annotate(
            NAMES.get(event.kind, event.text),
            (event.step, 0.8 - 0.13 * index),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-3 if on_left else 3, 0),
            textcoords="offset points",
            color=style.QUIET,
            fontsize=style.SMALL_SIZE,
            ha="right" if on_left else "left",
            va="center",
        )


def _name_axes(page: pages.Page, top: float) -> None:
    """Rotated labels beside the panels, equally far from the page's edge."""
    middles = (
        ("Dᵢ", top + LEVELS_HEIGHT / 2),
        ("total loss", top + LEVELS_HEIGHT + BETWEEN + LOSS_HEIGHT / 2),
    )
    for name, middle in middles:
        page.figure.text(
            (pages.MARGIN + 0.04) / page.width,
            1 - middle / page.height,
            name,
            rotation=90,
            ha="center",
            va="center",
            fontsize=style.SMALL_SIZE,
            color=style.QUIET,
        )


def _time_scale(page: pages.Page, times: tuple[float, float]) -> None:
    """The colour scale of the steps at which features settle."""
    ticks = [(0.0, times[0]), (0.5, float(np.expm1(np.mean(np.log1p(times))))), (1.0, times[1])]
    marks.scale_bar(
        page,
        "step from which Dᵢ stays above half its final value",
        TIMES,
        [(tick, f"{float(f'{step:.2g}'):,.0f}") for tick, step in ticks],
    )
