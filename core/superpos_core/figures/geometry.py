"""The features as directions in the hidden space, and the names of the shapes they form."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.feature_colours import feature_colours
from superpos_core.figures.tools.spokes import SpokePlots, circle_note
from superpos_core.figures.tools.wrapping import POINTS, cut_short
from superpos_core.geometry.components import geometry_of, geometry_shares
from superpos_core.geometry.hidden_space import MAX_DIMENSIONS, HiddenPicture, hidden_picture
from superpos_core.geometry.projection import circle_radius
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane

GAP = 0.16
MAX_SIDE = 2.4
CAPTION_TOP = 0.05
MAX_LINES = 10
"""Maximum lines of a caption: the list of shapes of many features would be too long to read."""


@dataclass(frozen=True)
class _Panel:
    """The data drawn for one setting: its lane with the lowest loss."""

    lane: Lane
    vectors: FloatArray
    picture: HiddenPicture
    caption: str

    @classmethod
    def of(cls, cohort: Cohort, setting: int) -> "_Panel":
        """The caption names the lane's geometry and counts the restarts that share it."""
        best = cohort.ranked(setting)[0]
        vectors = cohort.vectors_of(best).astype(np.float64)
        geometry = geometry_of(vectors).text
        caption = notes.listed(geometry)
        if cohort.restarts > 1:
            restarts = [cohort.vectors_of(lane) for lane in cohort.lanes_at(setting)]
            alike = dict(geometry_shares(restarts))[geometry]
            caption += " " + notes.unbroken(f"({alike} of {cohort.restarts} seeds)")
        return cls(cohort.lanes[best], vectors, hidden_picture(vectors), caption)


def applies(record: LanesRecord, model: str) -> bool:
    """Whether directions can be seen: with more dimensions, the figure of graphs shows shapes."""
    return record.config.hidden_values[0] <= MAX_DIMENSIONS


def draw(record: LanesRecord, model: str) -> Figure:
    """One spoke W_i per feature, for every setting that can be seen, coloured as suits it."""
    config, cohort = record.config, record.cohorts[model]
    seen = [
        index
        for index, setting in enumerate(config.settings)
        if config.hidden_of(setting) <= MAX_DIMENSIONS
    ]
    side = min(MAX_SIDE, pages.widest_block(len(seen), GAP))
    block_size = side, side + _caption_height(MAX_LINES)
    shown = pages.settings_that_fit(config, block_size, GAP, settings=seen)
    panels = [_Panel.of(cohort, setting) for setting in shown]
    captions = [cut_short(panel.caption, side, MAX_LINES) for panel in panels]
    caption_height = _caption_height(max(map(len, captions)))
    radius = max(circle_radius(panel.picture.points, panel.picture.hidden) for panel in panels)
    header = pages.Header(
        notes.model_title("Features as directions", model),
        _reading(config, model, radius)
        + notes.importance_note(record)
        + notes.some_sizes_note(len(shown), config, f"up to {MAX_DIMENSIONS}")
        + marks.not_finite_note([panel.vectors for panel in panels]),
    )
    page, blocks = pages.lane_page(
        record, header, (side, side + caption_height), GAP, count=len(shown)
    )
    plots = SpokePlots(config, feature_colours(config), radius, side)
    for panel, caption, block in zip(panels, captions, blocks, strict=True):
        middle = block.left + side / 2
        pages.lane_title(page, block, side, panel.lane)
        axes = page.axes(block.left, block.top, side, side)
        plots.draw(axes, panel.lane, panel.vectors, panel.picture.points)
        page.text(
            middle,
            block.top + side + CAPTION_TOP,
            "\n".join(caption),
            ha="center",
            size=style.SMALL_SIZE,
        )
    plots.colours.add_legend(page)
    return page.figure


def _caption_height(lines: int) -> float:
    """The height of this many lines in inches."""
    return CAPTION_TOP + lines * pages.LINE * style.SMALL_SIZE / POINTS


def _reading(config: ExperimentConfig, model: str, radius: float) -> str:
    """How to read the figure, except for the notes that all figures share."""
    name, note = notes.matrix_name(model), notes.vectors_note(model)
    what = f"One spoke per feature: its direction {name}ᵢ.{note}"
    return f"{what}{notes.best_note(config)}{circle_note(config, radius)}"
