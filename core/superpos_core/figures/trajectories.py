"""Learning as a geometric transformation: the paths of all features, and the shapes on the way."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.feature_colours import FeatureColours, OneEach, feature_colours
from superpos_core.figures.tools.log_axes import drawable, loss_axis, step_axis
from superpos_core.figures.tools.placing import evenly
from superpos_core.figures.tools.spokes import BEYOND, SpokePlots, circle_note, number_ends
from superpos_core.figures.tools.wrapping import POINTS
from superpos_core.figures.trajectory_stages import (
    BEGINNING,
    CAPTION_LINES,
    CAPTION_TOP,
    ENDING,
    HOLLOW,
    MAX_STAGES,
    STAGE_GAP,
    STAGE_TITLE,
    Run,
    draw_dots,
    draw_stage,
    frame,
    last,
)
from superpos_core.geometry.projection import EDGE, circle_radius, seen_from
from superpos_core.geometry.spoke_limits import TILT, TURN
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named

MAX_FEATURES = 32
PATHS_SIDE = 2.75
LOSS_LEFT, LOSS_TOP, LOSS_BELOW = 0.72, 0.22, 0.36
"""Inches between paths and loss, above the loss for its title, and below it for its axis."""
CAPTION = CAPTION_TOP + CAPTION_LINES * pages.LINE * style.SMALL_SIZE / POINTS
ROW = PATHS_SIDE + STAGE_TITLE + 0.12


def applies(record: LanesRecord, model: str) -> bool:
    """Whether a few features move in two or three dimensions, and training has started."""
    config = record.config
    has_started = len(record.cohorts[model].timeline.moments) > 1
    is_seen = config.hidden_values in ((2,), (3,))
    return has_started and is_seen and config.features <= MAX_FEATURES


def draw(record: LanesRecord, model: str) -> Figure:
    """The paths of W_i and the loss; below, the features at the moments marked on both."""
    config, cohort = record.config, record.cohorts[model]
    side = (pages.TEXT_WIDTH - 2 * pages.MARGIN + STAGE_GAP) / MAX_STAGES - STAGE_GAP
    block_height = ROW + side + CAPTION
    titled = pages.LANE_TITLE + 0.12 if len(config.settings) > 1 else 0.0
    settings = evenly(
        range(len(config.settings)), pages.rows_that_fit(titled + block_height, between=0)
    )
    runs = [Run.of(config, cohort, setting) for setting in settings]
    ends = np.concatenate([run.points[last(run.stages)] for run in runs])
    radius = circle_radius(ends, config.hidden)
    header = pages.Header(
        notes.model_title("Learning as a geometric transformation", model),
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
        f"Left: the path of each feature {notes.matrix_name(model)}ᵢ, from small to large dot; "
        "white: the lettered moments, drawn below. Right: the loss on fresh data."
        f"{notes.vectors_note(model)}{notes.best_note(config)}"
        f"{notes.some_note(runs, len(config.settings))}"
        f"{circle_note(config, radius)}"
    )


def _ends_note(runs: list[Run]) -> str:
    finite = all(np.isfinite(run.vectors).all() for run in runs)
    return "" if finite else " Paths end where weights are not finite."


def _draw_run(page: pages.Page, top: float, plots: SpokePlots, run: Run) -> None:
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
        draw_stage(page, (first + number * width, top + ROW), plots, run, stage, _letter(number))


def _letter(number: int) -> str:
    return "ABCDEFGHIJ"[number]


def _draw_paths(axes: Axes, plots: SpokePlots, run: Run) -> None:
    """One line per feature, with its start, its stages and its end."""
    axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    points = run.points / plots.radius
    end = last(run.stages)
    if not np.isfinite(points[: end + 1]).all():
        marks.add_hatching(axes, (-EDGE, -EDGE), 2 * EDGE, 2 * EDGE)
        return
    plots.draw_circles(axes, run.vectors.shape[-1])
    colours = plots.colours.of(run.vectors[end], run.lane)
    moments = points[: end + 1]
    right, up, _ = seen_from(moments.reshape(-1, moments.shape[-1]), TURN, TILT)
    positions = np.stack([right, up], axis=1).reshape(*moments.shape[:2], 2)
    axes.add_collection(
        LineCollection(list(np.swapaxes(positions, 0, 1)), colors=colours, linewidths=1.0, zorder=2)
    )
    draw_dots(axes, positions[0], colours, BEGINNING)
    for stage in run.stages[1:-1]:
        draw_dots(axes, positions[stage.index], colours, HOLLOW, is_hollow=True)
    draw_dots(axes, positions[-1], colours, ENDING)
    frame(axes, run.reach / plots.radius)
    number_ends(axes, positions[-1], np.arange(len(colours)), apart=BEYOND / PATHS_SIDE * 2 * EDGE)


def _draw_loss(axes: Axes, run: Run) -> None:
    """The loss on logarithmic axes, its stages labelled by letters."""
    losses = drawable(run.losses)
    # Step 0 is drawn where the logarithmic axis starts.
    steps = np.maximum(run.steps, 1)
    axes.plot(steps, losses, color=style.INK, linewidth=1.0, zorder=2)
    loss_axis(axes, [losses])
    step_axis(axes, 1, int(steps[-1]))
    axes.set_xlabel("step", labelpad=1)
    for number, stage in enumerate(run.stages):
        position = (steps[stage.index], losses[stage.index])
        axes.plot(
            *position,
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
            position,
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=style.TEXT_SIZE,
            fontweight="bold",
            annotation_clip=False,
        )
