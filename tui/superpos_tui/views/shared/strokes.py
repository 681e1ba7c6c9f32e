"""Lines and discs for many features at once, on a canvas of dots: one stroke per ink."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.canvas import Canvas
from superpos_tui.drawing.cells import InkArray

DOTTED = 3
"""The spacing of a dotted line, in dots."""
ROUNDER = 0.25
"""What a disc's radius is longer by, in dots, so that small discs are round."""


def draw_lines(
    canvas: Canvas,
    starts: FloatArray,
    ends: FloatArray,
    inks: InkArray,
    *,
    spacing: int = 1,
    thick: bool = False,
) -> None:
    """Draw lines from ``starts`` to ``ends``, shape (k, 2), each with its ink, shape (k,).

    Later lines are above earlier ones, as far as inks allow. With a ``spacing`` above 1 they are
    dotted; ``thick`` lines are two dots wide.
    """
    for ink in reversed(dict.fromkeys(reversed(inks.tolist()))):
        alike = inks == ink
        start, way = starts[alike], ends[alike] - starts[alike]
        reach = np.abs(way)
        length = reach.max(axis=1)
        dots = np.arange(0, np.nan_to_num(length).max() + 1, spacing)
        share = dots / np.maximum(length, 1)[:, None]
        share[share > 1] = np.nan
        x, y = (start[:, k, None] + way[:, k, None] * share for k in (0, 1))
        canvas.dots(x.ravel(), y.ravel(), ink)
        if thick:
            steep = (reach[:, 1] > reach[:, 0])[:, None]
            canvas.dots((x + steep).ravel(), (y + ~steep).ravel(), ink)


def draw_discs(canvas: Canvas, centres: FloatArray, inks: InkArray, size: int) -> None:
    """Draw a disc, ``size`` dots across, around each of ``centres``, shape (k, 2).

    Those of an even size are centred on a thick line.
    """
    around = np.arange(size) - (size - 1) // 2
    across, down = (each.ravel() for each in np.meshgrid(around, around))
    middle = (size - 1) % 2 / 2
    inside = np.hypot(across - middle, down - middle) <= (size - 1) / 2 + ROUNDER
    for ink in np.unique(inks):
        x, y = np.rint(centres[inks == ink]).T
        canvas.dots(
            (x[:, None] + across[inside]).ravel(), (y[:, None] + down[inside]).ravel(), int(ink)
        )
