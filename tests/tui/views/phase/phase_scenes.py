"""Scenes of phase diagrams, and how the panel draws them."""

from tests.core.phase_maps import (
    filled_as_theory_says,
    phase_config,
)
from tests.tui.pictures import options_with

from superpos_core.record.phase_grid import PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.snapshot import Snapshot
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Focus
from superpos_tui.views.phase.panel import PANEL
from superpos_tui.views.phase.state import PhaseState

FULL = Palette("truecolor")


def scene_with(phase_map: PhaseMap, cell: tuple[int, int] | None = None) -> Scene:
    snapshot = Snapshot(0, phase_map, "training", 0.0, "by hand", "cpu")
    return Scene(snapshot, Focus("tied"), options_with(PhaseState(cell)))


def as_theory_says(rows: int, columns: int) -> PhaseMap:
    return filled_as_theory_says(PhaseGrid(phase_config(rows, columns)))


def draw(scene: Scene, width: int, height: int, palette: Palette = FULL) -> Cells:
    return PANEL.draw(scene, width, height, palette)


def row_with(cells: Cells, text: str) -> str:
    (row,) = (row for row in cells.text().splitlines() if text in row)
    return row
