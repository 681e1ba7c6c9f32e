"""The compare panel: the pinned lane, the current lane, and their difference, as squares."""

from collections.abc import Sequence

from superpos_core.analysis.adversarial import REFERENCE_MODEL
from superpos_core.geometry.blocks import GramChange
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import fixed, signed
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.squares import draw_square, write_colour_bar
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.drawing.window import Window
from superpos_tui.measures.product import gram_blocks, gram_entry
from superpos_tui.scene import Scene
from superpos_tui.views.compare import numbers
from superpos_tui.views.compare.layout import COLUMNS, HEADER_ROWS, CompareLayout
from superpos_tui.views.compare.measures import (
    awaited_reference,
    gram_change,
    pin_of,
    reference_scene,
    reference_word,
)
from superpos_tui.views.compare.pointing import ZOOM, pick, read
from superpos_tui.views.compare.rows import ROWS
from superpos_tui.views.compare.texts import (
    is_same,
    write_invitation,
    write_row,
    write_sides,
)
from superpos_tui.views.panel import Offer, Panel
from superpos_tui.views.shared.colour_meanings import OF_DIFFERENCE, OF_PRODUCT
from superpos_tui.views.shared.zoomed import merged_note, window_note

UNSEEN_BLOCKS = 32
"""Blocks per side in which squares are compared if there is no room to draw them."""
NOTHING_PINNED = "nothing pinned yet: o takes the linear model, p pins this lane, then move on"
READINGS = (
    "left: the reference · middle: the current lane · right: middle − left · p pins it",
    "reference, now, and now − reference · p pins",
    "reference, now, change",
)
NOT_MOVED = "this is the pinned lane: move to another setting, model or step"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Three columns, each a square with its numbers below it; only numbers if space is tight."""
    cells = Cells.blank(width, height)
    layout = CompareLayout.of(scene, width, height)
    reference = scene.of(reference_scene)
    _write_headers(cells, layout, scene, reference)
    if layout.square is not None:
        block, window = layout.square.block, layout.square.window
        entries = [each.of(gram_blocks, block, window) for each in (reference, scene)]
        change = _change_from(reference, scene, block, window)
        if change is not None:
            entries.append(change.strongest)
        cursor = scene.options.cursor
        at = None if cursor is None else (cursor.feature, cursor.other)
        for column, each in enumerate(entries):
            picture = draw_square(layout.square, each, None, palette, at)
            cells.paste(layout.left_of(column), HEADER_ROWS, picture)
        _mark_selected(cells, layout, scene)
    if is_same(scene):
        _write_invitation(cells, layout, scene)
    _write_table(cells, layout, scene, reference)
    if height - layout.table_top >= len(ROWS) + 2:
        write_colour_bar(cells, height - 1, palette)
    return cells


def _readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    square = CompareLayout.of(scene, width, height).square
    merged = merged_note(square.block if square else 1)
    return tuple(" · ".join(filter(None, (merged, each))) for each in (*READINGS, ""))


def _change_from(reference: Scene, scene: Scene, block: int, window: Window) -> GramChange | None:
    """The difference, unless the two have different numbers of features."""
    run = pin_of(scene).run
    return scene.of(gram_change, reference.focus, run, block, window)


def _whole_change_from(reference: Scene, scene: Scene, layout: CompareLayout) -> GramChange | None:
    """The difference of all entries, in the blocks that are drawn if they are drawn."""
    features, square = scene.config.features, layout.square
    whole = Window.whole(features)
    block = -(-features // UNSEEN_BLOCKS)
    if square is not None and square.window == whole:
        block = square.block
    return _change_from(reference, scene, block, whole)


def _write_headers(cells: Cells, layout: CompareLayout, scene: Scene, reference: Scene) -> None:
    """Both sides, then what the third column is and how large the difference is."""
    write_sides(cells, layout, scene)
    word = reference_word(scene)
    left = layout.left_of(2)
    room = cells.width - left
    cells.write(left, 0, longest_within(room, f"now − {word}", "change"), Ink.TEXT)
    change = _whole_change_from(reference, scene, layout)
    if change is None:
        sizes = f"n = {reference.config.features} and {scene.config.features}"
        text = longest_within(room, f"none: {sizes}", sizes)
    else:
        distance = fixed(change.distance, 6, 2).strip()
        text = longest_within(room, f"‖difference‖ {distance}", distance)
    cells.write(left, 1, text[: max(room, 0)], Ink.MUTED)


def _mark_selected(cells: Cells, layout: CompareLayout, scene: Scene) -> None:
    """Mark the row at the cursor, left of each square that has no numbers."""
    cursor, square = scene.options.cursor, layout.square
    if cursor is None or square is None or square.gutter:
        return
    if cursor.feature not in square.window.rows:
        return
    y = HEADER_ROWS + square.row_of(cursor.feature)
    for column in range(COLUMNS):
        label = f"{cursor.feature} {SELECTED}" if column == 0 else SELECTED
        cells.write_right(layout.left_of(column), y, label, Ink.ACCENT)


def _write_invitation(cells: Cells, layout: CompareLayout, scene: Scene) -> None:
    """If there is no difference to show, say how to get one."""
    text = NOTHING_PINNED if pin_of(scene).reference is None else NOT_MOVED
    left = layout.left_of(2)
    if layout.square is None:
        rows = cells.height - layout.table_top - len(ROWS)
        if rows > 0:
            cells.write(0, cells.height - 1, text, Ink.ACCENT)
        return
    size = layout.square.width, layout.square.height
    write_invitation(cells, (left, HEADER_ROWS), size, text)


def _write_table(cells: Cells, layout: CompareLayout, scene: Scene, reference: Scene) -> None:
    """Each measure of both, and how it changed; then the entry at the cursor, if there is room."""
    rows: list[tuple[str, Sequence[str]]] = [
        (row.name, row.texts(reference, scene)) for row in ROWS
    ]
    cursor = scene.options.cursor
    if cursor is not None and cursor.within(reference.config) is not None:
        entry = cursor.feature, cursor.other
        before, now = reference.of(gram_entry, *entry), scene.of(gram_entry, *entry)
        values = (before, now, now - before)
        rows.append((f"{entry[0]} → {entry[1]}", [signed(value) for value in values]))
    for y, (name, texts) in enumerate(rows, start=layout.table_top):
        write_row(cells, layout, y, name, texts)


def _title(scene: Scene) -> str:
    squares = [each.model.product for each in (scene.of(reference_scene), scene)]
    return " and ".join(dict.fromkeys(squares)) + " compared" + window_note(scene)


def _offers(scene: Scene) -> tuple[Offer, ...]:
    """The linear model, unless it is one of the two."""
    models = {scene.of(reference_scene).focus.model, scene.focus.model}
    if REFERENCE_MODEL in models:
        return ()
    return (Offer("compare_with_linear", "with the linear model"),)


PANEL = Panel(
    name="compare",
    title=_title,
    readings=READINGS,
    other_readings=_readings,
    draw=draw,
    awaits=awaited_reference,
    numbers=numbers.difference,
    pick=pick,
    read=read,
    zoom=ZOOM,
    seconds_between_draws=0.25,
    story=(
        "How another sparsity, model, seed or step changes the model. Losses at different "
        "sparsities are different tasks: compare L/L_linear. If two squares are equal, so are the "
        "models, up to the bias and a rotation of the hidden space, which W·Wᵀ does not show "
        "(“Demonstrating Superposition”)."
    ),
    colours=(*OF_PRODUCT[:1], *OF_DIFFERENCE),
    offers=_offers,
)
