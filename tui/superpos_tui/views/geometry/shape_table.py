"""The table of shapes: one row per shape, with as many columns as fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from superpos_core.geometry.components import Shape, angle_between
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import Line, cut, line, numbered, numbered_rows
from superpos_tui.measures.geometry import feature_vectors, lane_geometry
from superpos_tui.scene import Scene
from superpos_tui.selection import MoveCursor
from superpos_tui.views.geometry.graph_layout import selected_among
from superpos_tui.views.shared.colouring import Colouring
from superpos_tui.views.shared.feature_colours import feature_inks

MIN_NAME, MAX_NAME = 9, 22
MIN_FEATURES = 9
"""Minimum columns for the features' indices; other columns of the table are dropped first."""
MARGIN, GAP = 2, 2
"""Columns before the names, for the cursor mark, and between two columns."""
DIGON = "digon (antipodal pair)"
MAX_ROWS = 4
"""Maximum rows of an entry: a hundred ignored features are not worth more."""
MAX_READ = 40
"""Maximum columns for the features in what is read of an entry."""
NEAR_FRACTION = 0.02
"""D is also shown as a fraction if it is this close to that of the regular shape."""


def table_of(scene: Scene, width: int, most: int) -> list[Line]:
    """A header and the entries, at most ``most`` rows, scrolled to the selected feature.

    An entry has one row, or as many as its features need while there is room.
    """
    entries = _entries(scene)
    layout = _Layout.fitting([entry.name for entry in entries], width)
    spelled_out = _Layout.fitting([entry.full_name for entry in entries], width)
    if (spelled_out.between, spelled_out.least) == (layout.between, layout.least):
        layout = spelled_out
    room = most - 1 if len(entries) * layout.least < most else max(most - 2, 0)
    count = max(room // layout.least, min(room, 1))
    first = max(0, selected_among([entry.features for entry in entries], scene) - count + 1)
    shown = entries[first : first + count]
    spare = room - len(shown) * layout.least
    rows: list[Line] = []
    for entry in shown:
        own = layout.rows(entry, scene, min(layout.least + spare, MAX_ROWS))
        spare -= len(own) - layout.least
        rows += own
    hidden = len(entries) - len(shown)
    note = [line((f"  and {hidden} more", Ink.MUTED))] if hidden else []
    return [layout.header(), *rows, *note][: max(most, 0)]


@dataclass(frozen=True)
class _Column:
    """A column between the names and the features."""

    header: str
    width: int
    text: Callable[[Shape, Scene], str]


def _fraction(shape: Shape, scene: Scene) -> str:
    """The dimensionality of the regular shape, such as ``2/5``, if this one is close to it."""
    exact = Fraction(shape.rank, len(shape.features))
    is_near = shape.known and abs(shape.dimensionality - exact) <= NEAR_FRACTION
    return str(exact) if is_near and exact != 1 else ""


def _least_angle(shape: Shape, scene: Scene) -> str:
    """The angle between the two nearest features of a regular shape."""
    if not shape.known or len(shape.features) == 1:
        return ""
    vectors = scene.of(feature_vectors)
    angles = [angle_between(vectors, *pair) for pair in combinations(shape.features, 2)]
    return f"{min(angles):.0f}°"


RANK = _Column("dims", 4, lambda shape, scene: str(shape.rank))
DIMENSIONALITY = _Column("D", 4, lambda shape, scene: fixed(shape.dimensionality, 4, 2))
FRACTION = _Column("≈", 4, _fraction)
ANGLE = _Column("angle", 5, _least_angle)
COLUMN_SETS = (
    (RANK, DIMENSIONALITY, FRACTION, ANGLE),
    (DIMENSIONALITY, FRACTION, ANGLE),
    (DIMENSIONALITY, FRACTION),
    (DIMENSIONALITY,),
)
"""The columns between a shape's name and its features: the first set that fits is shown."""


@dataclass(frozen=True)
class _Entry:
    """The subject of a row: a shape, or the features that are in none."""

    name: str
    features: tuple[int, ...]
    shape: Shape | None = None

    @property
    def full_name(self) -> str:
        """Its name, with the paper's word for a polygon of two corners."""
        return DIGON if self.name == "digon" else self.name

    @property
    def reading(self) -> str:
        """What it is, its features, and how they share its dimensions."""
        features = f"feature{'s' if len(self.features) > 1 else ''} "
        named = f"{self.full_name}: {features}{numbered(self.features, MAX_READ)}"
        if self.shape is None:
            return named
        count, rank = len(self.features), self.shape.rank
        share = fixed(self.shape.dimensionality, 4, 2).strip()
        dimensions = f"{rank} dimension{'s' if rank > 1 else ''}"
        return f"{named} · {count} in {dimensions} · D {share}{' each' if count > 1 else ''}"


def _entries(scene: Scene) -> list[_Entry]:
    geometry = scene.of(lane_geometry)
    shapes = [_Entry(shape.name, shape.features, shape) for shape in geometry.shapes]
    others = [_Entry("ignored", geometry.ignored), _Entry("not finite", geometry.not_finite)]
    return [*shapes, *(entry for entry in others if entry.features)]


@dataclass(frozen=True)
class _Layout:
    """The table's columns and their widths; the features are beside the names, or below them."""

    name_width: int
    between: tuple[_Column, ...]
    features_width: int
    is_stacked: bool

    @classmethod
    def fitting(cls, names: Sequence[str], width: int) -> "_Layout":
        """As many columns as leave room for the features' indices, or else for whole names."""
        room = width - MARGIN - GAP - MIN_FEATURES
        widths = {between: sum(GAP + each.width for each in between) for between in COLUMN_SETS}
        longest = min(MAX_NAME, max(map(len, names)))
        is_stacked = longest > max(room - widths[COLUMN_SETS[-1]], MIN_NAME)
        if is_stacked:
            room = width - MARGIN
            longest = min(longest, room - widths[COLUMN_SETS[-1]])
        name_width = max(MIN_NAME, longest)
        fits = (between for between in COLUMN_SETS if name_width + widths[between] <= room)
        between = next(fits, COLUMN_SETS[-1])
        left = width - MARGIN - (GAP if is_stacked else name_width + widths[between] + GAP)
        return cls(name_width, between, max(left, 0), is_stacked)

    @property
    def least(self) -> int:
        """The rows that every entry needs."""
        return 2 if self.is_stacked else 1

    def header(self) -> Line:
        """The columns' names."""
        texts = [f"{column.header:>{column.width}}" for column in self.between]
        features = [] if self.is_stacked else [cut("features", self.features_width)]
        names = _joined([f"{'shape':<{self.name_width}}", *texts, *features])
        return line((" " * MARGIN + names, Ink.MUTED))

    def rows(self, entry: _Entry, scene: Scene, most: int) -> list[Line]:
        """An entry in at most ``most`` rows, marked if it has the selected feature."""
        cursor = scene.options.cursor
        is_selected = cursor is not None and cursor.feature in entry.features
        name_ink, ink = _inks_of(entry, is_selected, scene)
        fits = len(entry.full_name) <= self.name_width
        name = entry.full_name if fits else entry.name
        texts = [
            f"{'' if entry.shape is None else column.text(entry.shape, scene):>{column.width}}"
            for column in self.between
        ]
        lists = numbered_rows(entry.features, self.features_width, most - self.is_stacked)
        beside = [] if self.is_stacked else lists[:1]
        clicked = MoveCursor(scene.options.cursor_on(entry.features[0]))
        first = line(
            (f"{SELECTED if is_selected else '':<{MARGIN}}", Ink.ACCENT),
            (f"{cut(name, self.name_width):<{self.name_width}}", name_ink),
            (_joined(["", *texts, *beside]), ink),
            clicked=clicked,
            reading=entry.reading,
        )
        indent = " " * (MARGIN + GAP if self.is_stacked else len(_text_of(first)) - len(lists[0]))
        below = lists[len(beside) :]
        return [first, *(replace(first, pieces=((indent + each, ink),)) for each in below)]


def _text_of(each: Line) -> str:
    return "".join(text for text, _ in each.pieces)


def _inks_of(entry: _Entry, is_selected: bool, scene: Scene) -> tuple[int, int]:
    """The inks of an entry's name and of the rest; names have the colours of spoke groups."""
    if is_selected:
        return Ink.ACCENT, Ink.ACCENT
    if entry.shape is None:
        return Ink.MUTED, Ink.MUTED
    spokes = {int(ink) for ink in feature_inks(scene)[list(entry.features)]}
    has_one = scene.options.of(Colouring).by == "group" and len(spokes) == 1
    return spokes.pop() if has_one else Ink.TEXT, Ink.TEXT


def _joined(texts: Sequence[str]) -> str:
    return (" " * GAP).join(texts)
