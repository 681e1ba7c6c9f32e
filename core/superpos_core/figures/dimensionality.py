"""How much of a dimension each feature gets, over sparsity and over training at each setting."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.log_axes import short
from superpos_core.figures.tools.placing import evenly, spread
from superpos_core.geometry import measures
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.timeline import feature_dimensionality_over
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.setting_names import EQUALS, setting_name, sparsity_text
from superpos_core.task.sweeps import axis_positions, sweep_named
from superpos_core.theory import DIMENSIONALITY_MARKS
from superpos_core.ticks import round_numbers

LEFT = pages.MARGIN + pages.ROW_LABELS
SHAPE_NAMES = 1.12
"""Inches on the right for the names of the shapes."""
SCATTER_HEIGHT = 2.2
SCATTER_TOP, SCATTER_BOTTOM = 0.2, 0.4
"""Inches above it for a title, and below it for ticks and the axis label."""
HISTORY_HEIGHT = 1.15
HISTORY_BOTTOM = 0.34
HISTORY_GAP = 0.16
MAX_HISTORIES = 12
MAX_SETTINGS = 60
"""Maximum number of settings in one scatter plot."""
MAX_DOTS, MAX_LINES = 20_000, 500
"""Maximum number of dots in a scatter plot, and of lines in a history: more would cover one
another and bloat vector files."""
LOW, HIGH = -0.04, 1.08
"""The ends of the dimensionality axis, chosen so that dots at 0 and 1 are not clipped."""
SPREAD_SHARE = 0.75
"""Maximum share of the distance between settings over which features are spread out."""
MAX_SPREAD = 0.3
"""Maximum width of the spread in decades."""
LABEL_SPACING = 0.05
"""Minimum distance between two shape names, as a share of the axis."""
MAX_TICKS = 10
DOT_AREA = 20.0
LINE_OPACITY = 0.7
"""Area of a dot in square points and opacity of a line for 20 features; less for more."""


def draw(record: LanesRecord, model: str) -> Figure:
    """D_i and D* against 1 / (1 − S) or the swept value; below, D_i at all kept steps."""
    config, cohort = record.config, record.cohorts[model]
    histories = []
    if len(cohort.timeline.moments) > 1:
        histories = evenly(range(len(config.settings)), MAX_HISTORIES)
    history_columns, history_rows = _grid(len(histories))
    scatter_room = SCATTER_TOP + SCATTER_HEIGHT + SCATTER_BOTTOM
    history_room = pages.LANE_TITLE + HISTORY_HEIGHT + HISTORY_BOTTOM
    scatters = int((pages.MAX_BODY_HEIGHT - history_rows * history_room) / scatter_room)
    rows = [
        evenly(settings, MAX_SETTINGS) for settings in evenly(_settings_by_axis(config), scatters)
    ]
    header = pages.Header(
        notes.model_title("Feature dimensionality", model),
        _reading(record, model, bool(histories))
        + notes.some_note(len(rows), len(_settings_by_axis(config)), "sparsities"),
    )
    body = len(rows) * scatter_room + history_rows * history_room
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body)
    top = header.height(page.width)
    for settings in rows:
        _draw_scatter(page, top, record, model, settings)
        top += scatter_room
    for index, setting in enumerate(histories):
        row, column = divmod(index, history_columns)
        _draw_history(page, top + row * history_room, (column, history_columns), cohort, setting)
    marks.superposition_scale_bar(page)
    return page.figure


def _settings_by_axis(config: ExperimentConfig) -> list[list[int]]:
    """The settings of each scatter plot: all of them, or in a sweep those of each sparsity."""
    length = len(config.sweep_values) or len(config.settings)
    return [
        sorted(range(first, first + length), key=lambda setting: config.settings[setting].abscissa)
        for first in range(0, len(config.settings), length)
    ]


def _grid(count: int) -> tuple[int, int]:
    """Columns and rows that arrange ``count`` histories in even rows."""
    rows = math.ceil(count / pages.MAX_COLUMNS)
    return (math.ceil(count / rows) if rows else 0), rows


def _reading(record: LanesRecord, model: str, has_histories: bool) -> str:
    matrix = notes.matrix_name(model)
    cohort = record.cohorts[model]
    settings, features = _settings_by_axis(record.config)[0], record.config.features
    drawn = min(len(settings), MAX_SETTINGS)
    below = " Below: Dᵢ over training, one line per feature." if has_histories else ""
    if has_histories and features > MAX_LINES:
        below = f" Below: Dᵢ over training of {MAX_LINES} features."
    return (
        f"One dot per feature: its share of a dimension, Dᵢ = ‖{matrix}ᵢ‖² / "
        f"Σⱼ (Ŵᵢ·Wⱼ)². Black: D* = m / ‖{matrix}‖², the dimensions per learned feature. "
        f"Lines: regular shapes.{below}"
        + notes.vectors_note(model)
        + notes.some_note(drawn, len(settings))
        + notes.some_note(min(features, MAX_DOTS // drawn), features, "features")
        + marks.left_out_note([cohort.parameters.encoder, cohort.parameters.decoder])
    )


# ── over sparsity ─────────────────────────────────────────────────────────────────────────────


def _draw_scatter(
    page: pages.Page, top: float, record: LanesRecord, model: str, settings: list[int]
) -> None:
    """The features of each setting spread around its position, and the line of D*."""
    config, cohort = record.config, record.cohorts[model]
    width = page.width - LEFT - SHAPE_NAMES - pages.MARGIN
    axes = page.axes(LEFT, top + SCATTER_TOP, width, SCATTER_HEIGHT)
    vectors = [cohort.vectors_of(cohort.lane_at(setting)) for setting in settings]
    features = evenly(range(config.features), MAX_DOTS // len(settings))
    positions = axis_positions([config.settings[setting].abscissa for setting in settings])
    apart = float(np.diff(positions).min(initial=1.0))
    spread_width = min(SPREAD_SHARE * apart, MAX_SPREAD)
    beside = ((np.array(features) + 0.5) / config.features - 0.5) * spread_width
    measured = [measures.superposition_and_dimensionality(each) for each in vectors]
    superposition = np.concatenate([shared[features] for shared, _ in measured])
    dimensionality_axis(axes)
    write_shapes(axes)
    axes.scatter(
        (positions[:, None] + beside).ravel(),
        np.concatenate([shares[features] for _, shares in measured]),
        s=float(np.clip(DOT_AREA * 20 / config.features, 0.6, DOT_AREA)),
        c=style.superposition_colours(superposition),
        edgecolors=style.INK,
        linewidths=0.2,
        zorder=2,
    )
    stars = np.array([float(measures.dimensions_per_feature(each)) for each in vectors])
    axes.plot(
        positions,
        np.where(np.isfinite(stars), stars, np.nan),
        color=style.INK,
        linewidth=0.9,
        marker="o",
        markersize=2.4,
        zorder=3,
    )
    margin = max(spread_width, 0.02 * float(np.ptp(positions)))
    axes.set_xlim(positions[0] - margin, positions[-1] + margin)
    ticks = _ticks([config.settings[setting].abscissa for setting in settings])
    labels, name = _words_of_axis(config, ticks)
    axes.set_xticks(axis_positions(ticks), labels)
    axes.set_xlabel(name, labelpad=2)
    if config.sweep_values and config.settings[0].instance is None:
        sparsity = f"S = {sparsity_text(config.settings[settings[0]].sparsity)}"
        pages.column_title(page, LEFT + width / 2, top + SCATTER_TOP, sparsity)


def _words_of_axis(config: ExperimentConfig, ticks: list[float]) -> tuple[list[str], str]:
    """The labels of ticks, and of the axis: of 1 / (1 − S), or of what is swept."""
    labels = [f"{float(f'{tick:.3g}'):.7g}" for tick in ticks]
    sweep = sweep_named(config.sweep)
    if not config.sweep_values:
        if len(config.settings) == 1 and distribution_named(config.distribution).one_hot:
            return [""], setting_name(config, config.settings[0])
        return labels, "1 / (1 − S)"
    relations = [sweep.relation(config, tick) for tick in ticks]
    if all(relation.startswith(EQUALS) for relation in relations):
        return [
            each.removeprefix(EQUALS) for each in relations
        ], f"{sweep.factor_of}, {sweep.symbol}"
    return labels, sweep.axis


def _ticks(values: Sequence[float]) -> list[float]:
    """The trained values, or round numbers in their range if there are many."""
    if min(values) == 0:
        return evenly(values, MAX_TICKS)  # the axis is linear
    round_ones = round_numbers(min(values), max(values), digits=(1, 2, 5))
    is_crowded = len(values) > MAX_TICKS
    return round_ones if is_crowded and len(round_ones) > 2 else evenly(values, MAX_TICKS)


def write_shapes(axes: Axes) -> None:
    """Each mark's fraction and shape, to the right of its line, if it is on the axis."""
    low, high = axes.get_ylim()
    shown = [mark for mark in DIMENSIONALITY_MARKS if mark.value <= high]
    heights = [(mark.value - low) / (high - low) for mark in shown]
    for mark, height in zip(shown, spread(heights, LABEL_SPACING), strict=True):
        for beyond, text, ink in ((5, mark.label, style.INK), (20, mark.shape, style.QUIET)):
            axes.annotate(
                text,
                (1, height),
                xycoords="axes fraction",
                xytext=(beyond, 0),
                textcoords="offset points",
                color=ink,
                fontsize=style.SMALL_SIZE,
                va="center",
            )


# ── over training ─────────────────────────────────────────────────────────────────────────────


def _draw_history(
    page: pages.Page, top: float, column_of: tuple[int, int], cohort: Cohort, setting: int
) -> None:
    """One line per feature, against log(1 + step)."""
    column, columns = column_of
    lane = cohort.lane_at(setting)
    width = (page.width - LEFT - pages.MARGIN + HISTORY_GAP) / columns - HISTORY_GAP
    block = pages.Block(LEFT + column * (width + HISTORY_GAP), top + pages.LANE_TITLE, column == 0)
    pages.lane_title(page, block, width, cohort.lanes[lane])
    axes = page.axes(block.left, block.top, width, HISTORY_HEIGHT)
    dimensionality_axis(axes, labelled=block.is_first_in_row)
    steps = cohort.timeline.steps
    dimensionality = feature_dimensionality_over(cohort.timeline, cohort.model, lane)
    lines = [np.stack([steps, each], axis=1) for each in evenly(list(dimensionality.T), MAX_LINES)]
    opacity = float(np.clip(LINE_OPACITY * 20 / len(lines), 0.15, LINE_OPACITY))
    axes.add_collection(
        LineCollection(lines, colors=style.INK, alpha=opacity, linewidths=0.6, zorder=2),
        autolim=False,
    )
    axes.set_xscale("function", functions=(np.log1p, np.expm1))
    axes.xaxis.set_minor_locator(NullLocator())
    last = max(int(steps[-1]), 1)
    axes.set_xlim(0, last)
    decades = [0, *(10**power for power in range(8) if 10**power <= last)]
    shown = [step for step in decades if step != 1 or last < 100]
    axes.set_xticks(shown, [short(step) for step in shown])
    axes.set_xlabel("step", labelpad=1)
    if column == 0:
        axes.set_ylabel("Dᵢ", labelpad=4)


# ── both ──────────────────────────────────────────────────────────────────────────────────────


def dimensionality_axis(axes: Axes, labelled: bool = True, high: float = HIGH) -> None:
    """An axis from 0 to ``high``, with a line for each shape."""
    axes.set_ylim(LOW, high)
    ticks = {tick: label for tick, label in ((0, "0"), (0.5, "½"), (1, "1")) if tick <= high}
    axes.set_yticks(list(ticks), list(ticks.values()) if labelled else [])
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    for mark in DIMENSIONALITY_MARKS:
        if mark.value <= high:
            axes.axhline(mark.value, color=style.RULE, linewidth=0.4, zorder=0.5)
