"""The features of one lane as spokes from the origin, in a square."""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, Ellipse
from matplotlib.transforms import Bbox

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.figures.loss import LineStyle
from superpos_core.figures.tools import marks, style
from superpos_core.figures.tools.feature_colours import FeatureColours
from superpos_core.figures.tools.page import HorizontalPlace
from superpos_core.figures.tools.wrapping import POINTS, text_width
from superpos_core.geometry import measures
from superpos_core.geometry.hidden_space import MAX_DIMENSIONS
from superpos_core.geometry.projection import EDGE, seen_from
from superpos_core.geometry.spoke_limits import (
    MAX_LABELS,
    MAX_SPOKES,
    MIN_LABELLED,
    NOISE,
    TILT,
    TURN,
)
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.lanes import Lane

SPOKE = "#8c8c8c"
END, SMALL_END = 14.0, 4.0
"""The areas in square points of the dots at the ends of few spokes, and of many."""
BEYOND = 0.11
"""Distance in inches of numbers from the ends of their spokes, and from each other."""
MAX_TOGETHER = 4
"""Maximum number of features named at one point."""
COLLAPSED_LENGTH = math.sqrt(1 / 2)
"""Norm of both features of a collapsed pair: the model keeps their sum over √2."""


@dataclass(frozen=True)
class SpokePlots:
    """How all lanes on one page are drawn.

    ``radius`` is the norm represented by the circles, and ``side`` the side of the squares in
    inches.
    """

    config: ExperimentConfig
    colours: FeatureColours
    radius: float
    side: float

    def draw(self, axes: Axes, lane: Lane, encoder: FloatArray, points: FloatArray) -> None:
        """Draw the features of ``encoder`` at ``points``, shape (n, 2) or (n, 3).

        Those behind are drawn first; ignored ones are small dots. If not all can be numbered, the
        most important are.
        """
        axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.patch.set_visible(False)  # it would cover numbers that reach out of the next square
        points = points / self.radius
        if not np.isfinite(points).all():
            marks.add_hatching(axes, (-EDGE, -EDGE), 2 * EDGE, 2 * EDGE)
            return
        self.draw_circles(axes, encoder.shape[1])
        right, up, near = seen_from(points, TURN, TILT)
        ends, behind = np.stack([right, up], axis=1), near < -NOISE
        represented = measures.feature_norms(encoder) > measures.REPRESENTED_NORM
        few = represented.sum() <= MAX_SPOKES
        colours = self.colours.of(encoder, lane)
        lines = colours if self.colours.identify else np.full_like(colours, to_rgba(SPOKE))
        _draw_ends(axes, ends[~represented], style.RULE, SMALL_END / 2)
        for features, line in ((represented & behind, "dotted"), (represented & ~behind, "solid")):
            if few:
                _draw_lines(axes, ends[features], lines[features], line)
            _draw_ends(axes, ends[features], colours[features], END if few else SMALL_END)
        labelled = _labelled(points, represented, self.config.importance_of(lane))
        number_ends(axes, ends, labelled, apart=BEYOND / self.side * 2 * EDGE)

    def draw_circles(self, axes: Axes, hidden: int) -> None:
        """A circle and the axes through its centre, or for m = 3 a sphere and its equator."""
        if hidden == 3:
            draw_sphere(axes, 1)
            return
        _draw_circle(axes, 1, "solid")
        axes.plot([-1, 1, np.nan, 0, 0], [0, 0, np.nan, -1, 1], color=style.RULE, linewidth=0.3)
        if hidden == 2 and pairs_may_collapse(self.config):
            _draw_circle(axes, COLLAPSED_LENGTH / self.radius, (0, (3, 2.5)))


def pairs_may_collapse(config: ExperimentConfig) -> bool:
    """Whether there are correlated pairs in a plane, and so a second circle of radius 1/√2."""
    grouping = distribution_named(config.distribution).grouping
    return grouping == "correlated" and config.set_size == 2 and 2 in config.hidden_values


def circle_note(config: ExperimentConfig, radius: float) -> str:
    """The lengths represented by the circles."""
    pair = "; dashed: 1/√2, a collapsed pair" if pairs_may_collapse(config) else ""
    circle = f" Circle: length {radius:g}{pair}."
    sphere = f" Sphere: length {radius:g}; dotted: behind the middle."
    seen = [hidden for hidden in config.hidden_values if hidden <= MAX_DIMENSIONS]
    return (circle if min(seen) < 3 else "") + (sphere if 3 in seen else "")


def draw_sphere(axes: Axes, radius: float) -> None:
    """The outline of a sphere, and its equator."""
    _draw_circle(axes, radius, "solid")
    height = 2 * radius * np.sin(np.radians(TILT))
    axes.add_patch(Ellipse((0, 0), 2 * radius, height, fill=False, color=style.RULE, linewidth=0.5))


def _draw_circle(axes: Axes, radius: float, line: LineStyle) -> None:
    axes.add_patch(
        Circle((0, 0), radius, fill=False, color=style.RULE, linewidth=0.5, linestyle=line)
    )


def _draw_lines(axes: Axes, ends: FloatArray, colours: FloatArray, line: str) -> None:
    spokes = np.stack([np.zeros_like(ends), ends], axis=1)
    axes.add_collection(
        LineCollection(list(spokes), colors=colours, linewidths=1.1, linestyles=line, zorder=2)
    )


def _draw_ends(axes: Axes, ends: FloatArray, colours: str | FloatArray, area: float) -> None:
    axes.scatter(ends[:, 0], ends[:, 1], s=area, c=colours, linewidths=0, zorder=3)


def _labelled(points: FloatArray, represented: BoolArray, importance: FloatArray) -> IntArray:
    """The features to number: the most important represented ones, long ones first."""
    lengths = np.linalg.norm(points, axis=1)
    standing_out = np.flatnonzero(represented & (lengths >= MIN_LABELLED))
    order = np.lexsort((-lengths[standing_out], -importance[standing_out]))
    return standing_out[order][:MAX_LABELS]


def number_ends(axes: Axes, ends: FloatArray, features: IntArray, apart: float) -> None:
    """Numbers beyond the ends of spokes; features that end at the same point share a label.

    ``features`` are sorted: the number of one that would cover an earlier one is left out.
    ``apart`` is ``BEYOND`` in units of the axes.
    """
    many = len(features) == MAX_LABELS
    positions, named = np.zeros((0, 2)), list[list[int]]()
    for feature in features.tolist():
        end = ends[feature]
        position = end * (1 + apart / max(float(np.linalg.norm(end)), NOISE))
        taken = np.flatnonzero(np.linalg.norm(positions - position, axis=1) < apart)
        if not taken.size:
            positions = np.vstack([positions, position])
            named.append([feature])
        elif not many:
            named[taken[0]].append(feature)
    boxes: list[Bbox] = []
    for (x, y), here in zip(positions.tolist(), named, strict=True):
        rest = ["…"] if len(here) > MAX_TOGETHER else []
        text = ", ".join([*map(str, sorted(here)[:MAX_TOGETHER]), *rest])
        side = _away_from_middle(x, y) if len(here) > 1 else "center"
        box = _label_box(x, y, text, side, apart / BEYOND)
        if not any(box.overlaps(other) for other in boxes):
            boxes.append(box)
            _write_number(axes, x, y, text, side)


def _label_box(x: float, y: float, text: str, side: HorizontalPlace, inch: float) -> Bbox:
    """The box of a label; ``inch`` is an inch in units of the axes."""
    width = text_width(text, style.SMALL_SIZE) * inch
    height = style.SMALL_SIZE / POINTS * inch
    left = x - {"left": 0.0, "center": width / 2, "right": width}[side]
    return Bbox.from_bounds(left, y - height / 2, width, height)


def _write_number(axes: Axes, x: float, y: float, text: str, side: HorizontalPlace) -> None:
    axes.text(
        x,
        y,
        text,
        size=style.SMALL_SIZE,
        color=style.QUIET,
        ha=side,
        va="center",
        bbox={"facecolor": "white", "linewidth": 0, "pad": 0.4},
        zorder=1.5,
    )


def _away_from_middle(x: float, y: float) -> HorizontalPlace:
    """The alignment that keeps a long label off its spoke."""
    if abs(y) > abs(x):
        return "center"
    return "left" if x > 0 else "right"
