"""Shapes with a known dimensionality, and how the panels of dimensionality draw them."""

import numpy as np
from tests.core.polytopes import regular_polygon
from tests.tui.pictures import scene_of_settings

from superpos_core.arrays import BoolArray, FloatArray
from superpos_tui.drawing.canvas import BITS, BRAILLE
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.shades import SEQUENTIAL_LEVELS
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Options
from superpos_tui.views.dimensionality.axis import LABEL_WIDTH

SIZE = (60, 33)


def padded(features: int, *blocks: FloatArray) -> FloatArray:
    """Shapes in separate dimensions, followed by ignored features."""
    hidden = sum(block.shape[1] for block in blocks)
    encoder = np.zeros((features, hidden))
    row = column = 0
    for block in blocks:
        encoder[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return encoder


DEDICATED, DIGON = np.ones((1, 1)), np.array([[1.0], [-1.0]])
MIXTURE = padded(10, DEDICATED, DIGON, regular_polygon(5))
"""D is 1, then 1/2 twice, then 2/5 five times, then 0 twice."""


def scene_of_encoder(encoder: FloatArray, selected: int | None = None) -> Scene:
    options = Options(cursor=None if selected is None else Cursor(selected, selected))
    return scene_of_settings(encoder[None], options=options)


def dots_of(cells: Cells, inks: set[int]) -> BoolArray:
    """The braille dots with one of these inks, (4 · height, 2 · width), labels left out."""
    codes = np.vectorize(ord)(cells.glyphs) - BRAILLE
    codes[(codes < 0) | (codes > 255) | ~np.isin(cells.inks, list(inks))] = 0
    dots = (codes[:, None, :, None] & BITS[None, :, None, :]) > 0
    flat: BoolArray = dots.reshape(4 * cells.height, 2 * cells.width)
    return flat[:, 2 * LABEL_WIDTH :]


SEQUENTIAL = set(range(Ink.SEQUENTIAL, Ink.SEQUENTIAL + SEQUENTIAL_LEVELS))


def row_of_label(cells: Cells, label: str) -> int:
    starts = [y for y in range(cells.height) if cells.row_text(y)[:LABEL_WIDTH].strip() == label]
    (row,) = starts
    return row
