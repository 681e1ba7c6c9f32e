"""Lines and discs for many features at once, on a canvas of dots: one stroke per ink."""

import math

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.canvas import Canvas
from superpos_tui.drawing.cells import InkArray
from superpos_tui.drawing.palette import Ink

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


def draw_circle(
    canvas: Canvas, centre: tuple[int, int], unit: float, tilt: float | None = None
) -> None:
    """A faint circle of ``unit`` dots.

    With a ``tilt`` in degrees it is the outline of a sphere that is seen from so far above its
    equator, which is drawn too: its rear half fainter.
    """

    def arc(start: float, end: float, down: float, spacing: int) -> None:
        angles = np.arange(start, end, spacing / max(unit, 1))
        x, y = centre[0] + unit * np.cos(angles), centre[1] + unit * down * np.sin(angles)
        canvas.dots(x, y, Ink.FAINT)

    arc(0, math.tau, 1, DOTTED)
    if tilt is not None:
        flattened = math.sin(math.radians(tilt))
        arc(0, math.pi, flattened, DOTTED)
        arc(math.pi, math.tau, flattened, DOTTED * DOTTED)
