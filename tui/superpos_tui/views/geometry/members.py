"""The features one by one, in the order of their shapes: norm, D and strongest interferer."""

from superpos_tui.drawing.bars import FULL_NORM, lying_bar
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import fixed, hundredths
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.text_lines import Line, line
from superpos_tui.drawing.window import start_around
from superpos_tui.measures.geometry import (
    dimensionality_of_feature,
    lane_geometry,
    norm_of_feature,
    superposition,
)
from superpos_tui.measures.product import strongest_interferers
from superpos_tui.scene import Scene
from superpos_tui.selection import MoveCursor
from superpos_tui.views.shared.colouring import Colouring
from superpos_tui.views.shared.entries import SMALLEST_EFFECT, read_feature
from superpos_tui.views.shared.feature_colours import feature_inks
from superpos_tui.views.shared.norm_glyphs import lying_norm

LEAST = 5
"""Fewer features are not worth a header."""
INDEX, MOST_BAR = len("feature"), 16
NUMBERS = len("  1.00  0.50  interferer")
"""What stands beside a bar, at most."""


def members_of_shapes(scene: Scene, width: int, most: int, palette: Palette) -> list[Line]:
    """A header and a row per feature, at most ``most`` rows, scrolled to the selected one.

    Nothing if there is no room for ``LEAST`` of them, or for their numbers.
    """
    geometry, cursor = scene.of(lane_geometry), scene.options.cursor
    in_shapes = [feature for shape in geometry.shapes for feature in shape.features]
    features = [*in_shapes, *geometry.ignored, *geometry.not_finite]
    bar = min(width - INDEX - 2 - NUMBERS, MOST_BAR)
    if bar < 1 or most < min(LEAST, len(features)) + 1:
        return []
    room = most - 1 if len(features) < most else most - 2
    selected = features.index(cursor.feature) if cursor is not None else 0
    first = start_around(selected, room, len(features))
    norm = f"‖{scene.model.vectors_name}_i‖"
    header = f"feature  {norm:<{bar + 6}}  {'D':<4}  interferer"
    rows = [_row(scene, feature, bar, palette) for feature in features[first : first + room]]
    hidden = len(features) - len(rows)
    note = [line((f"  and {hidden} more ↑↓", Ink.MUTED))] if hidden else []
    return [line((header, Ink.MUTED)), *rows, *note]


def _row(scene: Scene, feature: int, bar_width: int, palette: Palette) -> Line:
    """A feature's norm as a bar in its colour, its D, and its strongest interferer."""
    cursor = scene.options.cursor
    is_selected = cursor is not None and cursor.feature == feature
    norm = scene.of(norm_of_feature, feature)
    if scene.options.of(Colouring).by == "superposition":
        bar = lying_norm(norm, float(scene.of(superposition)[feature]), bar_width, palette)
    else:
        bar = lying_bar(norm / FULL_NORM, bar_width)
    share = fixed(scene.of(dimensionality_of_feature, feature), 4, 2)
    strongest = scene.of(strongest_interferers, feature, 1)
    felt = [(other, value) for other, value in strongest if not abs(value) < SMALLEST_EFFECT]
    interferer = f"{felt[0][0]:>4} {hundredths(felt[0][1], plus=True)}" if felt else "   ·"
    index = f"{SELECTED if is_selected else ' '} {feature:>{INDEX - 2}}"
    return line(
        (index, Ink.ACCENT if is_selected else Ink.MUTED),
        (f"  {bar:<{bar_width}}", int(feature_inks(scene)[feature])),
        (f"  {fixed(norm, 4, 2)}  {share}  {interferer}", Ink.TEXT),
        clicked=MoveCursor(scene.options.cursor_on(feature)),
        reading=read_feature(scene, feature),
    )
