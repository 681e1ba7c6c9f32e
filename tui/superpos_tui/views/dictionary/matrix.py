"""The matrix of cosines: one row per true feature, one column per latent, in matched order."""

import numpy as np

from superpos_core.analysis.dictionaries.matching import LARGEST_COSINE
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import FULL_COLOURS, Palette
from superpos_tui.drawing.squares import write_colour_bar
from superpos_tui.measures.dictionaries import latent_order, ordered_cosines
from superpos_tui.scene import SPARSITY, Scene
from superpos_tui.selection import Change
from superpos_tui.views.dictionary import numbers
from superpos_tui.views.dictionary.none_yet import where_to_find
from superpos_tui.views.dictionary.state import (
    SECONDS_BETWEEN_DRAWS,
    DictionaryState,
    SelectLatent,
)
from superpos_tui.views.dictionary.totals import write_totals
from superpos_tui.views.dictionary.words import read_entry, read_selected
from superpos_tui.views.dictionary.zoom import ZOOM, column_of, layout_of, shown_part
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.matrices_drawing import draw_part
from superpos_tui.views.shared.matrices_layout import MIN_FOR_BAR, MatricesLayout
from superpos_tui.views.shared.matrices_texts import (
    readings_of,
    write_column_numbers,
    write_feature_numbers,
)
from superpos_tui.views.shared.viewpoint import turned_by_keys

READINGS = (
    "row: a true feature · column: a latent, matched to its feature · a perfect one: a diagonal",
    "row: a feature · column: a latent · perfect: a diagonal of +1",
    "row: feature · column: latent",
)


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The matrix; below it the totals in two rows, and the scale."""
    cells = Cells.blank(width, height)
    layout = layout_of(scene, width, height, palette)
    if layout is None:
        return cells
    cells.paste(layout.left, layout.top, draw_part(scene.of(ordered_cosines), layout, palette))
    _write_latents(cells, layout, scene)
    write_feature_numbers(cells, layout)
    if layout.values_top is not None:
        write_totals(cells, layout.values_top, scene)
    if height >= MIN_FOR_BAR:
        write_colour_bar(cells, height - 1, palette, LARGEST_COSINE)
    return cells


def _write_latents(cells: Cells, layout: MatricesLayout, scene: Scene) -> None:
    """Write the numbers of as many latents as fit over their columns, and mark the selected one."""
    selected = scene.options.of(DictionaryState).latent
    marked = None if selected is None else column_of(scene, selected)
    write_column_numbers(cells, layout, scene.of(latent_order).tolist(), marked)


def _entry_at(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette
) -> tuple[int, int] | None:
    """The feature and the latent of the strongest entry at a cell."""
    layout = layout_of(scene, width, height, palette)
    features = None if layout is None else layout.features_at(y)
    columns = None if layout is None else layout.units_at(x, 0)
    if features is None or columns is None:
        return None
    part = scene.of(ordered_cosines)[features.start : features.stop, columns.start : columns.stop]
    sizes = np.nan_to_num(np.abs(part), nan=np.inf)
    row, column = divmod(int(sizes.argmax()), part.shape[1])
    return features[row], int(scene.of(latent_order)[columns[column]])


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the feature and the latent of an entry."""
    found = _entry_at(scene, width, height, x, y, palette)
    return None if found is None else SelectLatent(found[1], found[0])


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The cosine there, and what the latent mixes."""
    found = _entry_at(scene, width, height, x, y, palette)
    return "" if found is None else read_entry(scene, *found)


def _title(scene: Scene) -> str:
    preparing = scene.snapshot.record.preparing
    if preparing:
        return f"{preparing} · decoder·features"
    return f"decoder·features, cosines{shown_part(scene).note('columns')}"


def _readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    return readings_of(layout_of(scene, width, height, palette), READINGS)


PANEL = Panel(
    name="cosines",
    title=_title,
    readings=READINGS,
    other_readings=_readings,
    draw=draw,
    numbers=numbers.cosines_of_pairs,
    pick=pick,
    read=read,
    zoom=ZOOM,
    selected=read_selected,
    turn=turned_by_keys,
    takes=DictionaryRecord,
    where_to_find=where_to_find,
    needs=frozenset({SPARSITY}),
    seconds_between_draws=SECONDS_BETWEEN_DRAWS,
    story=(
        "Entry (i, j) is the cosine of true feature i with row j of the decoder. Columns are "
        "sorted so that each latent stands over the feature that it matches best, one to one: a "
        "dictionary that finds every feature is a diagonal of +1. In superposition true features "
        "overlap, so other entries need not be 0. Two strong entries in a column are a latent that "
        "mixes features: absorption, if a child's latent contains its parent (Chanin et al. "
        "2024), or hedging, if there are too few latents (Chanin et al. 2025). Below: MCC is the "
        "mean |cosine| of matched pairs, and a feature is recovered from 0.98 on; L0 is the mean "
        "number of active latents per row, beside that of active features; the error is "
        "E‖h − ĥ‖², beside that of the true directions with as many active."
    ),
    colours=(
        "square (i, j): cos(feature i, latent j). Blue is positive, red negative, stronger for "
        "larger values, on the scale of all matrices up to ±1.3.",
    ),
)
