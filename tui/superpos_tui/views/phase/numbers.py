"""The numbers of the phase diagram."""

import itertools

from superpos_core.record.phase_map import PhaseMap
from superpos_tui.scene import Scene
from superpos_tui.views.numbers import Numbers, check_copyable


def cells(scene: Scene) -> Numbers:
    """One row per trained cell: where it is, its measures, and its region in theory's words."""
    phase_map = scene.snapshot.record_as(PhaseMap)
    grid, names = phase_map.grid, phase_map.grid.diagram.names
    check_copyable(grid.cells)
    rows = []
    for cell in itertools.product(*map(range, grid.shape)):
        if phase_map.filled[cell]:
            region = int(phase_map.region[cell])
            rows.append(
                [
                    grid.densities[cell[0]],
                    grid.relative_importances[cell[1]],
                    phase_map.norm[cell],
                    phase_map.superposition[cell],
                    names[region] if region >= 0 else "none",
                    names[int(grid.theory[cell])],
                ]
            )
    header = ("1-S", "relative importance", "norm", "superposition", "region", "theory")
    return Numbers(header, rows)
