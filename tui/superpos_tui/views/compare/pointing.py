"""What a click, a drag, the wheel and the pointer mean in the compare panel."""

from superpos_tui.drawing.palette import FULL_COLOURS, Palette
from superpos_tui.measures.product import gram_entry
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Cursor, MoveCursor
from superpos_tui.views.compare.layout import CompareLayout
from superpos_tui.views.compare.measures import reference_scene, reference_word
from superpos_tui.views.compare.rows import ROWS
from superpos_tui.views.panel import Cell, Zoom
from superpos_tui.views.shared.entries import number, read_entries
from superpos_tui.views.shared.zoomed import pan, show_whole, zoom_around, zoom_onto


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select an entry of a square; clicking twice selects the lower of two rows in a cell.

    The square of a larger run has entries that this one lacks: clicks on them do nothing.
    """
    layout = CompareLayout.of(scene, width, height)
    upper, lower = (_cursor_at(layout, x, y, half) for half in (False, True))
    features = scene.config.features
    if upper is None or max(upper.feature, upper.other) >= features:
        return None
    take_lower = upper == scene.options.cursor and lower and lower.feature < features
    return MoveCursor(lower if take_lower and lower else upper)


def _cursor_at(layout: CompareLayout, x: int, y: int, lower: bool) -> Cursor | None:
    found = _entries_at(layout, x, y, lower)
    return None if found is None else Cursor(found[1].start, found[2].start)


def _entries_at(
    layout: CompareLayout, x: int, y: int, lower: bool = False
) -> tuple[int, range, range] | None:
    """The column of the square at a cell, and its entries there."""
    inside = layout.inside(x, y)
    if inside is None or layout.square is None:
        return None
    column, across, down = inside
    found = layout.square.entries_at(across, down, lower)
    return None if found is None or found[1] is None else (column, found[0], found[1])


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """An entry of both, and how it differs; below, what a number means."""
    layout = CompareLayout.of(scene, width, height)
    found = _entries_at(layout, x, y)
    if found is None:
        return next((row.meaning for top, row in enumerate(ROWS, layout.table_top) if y == top), "")
    column, rows, columns = found
    reference = scene.of(reference_scene)
    sides = [each for each in (reference, scene) if max(*rows, *columns) < each.config.features]
    if len(rows) * len(columns) > 1 and column < 2:
        side = (reference, scene)[column]
        return read_entries(side, rows, columns) if side in sides else ""
    if len(sides) < 2:
        return read_entries(sides[0], rows, columns) if sides else ""
    if len(rows) * len(columns) > 1:
        return f"the largest change of {len(rows) * len(columns)} entries"
    before, now = (side.of(gram_entry, rows[0], columns[0]) for side in (reference, scene))
    return (
        f"{rows[0]} → {columns[0]}: {reference_word(scene)} {number(before)} · now {number(now)} · "
        f"change {number(now - before)}"
    )


def _zoom_at(
    scene: Scene, width: int, height: int, at: Cell | None, steps: int, palette: Palette
) -> Change | None:
    layout = CompareLayout.of(scene, width, height)
    inside = at and layout.inside(*at)
    return zoom_around(scene, layout.square, inside[1:] if inside else None, steps)


def _zoom_onto(
    scene: Scene, width: int, height: int, start: Cell, end: Cell, palette: Palette
) -> Change | None:
    """Only within one of the squares."""
    layout = CompareLayout.of(scene, width, height)
    first, last = layout.inside(*start), layout.inside(*end)
    if first is None or last is None or first[0] != last[0]:
        return None
    return zoom_onto(scene, layout.square, first[1:], last[1:])


ZOOM = Zoom(_zoom_at, show_whole, pan, _zoom_onto)
