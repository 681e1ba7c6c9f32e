"""A small picture of each experiment for the gallery, made of numbers that were trained.

``thumbnails.json`` holds the numbers by experiment and is written by ``screenshots/thumbnails.py``.
They are drawn with the colours, or glyphs, of the terminal.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import (
    Ink,
    Palette,
    phase_inks,
    sequential_inks,
    superposition_inks,
)
from superpos_tui.drawing.squares import cells_of_pixels, draw_squares
from superpos_tui.views.phase.panel import map_glyphs

WIDTH, HEIGHT = 20, 10
"""Cells of a thumbnail; without half blocks a cell is one row of a map."""
FILE = Path(__file__).with_name("thumbnails.json")
HUNDREDTHS = 100
"""Numbers are kept as whole hundredths."""

Numbers = Mapping[str, FloatArray]


def thumbnail(experiment: str, palette: Palette) -> Cells:
    """The picture of an experiment, ``WIDTH`` × ``HEIGHT`` cells; empty if there is none."""
    cells = Cells.blank(WIDTH, HEIGHT)
    if experiment in _kept():
        kind, numbers = _kept()[experiment]
        picture = KINDS[kind](numbers, palette)
        cells.paste((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2, picture)
    return cells


@cache
def _kept() -> Mapping[str, tuple[str, Numbers]]:
    """The kind and the numbers of each thumbnail, by experiment."""
    return {
        name: (kept.pop("kind"), {key: np.array(value) / HUNDREDTHS for key, value in kept.items()})
        for name, kept in json.loads(FILE.read_text("utf-8")).items()
    }


def _squares(numbers: Numbers, palette: Palette) -> Cells:
    """A matrix ``values``, shape (rows, columns), as large as fits in whole pixels."""
    values = numbers["values"]
    rows, columns = values.shape
    block = max(-(-rows // (2 * HEIGHT)), -(-columns // WIDTH))
    values = strongest_of_blocks(values, block)
    return draw_squares(values, min(2 * HEIGHT // len(values), WIDTH // len(values[0])), palette)


def _spokes(numbers: Numbers, palette: Palette) -> Cells:
    """Features at (``x``, ``y``), coloured by ``superposition``, each of shape (n,)."""
    canvas = Canvas(WIDTH, HEIGHT)
    middle = (WIDTH * DOTS_ACROSS - 1) / 2, (HEIGHT * DOTS_DOWN - 1) / 2
    x, y = numbers["x"], numbers["y"]
    unit = (min(middle) - 1) / max(float(np.hypot(x, y).max()), 1.0)
    if palette.depth != "none":
        canvas.ellipse(*middle, unit, unit, Ink.FAINT)
    inks = superposition_inks(numbers["superposition"])
    for across, down, ink in zip(middle[0] + unit * x, middle[1] - unit * y, inks, strict=True):
        canvas.line(*middle, across, down, int(ink))
        canvas.disc(across, down, 1, int(ink))
    return canvas.cells()


def _map(numbers: Numbers, palette: Palette) -> Cells:
    """A phase diagram: ``norm`` and ``superposition``, each of shape (rows, columns)."""
    norm, superposition = numbers["norm"], numbers["superposition"]
    if palette.has_scales:
        return cells_of_pixels(phase_inks(norm, superposition))
    norm, superposition = norm[::2], superposition[::2]
    return map_glyphs(norm, superposition, phase_inks(norm, superposition))


def _dots(numbers: Numbers, _palette: Palette) -> Cells:
    """Dots at (``x``, ``y``), each of shape (points,), from 0 to 1; coloured by height."""
    canvas = Canvas(WIDTH, HEIGHT)
    x, y = numbers["x"], numbers["y"]
    for ink in np.unique(inks := sequential_inks(y)):
        alike = inks == ink
        across, down = x[alike] * (canvas.dots_across - 1), (1 - y[alike]) * (canvas.dots_down - 1)
        for thick in (0, 1):
            canvas.dots(across, down + thick, int(ink))
    return canvas.cells()


KINDS: Mapping[str, Callable[[Numbers, Palette], Cells]] = {
    "squares": _squares,
    "spokes": _spokes,
    "map": _map,
    "dots": _dots,
}
