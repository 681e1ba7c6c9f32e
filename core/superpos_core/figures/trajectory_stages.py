"""A run whose features move in stages, and the picture of each stage."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from superpos_core.analysis.stages import Stage, loss_over, shape_in_words, stages_of
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools import style
from superpos_core.figures.tools.spokes import SpokePlots
from superpos_core.figures.tools.wrapping import wrapped
from superpos_core.geometry.hidden_space import picture_axes
from superpos_core.geometry.hull import hull_edges
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_norms
from superpos_core.geometry.projection import seen_from
from superpos_core.geometry.spoke_limits import NOISE, TILT, TURN
from superpos_core.record.lanes import Cohort
from superpos_core.record.timeline import feature_vectors_over
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.lanes import Lane
from superpos_core.task.task import Task

MAX_STAGES = 5
STAGE_GAP, STAGE_TITLE, CAPTION_LINES = 0.1, 0.2, 2
CAPTION_TOP = 0.03
NUMBERS = 0.2
"""Room for feature numbers beyond the drawing, in radii of the circle."""
BEGINNING, HOLLOW, ENDING, SHORT = 3.0, 9.0, 26.0, 5.0
"""The areas of dots, in square points."""
EDGE_INK = "#9a9a9a"


@dataclass(frozen=True)
class Run:
    """The data drawn for the best lane of a setting.

    ``vectors`` has shape (moments, n, m); ``points``, (moments, n, 2) or (moments, n, 3), are
    their projections onto the axes that suit the last moment.
    """

    lane: Lane
    steps: IntArray
    vectors: FloatArray
    points: FloatArray
    losses: FloatArray
    stages: tuple[Stage, ...]

    @classmethod
    def of(cls, config: ExperimentConfig, cohort: Cohort, setting: int) -> "Run":
        index, timeline = cohort.ranked(setting)[0], cohort.timeline
        lane, vectors = cohort.lanes[index], feature_vectors_over(timeline, cohort.model, index)
        losses = loss_over(config, lane, timeline, index)
        stages = stages_of(timeline.steps, losses, MAX_STAGES)
        with np.errstate(all="ignore"):
            points = vectors.astype(np.float64) @ picture_axes(vectors[last(stages)])
        return cls(lane, timeline.steps, vectors, points, losses, stages)

    @property
    def reach(self) -> float:
        """The largest finite norm of any feature at any moment."""
        lengths = np.linalg.norm(self.points, axis=-1)
        return float(lengths[np.isfinite(lengths)].max(initial=0))


def last(stages: tuple[Stage, ...]) -> int:
    """The last moment at which everything is finite."""
    return stages[-1].index if stages else 0


def draw_dots(
    axes: Axes, ends: FloatArray, colours: FloatArray, area: float, is_hollow: bool = False
) -> None:
    """A dot at the end of each feature, filled or hollow."""
    axes.scatter(
        ends[:, 0],
        ends[:, 1],
        s=area,
        c="white" if is_hollow else colours,
        edgecolors=list(colours),
        linewidths=0.7 if is_hollow else 0,
        zorder=4,
    )


def draw_stage(
    page: pages.Page,
    corner: tuple[float, float],
    plots: SpokePlots,
    run: Run,
    stage: Stage,
    letter: str,
) -> None:
    """The spokes at one moment, the solid that they span, and its description."""
    (left, top), side, config = corner, plots.side, plots.config
    encoder, points = run.vectors[stage.index], run.points[stage.index]
    page.text(left + 0.02, top - STAGE_TITLE, letter, weight="bold")
    page.text(
        left + 0.16,
        top - STAGE_TITLE + 0.01,
        f"step {run.steps[stage.index]:,} · loss {run.losses[stage.index]:.2g}",
        size=style.SMALL_SIZE,
        color=style.QUIET,
    )
    axes = page.axes(left, top, side, side)
    plots.draw(axes, run.lane, encoder, points)
    _draw_short_spokes(axes, plots, run, stage)
    _draw_edges(axes, encoder, points / plots.radius)
    frame(axes, run.reach / plots.radius)
    words = shape_in_words(encoder, config.set_size if _is_correlated(config) else 1)
    caption = wrapped(words, side, style.SMALL_SIZE)[:CAPTION_LINES]
    page.text(
        left + side / 2,
        top + side + CAPTION_TOP,
        "\n".join(caption),
        ha="center",
        size=style.SMALL_SIZE,
    )


def _draw_short_spokes(axes: Axes, plots: SpokePlots, run: Run, stage: Stage) -> None:
    """Features not represented yet, also in colour: these are the ones to follow."""
    encoder, points = run.vectors[stage.index], run.points[stage.index] / plots.radius
    short = feature_norms(encoder) <= REPRESENTED_NORM
    right, up, _ = seen_from(points, TURN, TILT)
    ends = np.stack([right, up], axis=1)[short]
    colours = plots.colours.of(encoder, run.lane)[short]
    spokes = np.stack([np.zeros_like(ends), ends], axis=1)
    axes.add_collection(LineCollection(list(spokes), colors=colours, linewidths=0.8, zorder=3))
    draw_dots(axes, ends, colours, SHORT)


def frame(axes: Axes, reach: float) -> None:
    """Fit the circle, the drawn paths and the numbers beyond them."""
    edge = max(reach, 1.0) + NUMBERS
    axes.set(xlim=(-edge, edge), ylim=(-edge, edge))


def _is_correlated(task: Task) -> bool:
    return distribution_named(task.distribution).grouping == "correlated"


def _draw_edges(axes: Axes, encoder: FloatArray, points: FloatArray) -> None:
    """The hull of the represented features; edges behind the middle are dotted."""
    represented = points[feature_norms(encoder) > REPRESENTED_NORM]
    edges = hull_edges(represented)
    if not edges:
        return
    right, up, near = seen_from(represented, TURN, TILT)
    positions = np.stack([right, up], axis=1)
    for first, second in edges:
        is_behind = near[first] + near[second] < -NOISE
        axes.plot(
            *positions[[first, second]].T,
            color=EDGE_INK,
            linewidth=0.5,
            linestyle=(0, (1, 1.5)) if is_behind else "solid",
            zorder=1,
        )
