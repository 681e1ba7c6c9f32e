"""The features as directions in the hidden space, and the names of the shapes that they form."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Ellipse

from superpos_core import measures
from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.config import ExperimentConfig, Lane
from superpos_core.figures import marks, style
from superpos_core.figures import page as pages
from superpos_core.geometry import geometry_of, geometry_shares
from superpos_core.hidden_space import HiddenPicture, hidden_picture
from superpos_core.models import model_named
from superpos_core.projection import EDGE, circle_radius, seen_from
from superpos_core.snapshot import Cohort, Snapshot

GAP = 0.16
LARGEST_SIDE = 2.4
CAPTION_TOP = 0.05
TURN, TILT = 30.0, 20.0
"""From where three dimensions are seen, in degrees."""
NOISE = 1e-6
"""A spoke that lies in the paper may be so far behind it."""
SPOKE = "#8c8c8c"
END, SMALL_END = 12.0, 4.0
"""The areas of the dots at the ends of few spokes and of many, in square points."""
MOST_SPOKES = 60
"""Of more features only the ends are drawn: their spokes would cover one another."""
MOST_LABELS = 24
LEAST_LABELLED = 0.3
"""A spoke shorter than this, in radii of the circle, has no label: the middle would be crowded."""
BEYOND = 0.11
"""Numbers stand so far beyond the ends of their spokes, and from one another, in inches."""
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class _Panel:
    """What is drawn of one setting: its lane with the least loss."""

    lane: Lane
    encoder: FloatArray
    picture: HiddenPicture
    caption: str

    @classmethod
    def of(cls, cohort: Cohort, setting: int) -> "_Panel":
        """The caption names the lane's geometry, and says how many restarts share it."""
        best = cohort.ranked(setting)[0]
        encoder = cohort.parameters.encoder[best].astype(np.float64)
        geometry = geometry_of(encoder).text
        caption = geometry.replace(" ", NO_BREAK).replace(f"·{NO_BREAK}", "· ")
        if cohort.restarts > 1:
            restarts = cohort.parameters.encoder[list(cohort.lanes_at(setting))]
            alike = dict(geometry_shares(restarts))[geometry]
            caption += " " + f"({alike} of {cohort.restarts} seeds)".replace(" ", NO_BREAK)
        return cls(cohort.lanes[best], encoder, hidden_picture(encoder), caption)


def draw(snapshot: Snapshot, model: str) -> Figure:
    """A spoke a feature for every setting, W_i with its end coloured by its superposition."""
    config, cohort = snapshot.config, snapshot.cohorts[model]
    panels = [_Panel.of(cohort, setting) for setting in range(len(config.settings))]
    side = min(LARGEST_SIDE, pages.widest_block(len(panels), GAP))
    captions = [pages.wrapped(panel.caption, side, style.SMALL_SIZE) for panel in panels]
    caption_lines = max(map(len, captions))
    caption_height = CAPTION_TOP + caption_lines * pages.LINE * style.SMALL_SIZE / pages.POINTS
    radius = max(circle_radius(panel.picture.points, config.hidden) for panel in panels)
    header = pages.Header(
        pages.model_title("Features as directions", model),
        _reading(config, radius, "W" if model_named(model).tied else "W₁")
        + pages.importance_note(snapshot)
        + marks.not_finite_note([panel.encoder for panel in panels]),
    )
    page, blocks = pages.lane_page(snapshot, header, (side, side + caption_height), GAP)
    for setting, (panel, block) in enumerate(zip(panels, blocks, strict=True)):
        middle = block.left + side / 2
        pages.lane_title(page, block, side, panel.lane)
        if config.hidden > 3:
            pages.column_title(page, middle, block.top, f"{panel.picture.share:.0%} of ‖W‖²")
        _draw_panel(page.axes(block.left, block.top, side, side), panel, radius, config, side)
        page.text(
            middle,
            block.top + side + CAPTION_TOP,
            "\n".join(captions[setting]),
            ha="center",
            size=style.SMALL_SIZE,
        )
    name = "superposition Σ (Ŵᵢ·Wⱼ)², j ≠ i"
    marks.scale_bar(page, name, style.SEQUENTIAL, [(0.0, "0"), (0.5, "½"), (1.0, "≥ 1")])
    return page.figure


def _reading(config: ExperimentConfig, radius: float, matrix: str) -> str:
    """How to read it, but for what all figures say."""
    what = f"A spoke a feature: its direction {matrix}ᵢ. "
    best = "" if config.restarts == 1 else "Of several seeds, that with the least loss. "
    if config.hidden == 3:
        return what + best + f"Sphere: length {radius:g}; dotted: behind the middle. "
    shown = "" if config.hidden < 3 else "The two directions that show most of ‖W‖². "
    return what + best + shown + f"Circle: length {radius:g}. "


def _draw_panel(
    axes: Axes, panel: _Panel, radius: float, config: ExperimentConfig, side: float
) -> None:
    """The spokes of one lane, those behind first; what is ignored is a small dot."""
    axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    points = panel.picture.points / radius
    if not np.isfinite(points).all():
        marks.add_hatching(axes, (-EDGE, -EDGE), 2 * EDGE, 2 * EDGE)
        return
    _draw_circle(axes, is_sphere=config.hidden == 3)
    right, up, near = seen_from(points, TURN, TILT)
    ends, behind = np.stack([right, up], axis=1), near < -NOISE
    represented = measures.feature_norms(panel.encoder) > measures.REPRESENTED_NORM
    shared = np.clip(measures.superposition(panel.encoder), 0, 1)
    few = represented.sum() <= MOST_SPOKES
    area = END if few else SMALL_END
    _draw_ends(axes, ends[~represented], style.RULE, SMALL_END / 2)
    for features, line in ((represented & behind, "dotted"), (represented & ~behind, "solid")):
        if few:
            _draw_lines(axes, ends[features], line)
        _draw_ends(axes, ends[features], style.SEQUENTIAL(shared[features]), area)
    labelled = _labelled(points, represented, config.importance_of(panel.lane))
    _number(axes, ends, labelled, apart=BEYOND / side * 2 * EDGE)


def _draw_circle(axes: Axes, is_sphere: bool) -> None:
    """A circle, and the axes through its middle; or a sphere, and its equator."""
    axes.add_patch(Circle((0, 0), 1, fill=False, color=style.RULE, linewidth=0.5))
    if is_sphere:
        height = 2 * np.sin(np.radians(TILT))
        axes.add_patch(Ellipse((0, 0), 2, height, fill=False, color=style.RULE, linewidth=0.5))
        return
    for rule in (axes.axhline, axes.axvline):
        rule(0, color=style.RULE, linewidth=0.3, zorder=0)


def _draw_lines(axes: Axes, ends: FloatArray, line: str) -> None:
    spokes = np.stack([np.zeros_like(ends), ends], axis=1)
    axes.add_collection(
        LineCollection(list(spokes), colors=SPOKE, linewidths=0.8, linestyles=line, zorder=2)
    )


def _draw_ends(axes: Axes, ends: FloatArray, colours: str | FloatArray, area: float) -> None:
    axes.scatter(ends[:, 0], ends[:, 1], s=area, c=colours, linewidths=0, zorder=3)


def _labelled(points: FloatArray, represented: BoolArray, importance: FloatArray) -> IntArray:
    """The features to number: the most important ones of those that stand out, the long first."""
    lengths = np.linalg.norm(points, axis=1)
    standing_out = np.flatnonzero(represented & (lengths >= LEAST_LABELLED))
    order = np.lexsort((-lengths[standing_out], -importance[standing_out]))
    return standing_out[order][:MOST_LABELS]


def _number(axes: Axes, ends: FloatArray, features: IntArray, apart: float) -> None:
    """Numbers beyond the ends of spokes; one that would stand on another one is left out."""
    placed = np.zeros((0, 2))
    for feature in features:
        end = ends[feature]
        place = end * (1 + apart / max(float(np.linalg.norm(end)), NOISE))
        if (np.linalg.norm(placed - place, axis=1) < apart).any():
            continue
        placed = np.vstack([placed, place])
        x, y = place.tolist()
        axes.text(
            x, y, str(feature), size=style.SMALL_SIZE, color=style.QUIET, ha="center", va="center"
        )
