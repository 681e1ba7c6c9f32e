"""Learning as a geometric transformation: the paths of all features, and the shapes on the way."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from superpos_core.analysis.stages import Stage, loss_over, shape_in_words, stages_of
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.figures.tools import marks, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.feature_colours import FeatureColours, OneEach, feature_colours
from superpos_core.figures.tools.log_axes import drawable, loss_axis, step_axis
from superpos_core.figures.tools.placing import evenly
from superpos_core.figures.tools.spokes import (
    BEYOND,
    NOISE,
    TILT,
    TURN,
    SpokePlots,
    circle_note,
    number_ends,
)
from superpos_core.geometry.hidden_space import picture_axes
from superpos_core.geometry.hull import hull_edges
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_norms
from superpos_core.geometry.projection import EDGE, circle_radius, seen_from
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.timeline import feature_vectors_over
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.lanes import Lane
from superpos_core.task.task import Task

MOST_FEATURES = 32
MOST_STAGES = 5
PATHS_SIDE = 2.75
LOSS_LEFT, LOSS_TOP, LOSS_BELOW = 0.72, 0.22, 0.36
"""Inches between paths and loss, above the loss for its name, and below it for its steps."""
STAGE_GAP, STAGE_TITLE, CAPTION_LINES = 0.1, 0.2, 2
CAPTION_TOP = 0.03
CAPTION = CAPTION_TOP + CAPTION_LINES * pages.LINE * style.SMALL_SIZE / pages.POINTS
ROW = PATHS_SIDE + STAGE_TITLE + 0.12
NUMBERS = 0.2
"""Room for the numbers of features beyond what is drawn, in radii of the circle."""
BEGINNING, HOLLOW, ENDING, SHORT = 3.0, 9.0, 26.0, 5.0
"""The areas of dots, in square points."""
EDGE_INK = "#9a9a9a"


@dataclass(frozen=True)
class _Run:
    """What is drawn of the best lane of a setting.

    ``vectors`` has shape (moments, n, m); ``points``, (moments, n, 2) or (moments, n, 3), are the
    same in the picture that suits the last of them.
    """

    lane: Lane
    steps: IntArray
    vectors: FloatArray
    points: FloatArray
    losses: FloatArray
    stages: tuple[Stage, ...]

    @classmethod
    def of(cls, config: ExperimentConfig, cohort: Cohort, setting: int) -> "_Run":
        place, timeline = cohort.ranked(setting)[0], cohort.timeline
        lane, vectors = cohort.lanes[place], feature_vectors_over(timeline, cohort.model, place)
        losses = loss_over(config, lane, timeline, place)
        stages = stages_of(timeline.steps, losses, MOST_STAGES)
        with np.errstate(all="ignore"):
            points = vectors.astype(np.float64) @ picture_axes(vectors[_last(stages)])
        return cls(lane, timeline.steps, vectors, points, losses, stages)

    @property
    def reach(self) -> float:
        """The length of the longest feature that there ever was, of those that are finite."""
        lengths = np.linalg.norm(self.points, axis=-1)
        return float(lengths[np.isfinite(lengths)].max(initial=0))


def _last(stages: tuple[Stage, ...]) -> int:
    """The last moment at which everything is finite."""
    return stages[-1].place if stages else 0


def applies(record: LanesRecord, model: str) -> bool:
    """Where few features move in a plane or in space, and have begun to."""
    config = record.config
    has_begun = len(record.cohorts[model].timeline.moments) > 1
    return has_begun and config.hidden in (2, 3) and config.features <= MOST_FEATURES


def draw(record: LanesRecord, model: str) -> Figure:
    """The paths of W_i and the loss; below, the features at the moments marked on both."""
    config, cohort = record.config, record.cohorts[model]
    side = (pages.TEXT_WIDTH - 2 * pages.MARGIN + STAGE_GAP) / MOST_STAGES - STAGE_GAP
    block_height = ROW + side + CAPTION
    titled = pages.LANE_TITLE + 0.12 if len(config.settings) > 1 else 0.0
    settings = evenly(
        range(len(config.settings)), pages.rows_that_fit(titled + block_height, between=0)
    )
    runs = [_Run.of(config, cohort, setting) for setting in settings]
    ends = np.concatenate([run.points[_last(run.stages)] for run in runs])
    radius = circle_radius(ends, config.hidden)
    header = pages.Header(
        pages.model_title("Learning as a geometric transformation", model),
        _reading(config, model, radius, len(runs)) + _ends_note(runs),
    )
    has_sets = distribution_named(config.distribution).has_sets
    colours: FeatureColours = feature_colours(config) if has_sets else OneEach()
    plots = SpokePlots(config, colours, radius, side)
    body = len(runs) * (titled + block_height) + 0.1
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body)
    top = header.height(page.width)
    for run in runs:
        if titled:
            block = pages.Block(pages.MARGIN, top + titled, is_first_in_row=True)
            pages.lane_title(page, block, page.width - 2 * pages.MARGIN, run.lane)
        _draw_run(page, top + titled, plots, run)
        top += titled + block_height
    colours.add_legend(page)
    return page.figure


def _reading(config: ExperimentConfig, model: str, radius: float, runs: int) -> str:
    return (
        f"Left: the path of each feature {pages.matrix_name(model)}ᵢ through the hidden space, "
        "from its initial weights (small) to the end (large); white: the moments with letters. "
        "Right: the loss on fresh data. Below: the features at these moments."
        f"{pages.vectors_note(model)}{pages.best_note(config)}"
        f"{pages.some_note(runs, len(config.settings))} "
        f"{circle_note(config, radius)}"
    )


def _ends_note(runs: list[_Run]) -> str:
    finite = all(np.isfinite(run.vectors).all() for run in runs)
    return "" if finite else "Paths end where weights are not finite."


def _draw_run(page: pages.Page, top: float, plots: SpokePlots, run: _Run) -> None:
    """Paths and loss side by side, and the stages in a row below them."""
    paths = page.axes(pages.MARGIN, top, PATHS_SIDE, PATHS_SIDE)
    _draw_paths(paths, plots, run)
    left = pages.MARGIN + PATHS_SIDE + LOSS_LEFT
    loss = page.axes(
        left,
        top + LOSS_TOP,
        page.width - left - pages.MARGIN - 0.1,
        PATHS_SIDE - LOSS_TOP - LOSS_BELOW,
    )
    page.text(left, top + LOSS_TOP - 0.05, "total loss", va="bottom", color=style.QUIET)
    _draw_loss(loss, run)
    width = plots.side + STAGE_GAP
    first = page.width / 2 - (len(run.stages) * width - STAGE_GAP) / 2
    for number, stage in enumerate(run.stages):
        _draw_stage(page, (first + number * width, top + ROW), plots, run, stage, _letter(number))


def _letter(number: int) -> str:
    return "ABCDEFGHIJ"[number]


def _draw_paths(axes: Axes, plots: SpokePlots, run: _Run) -> None:
    """One line per feature, with its beginning, its stages and its end."""
    axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    points = run.points / plots.radius
    end = _last(run.stages)
    if not np.isfinite(points[: end + 1]).all():
        marks.add_hatching(axes, (-EDGE, -EDGE), 2 * EDGE, 2 * EDGE)
        return
    plots.draw_circles(axes)
    colours = plots.colours.of(run.vectors[end], run.lane)
    moments = points[: end + 1]
    right, up, _ = seen_from(moments.reshape(-1, moments.shape[-1]), TURN, TILT)
    places = np.stack([right, up], axis=1).reshape(*moments.shape[:2], 2)
    axes.add_collection(
        LineCollection(list(np.swapaxes(places, 0, 1)), colors=colours, linewidths=1.0, zorder=2)
    )
    _draw_dots(axes, places[0], colours, BEGINNING)
    for stage in run.stages[1:-1]:
        _draw_dots(axes, places[stage.place], colours, HOLLOW, is_hollow=True)
    _draw_dots(axes, places[-1], colours, ENDING)
    _frame(axes, run.reach / plots.radius)
    number_ends(axes, places[-1], np.arange(len(colours)), apart=BEYOND / PATHS_SIDE * 2 * EDGE)


def _draw_dots(
    axes: Axes, ends: FloatArray, colours: FloatArray, area: float, is_hollow: bool = False
) -> None:
    axes.scatter(
        ends[:, 0],
        ends[:, 1],
        s=area,
        c="white" if is_hollow else colours,
        edgecolors=list(colours),
        linewidths=0.7 if is_hollow else 0,
        zorder=4,
    )


def _draw_loss(axes: Axes, run: _Run) -> None:
    """The loss on logarithmic axes, its stages named by letters above it."""
    losses = drawable(run.losses)
    # The beginning, step 0, stands where a logarithmic axis begins.
    steps = np.maximum(run.steps, 1)
    axes.plot(steps, losses, color=style.INK, linewidth=1.0, zorder=2)
    loss_axis(axes, [losses])
    step_axis(axes, 1, int(steps[-1]))
    axes.set_xlabel("step", labelpad=1)
    for number, stage in enumerate(run.stages):
        place = (steps[stage.place], losses[stage.place])
        axes.plot(
            *place,
            marker="o",
            markersize=3.6,
            color="white",
            markeredgecolor=style.INK,
            markeredgewidth=0.8,
            zorder=3,
            clip_on=False,
        )
        axes.annotate(
            _letter(number),
            place,
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=style.TEXT_SIZE,
            fontweight="bold",
            annotation_clip=False,
        )


def _draw_stage(
    page: pages.Page,
    corner: tuple[float, float],
    plots: SpokePlots,
    run: _Run,
    stage: Stage,
    letter: str,
) -> None:
    """The spokes at one moment, the solid that they span, and what it is."""
    (left, top), side, config = corner, plots.side, plots.config
    encoder, points = run.vectors[stage.place], run.points[stage.place]
    page.text(left + 0.02, top - STAGE_TITLE, letter, weight="bold")
    page.text(
        left + 0.16,
        top - STAGE_TITLE + 0.01,
        f"step {run.steps[stage.place]:,} · loss {run.losses[stage.place]:.2g}",
        size=style.SMALL_SIZE,
        color=style.QUIET,
    )
    axes = page.axes(left, top, side, side)
    plots.draw(axes, run.lane, encoder, points)
    _draw_short_spokes(axes, plots, run, stage)
    _draw_edges(axes, encoder, points / plots.radius)
    _frame(axes, run.reach / plots.radius)
    words = shape_in_words(encoder, config.set_size if _is_correlated(config) else 1)
    caption = pages.wrapped(words, side, style.SMALL_SIZE)[:CAPTION_LINES]
    page.text(
        left + side / 2,
        top + side + CAPTION_TOP,
        "\n".join(caption),
        ha="center",
        size=style.SMALL_SIZE,
    )


def _draw_short_spokes(axes: Axes, plots: SpokePlots, run: _Run, stage: Stage) -> None:
    """What is not represented yet, in colour all the same: these are the ones to follow."""
    encoder, points = run.vectors[stage.place], run.points[stage.place] / plots.radius
    short = feature_norms(encoder) <= REPRESENTED_NORM
    right, up, _ = seen_from(points, TURN, TILT)
    ends = np.stack([right, up], axis=1)[short]
    colours = plots.colours.of(encoder, run.lane)[short]
    spokes = np.stack([np.zeros_like(ends), ends], axis=1)
    axes.add_collection(LineCollection(list(spokes), colors=colours, linewidths=0.8, zorder=3))
    _draw_dots(axes, ends, colours, SHORT)


def _frame(axes: Axes, reach: float) -> None:
    """Show the circle, all that is drawn of the paths, and the numbers beyond."""
    edge = max(reach, 1.0) + NUMBERS
    axes.set(xlim=(-edge, edge), ylim=(-edge, edge))


def _is_correlated(task: Task) -> bool:
    return distribution_named(task.distribution).grouping == "correlated"


def _draw_edges(axes: Axes, encoder: FloatArray, points: FloatArray) -> None:
    """The hull of the features that are represented: dotted behind the middle."""
    represented = points[feature_norms(encoder) > REPRESENTED_NORM]
    edges = hull_edges(represented)
    if not edges:
        return
    right, up, near = seen_from(represented, TURN, TILT)
    places = np.stack([right, up], axis=1)
    for first, second in edges:
        is_behind = near[first] + near[second] < -NOISE
        axes.plot(
            *places[[first, second]].T,
            color=EDGE_INK,
            linewidth=0.5,
            linestyle=(0, (1, 1.5)) if is_behind else "solid",
            zorder=1,
        )
