"""The weights panel: W, or W₁ and W₂ᵀ, and b: one row per feature, one column per hidden unit."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.ticks import round_step
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import signed
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.squares import write_colour_bar
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.measures.geometry import norm_of_feature
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, MoveCursor
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_WEIGHTS
from superpos_tui.views.shared.entries import number
from superpos_tui.views.shared.legends import sign_legend
from superpos_tui.views.shared.matrices_drawing import draw_part
from superpos_tui.views.shared.matrices_layout import MIN_FOR_BAR, MatricesLayout
from superpos_tui.views.shared.matrices_texts import readings_of, write_feature_numbers
from superpos_tui.views.weights import numbers
from superpos_tui.views.weights.zoom import ZOOM, layout_of, shown_part

NUMBER_WIDTH = 5
HINTS = ("↑ ↓ or click: a feature's row in numbers", "↑ ↓: a feature's row", "")


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The matrices side by side; below them the row at the cursor in numbers, and the scale."""
    cells = Cells.blank(width, height)
    layout = layout_of(scene, width, height, palette)
    if layout is None:
        return cells
    for index, (name, matrix) in enumerate(scene.model.by_feature(scene.parameters)):
        _draw_matrix(cells, layout, index, name, matrix, palette)
    write_feature_numbers(cells, layout)
    if layout.values_top is not None:
        _write_values(cells, layout.values_top, scene)
    if height >= MIN_FOR_BAR:
        write_colour_bar(cells, height - 1, palette)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the feature of a row, keeping the other one; clicking twice selects the lower row."""
    layout = layout_of(scene, width, height, palette)
    features = None if layout is None else layout.features_at(y)
    if features is None:
        return None
    return MoveCursor(scene.options.cursor_on(features.start))


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The weight at a cell: between a feature and a hidden unit; on the right, the bias."""
    layout = layout_of(scene, width, height, palette)
    features = None if layout is None else layout.features_at(y)
    if layout is None or features is None:
        return ""
    for index, (name, matrix) in enumerate(scene.model.by_feature(scene.parameters)):
        units = layout.units_at(x, index)
        if units is not None:
            return _weight_in_words(name, matrix, features, units)
    return ""


def _weight_in_words(name: str, matrix: FloatArray, features: range, units: range) -> str:
    """Such as ``W[7, 2] = −0.31 · feature 7, hidden unit 2``; of merged weights the strongest."""
    of_bias = matrix.shape[1] == 1
    part = matrix[features.start : features.stop]
    if not of_bias:
        part = part[:, units.start : units.stop]
    row, column = divmod(
        int(np.argmax(np.nan_to_num(np.abs(part), nan=np.inf))), max(part.shape[1], 1)
    )
    feature, unit = features[row], units[column]
    of_several = f", the largest of {part.size}" if part.size > 1 else ""
    weight = number(float(part[row, column]))
    if of_bias:
        return f"{name}[{feature}] = {weight} · the bias of output {feature}{of_several}"
    return (
        f"{name}[{feature}, {unit}] = {weight} · feature {feature}, hidden unit {unit}{of_several}"
    )


def _draw_matrix(
    cells: Cells,
    layout: MatricesLayout,
    index: int,
    name: str,
    matrix: FloatArray,
    palette: Palette,
) -> None:
    """Draw the shown part, the matrix's name above it, and the indices of its units."""
    left = layout.left_of(index)
    cells.paste(left, layout.top, draw_part(matrix, layout, palette))
    if layout.top >= 1:
        cells.write(left, 0, name, Ink.TEXT)
    if layout.top >= 2 and index < layout.matrices:
        _write_unit_numbers(cells, layout, left)


def _write_unit_numbers(cells: Cells, layout: MatricesLayout, left: int) -> None:
    """Write as many unit indices as fit side by side."""
    digits = len(str(layout.units.items[-1]))
    room = digits + (digits > 1 or layout.wide > 1)
    apart = round_step(room * layout.merged_units, layout.wide)
    units, right = layout.units.items, left + layout.columns * layout.wide
    for unit in range(-(-units.start // apart) * apart, units.stop, apart):
        square = (unit - units.start) // layout.merged_units
        x = left + square * layout.wide + (layout.wide - len(str(unit))) // 2
        if left <= x and x + len(str(unit)) <= right:
            cells.write(x, 1, str(unit), Ink.MUTED)


def _write_values(cells: Cells, top: int, scene: Scene) -> None:
    """Write the row at the cursor in numbers: its norm, its bias and its weights."""
    cursor = scene.options.cursor
    if cursor is None:
        cells.write(0, top, longest_within(cells.width, *HINTS), Ink.MUTED)
        return
    feature = cursor.feature
    *weights, (_, bias) = scene.model.by_feature(scene.parameters)
    name, norm = scene.model.vectors_name, f"{scene.of(norm_of_feature, feature):4.2f}"
    start, offset = len(f"{SELECTED} feature {scene.config.features} "), signed(bias[feature, 0])
    rest = longest_within(
        cells.width - start,
        f"‖{name}_i‖ {norm} · b {offset}",
        f"‖{name}‖ {norm} b {offset}",
        f"b {offset}",
        "",
    )
    cells.write(0, top, f"{SELECTED} feature {feature}", Ink.ACCENT)
    cells.write(start, top, rest, Ink.TEXT)
    name_width = max(len(name) for name, _ in weights) + 1
    for y, (name, matrix) in enumerate(weights, start=top + 1):
        text = _listed(matrix[feature], cells.width - name_width)
        cells.write(0, y, name, Ink.MUTED)
        cells.write(name_width, y, text, Ink.TEXT)


def _listed(weights: FloatArray, width: int) -> str:
    """All weights in order or, if they do not fit, the strongest with their units' indices."""
    if weights.size * (NUMBER_WIDTH + 1) - 1 <= width:
        return " ".join(signed(weight) for weight in weights)
    digits = len(str(weights.size - 1))
    room = max(0, (width - 1) // (digits + NUMBER_WIDTH + 3))
    strongest = np.argsort(-np.nan_to_num(np.abs(weights), nan=np.inf), kind="stable")[:room]
    return "".join(f"{unit:>{digits}} {signed(weights[unit])}  " for unit in strongest) + "…"


def _title(scene: Scene) -> str:
    *matrices, bias = (name for name, _ in scene.model.by_feature(scene.parameters))
    return f"{', '.join(matrices)} and {bias}{shown_part(scene).note('units')}"


def _readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    return readings_of(layout_of(scene, width, height, palette), READINGS)


READINGS = (
    "row: a feature · column: a hidden unit · right: the bias b",
    "row: feature · column: hidden unit · right: b",
    "row: feature · column: unit",
)

PANEL = Panel(
    name="weights",
    title=_title,
    readings=READINGS,
    other_readings=_readings,
    draw=draw,
    numbers=numbers.weights,
    legend=lambda scene, palette: sign_legend(palette),
    pick=pick,
    read=read,
    zoom=ZOOM,
    story=(
        "The trained parameters. A row is a feature's direction in the hidden space: if rows "
        "outnumber columns they cannot all be orthogonal, which is superposition. Without an "
        "activation on the hidden layer its basis is arbitrary: look at W·Wᵀ instead "
        "(“Demonstrating Superposition”)."
    ),
    colours=OF_WEIGHTS,
)
