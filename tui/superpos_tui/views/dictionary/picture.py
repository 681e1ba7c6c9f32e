"""Features and latents in one picture of up to three hidden dimensions.

A true feature is a dotted spoke that ends in a disc, with its number; a latent is an arrow, with
its number behind an L. So they differ without colours too.
"""

import math
from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.dictionaries.matching import RECOVERED_COSINE
from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.geometry.projection import circle_radius, seen_from
from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.palette import Ink
from superpos_tui.measures.dictionaries import (
    cosines,
    feature_picture,
    score,
)
from superpos_tui.scene import Scene
from superpos_tui.views.dictionary.state import DictionaryState
from superpos_tui.views.shared.labels import Label, write_labels
from superpos_tui.views.shared.strokes import draw_circle, draw_discs, draw_lines
from superpos_tui.views.shared.viewpoint import Viewpoint

REACH = 1.3
"""How far the picture reaches, in radii of the circle."""
ARROW = 0.86
"""The length of an arrow in radii of the circle: a feature's disc stays visible before it."""
HEAD, SPREAD = 6.0, math.radians(28)
"""The length of the strokes of an arrow's head, in dots, and their angle to it."""
DISC, SMALL_DISC = 5, 3
SPOKE = 2
"""The spacing of the dots of a spoke: closer than those of the circle."""
MAX_LABELLED = 24
MIN_ROWS_WITH_LEGEND = 6
LATENT = "L"
"""Precedes the number of a latent in the picture."""


@dataclass(frozen=True)
class PictureLayout:
    """Positions in dots: the centre (``x0``, ``y0``), a circle of ``unit`` dots, and what ends.

    ``features`` (n, 2) are the ends of spokes, ``latents`` (K, 2) the tips of arrows.
    """

    rows: int
    x0: int
    y0: int
    unit: float
    features: FloatArray
    latents: FloatArray

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "PictureLayout":
        """The largest circle that fits, centred; the last row is for the legend."""
        rows = height - 1 if height >= MIN_ROWS_WITH_LEGEND else height
        across, down = DOTS_ACROSS * width, DOTS_DOWN * rows
        x0, y0 = across // 2, down // 2
        picture, side = scene.of(feature_picture), scene.options.of(Viewpoint)
        unit = (min(across, down) - 1) / 2 / REACH
        radius = circle_radius(picture.points, scene.hidden)
        decoder = scene.parameters.decoder.astype(np.float64)
        with np.errstate(all="ignore"):
            arrows = ARROW * decoder / np.linalg.norm(decoder, axis=1, keepdims=True)
            placed = [
                np.stack([x0 + unit * right, y0 - unit * up], axis=1)
                for right, up, _ in (
                    seen_from(points, side.turn, side.tilt)
                    for points in (picture.points / radius, arrows @ picture.axes)
                )
            ]
        return cls(rows, x0, y0, unit, *placed)

    @property
    def centre(self) -> FloatArray:
        """The centre, shape (2,)."""
        return np.array([float(self.x0), float(self.y0)])


def draw_picture(scene: Scene, width: int, height: int) -> Cells:
    """The picture; the legend in the last row."""
    cells = Cells.blank(width, height)
    layout = PictureLayout.of(scene, width, height)
    seen = [np.isfinite(ends.sum(axis=1)) for ends in (layout.features, layout.latents)]
    circle, drawn = Canvas(width, layout.rows), Canvas(width, layout.rows)
    tilt = scene.options.of(Viewpoint).tilt if scene.hidden == 3 else None
    draw_circle(circle, (layout.x0, layout.y0), layout.unit, tilt)
    circle.paint(cells, 0, 0)
    behind = cells.glyphs.copy()
    _draw_features(drawn, layout, seen[0])
    _draw_latents(drawn, layout, scene, seen[1])
    drawn.paint(cells, 0, 0)
    labels = _labels(layout, scene, *seen)
    write_labels(cells, cells.glyphs != behind, labels, range(layout.rows))
    if layout.rows < height:
        _write_legend(cells)
    return cells


def _draw_features(canvas: Canvas, layout: PictureLayout, seen: BoolArray) -> None:
    ends = layout.features[seen]
    inks = np.full(len(ends), Ink.MUTED, dtype=np.uint16)
    draw_lines(canvas, np.broadcast_to(layout.centre, ends.shape), ends, inks, spacing=SPOKE)
    draw_discs(canvas, ends, inks, DISC if len(ends) <= MAX_LABELLED else SMALL_DISC)


def _draw_latents(canvas: Canvas, layout: PictureLayout, scene: Scene, seen: BoolArray) -> None:
    """Draw the arrows, the selected one last and thick."""
    inks, selected = latent_inks(scene), scene.options.of(DictionaryState).latent
    shown = np.flatnonzero(seen)
    _draw_arrows(canvas, layout, layout.latents[shown], inks[shown])
    if selected is not None and seen[selected]:
        one = np.array([selected])
        _draw_arrows(canvas, layout, layout.latents[one], inks[one], thick=True)


def _draw_arrows(
    canvas: Canvas, layout: PictureLayout, tips: FloatArray, inks: InkArray, *, thick: bool = False
) -> None:
    draw_lines(canvas, np.broadcast_to(layout.centre, tips.shape), tips, inks, thick=thick)
    back = np.arctan2(*(layout.centre - tips).T[::-1])
    for turn in (-SPREAD, SPREAD):
        stroke = HEAD * np.stack([np.cos(back + turn), np.sin(back + turn)], axis=1)
        draw_lines(canvas, tips, tips + stroke, inks)


def latent_inks(scene: Scene) -> InkArray:
    """The ink of each latent, (K,): it is a feature, or mixes some, or is dead."""
    largest = np.nan_to_num(scene.of(cosines)).max(axis=0)
    inks = np.where(largest >= RECOVERED_COSINE, POSITIVE_BAR, NEGATIVE_BAR).astype(np.uint16)
    inks[scene.of(score).activity.is_dead] = Ink.FAINT
    return inks


def _labels(
    layout: PictureLayout, scene: Scene, features: BoolArray, latents: BoolArray
) -> list[Label]:
    """The selected ones first, then all features and latents if they are few."""
    cursor, latent = scene.options.cursor, scene.options.of(DictionaryState).latent
    selected = None if cursor is None else cursor.feature
    inks = latent_inks(scene)
    found = [
        _label(layout, layout.features[each], str(each), Ink.TEXT, each == selected)
        for each in np.flatnonzero(features).tolist()
        if each == selected or features.sum() <= MAX_LABELLED
    ]
    found += [
        _label(layout, layout.latents[each], f"{LATENT}{each}", int(inks[each]), each == latent)
        for each in np.flatnonzero(latents).tolist()
        if each == latent or latents.sum() <= MAX_LABELLED
    ]
    return sorted(found, key=lambda label: not label.is_selected)


def _label(layout: PictureLayout, end: FloatArray, text: str, ink: int, is_selected: bool) -> Label:
    """A label on the outer side of an end: those of latents beside their arrows."""
    x, y = float(end[0]), float(end[1])
    outwards = math.atan2(layout.y0 - y, x - layout.x0)
    if text.startswith(LATENT):
        outwards += math.pi / 2
    return Label(text, x, y, outwards, ink, is_selected)


def _write_legend(cells: Cells) -> None:
    text = f"┈● feature   ─▸ {LATENT} latent"
    cells.write(0, cells.height - 1, text, Ink.MUTED)


def nearest(scene: Scene, width: int, height: int, x: int, y: int) -> tuple[int | None, int | None]:
    """The feature or else the latent whose end is nearest to a cell: one of them, or neither."""
    layout = PictureLayout.of(scene, width, height)
    at = np.array([DOTS_ACROSS * (x + 0.5), DOTS_DOWN * (y + 0.5)])
    distances = [
        np.nan_to_num(np.linalg.norm(ends - at, axis=1), nan=np.inf)
        for ends in (layout.features, layout.latents)
    ]
    if y >= layout.rows or not min(each.min() for each in distances) < np.inf:
        return None, None
    if distances[0].min() <= distances[1].min():
        return int(distances[0].argmin()), None
    return None, int(distances[1].argmin())
