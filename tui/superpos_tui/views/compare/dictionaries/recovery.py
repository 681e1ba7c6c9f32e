"""How well both dictionaries find each feature: below the matrices of the compare view."""

import numpy as np

from superpos_core.analysis.dictionaries.matching import RECOVERED_COSINE
from superpos_core.arrays import FloatArray
from superpos_core.geometry.blocks import greatest_in_blocks
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.ticks import round_step
from superpos_tui.drawing.bars import (
    NEGATIVE_BAR,
    POSITIVE_BAR,
    place_standing_bars,
    standing_bars,
)
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED_BELOW
from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.measures.dictionaries import best_cosines, is_recovered
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, MoveCursor
from superpos_tui.views.compare.dictionaries import numbers
from superpos_tui.views.compare.measures import reference_scene, reference_word
from superpos_tui.views.panel import Panel

MAX_SPACING = 15
"""Columns per feature: its two bars and the gap to the next one."""
LABELS_FROM = 3
"""So many rows also show the features' numbers."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Two bars per feature: the reference, and beside it the current dictionary."""
    cells = Cells.blank(width, height)
    together, spacing = _layout(scene, width)
    rows = height - (height >= LABELS_FROM)
    for offset, side in enumerate((scene.of(reference_scene), scene)):
        if spacing == 1 and side is not scene:
            continue  # no room for two bars: the current one's alone
        best = side.of(best_cosines)[0]
        worst = greatest_in_blocks(-best, together)
        inks = np.where(side.of(is_recovered)[worst], POSITIVE_BAR, NEGATIVE_BAR).astype(np.uint16)
        if side is not scene:
            inks[:] = Ink.MUTED
        thickness = max((spacing - 1) // 2, 1)
        first = min(offset * thickness, spacing - 1)
        bars = standing_bars(best[worst], rows, apart=False)
        place_standing_bars(cells, bars, inks, range(first, width, spacing), thickness)
    if height >= LABELS_FROM:
        _write_numbers(cells, scene, spacing, together)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Move the cursor to the feature with a bar in this column."""
    feature = _feature_at(scene, width, x)
    if feature is None or feature >= scene.config.features:
        return None
    return MoveCursor(scene.options.cursor_on(feature))


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The feature with a bar in this column, in both dictionaries."""
    feature = _feature_at(scene, width, x)
    if feature is None:
        return ""
    sides = ((reference_word(scene), scene.of(reference_scene)), ("now", scene))
    words = [
        f"{word}: {_cosine(side.of(best_cosines)[0][feature])} by latent "
        f"{side.of(best_cosines)[1][feature]}"
        for word, side in sides
        if feature < side.config.features
    ]
    return " · ".join([f"feature {feature}", *words])


def _cosine(cosine: FloatArray) -> str:
    return fixed(float(cosine), 4, 2).strip()


def _layout(scene: Scene, width: int) -> tuple[int, int]:
    """Features per bar, and columns from one bar to the next."""
    features = _most_features(scene)
    if features > width:
        return -(-features // max(width, 1)), 1
    return 1, min(width // features, MAX_SPACING)


def _most_features(scene: Scene) -> int:
    return max(each.config.features for each in (scene, scene.of(reference_scene)))


def _feature_at(scene: Scene, width: int, x: int) -> int | None:
    together, spacing = _layout(scene, width)
    feature = x // spacing * together
    return feature if 0 <= feature < _most_features(scene) else None


def _write_numbers(cells: Cells, scene: Scene, spacing: int, together: int) -> None:
    """Number as many features as fit; the cursor's is marked."""
    y, every = cells.height - 1, round_step(_most_features(scene), max(cells.width // 4, 1))
    for feature in range(0, _most_features(scene), every):
        cells.write(feature // together * spacing, y, str(feature), Ink.MUTED)
    cursor = scene.options.cursor
    if cursor is not None:
        x = cursor.feature // together * spacing
        cells.write(x, y, f"{SELECTED_BELOW}{cursor.feature}", Ink.ACCENT)


PANEL = Panel(
    name="both-recovery",
    title=lambda scene: f"best |cosine| of each feature: {reference_word(scene)} and now",
    readings=(
        "left bars: the reference · right bars: now; a full one is a |cosine| of 1",
        "left: the reference · right: now",
    ),
    draw=draw,
    numbers=numbers.recovery,
    pick=pick,
    read=read,
    takes=DictionaryRecord,
    seconds_between_draws=0.25,
    story=(
        "Two bars per true feature, as long as the largest |cosine| that a latent has with it: "
        "which features one dictionary finds and the other does not. A feature counts as recovered "
        f"if a latent of its own has at least {RECOVERED_COSINE:g}."
    ),
    colours=(
        "grey: the reference; blue: the feature is recovered now, red: it is not. The length is "
        "max_j |cos(i, j)|.",
    ),
)
