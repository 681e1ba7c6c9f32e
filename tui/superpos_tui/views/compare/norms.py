"""The norms of both lanes, feature by feature: below the squares of the compare view."""

import numpy as np

from superpos_core.geometry.blocks import greatest_in_blocks
from superpos_core.ticks import round_step
from superpos_tui.drawing.bars import (
    FULL_NORM,
    mark_norm_of_one,
    place_standing_bars,
    standing_bars,
)
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED_BELOW
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette, superposition_inks
from superpos_tui.measures.geometry import feature_norms, superposition
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, MoveCursor
from superpos_tui.views.compare import numbers
from superpos_tui.views.compare.measures import awaited_reference, reference_scene, reference_word
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_NORMS
from superpos_tui.views.shared.entries import read_feature
from superpos_tui.views.shared.legends import superposition_legend
from superpos_tui.views.shared.norm_glyphs import standing_norms

MAX_SPACING = 9
"""Columns per feature: its two bars and the gap to the next one."""
LABELS_FROM, LEGEND_FROM = 3, 8
"""So many rows also show the features' numbers, and the scale of superposition."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Two bars per feature: the reference, and beside it the current lane, in its colour."""
    cells = Cells.blank(width, height)
    together, spacing = _layout(scene, width)
    legend = superposition_legend(palette)
    top = int(height >= LEGEND_FROM and legend.width <= width)
    if top:
        cells.paste(width - legend.width, 0, legend)
    rows = height - top - (height >= LABELS_FROM)
    for offset, side in enumerate((scene.of(reference_scene), scene)):
        if spacing == 1 and side is not scene:
            continue  # no room for two bars: the current lane's alone
        longest = greatest_in_blocks(side.of(feature_norms), together)
        norms = side.of(feature_norms)[longest]
        interference = side.of(superposition)[longest]
        if side is scene:
            bars = standing_norms(norms, interference, rows, palette, apart=False)
            inks = superposition_inks(interference)
        else:
            bars = standing_bars(norms / FULL_NORM, rows, apart=False)
            inks = np.full(norms.size, Ink.MUTED, dtype=np.uint16)
        thickness = max((spacing - 1) // 2, 1)
        first = min(offset * thickness, spacing - 1)
        place_standing_bars(cells, bars, inks, range(first, width, spacing), thickness, top)
    mark_norm_of_one(cells, rows, top)
    if height >= LABELS_FROM:
        _write_numbers(cells, scene, spacing, together)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Move the cursor to the feature with a bar in this column."""
    feature = _feature_at(scene, width, x)
    return None if feature is None else MoveCursor(scene.options.cursor_on(feature))


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The feature with a bar in this column, in both lanes."""
    feature, reference = _feature_at(scene, width, x), scene.of(reference_scene)
    if feature is None:
        return ""
    now = read_feature(scene, feature)
    if feature >= reference.config.features:
        return now
    return f"{now} · {reference_word(scene)}: {reference.of(feature_norms)[feature]:.2f}"


def _layout(scene: Scene, width: int) -> tuple[int, int]:
    """Features per bar, and columns from one bar to the next."""
    features = max(each.config.features for each in (scene, scene.of(reference_scene)))
    if features > width:
        return -(-features // max(width, 1)), 1
    return 1, min(width // features, MAX_SPACING)


def _feature_at(scene: Scene, width: int, x: int) -> int | None:
    together, spacing = _layout(scene, width)
    feature = x // spacing * together
    return feature if 0 <= feature < scene.config.features else None


def _write_numbers(cells: Cells, scene: Scene, spacing: int, together: int) -> None:
    """Number every fifth feature or so; the cursor's is marked."""
    y, every = cells.height - 1, round_step(scene.config.features, max(cells.width // 4, 1))
    for feature in range(0, scene.config.features, every):
        cells.write(feature // together * spacing, y, str(feature), Ink.MUTED)
    cursor = scene.options.cursor
    if cursor is not None:
        x = cursor.feature // together * spacing
        cells.write(x, y, f"{SELECTED_BELOW}{cursor.feature}", Ink.ACCENT)


PANEL = Panel(
    name="both-norms",
    title=lambda scene: f"norms: {reference_word(scene)} and now",
    readings=(
        "left bars: the reference · right bars: the current lane",
        "left: the reference · right: now",
    ),
    draw=draw,
    awaits=awaited_reference,
    numbers=numbers.norms,
    pick=pick,
    read=read,
    seconds_between_draws=0.25,
    story=(
        "Two bars per feature, of length ‖W_i‖: which features one lane represents and the other "
        "does not. The current lane’s are coloured by superposition (“Demonstrating "
        "Superposition”)."
    ),
    colours=OF_NORMS,
)
