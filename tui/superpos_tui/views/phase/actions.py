"""What the keys of the phase view do."""

from collections.abc import Mapping
from dataclasses import replace

from superpos_core.experiments import Trial
from superpos_core.record.phase_grid import Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.task.config import LANES
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.views.phase.none_yet import first_experiment
from superpos_tui.views.phase.state import PhaseState


class PhaseActions:
    """Point at the cells of a phase diagram, and open them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.named: Mapping[str, Action] = {
            "move_cell": self.move_cell,
            "open_cell": self.open_cell,
        }

    def move_cell(self, rows: int, columns: int) -> None:
        """Move the cursor by this many rows and columns, starting in the middle."""
        grid, cell = self._grid, self._cell
        if grid is None:
            self._desk.refuse("no phase diagram yet: enter trains one")
            return
        height, width = grid.shape
        row, column = cell or (height // 2 - rows, width // 2 - columns)
        moved = min(max(row + rows, 0), height - 1), min(max(column + columns, 0), width - 1)
        self._desk.current.select(self._desk.current.selection.with_state(PhaseState(moved)))

    def open_cell(self) -> None:
        """Train the model of the selected cell, in the geometry view; without a map, train one."""
        grid, cell = self._grid, self._cell
        if grid is None:
            self._desk.start_experiment(first_experiment())
            return
        if cell is None:
            self._desk.refuse("select a cell first (arrows or click)")
            return
        row, column = cell
        config = replace(
            grid.config_of(Block((row,), (column,))), name=f"{grid.config.name}-cell", kind=LANES
        )
        self._desk.start(Trial(config))
        self._desk.show_view(self._desk.counterpart_of("geometry"))

    @property
    def _grid(self) -> PhaseGrid | None:
        """The grid of the current or latest map."""
        newest = self._desk.watched.newest_of(PhaseMap)
        if newest is None or not isinstance(newest[0].record, PhaseMap):
            return None
        return newest[0].record.grid

    @property
    def _cell(self) -> tuple[int, int] | None:
        return self._desk.current.selection.options.of(PhaseState).cell
