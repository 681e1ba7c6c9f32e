"""A cell of a phase diagram in words.

Its numbers, like its colour, are means of several seeds. Its phase is that of the best of them.
"""

from superpos_core.record.phase_map import NO_MATCH, UNKNOWN, PhaseMap
from superpos_tui.drawing.numbers import fixed

NOT_TRAINED = "not trained yet"


def cell_in_words(phase_map: PhaseMap, cell: tuple[int, int]) -> tuple[str, str, str]:
    """Where a cell is, its numbers, and which phase that is, in theory too."""
    grid, (row, column) = phase_map.grid, cell
    place = f"1−S {grid.densities[row]:<6.3g} importance ×{grid.relative_importances[column]:<6.3g}"
    if not phase_map.filled[cell]:
        return place, "", NOT_TRAINED
    mean, best = ("mean ", "best seed: ") if phase_map.averaged > 1 else ("", "")
    numbers = (
        f"{mean}‖{grid.last_feature}‖ {fixed(float(phase_map.norm[cell]), 4, 2)}"
        f"  superposition {fixed(float(phase_map.superposition[cell]), 4, 2)}  "
    )
    return place, numbers, best + _verdict(phase_map, cell)


def _verdict(phase_map: PhaseMap, cell: tuple[int, int]) -> str:
    """The region of a cell, and the theoretical one if it differs."""
    names, region = phase_map.grid.diagram.names, int(phase_map.region[cell])
    theory = int(phase_map.grid.theory[cell])
    near = "" if phase_map.grid.far_from_boundaries[cell] else " (near a boundary)"
    if region == UNKNOWN:
        return f"not finite; theory: {names[theory]}"
    if region == NO_MATCH:
        return f"none of theory's solutions; theory: {names[theory]}{near}"
    if region == theory:
        return f"{names[region]}, as in theory"
    return f"{names[region]}; theory: {names[theory]}{near}"
