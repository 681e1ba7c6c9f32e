"""The feature geometry graphs: overlapping features are joined, which separates the shapes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.placing import evenly
from superpos_core.figures.tools.wrapping import POINTS, cut_short
from superpos_core.geometry.components import JOINED_OVERLAP, Geometry
from superpos_core.geometry.graph import FeatureGraph, feature_graph, layout
from superpos_core.geometry.hidden_space import MAX_DIMENSIONS
from superpos_core.geometry.measures import feature_dimensionality
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane

GAP = 0.2
MAX_PANELS = 6
MAX_CANDIDATES = 40
"""Maximum number of settings to choose from: finding the shapes of each takes a while."""
MAX_COLUMNS = 3
MIN_SIDE = 1.6
CAPTION_TOP = 0.05
MAX_LINES = 8
"""Maximum lines of each part of a caption."""
MAX_NODES = 600
"""With more nodes the picture would be black, and its layout would take seconds."""
MAX_UNIT = 0.3
"""Maximum length in inches of an edge of overlap 1: few features take little room."""
NODE = 0.26
"""The diameter of a node, in units of such an edge."""
MIN_NODE, MAX_NODE = 0.034, 0.07
"""Minimum and maximum diameter of a node in inches."""
EDGE = 0.25
"""The width of an edge of overlap 1, in units of the diameter; others are thinner and fainter."""
MIN_EDGE = 0.3
"""Minimum width and opacity of an edge, relative to an edge of overlap 1."""
DIMENSIONALITY = style.SEQUENTIAL.reversed()
"""Dark for a dedicated dimension, as on the superposition scale."""
DIMENSIONALITY_TICKS = [(0, "0"), (2 / 5, "⅖"), (1 / 2, "½"), (2 / 3, "⅔"), (3 / 4, "¾"), (1, "1")]


@dataclass(frozen=True)
class _Panel:
    """The data drawn for one setting: its lane with the lowest loss."""

    lane: Lane
    vectors: FloatArray
    graph: FeatureGraph

    @classmethod
    def of(cls, cohort: Cohort, setting: int) -> "_Panel":
        best = cohort.ranked(setting)[0]
        vectors = cohort.vectors_of(best)
        return cls(cohort.lanes[best], vectors, feature_graph(vectors))

    @property
    def has_shapes(self) -> bool:
        """Whether there is more than one tangle: a regular shape, or several pieces."""
        shapes = self.graph.geometry.shapes
        pieces = [shape for shape in shapes if len(shape.features) > 1]
        return len(pieces) > 1 or any(shape.known for shape in shapes)

    @property
    def can_be_drawn(self) -> bool:
        """Whether there are features, but not too many."""
        return 0 < len(self.graph.features) <= MAX_NODES


def applies(record: LanesRecord, model: str) -> bool:
    """Whether there are more dimensions than can be seen: else the figure of geometry is exact."""
    return record.config.hidden > MAX_DIMENSIONS


def draw(record: LanesRecord, model: str) -> Figure:
    """One dot per represented feature, joined to overlapping features, at a few settings."""
    config, cohort = record.config, record.cohorts[model]
    settings = evenly(_settings(config), MAX_CANDIDATES)
    panels = _shown([_Panel.of(cohort, setting) for setting in settings])
    layouts = [layout(p.graph) if p.can_be_drawn else np.zeros((1, 2)) for p in panels]
    largest = max(float(np.max(np.ptp(positions, axis=0))) for positions in layouts)
    side = min(
        pages.widest_block(len(panels), GAP, MAX_COLUMNS),
        max(MIN_SIDE, MAX_UNIT * (largest + 2 * NODE)),
    )
    captions = [_caption(panel.graph.geometry, side) for panel in panels]
    line_height = pages.LINE * style.SMALL_SIZE / POINTS
    caption_height = CAPTION_TOP + max(map(len, captions)) * line_height
    header = pages.Header(
        notes.model_title("Feature graphs", model),
        _reading(config, model, len(panels))
        + marks.not_finite_note([panel.vectors for panel in panels]),
    )
    page, blocks = pages.lane_page(
        record,
        header,
        (side, side + caption_height),
        GAP,
        count=len(panels),
        max_columns=MAX_COLUMNS,
    )
    for panel, block, positions, caption in zip(panels, blocks, layouts, captions, strict=True):
        pages.lane_title(page, block, side, panel.lane)
        _draw_panel(page.axes(block.left, block.top, side, side), panel, positions, side)
        for line, (text, ink) in enumerate(caption):
            top = block.top + side + CAPTION_TOP + line * line_height
            page.text(
                block.left + side / 2, top, text, ha="center", size=style.SMALL_SIZE, color=ink
            )
    marks.scale_bar(page, "feature dimensionality Dᵢ", DIMENSIONALITY, DIMENSIONALITY_TICKS)
    return page.figure


def _settings(config: ExperimentConfig) -> Sequence[int]:
    """The settings of more dimensions than can be seen; if none has, all."""
    every = range(len(config.settings))
    sizes = [config.hidden_of(setting) for setting in config.settings]
    return [index for index in every if sizes[index] > MAX_DIMENSIONS] or every


def _shown(panels: Sequence[_Panel]) -> list[_Panel]:
    """A few evenly spaced panels with shapes, each different from the previous one."""
    with_shapes = [panel for panel in panels if panel.has_shapes] or panels
    different = [
        next(alike) for _, alike in groupby(with_shapes, lambda panel: panel.graph.geometry.text)
    ]
    return evenly(different, MAX_PANELS)


def _reading(config: ExperimentConfig, model: str, panels: int) -> str:
    matrix = notes.matrix_name(model)
    return (
        f"One dot per represented feature, joined to others at an angle of |cos| > "
        f"{JOINED_OVERLAP:g}; the stronger the line, the larger |{matrix}ᵢ·{matrix}ⱼ|. Regular "
        "shapes fill their own dimensions."
        + notes.vectors_note(model)
        + notes.best_note(config)
        + notes.some_sizes_note(panels, config, f"above {MAX_DIMENSIONS}")
    )


def _caption(geometry: Geometry, side: float) -> list[tuple[str, str]]:
    """Lines and their colours: the regular shapes, then the remaining features."""
    regular = tuple(shape for shape in geometry.shapes if shape.known)
    irregular = sum(len(shape.features) for shape in geometry.shapes if not shape.known)
    others = [f"{irregular} in irregular shapes"] if irregular else []
    others += [replace(geometry, shapes=()).text]
    texts = (
        (Geometry(regular, ()).text, style.INK),
        (" · ".join(filter(None, others)), style.QUIET),
    )
    return [
        (line, ink)
        for text, ink in texts
        if text
        for line in cut_short(notes.listed(text), side, MAX_LINES)
    ]


def _draw_panel(axes: Axes, panel: _Panel, positions: FloatArray, side: float) -> None:
    axes.set(xlim=(-1, 1), ylim=(-1, 1), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    if panel.graph.geometry.not_finite:
        marks.add_hatching(axes, (-1, -1), 2, 2)
        return
    if panel.can_be_drawn:
        _draw_graph(axes, panel, positions, side)
        return
    nodes = len(panel.graph.features)
    text = f"{nodes} features: too many to draw" if nodes else "no feature is represented"
    axes.text(0, 0, text, ha="center", va="center", size=style.SMALL_SIZE, color=style.QUIET)


def _draw_graph(axes: Axes, panel: _Panel, positions: FloatArray, side: float) -> None:
    """The layout, centred and as large as it fits, up to ``MAX_UNIT``."""
    graph = panel.graph
    low, high = positions.min(axis=0), positions.max(axis=0)
    unit = min(MAX_UNIT, side / (float(np.max(high - low)) + 2 * NODE))
    axes.set(xlim=_limits(low[0], high[0], side / unit), ylim=_limits(low[1], high[1], side / unit))
    diameter = float(np.clip(NODE * unit, MIN_NODE, MAX_NODE)) * POINTS
    strength = MIN_EDGE + (1 - MIN_EDGE) * np.minimum(graph.overlaps, 1)
    ink = np.tile(mpl.colors.to_rgba(style.INK), (len(strength), 1))
    ink[:, 3] = strength
    axes.add_collection(
        LineCollection(
            list(positions[graph.edges]),
            colors=ink,
            linewidths=EDGE * diameter * strength,
            zorder=1,
        ),
        autolim=False,
    )
    shares = feature_dimensionality(panel.vectors)[graph.features]
    axes.scatter(
        positions[:, 0],
        positions[:, 1],
        s=diameter**2,
        c=DIMENSIONALITY(shares),
        edgecolors="white",
        linewidths=0.3,
        zorder=2,
    )


def _limits(low: float, high: float, length: float) -> tuple[float, float]:
    """An axis of this length, centred on the range from ``low`` to ``high``."""
    middle = (low + high) / 2
    return middle - length / 2, middle + length / 2
