"""The matrices of two dictionaries, the latents of both, and their numbers."""

from collections.abc import Sequence

from superpos_core.analysis.dictionaries.matching import LARGEST_COSINE
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import fixed, hundredths, signed
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.squares import write_colour_bar
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.measures.dictionaries import latent_order, ordered_cosines
from superpos_tui.scene import SPARSITY, Scene
from superpos_tui.views.compare.dictionaries import numbers
from superpos_tui.views.compare.dictionaries.layout import (
    BOTH,
    HEADER_ROWS,
    NOW,
    REFERENCE,
    PairLayout,
    part_of_side,
)
from superpos_tui.views.compare.dictionaries.measures import (
    consistency,
    ordered_consistency,
    why_no_consistency,
)
from superpos_tui.views.compare.dictionaries.pointing import ZOOM, matched_cosine, pick, read
from superpos_tui.views.compare.dictionaries.rows import ROWS
from superpos_tui.views.compare.measures import pin_of, reference_scene, reference_word
from superpos_tui.views.compare.texts import (
    change_text,
    is_same,
    write_invitation,
    write_row,
    write_sides,
)
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.matrices_drawing import draw_part
from superpos_tui.views.shared.matrices_texts import (
    readings_of,
    write_column_numbers,
    write_feature_numbers,
)

NOTHING_ELSE = "nothing else to compare with yet: p pins this dictionary, then move on"
OF_TWO = (
    "row: a true feature · column: a latent, matched to its feature · p pins this one",
    "row: feature · column: latent · p pins this one",
    "row: feature · column: latent",
)
NOT_MOVED = "this is the pinned dictionary: move to another setting, kind, restart or step"
READINGS = (
    "left, middle: features × latents, in matched order · right: latents of one × of the other",
    "features × latents of both · right: latents × latents",
    "right: latents × latents",
)


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The matrices, each above its numbers; only numbers if there is little room."""
    cells = Cells.blank(width, height)
    layout = PairLayout.of(scene, width, height, palette)
    write_sides(cells, layout, scene)
    _write_head_of_both(cells, layout, scene)
    for column in (REFERENCE, NOW, BOTH):
        _draw_matrix(cells, layout, column, scene, palette)
    if is_same(scene):
        _write_reason(cells, layout, scene)
    _write_table(cells, layout, scene)
    if layout.bar_top is not None:
        write_colour_bar(cells, layout.bar_top, palette, LARGEST_COSINE)
    return cells


def _write_head_of_both(cells: Cells, layout: PairLayout, scene: Scene) -> None:
    """Write what the third column is, and how many latents both have."""
    found, left = scene.of(consistency), layout.left_of(BOTH)
    room = max(cells.width - left, 0)
    word = reference_word(scene)
    if found is None:
        first = longest_within(room, f"now − {word}", "change")
        second = longest_within(room, scene.of(why_no_consistency), "")
    else:
        latents = min(found.cosines.shape)
        first = longest_within(room, f"latents: {word} × now", "latents of both", "both")
        mcc = fixed(found.matching.mcc, 5, 3)
        second = longest_within(
            room,
            f"{found.shared} of {latents} the same · PW-MCC {mcc}",
            f"{found.shared} of {latents} same · {mcc}",
            f"PW-MCC {mcc}",
            mcc,
        )
    cells.write(left, 0, first[:room], Ink.TEXT)
    cells.write(left, 1, second[:room], Ink.MUTED)


def _draw_matrix(
    cells: Cells, layout: PairLayout, column: int, scene: Scene, palette: Palette
) -> None:
    """Draw one matrix with the numbers of its rows and columns, if there is room for it."""
    matrix = layout.matrices[column]
    if matrix is None:
        return
    reference = scene.of(reference_scene)
    side = reference if column == REFERENCE else scene
    values = scene.of(ordered_consistency) if column == BOTH else side.of(ordered_cosines)
    if values is None:
        return
    picture = Cells.blank(layout.column_width - 1, layout.rows)
    picture.paste(matrix.left, matrix.top, draw_part(values, matrix, palette))
    write_column_numbers(picture, matrix, side.of(latent_order).tolist())
    if column != BOTH:  # its rows are in matched order as well, and named when pointed at
        write_feature_numbers(picture, matrix)
    beside = matrix.left - matrix.number_width
    cells.paste(layout.left_of(column), HEADER_ROWS, picture.columns(beside, picture.width))


def _write_reason(cells: Cells, layout: PairLayout, scene: Scene) -> None:
    """If both are the same, say how to get another one."""
    text = NOTHING_ELSE if pin_of(scene).reference is None else NOT_MOVED
    high = layout.table_top - HEADER_ROWS
    if layout.matrices[BOTH] is not None:
        corner = layout.left_of(BOTH), HEADER_ROWS
        write_invitation(cells, corner, (layout.column_width - 1, high), text)
    elif layout.table_top + len(ROWS) < cells.height:
        cells.write(0, cells.height - 1, text, Ink.ACCENT)


def _write_table(cells: Cells, layout: PairLayout, scene: Scene) -> None:
    """Each number of both, and how it changed; then the feature at the cursor, if there is room."""
    reference, cursor = scene.of(reference_scene), scene.options.cursor
    rows: list[tuple[str, Sequence[str]]] = [
        (row.name, row.texts(reference, scene)) for row in ROWS
    ]
    if cursor is not None and cursor.feature < reference.config.features:
        before, now = (matched_cosine(side, cursor.feature) for side in (reference, scene))
        change = change_text(before, now, signed)
        values = [hundredths(value).strip() for value in (before, now)]
        rows.append((f"feature {cursor.feature}", (*values, change)))
    for y, (name, texts) in enumerate(rows, start=layout.table_top):
        if y != layout.bar_top:
            write_row(cells, layout, y, name, texts)


def _title(scene: Scene) -> str:
    return f"dictionaries compared{part_of_side(scene).note('columns')}"


def _readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    matrices = PairLayout.of(scene, width, height, palette).matrices
    return readings_of(matrices[NOW], READINGS if matrices[BOTH] else OF_TWO)


PANEL = Panel(
    name="compare-dictionaries",
    title=_title,
    readings=READINGS,
    other_readings=_readings,
    draw=draw,
    numbers=numbers.both_totals,
    pick=pick,
    read=read,
    zoom=ZOOM,
    takes=DictionaryRecord,
    needs=frozenset({SPARSITY}),
    seconds_between_draws=0.25,
    story=(
        "How another sparsity, kind, seed or step changes the dictionary. Each matrix has the "
        "cosines of true features and latents, with every latent over the feature that it matches: "
        "a perfect dictionary is a diagonal of +1. The third one needs no true features: it has "
        "the cosines of the latents of one with those of the other, in the same orders. Where both "
        "found the same it is a diagonal too; PW-MCC is the mean |cosine| of its best one-to-one "
        "pairs, a measure of whether another seed finds the same latents (Song et al. 2025)."
    ),
    colours=(
        "square (i, j): cos(feature i, latent j), and on the right cos(latent i of the one, latent "
        "j of the other). Blue is positive, red negative, on one scale.",
    ),
)
