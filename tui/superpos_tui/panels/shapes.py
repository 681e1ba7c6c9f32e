"""The shapes panel: the geometry of the features in words, and whom the selected one meets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from superpos_core.geometry import Shape, angle_between, strongest_interferers
from superpos_tui.cells import Cells
from superpos_tui.numbers import fixed, signed
from superpos_tui.options import Selection
from superpos_tui.palette import Ink, Palette
from superpos_tui.panels.bars import NEGATIVE_BAR, POSITIVE_BAR
from superpos_tui.panels.geometry import feature_inks
from superpos_tui.panels.panel import Panel, Pick
from superpos_tui.scene import MOST_GEOMETRIES, Scene

LEAST_HEIGHT_WITH_GAPS = 14
"""From so many rows on the paragraphs stand apart."""
MOST_OUTCOMES = 4
"""So many geometries of restarts are told."""
LEAST_TABLE = 6
"""So many rows the table keeps, whatever there is to tell of the selected feature."""
LEAST_NAME, MOST_NAME = 9, 22
LEAST_FEATURES = 8
"""Columns for the features' numbers, before any other column of the table gives way."""
MARGIN, GAP = 2, 2
"""Columns before the names, for the mark of the selected one, and between two columns."""
NEAR_FRACTION = 0.02
"""D is told as a fraction, too, where it is as near to that of the regular shape."""
NEIGHBOURS = 4
INTERFERERS = 5
LEAST_INTERFERENCE = 0.005
"""What is less would be written as 0.00."""
SELECTED = "▸"
HINT = "↑ ↓ or a click: whom a feature meets"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Line by line: the shapes by name, those of the restarts, the table, the selected feature."""
    cells = Cells.blank(width, height)
    for y, line in enumerate(_lines(scene, width, height)):
        x = 0
        for text, ink in line.pieces:
            cells.write(x, y, text, ink)
            x += len(text)
    return cells


def pick(scene: Scene, width: int, height: int, x: int, y: int) -> Pick | None:
    """A shape's row means its first feature, an interferer's row the pair."""
    lines = _lines(scene, width, height)
    selection = lines[y].clicked if 0 <= y < len(lines) else None
    return None if selection is None else Pick(selection)


@dataclass(frozen=True)
class _Line:
    """A row of text, piece by piece with its ink, and what a click on it selects."""

    pieces: tuple[tuple[str, int], ...] = ()
    clicked: Selection | None = None


def _line(text: str, ink: int, clicked: Selection | None = None) -> _Line:
    return _Line(((text, ink),), clicked)


def _lines(scene: Scene, width: int, height: int) -> list[_Line]:
    """All rows, at most ``height``: where there are too many, what comes later gives way."""
    gap = [_Line()] if height >= LEAST_HEIGHT_WITH_GAPS else []
    top = [_line(text, Ink.TEXT) for text in wrapped(scene.geometry.text, width)]
    if scene.config.restarts > 1:
        top += [*gap, *_outcomes(scene, width)]
    top += gap
    details = [*gap, *_details(scene, width)]
    room = height - len(top)
    table = _table(scene, width, most=min(max(room - len(details), LEAST_TABLE), room))
    return [*top, *table, *details][:height]


def wrapped(geometry: str, width: int) -> list[str]:
    """The text of a geometry in lines: a new one begins with a shape."""
    lines: list[str] = []
    for part in geometry.split(" · "):
        if lines and len(lines[-1]) + len(" · ") + len(part) <= width:
            lines[-1] += f" · {part}"
        else:
            lines.append(part)
    return lines


def numbered(features: Sequence[int], width: int) -> str:
    """The features' numbers, as many as fit: ``0 7 12``, or ``0 7 …``."""
    text = ""
    for place, feature in enumerate(features):
        longer = f"{text} {feature}".strip()
        more = " …" if place < len(features) - 1 else ""
        if len(longer + more) > width:
            return f"{text} …".strip()
        text = longer
    return text


# ── the restarts ──────────────────────────────────────────────────────────────────────────────


def _outcomes(scene: Scene, width: int) -> list[_Line]:
    """Which geometries the restarts of the setting have, the most frequent first."""
    seeds, shares = scene.config.restarts, scene.geometry_shares
    named = min(seeds, MOST_GEOMETRIES)
    which = f"over {seeds} seeds" if named == seeds else f"over the best {named} of {seeds} seeds"
    lines = [_line(which, Ink.MUTED)]
    digits = len(str(named))
    for geometry, count in shares[:MOST_OUTCOMES]:
        ink = Ink.TEXT if geometry == scene.geometry.text else Ink.MUTED
        start = f"{count:>{digits}}× "
        for text in wrapped(geometry, width - len(start)):
            lines.append(_line(start + text, ink))
            start = " " * len(start)
    others = sum(count for _, count in shares[MOST_OUTCOMES:])
    if others:
        lines.append(_line(f"{others:>{digits}}× others", Ink.MUTED))
    return lines


# ── the table ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Column:
    """A column between the names and the features."""

    header: str
    width: int
    text: Callable[[Shape, Scene], str]


def _fraction(shape: Shape, scene: Scene) -> str:
    """The dimensionality of the regular shape, such as ``2/5``, where this one is near it."""
    exact = Fraction(shape.rank, len(shape.features))
    is_near = shape.known and abs(shape.dimensionality - exact) <= NEAR_FRACTION
    return str(exact) if is_near and exact != 1 else ""


def _least_angle(shape: Shape, scene: Scene) -> str:
    """The angle between those two features of a regular shape that are nearest to each other."""
    if not shape.known or len(shape.features) == 1:
        return ""
    encoder = scene.parameters.encoder
    angles = [angle_between(encoder, *pair) for pair in combinations(shape.features, 2)]
    return f"{min(angles):.0f}°"


RANK = _Column("rank", 4, lambda shape, scene: str(shape.rank))
DIMENSIONALITY = _Column("D", 4, lambda shape, scene: fixed(shape.dimensionality, 4, 2))
FRACTION = _Column("≈", 4, _fraction)
ANGLE = _Column("angle", 5, _least_angle)
COLUMN_SETS = (
    (RANK, DIMENSIONALITY, FRACTION, ANGLE),
    (DIMENSIONALITY, FRACTION, ANGLE),
    (DIMENSIONALITY, FRACTION),
    (DIMENSIONALITY,),
)
"""What stands beside a shape's name and its features: the most that fits."""


@dataclass(frozen=True)
class _Entry:
    """What a row of the table is about: a shape, or the features that are in none."""

    name: str
    features: tuple[int, ...]
    shape: Shape | None = None


def _entries(scene: Scene) -> list[_Entry]:
    geometry = scene.geometry
    shapes = [_Entry(shape.name, shape.features, shape) for shape in geometry.shapes]
    others = [_Entry("ignored", geometry.ignored), _Entry("not finite", geometry.not_finite)]
    return [*shapes, *(entry for entry in others if entry.features)]


def _table(scene: Scene, width: int, most: int) -> list[_Line]:
    """A header and a row an entry, at most ``most``; scrolled to that of the selected feature."""
    entries = _entries(scene)
    layout = _Columns.fitting([entry.name for entry in entries], width)
    room = most - 1 if len(entries) < most else max(most - 2, 0)
    first = max(0, _selected_entry(entries, scene) - room + 1)
    rows = [layout.row(entry, scene) for entry in entries[first : first + room]]
    hidden = len(entries) - len(rows)
    note = [_line(f"  and {hidden} more", Ink.MUTED)] if hidden else []
    return [layout.header(), *rows, *note][: max(most, 0)]


def _selected_entry(entries: Sequence[_Entry], scene: Scene) -> int:
    """The place of the entry with the selected feature; 0 if nothing is selected."""
    selection = scene.options.selection
    if selection is None:
        return 0
    holding = (place for place, entry in enumerate(entries) if selection.feature in entry.features)
    return next(holding, 0)


@dataclass(frozen=True)
class _Columns:
    """The table's columns and how wide they are."""

    name_width: int
    between: tuple[_Column, ...]
    features_width: int

    @classmethod
    def fitting(cls, names: Sequence[str], width: int) -> "_Columns":
        """As many columns as leave room for the features' numbers."""
        room = width - MARGIN - GAP - LEAST_FEATURES
        widths = {between: sum(GAP + each.width for each in between) for between in COLUMN_SETS}
        longest = min(MOST_NAME, room - widths[COLUMN_SETS[-1]], max(map(len, names)))
        name_width = max(LEAST_NAME, longest)
        fits = (between for between in COLUMN_SETS if name_width + widths[between] <= room)
        between = next(fits, COLUMN_SETS[-1])
        left = width - MARGIN - name_width - widths[between] - GAP
        return cls(name_width, between, max(left, 0))

    def header(self) -> _Line:
        """The columns' names."""
        texts = [f"{column.header:>{column.width}}" for column in self.between]
        features = cut("features", self.features_width)
        line = _joined([f"{'shape':<{self.name_width}}", *texts, features])
        return _line(" " * MARGIN + line, Ink.MUTED)

    def row(self, entry: _Entry, scene: Scene) -> _Line:
        """An entry, marked if the selected feature is one of its own."""
        selection = scene.options.selection
        is_selected = selection is not None and selection.feature in entry.features
        name_ink, ink = _inks_of(entry, is_selected, scene)
        texts = [
            f"{'' if entry.shape is None else column.text(entry.shape, scene):>{column.width}}"
            for column in self.between
        ]
        pieces = (
            (f"{SELECTED if is_selected else '':<{MARGIN}}", Ink.ACCENT),
            (f"{cut(entry.name, self.name_width):<{self.name_width}}", name_ink),
            (_joined(["", *texts, numbered(entry.features, self.features_width)]), ink),
        )
        return _Line(pieces, _selecting(entry.features[0], scene))


def _joined(texts: Sequence[str]) -> str:
    return (" " * GAP).join(texts)


def cut(text: str, width: int) -> str:
    """A text that is no longer than ``width``."""
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"[:width]


def _inks_of(entry: _Entry, is_selected: bool, scene: Scene) -> tuple[int, int]:
    """Those of an entry's name and of the rest; names have the colours of the spokes' groups."""
    if is_selected:
        return Ink.ACCENT, Ink.ACCENT
    if entry.shape is None:
        return Ink.MUTED, Ink.MUTED
    spokes = {int(ink) for ink in feature_inks(scene)[list(entry.features)]}
    has_one = scene.options.colouring == "group" and len(spokes) == 1
    return spokes.pop() if has_one else Ink.TEXT, Ink.TEXT


def _selecting(feature: int, scene: Scene) -> Selection:
    """The cursor on a feature; what it is looked at together with stays."""
    selection = scene.options.selection
    return Selection(feature, feature if selection is None else selection.other)


# ── the selected feature ──────────────────────────────────────────────────────────────────────


def _details(scene: Scene, width: int) -> list[_Line]:
    """The selected feature: its norm, its D, the features nearest to it, and its interferers."""
    selection = scene.options.selection
    if selection is None:
        return [_line(HINT, Ink.MUTED)]
    feature = selection.feature
    norm = fixed(float(scene.feature_norms[feature]), 4, 2)
    share = fixed(float(scene.feature_dimensionality[feature]), 4, 2)
    return [
        _Line(
            (
                (f"{SELECTED} feature {feature}", Ink.ACCENT),
                (f"  norm {norm}  D {share}", Ink.TEXT),
            )
        ),
        *_neighbours(feature, scene, width),
        *_interferers(selection, scene),
    ]


def _neighbours(feature: int, scene: Scene, width: int) -> list[_Line]:
    """The features of the same shape that are nearest, with their angles."""
    shapes = [shape for shape in scene.geometry.shapes if feature in shape.features]
    others = [other for shape in shapes for other in shape.features if other != feature]
    encoder = scene.parameters.encoder
    angles = sorted((angle_between(encoder, feature, other), other) for other in others)
    line = [("  nearest", Ink.MUTED)]
    for angle, other in angles[:NEIGHBOURS]:
        nearest = f"  {other} at {angle:.0f}°"
        if sum(len(text) for text, _ in line) + len(nearest) <= width:
            line.append((nearest, Ink.TEXT))
    return [_Line(tuple(line))] if len(line) > 1 else []


def _interferers(selection: Selection, scene: Scene) -> list[_Line]:
    """The features that disturb this one's output most: what they add to it, and their angles."""
    feature = selection.feature
    strongest = strongest_interferers(scene.gram, feature, INTERFERERS)
    felt = [(other, value) for other, value in strongest if not abs(value) < LEAST_INTERFERENCE]
    if not felt:
        return [_line("  no other feature interferes", Ink.MUTED)]
    lines = [_line(f"  interferes {scene.product_name:>8}  angle", Ink.MUTED)]
    for other, value in felt:
        angle = angle_between(scene.parameters.encoder, feature, other)
        lines.append(
            _Line(
                (
                    (f"  {other:>10} ", Ink.ACCENT if other == selection.other else Ink.TEXT),
                    (f"{signed(value):>8}", POSITIVE_BAR if value > 0 else NEGATIVE_BAR),
                    (f"  {angle:4.0f}°", Ink.TEXT),
                ),
                Selection(feature, other),
            )
        )
    return lines


PANEL = Panel(
    name="shapes",
    title=lambda scene: "the shapes that features form",
    readings=(
        "D: how much of a dimension each feature of a shape has · angle: from neighbour to "
        "neighbour · negative interference costs nothing where a ReLU follows",
        "D: how much of a dimension each feature has · angle: between neighbours",
        "D: dimensions for each feature",
    ),
    draw=draw,
    pick=pick,
    story=(
        "Features that lie along one another share dimensions and form a shape. It has a name "
        "where its angles and its dimensionality D are those of a regular one: 1/2 in a digon, 2/5 "
        "in a pentagon. Shapes lie in subspaces of their own and do not disturb one another. "
        "Other seeds may end in other shapes; the one with the least loss is looked at first "
        '("The Geometry of Superposition").'
    ),
    seconds_between_draws=0.2,
)
