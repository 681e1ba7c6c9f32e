"""What a click, a drag, the wheel and the pointer mean in the panel with two dictionaries."""

import numpy as np

from superpos_tui.drawing.numbers import hundredths
from superpos_tui.drawing.palette import FULL_COLOURS, Palette
from superpos_tui.measures.dictionaries import latent_order, matching, ordered_cosines
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, MoveCursor
from superpos_tui.views.compare.dictionaries.layout import (
    BOTH,
    HEADER_ROWS,
    NOW,
    REFERENCE,
    PairLayout,
    part_of_side,
)
from superpos_tui.views.compare.dictionaries.measures import ordered_consistency
from superpos_tui.views.compare.dictionaries.rows import ROWS
from superpos_tui.views.compare.dictionaries.state import ComparedPart
from superpos_tui.views.compare.measures import reference_scene, reference_word
from superpos_tui.views.panel import Cell, Zoom
from superpos_tui.views.shared.matrices_layout import MatricesLayout
from superpos_tui.views.shared.matrices_zoom import MatricesZoom


def matched_cosine(side: Scene, feature: int) -> float:
    """The cosine of a feature with the latent that it is matched with; 0 without one."""
    return float(side.of(matching).cosines[feature])


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the feature of a row, or the one whose latent a column of the third matrix is."""
    found = PairLayout.of(scene, width, height, palette).inside(x, y)
    if found is None:
        return None
    column, rows, places = found
    if column == BOTH:
        latent = scene.of(latent_order)[places.start]
        owners = np.flatnonzero(scene.of(matching).latent_of == latent)
        return MoveCursor(scene.options.cursor_on(int(owners[0]))) if owners.size else None
    if rows.start >= scene.config.features:
        return None
    return MoveCursor(scene.options.cursor_on(rows.start))


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The cosine at a cell, the strongest of merged ones; below, what a number means."""
    layout = PairLayout.of(scene, width, height, palette)
    found = layout.inside(x, y)
    if found is None:
        return next((row.meaning for top, row in enumerate(ROWS, layout.table_top) if y == top), "")
    column, rows, places = found
    reference = scene.of(reference_scene)
    side = reference if column == REFERENCE else scene
    matrix = scene.of(ordered_consistency) if column == BOTH else side.of(ordered_cosines)
    if matrix is None:
        return ""
    part = matrix[rows.start : rows.stop, places.start : places.stop]
    row, place = divmod(int(np.nan_to_num(np.abs(part), nan=np.inf).argmax()), part.shape[1])
    cosine = hundredths(float(part[row, place])).strip()
    latent = int(side.of(latent_order)[places[place]])
    if column == BOTH:
        other = int(reference.of(latent_order)[rows[row]])
        return f"cos(latent {other} of {reference_word(scene)}, latent {latent} now) = {cosine}"
    feature = rows[row]
    mark = " · matched" if side.of(matching).latent_of[feature] == latent else ""
    word = reference_word(scene) if column == REFERENCE else "now"
    return f"{word}: cos(feature {feature}, latent {latent}) = {cosine}{mark}"


def _now_layout(scene: Scene, width: int, height: int, palette: Palette) -> MatricesLayout | None:
    return PairLayout.of(scene, width, height, palette).matrices[NOW]


_OF_NOW = MatricesZoom(part_of_side, _now_layout, ComparedPart).zoom
"""The zoom of the current lane's matrix, at cells that count from its corner."""


def _zoom_at(
    scene: Scene, width: int, height: int, at: Cell | None, steps: int, palette: Palette
) -> Change | None:
    """Both matrices zoom together, around the cell that is pointed at in either of them."""
    inside = None if at is None else _local(scene, width, height, at, palette)
    return _OF_NOW.at(scene, width, height, inside, steps, palette)


def _zoom_onto(
    scene: Scene, width: int, height: int, start: Cell, end: Cell, palette: Palette
) -> Change | None:
    """Only within one of the two matrices of features."""
    first, last = (_local(scene, width, height, at, palette) for at in (start, end))
    if _OF_NOW.onto is None or first is None or last is None:
        return None
    return _OF_NOW.onto(scene, width, height, first, last, palette)


def _local(scene: Scene, width: int, height: int, at: Cell, palette: Palette) -> Cell | None:
    """A cell of either matrix of features as one of the current lane's; ``None`` elsewhere."""
    layout = PairLayout.of(scene, width, height, palette)
    found = layout.inside(*at)
    if found is None or found[0] == BOTH:
        return None
    return at[0] - layout.corner_of(found[0])[0], at[1] - HEADER_ROWS


ZOOM = Zoom(_zoom_at, _OF_NOW.whole, _OF_NOW.pan, _zoom_onto)
