"""The phase diagram: the last feature in every cell, as trained and in theory."""

from collections.abc import Sequence

import numpy as np

from superpos_core.analysis.phase_agreement import agreement, compared
from superpos_core.arrays import FloatArray
from superpos_core.geometry.measures import REPRESENTED_NORM
from superpos_core.record.phase_grid import PhaseGrid, free_box, split_in_two
from superpos_core.record.phase_map import PhaseMap
from superpos_core.ticks import round_numbers
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import fixed, rounded_within
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette, phase_inks
from superpos_tui.drawing.shades import PHASE_HUES, PHASE_NORMS
from superpos_tui.drawing.squares import cells_of_pixels
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.scene import Scene
from superpos_tui.selection import Change
from superpos_tui.views.panel import Panel
from superpos_tui.views.phase import numbers
from superpos_tui.views.phase.cell import cell_in_words
from superpos_tui.views.phase.layout import LABELS, Layout
from superpos_tui.views.phase.none_yet import where_to_find
from superpos_tui.views.phase.state import PhaseState, PointAtCell
from superpos_tui.views.shared.colour_meanings import OF_PHASE

IGNORED, DEDICATED, BETWEEN, SHARED, NOT_FINITE = "·█▒╳?"
"""The outcome for a feature, for terminals whose colours cannot show it."""
CURSOR = "◆"
STRONG = Ink.PHASE + 1 + (PHASE_NORMS - 1) * PHASE_HUES
"""The first ink of fully represented features."""
CELL_INKS = Ink.ACCENT, Ink.TEXT, Ink.MUTED
"""Of a cell's place, its numbers and its phase."""
Ticks = Sequence[tuple[float, str]]
"""Positions along an axis, in rows or columns of the grid, and their labels."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Both maps with their axes; below them the legend, the progress, and the cursor's cell."""
    cells = Cells.blank(width, height)
    phase_map = scene.snapshot.record_as(PhaseMap)
    grid, cursor = phase_map.grid, _cursor(scene)
    layout = Layout.of(grid, width, height, palette)
    _draw_maps(cells, layout, phase_map, palette)
    _name_regions(cells, layout, grid, cursor)
    _write_axes(cells, layout, grid, cursor)
    if cursor is not None:
        _mark(cells, layout, cursor)
    _write_legend(cells, layout.legend_row, palette)
    cells.write(0, layout.progress_row, _progress(phase_map, width), Ink.MUTED)
    _write_cell(cells, layout.cell_row, phase_map, cursor)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the cell of the grid, on either map."""
    phase_map = scene.snapshot.record_as(PhaseMap)
    cell = Layout.of(phase_map.grid, width, height, palette).cell_at(x, y)
    return None if cell is None else PointAtCell(cell)


def _cursor(scene: Scene) -> tuple[int, int] | None:
    """The selected cell, if it is in the grid."""
    cell = scene.options.of(PhaseState).cell
    if cell is None:
        return None
    rows, columns = scene.snapshot.record_as(PhaseMap).grid.shape
    return cell if 0 <= cell[0] < rows and 0 <= cell[1] < columns else None


def _draw_maps(cells: Cells, layout: Layout, phase_map: PhaseMap, palette: Palette) -> None:
    """Draw both maps; cells of the grid without any result yet are left empty."""
    grid, nearest_filled = phase_map.grid, phase_map.nearest_filled
    trained = "trained"
    if phase_map.averaged > 1:
        seeds = f"{trained}, mean of {phase_map.averaged} seeds"
        trained = longest_within(layout.columns, seeds, trained)
    maps = [
        (
            trained,
            phase_map.norm.ravel()[nearest_filled],
            phase_map.superposition.ravel()[nearest_filled],
        ),
        ("theory", grid.theory_norm, grid.theory_superposition),
    ]
    for left, (title, norm, superposition) in zip(layout.lefts, maps, strict=False):
        norm, superposition = layout.sampled(norm), layout.sampled(superposition)
        inks = phase_inks(norm, superposition)
        if title == trained:
            inks[layout.sampled(nearest_filled) < 0] = Ink.NONE
        picture = (
            cells_of_pixels(inks) if palette.has_scales else map_glyphs(norm, superposition, inks)
        )
        cells.paste(left, layout.top, picture)
        cells.write(left, layout.titles_row, title, Ink.MUTED)


def map_glyphs(norm: FloatArray, superposition: FloatArray, inks: InkArray) -> Cells:
    """One glyph per cell: ignored, dedicated dimension, in superposition, or between the two."""
    cells = Cells.blank(norm.shape[1], norm.shape[0])
    with np.errstate(invalid="ignore"):
        glyphs = np.select(
            [inks == Ink.NONE, inks == Ink.NOT_FINITE, norm < REPRESENTED_NORM,
             superposition < 1 / 3, superposition < 2 / 3],
            [" ", NOT_FINITE, IGNORED, DEDICATED, BETWEEN],
            SHARED,
        )  # fmt: skip
    cells.glyphs[:] = glyphs
    cells.inks[:] = inks
    return cells


def _name_regions(
    cells: Cells, layout: Layout, grid: PhaseGrid, cursor: tuple[int, int] | None
) -> None:
    """Write the name of each theoretical region where there is most room, off the cursor."""
    if len(layout.lefts) < 2:
        return
    theory = layout.sampled(grid.theory)
    whole = len(theory) // layout.pixels
    by_cell = theory[: whole * layout.pixels].reshape(whole, layout.pixels, -1)
    for index, name in enumerate(grid.diagram.names):
        lines = split_in_two(name)
        columns = max(map(len, lines)) + 2
        free = np.all(by_cell == index, axis=1)
        if cursor is not None:
            free[layout.row_at(cursor[0]) - layout.top, layout.column_at(cursor[1])] = False
        corner = free_box(free, len(lines), columns)
        if corner is None:
            continue
        for y, line in enumerate(lines, layout.top + corner[0]):
            _write_over(cells, layout.lefts[1] + corner[1], y, line.center(columns))


def _write_over(cells: Cells, x: int, y: int, text: str) -> None:
    """Write text over the map, keeping its colours as the background."""
    ground = int(cells.grounds[y, x])
    cells.write(x, y, text, Ink.PHASE if ground >= STRONG else Ink.TEXT)


def _mark(cells: Cells, layout: Layout, cursor: tuple[int, int]) -> None:
    """Mark the cursor on both maps."""
    row = layout.row_at(cursor[0])
    for left in layout.lefts:
        column = left + layout.column_at(cursor[1])
        if row < cells.height and column < cells.width:
            _write_over(cells, column, row, CURSOR)


def _write_axes(
    cells: Cells, layout: Layout, grid: PhaseGrid, cursor: tuple[int, int] | None
) -> None:
    """Write densities and importances along the axes; the cursor's are highlighted."""
    densities, importances = _ticks(grid.densities), _ticks(grid.relative_importances)
    at_density = at_importance = None
    if cursor is not None:
        row, column = cursor
        at_density = (float(row), rounded_within(float(grid.densities[row]), LABELS - 1))
        at_importance = (float(column), f"{grid.relative_importances[column]:.3g}")
    if layout.lefts[0] >= LABELS:
        cells.write_right(layout.lefts[0] - 1, layout.titles_row, "1−S", Ink.MUTED)
        _write_densities(cells, layout, densities, at_density)
    for left in layout.lefts:
        _write_importances(cells, layout, left, importances, at_importance)
    name = "relative importance of the last feature"
    centre = (layout.lefts[0] + layout.lefts[-1] + layout.columns) // 2
    cells.write(max(centre - len(name) // 2, 0), layout.axis_row, name, Ink.MUTED)


def _ticks(values: FloatArray) -> Ticks:
    """Round numbers, with their positions among ``values``, which are monotonic."""
    ends = float(values[0]), float(values[-1])
    numbers = round_numbers(min(ends), max(ends)) or sorted(set(ends))
    sign = 1 if ends[1] >= ends[0] else -1
    positions = np.interp(sign * np.log(numbers), sign * np.log(values), np.arange(values.size))
    labels = [f"{number:.3g}" for number in numbers]
    return list(zip(positions.tolist(), labels, strict=True))


def _write_densities(
    cells: Cells, layout: Layout, ticks: Ticks, focused: tuple[float, str] | None
) -> None:
    right = layout.lefts[0] - 1
    for row, label in ticks:
        cells.write_right(right, layout.row_at(row), label, Ink.MUTED)
    if focused is not None:
        row = layout.row_at(focused[0])
        label = f"{focused[1]:>{LABELS - 1}}{SELECTED}"
        cells.write(right - LABELS + 1, row, label, Ink.ACCENT)


def _write_importances(
    cells: Cells, layout: Layout, left: int, ticks: Ticks, focused: tuple[float, str] | None
) -> None:
    """Write labels centred below their columns, the focused one first, others if there is room."""
    free = np.ones(layout.columns + 2, dtype=bool)
    for tick in ticks if focused is None else [focused, *ticks]:
        column, label = tick
        start = layout.column_at(column) - (len(label) - 1) // 2
        start = max(min(start, layout.columns - len(label) + 1), 0)
        around = slice(max(start - 1, 0), start + len(label) + 1)
        if free[around].all():
            free[start : start + len(label)] = False
            ink = Ink.ACCENT if tick is focused else Ink.MUTED
            cells.write(left + start, layout.ticks_row, label, ink)


def _write_legend(cells: Cells, row: int, palette: Palette) -> None:
    """Write what the colours, or the glyphs, mean."""
    x = 0
    for text, inks in _legend(palette):
        cells.write(x, row, text, Ink.MUTED)
        if inks and 0 <= row < cells.height:
            for offset, ink in enumerate(inks[: max(cells.width - x, 0)]):
                cells.inks[row, x + offset] = ink
        x += len(text)


def _legend(palette: Palette) -> list[tuple[str, list[int]]]:
    """Pieces of text; those with inks have one ink per glyph."""
    if not palette.has_scales:
        text = f"{IGNORED} not represented  {DEDICATED} dedicated dimension  {BETWEEN} between"
        return [(f"{text}  {SHARED} superposition", [])]
    hues = [STRONG + hue for hue in range(0, PHASE_HUES, 2)]
    return [
        ("██", [Ink.PHASE] * 2),
        (" not represented   dedicated ", []),
        ("█" * len(hues), hues),
        (" superposition", []),
    ]


def _progress(phase_map: PhaseMap, width: int) -> str:
    """How much is trained, and how many of which cells are as in theory, by which of the seeds."""
    cells = f"{phase_map.share_filled:4.0%} of {phase_map.filled.size:,} cells"
    agreeing = f"as in theory: {fixed(100 * agreement(phase_map), 5, 1)}% of the"
    away = f"{agreeing} {compared(phase_map).sum():,} away from boundaries"
    by_best = ", by their best seed" if phase_map.averaged > 1 else ""
    long, short = f"{cells} trained · {away}{by_best}", f"{cells} trained · {away}"
    return longest_within(width, long, short, f"{cells} · {away}")


def _write_cell(
    cells: Cells, row: int, phase_map: PhaseMap, cursor: tuple[int, int] | None
) -> None:
    """Write the numbers of the cell at the cursor, and what theory says about it.

    Where it is, which the axes say too, is left out if there is no room.
    """
    if cursor is None:
        return
    pieces = list(zip(cell_in_words(phase_map, cursor), CELL_INKS, strict=True))
    if sum(len(text) for text, _ in pieces) > cells.width:
        del pieces[0]
    x = 0
    for text, ink in pieces:
        cells.write(x, row, text, ink)
        x += len(text)


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The cell of the grid under the pointer, on either map."""
    phase_map = scene.snapshot.record_as(PhaseMap)
    cell = Layout.of(phase_map.grid, width, height, palette).cell_at(x, y)
    return "" if cell is None else "".join(cell_in_words(phase_map, cell))


PANEL = Panel(
    name="phase",
    title=lambda scene: "phase diagram of the last feature",
    readings=(
        "what became of the last feature, trained and in theory · ◆ cursor",
        "what became of the last feature",
        "the last feature",
    ),
    story=(
        "One more feature than dimensions. Depending on the density of features and the importance "
        "of the last one, it is ignored, has a dedicated dimension or shares one in an antipodal "
        "pair; the transitions between these phases are sharp (“Superposition as a Phase "
        "Change”). Each cell trains several models: its colour is the mean of all but the one with "
        "the highest loss, its phase in words that of the one with the lowest."
    ),
    draw=draw,
    numbers=numbers.cells,
    pick=pick,
    read=read,
    takes=PhaseMap,
    where_to_find=where_to_find,
    colours=OF_PHASE,
)
