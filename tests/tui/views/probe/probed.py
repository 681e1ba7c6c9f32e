"""Weights of which the answers are known, their scenes, and how to read the table of a probe."""

import numpy as np
from tests.tui.pictures import options_with, scene_of

from superpos_tui.drawing.bars import CHANGED, HATCH, ZERO_LINE
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Options
from superpos_tui.views.probe import table as probe
from superpos_tui.views.probe.state import ProbeState

LOSSES = np.ones((1, 1))
PAIR = np.array([[1.0], [-1.0]])
PAIR_BIAS = np.array([0.0, 0.25])
PENTAGON = 1.17 * np.array(
    [[np.cos(angle), np.sin(angle)] for angle in 2 * np.pi * np.arange(5) / 5]
)
WIDE, HIGH = 90, 20


def pair_scene(options: Options, model: str = "tied") -> Scene:
    return scene_of(PAIR, LOSSES, bias=PAIR_BIAS, model=model, options=options)


def with_input(*values: tuple[int, float], attack: float = 0.0) -> Options:
    return options_with(ProbeState(values, attack))


def drawn(scene: Scene, width: int = WIDE, height: int = HIGH) -> Cells:
    return probe.draw(scene, width, height, Palette())


def numbers(cells: Cells, feature: int) -> list[str]:
    """The numbers in the row of a feature: x, pre-activation, cut, output, error."""
    bars = set(f"▸{ZERO_LINE}{HATCH}{CHANGED}┊█▐▏▎▍▌▋▊▉")
    text = "".join(
        " " if glyph in bars else glyph for glyph in cells.row_text(row_of(cells, feature))
    )
    return text.split()[1:]


def row_of(cells: Cells, feature: int) -> int:
    """The row of a feature, of fewer than ten."""
    return next(y for y in range(1, cells.height) if cells.glyphs[y, 2] == str(feature))


def summary(cells: Cells) -> str:
    """The text below the table, joined into one line."""
    lines = [cells.row_text(y).strip() for y in range(cells.height)]
    start = next(index for index, line in enumerate(lines) if "on:" in line)
    return " ".join(lines[start:]).strip()
