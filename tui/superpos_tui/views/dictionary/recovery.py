"""The recovery panel: one bar per true feature, as long as its best |cosine| with a latent."""

import numpy as np

from superpos_core.analysis.dictionaries.matching import RECOVERED_COSINE
from superpos_core.geometry.blocks import greatest_in_blocks
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_tui.drawing.bars import (
    NEGATIVE_BAR,
    POSITIVE_BAR,
    lying_bar,
    pitch_of,
    place_standing_bars,
    standing_bars,
)
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import FULL, NEARLY_FULL, NEARLY_WIDE, SHADES
from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.measures.dictionaries import best_cosines, is_recovered
from superpos_tui.scene import Scene
from superpos_tui.selection import Change
from superpos_tui.views.dictionary import numbers
from superpos_tui.views.dictionary.none_yet import where_to_find
from superpos_tui.views.dictionary.state import SECONDS_BETWEEN_DRAWS, SelectLatent
from superpos_tui.views.dictionary.words import best_latent, read_feature
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.feature_rows import Rows
from superpos_tui.views.shared.legends import text_row
from superpos_tui.views.shared.viewpoint import turned_by_keys

MIN_BAR = 4
COSINE_WIDTH = 6
"""So many decimals that 0.978 and 0.982 lie on different sides of the mark in numbers too."""
MARK = "┊"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Each feature's number, its bar with a mark where it counts as recovered, and its latent."""
    cells = Cells.blank(width, height)
    rows = Rows.fitting(scene.config.features, width, height)
    behind = COSINE_WIDTH + len(f" ←{scene.config.latents - 1}")
    room = rows.room - behind
    if room < MIN_BAR:
        behind, room = COSINE_WIDTH, rows.room - COSINE_WIDTH
    if room < MIN_BAR:
        _draw_standing(cells, scene, palette)
        return cells
    (best, latents), recovered = scene.of(best_cosines), scene.of(is_recovered)
    cursor = scene.options.cursor
    for feature in range(rows.features):
        is_selected = cursor is not None and cursor.feature == feature
        x, y = rows.write_label(cells, feature, Ink.ACCENT if is_selected else Ink.MUTED)
        for row in range(rows.thickness):
            cells.write(x + min(int(room * RECOVERED_COSINE), room - 1), y + row, MARK, Ink.FAINT)
        bar = _bar(float(best[feature]), bool(recovered[feature]), room, palette)
        rows.write_bar(cells, x, y, bar, POSITIVE_BAR if recovered[feature] else NEGATIVE_BAR)
        text = fixed(float(best[feature]), COSINE_WIDTH - 1, 3)
        cells.write(x + room + 1, y + rows.middle, text, Ink.MUTED)
        if behind > COSINE_WIDTH:
            latent = f"←{latents[feature]}"
            cells.write(x + room + 1 + COSINE_WIDTH, y + rows.middle, latent, Ink.FAINT)
    return cells


def _draw_standing(cells: Cells, scene: Scene, palette: Palette) -> None:
    """One bar per feature, upwards; if there are too many, that of the worst of each group."""
    best, recovered = scene.of(best_cosines)[0], scene.of(is_recovered)
    worst = greatest_in_blocks(-best, _grouped(best.size, cells.width))
    pitch = pitch_of(worst.size, cells.width)
    glyphs = standing_bars(best[worst], cells.height, apart=pitch > 1)
    if not palette.has_scales:
        is_full = np.isin(glyphs, (FULL, NEARLY_WIDE))
        glyphs = np.where(is_full & ~recovered[worst], SHADES[0], glyphs)
    inks = np.where(recovered[worst], POSITIVE_BAR, NEGATIVE_BAR).astype(np.uint16)
    columns = range(0, cells.width, pitch)
    place_standing_bars(cells, glyphs, inks, columns, max(pitch - 1, 1))


def _grouped(features: int, width: int) -> int:
    """How many features share a standing bar."""
    return -(-features // max(width, 1))


def _bar(cosine: float, is_recovered: bool, room: int, palette: Palette) -> str:
    """A bar that without colours is hatched if its feature is not recovered."""
    filled = None if palette.has_scales or is_recovered else SHADES[0]
    return lying_bar(cosine, room, filled)


def _legend(scene: Scene, palette: Palette) -> Cells:
    """What the two colours of bars mean."""
    not_yet = NEARLY_FULL if palette.has_scales else SHADES[0]
    legend = text_row(f"{NEARLY_FULL} recovered {not_yet} not")
    legend.inks[0, 0] = POSITIVE_BAR
    legend.inks[0, len("▇ recovered ")] = NEGATIVE_BAR
    return legend


def _feature_at(scene: Scene, width: int, height: int, x: int, y: int) -> int | None:
    features = scene.config.features
    rows = Rows.fitting(features, width, height)
    if rows.room - COSINE_WIDTH >= MIN_BAR:
        return rows.feature_at(x, y)
    together = _grouped(features, width)
    feature = x // pitch_of(-(-features // together), width) * together
    return feature if 0 <= feature < features else None


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the feature there and its latent."""
    feature = _feature_at(scene, width, height, x, y)
    return None if feature is None else SelectLatent(best_latent(scene, feature), feature)


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The latents of the feature there."""
    feature = _feature_at(scene, width, height, x, y)
    return "" if feature is None else read_feature(scene, feature)


def _title(scene: Scene) -> str:
    recovered = int(scene.of(is_recovered).sum())
    return f"recovery: {recovered} of {scene.config.features} features"


PANEL = Panel(
    name="recovery",
    title=_title,
    readings=(
        f"length: best |cosine| with a latent · {MARK} recovered from {RECOVERED_COSINE:g} on",
        f"best |cosine| with a latent · {MARK} {RECOVERED_COSINE:g}",
        "best |cosine| with a latent",
    ),
    draw=draw,
    numbers=numbers.recovery,
    legend=_legend,
    pick=pick,
    read=read,
    turn=turned_by_keys,
    takes=DictionaryRecord,
    where_to_find=where_to_find,
    seconds_between_draws=SECONDS_BETWEEN_DRAWS,
    story=(
        "One bar per true feature, as long as the largest |cosine| that a latent has with it; the "
        "latent's number follows the arrow. A feature counts as recovered if a latent of its own, "
        f"which no other feature is matched with, has at least {RECOVERED_COSINE:g}."
    ),
    colours=("blue: the feature is recovered; red: it is not. The length is max_j |cos(i, j)|.",),
)
