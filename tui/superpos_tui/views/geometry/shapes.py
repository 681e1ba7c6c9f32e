"""The shapes panel: the geometry of the features in words, and the selected one's neighbours."""

from superpos_core.geometry import components
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import fixed, hundredths
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.text_lines import Line, Piece, draw_lines, line, longest_within
from superpos_tui.measures.geometry import (
    angle_of_features,
    dimensionality_of_feature,
    lane_geometry,
    norm_of_feature,
)
from superpos_tui.measures.product import strongest_interferers
from superpos_tui.scene import Scene, measure_of_lane
from superpos_tui.selection import Change, Cursor, MoveCursor
from superpos_tui.views.geometry import numbers
from superpos_tui.views.geometry.dimensions import scale_of_shapes, shares_of_shapes
from superpos_tui.views.geometry.members import members_of_shapes
from superpos_tui.views.geometry.over_settings import shapes_over_settings
from superpos_tui.views.geometry.shape_table import table_of
from superpos_tui.views.geometry.spoke_layout import SECONDS_BETWEEN_DRAWS
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_FEATURES, OF_SIGNS
from superpos_tui.views.shared.entries import SMALLEST_EFFECT

MIN_HEIGHT_WITH_GAPS = 14
"""Minimum rows for gaps between paragraphs."""
MAX_OUTCOMES = 4
MAX_GEOMETRIES = 64
"""Maximum restarts whose geometry is named: a thousand would take too long."""
MIN_TABLE = 6
"""Minimum rows of the table, even if the details of the selected feature need more."""
NEIGHBOURS = 4
INTERFERERS = 5
MAX_DETAILS = 9
"""Rows of the details of a feature with all its interferers, and the gap above."""
HINTS = ("↑ ↓ or click: which features interfere", "↑ ↓ or click: a feature", "↑ ↓")


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The shapes by name, those of the restarts, the table, and the selected feature."""
    return draw_lines(_lines(scene, width, height, palette), width, height)


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the first feature of a shape, a setting, or the pair of an interferer's row."""
    lines = _lines(scene, width, height, palette)
    return lines[y].clicked if 0 <= y < len(lines) else None


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The shape of a row of the table with all that is known of it, or what an interferer does."""
    lines = _lines(scene, width, height, palette)
    return lines[y].reading if 0 <= y < len(lines) else ""


def _lines(scene: Scene, width: int, height: int, palette: Palette) -> list[Line]:
    """All rows, at most ``height``; later parts are cut first.

    The dimensions, their scale, other settings and all features are shown where there is room for
    all else.
    """
    gap = [line()] if height >= MIN_HEIGHT_WITH_GAPS else []
    top = [line((text, Ink.TEXT)) for text in wrapped(scene.of(lane_geometry).text, width)]
    if scene.config.restarts > 1:
        top += [*gap, *_outcomes(scene, width)]
    details = [*gap, *_details(scene, width)]
    room = height - len(top) - len(gap)
    table = table_of(scene, width, most=min(max(room - len(details), MIN_TABLE), room))
    # The same parts with and without a selected feature: nothing jumps.
    free = room - len(table) - max(len(details), MAX_DETAILS)
    more = _more(scene, width, free, palette)
    return [*top, *gap, *table, *more, *details][:height]


def _more(scene: Scene, width: int, free: int, palette: Palette) -> list[Line]:
    """What else there is to tell, as much of it as fits in ``free`` rows, each after a gap."""
    lines: list[Line] = []
    for part in (shares_of_shapes, scale_of_shapes, shapes_over_settings):
        rows = part(scene, width)
        if not rows:
            continue
        if len(lines) + 1 + len(rows) > free:
            return lines
        lines += [line(), *rows]
    members = members_of_shapes(scene, width, free - len(lines) - 1, palette)
    return [*lines, line(), *members] if members else lines


def wrapped(geometry: str, width: int) -> list[str]:
    """The text of a geometry, wrapped between shapes."""
    lines: list[str] = []
    for part in geometry.split(" · "):
        if lines and len(lines[-1]) + len(" · ") + len(part) <= width:
            lines[-1] += f" · {part}"
        else:
            lines.append(part)
    return lines


# ── the restarts ──────────────────────────────────────────────────────────────────────────────


@measure_of_lane
def geometry_shares(scene: Scene) -> list[tuple[str, int]]:
    """How many restarts of the setting in focus have each geometry; most frequent first.

    Only the ``MAX_GEOMETRIES`` best restarts by loss are counted.
    """
    lanes = scene.ranked(scene.focus.setting)[:MAX_GEOMETRIES]
    vectors = (feature_vectors(scene.model, scene.moment.parameters.take(lane)) for lane in lanes)
    return components.geometry_shares(vectors)


def _outcomes(scene: Scene, width: int) -> list[Line]:
    """The geometries of the setting's restarts, the most frequent first."""
    seeds, shares = scene.config.restarts, scene.of(geometry_shares)
    named = min(seeds, MAX_GEOMETRIES)
    which = f"over {seeds} seeds" if named == seeds else f"over the best {named} of {seeds} seeds"
    lines = [line((which, Ink.MUTED))]
    digits = len(str(named))
    for geometry, count in shares[:MAX_OUTCOMES]:
        ink = Ink.TEXT if geometry == scene.of(lane_geometry).text else Ink.MUTED
        start = f"{count:>{digits}}× "
        for text in wrapped(geometry, width - len(start)):
            lines.append(line((start + text, ink)))
            start = " " * len(start)
    others = sum(count for _, count in shares[MAX_OUTCOMES:])
    if others:
        lines.append(line((f"{others:>{digits}}× others", Ink.MUTED)))
    return lines


# ── the selected feature ──────────────────────────────────────────────────────────────────────


def _details(scene: Scene, width: int) -> list[Line]:
    """The selected feature: its norm, its D, its nearest features, and its interferers."""
    cursor = scene.options.cursor
    if cursor is None:
        hint = longest_within(width, *HINTS, "")
        return [line((hint, Ink.MUTED))]
    feature = cursor.feature
    norm = fixed(scene.of(norm_of_feature, feature), 4, 2)
    share = fixed(scene.of(dimensionality_of_feature, feature), 4, 2)
    return [
        line(
            (f"{SELECTED} feature {feature}", Ink.ACCENT),
            (f"  norm {norm}  D {share}", Ink.TEXT),
        ),
        *_neighbours(feature, scene, width),
        *_interferers(cursor, scene),
    ]


def _neighbours(feature: int, scene: Scene, width: int) -> list[Line]:
    """The nearest features of the same shape, with their angles."""
    shapes = [shape for shape in scene.of(lane_geometry).shapes if feature in shape.features]
    others = [other for shape in shapes for other in shape.features if other != feature]
    angles = sorted((scene.of(angle_of_features, feature, other), other) for other in others)
    pieces: list[Piece] = [("  nearest", Ink.MUTED)]
    for angle, other in angles[:NEIGHBOURS]:
        nearest = f"  {other} at {angle:.0f}°"
        if sum(len(text) for text, _ in pieces) + len(nearest) <= width:
            pieces.append((nearest, Ink.TEXT))
    return [line(*pieces)] if len(pieces) > 1 else []


def _interferers(cursor: Cursor, scene: Scene) -> list[Line]:
    """The features that interfere most with this one, what they add to it, and their angles."""
    feature = cursor.feature
    strongest = scene.of(strongest_interferers, feature, INTERFERERS)
    felt = [(other, value) for other, value in strongest if not abs(value) < SMALLEST_EFFECT]
    if not felt:
        return [line(("  no other feature interferes", Ink.MUTED))]
    lines = [line((f"  interferes {scene.model.product:>8}  angle", Ink.MUTED))]
    for other, value in felt:
        angle = scene.of(angle_of_features, feature, other)
        sign = POSITIVE_BAR if value > 0 else NEGATIVE_BAR
        lines.append(
            line(
                (f"  {other:>10} ", Ink.ACCENT if other == cursor.other else Ink.TEXT),
                (f"{hundredths(value, plus=True):>8}", sign),
                (f"  {angle:4.0f}°", Ink.TEXT),
                clicked=MoveCursor(Cursor(feature, other)),
                reading=f"feature {other} adds {hundredths(value, plus=True)} to output {feature} "
                f"· {angle:.0f}° between them",
            )
        )
    return lines


PANEL = Panel(
    name="shapes",
    title=lambda scene: "the shapes that features form",
    readings=(
        "D: how much of a dimension each feature of a shape has · angle: between neighbours · "
        "negative interference is free where it is cut off",
        "D: how much of a dimension each feature has · angle: between neighbours",
        "D: dimensions per feature",
    ),
    draw=draw,
    numbers=numbers.shapes,
    pick=pick,
    read=read,
    story=(
        "Features that are not orthogonal share dimensions and form a shape. It is named if its "
        "angles and its dimensionality D match a regular shape: 1/2 in an antipodal pair (digon), "
        "2/5 in a pentagon. Shapes occupy orthogonal subspaces and do not interfere with each "
        "other. Other seeds may reach other shapes; the one with the lowest loss is shown first "
        "(“The Geometry of Superposition”)."
    ),
    seconds_between_draws=SECONDS_BETWEEN_DRAWS,
    colours=(*OF_FEATURES, *OF_SIGNS),
)
