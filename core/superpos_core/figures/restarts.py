"""The best restarts of each setting side by side, rotated into one orientation."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.feature_colours import feature_colours, sets_of
from superpos_core.figures.tools.placing import evenly
from superpos_core.figures.tools.spokes import SpokePlots, circle_note
from superpos_core.figures.tools.wrapping import POINTS, cut_short
from superpos_core.geometry.alignment import aligned_one_by_one
from superpos_core.geometry.components import geometry_of
from superpos_core.geometry.hidden_space import hidden_picture
from superpos_core.geometry.projection import circle_radius
from superpos_core.geometry.spoke_limits import MAX_SPOKES
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane

MAX_RESTARTS = 6
MAX_SIDE = 1.5
GAP = 0.08
BETWEEN_ROWS = 0.1
CAPTION_TOP = 0.02
LINE_HEIGHT = pages.LINE * style.SMALL_SIZE / POINTS
MAX_LINES = 6
"""Maximum lines of a caption, including the loss."""
MAX_ROW_HEIGHT = pages.LANE_TITLE + MAX_SIDE + CAPTION_TOP + MAX_LINES * LINE_HEIGHT + BETWEEN_ROWS


@dataclass(frozen=True)
class _Panel:
    """One restart, rotated or mirrored to match a better one of its setting."""

    lane: Lane
    vectors: FloatArray
    points: FloatArray
    loss: float
    geometry: str


def applies(record: LanesRecord, model: str) -> bool:
    """Whether there are restarts to compare in a plane, with few enough features to see each."""
    config = record.config
    return config.hidden_values == (2,) and config.restarts > 1 and config.features <= MAX_SPOKES


def draw(record: LanesRecord, model: str) -> Figure:
    """One row per setting: the restarts with the lowest losses, best first."""
    config, cohort = record.config, record.cohorts[model]
    shown = evenly(range(len(config.settings)), pages.rows_that_fit(MAX_ROW_HEIGHT, 0))
    rows = [_panels(config, cohort, setting) for setting in shown]
    panels = [panel for row in rows for panel in row]
    columns = len(rows[0])
    room = pages.TEXT_WIDTH - 2 * pages.MARGIN
    side = min(MAX_SIDE, (room + GAP) / columns - GAP)
    captions = [_caption(panel, side) for panel in panels]
    caption_height = CAPTION_TOP + max(map(len, captions)) * LINE_HEIGHT
    radius = max(circle_radius(panel.points, config.hidden) for panel in panels)
    plots = SpokePlots(config, feature_colours(config), radius, side)
    header = pages.Header(
        notes.model_title("Restarts in one orientation", model),
        _reading(config, model, columns, radius)
        + notes.some_note(len(shown), len(config.settings))
        + marks.not_finite_note([panel.vectors for panel in panels]),
    )
    content = columns * (side + GAP) - GAP
    width = max(content + 2 * pages.MARGIN, pages.MIN_WIDTH)
    row_height = pages.LANE_TITLE + side + caption_height + BETWEEN_ROWS
    page = pages.new_page(record, header, width, len(rows) * row_height)
    first_left = (width - content) / 2
    for index, (panel, lines) in enumerate(zip(panels, captions, strict=True)):
        row, column = divmod(index, columns)
        top = header.height(width) + row * row_height + pages.LANE_TITLE
        left = first_left + column * (side + GAP)
        if column == 0:
            pages.lane_title(page, pages.Block(left, top, True), content, panel.lane)
        axes = page.axes(left, top, side, side)
        plots.draw(axes, panel.lane, panel.vectors, panel.points)
        page.text(
            left + side / 2,
            top + side + CAPTION_TOP,
            "\n".join(lines),
            ha="center",
            size=style.SMALL_SIZE,
        )
    plots.colours.add_legend(page)
    return page.figure


def _panels(config: ExperimentConfig, cohort: Cohort, setting: int) -> list[_Panel]:
    """The best restarts of a setting, the best first; those that diverged come last."""
    lanes = cohort.ranked(setting)[:MAX_RESTARTS]
    vectors = [cohort.vectors_of(lane).astype(np.float64) for lane in lanes]
    every = cohort.lanes_at(setting)
    first, losses = every.start, cohort.recent_objective(every)
    pictures = aligned_one_by_one(
        [hidden_picture(each).points for each in vectors], sets_of(config)
    )
    return [
        _Panel(
            lane=cohort.lanes[lane],
            vectors=each,
            points=points,
            loss=float(losses[lane - first]),
            geometry=geometry_of(each).text,
        )
        for lane, each, points in zip(lanes, vectors, pictures, strict=True)
    ]


def _caption(panel: _Panel, side: float) -> list[str]:
    """The loss, if known, and the shape."""
    loss = [f"loss {panel.loss:#.3g}"] if np.isfinite(panel.loss) else []
    return [*loss, *cut_short(panel.geometry, side, MAX_LINES - 1)]


def _reading(config: ExperimentConfig, model: str, columns: int, radius: float) -> str:
    has_sets = len(np.unique(sets_of(config))) < config.features
    exchangeable = "; features of a set may be swapped" if has_sets else ""
    return (
        f"The {columns} best of {config.restarts} seeds, sorted by mean loss"
        f"{' including the penalty' if config.hidden_penalty else ''}. "
        f"One spoke per feature: its direction {notes.matrix_name(model)}ᵢ. Each is rotated, or "
        "mirrored, to match the first, or a more similar one"
        f"{exchangeable}.{notes.vectors_note(model)}{circle_note(config, radius)}"
    )
