"""The geometry panel: every feature a spoke from the origin of the hidden space.

One and two hidden dimensions are shown as they are, three from a side that can be chosen, and of
more the two along which the weights lie most.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.data import distribution_named
from superpos_core.measures import REPRESENTED_NORM
from superpos_tui.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.cells import Cells, InkArray
from superpos_tui.options import Options, Selection
from superpos_tui.palette import SEQUENTIAL_LEVELS, Ink, Palette, lane_ink, sequential_inks
from superpos_tui.panels.panel import Panel, Pick
from superpos_tui.scene import Scene

EDGE = 1.5
"""How far the picture reaches, in radii of its circle; the paper's figures reach as far."""
LEAST_RADIUS = 1 / 8
"""The circle's radius is 1, so that nothing jumps; but spokes that are seen end on are short."""
LEAST_ROWS_WITH_LEGEND = 5
MOST_SPOKES = 60
"""Of more features only the ends are drawn: their spokes would cover one another."""
DOTTED = 3
"""Dots from one dot of a spoke behind the paper to the next."""
MOST_DISCS, MOST_LARGE_DISCS, LARGE_UNIT = 150, 16, 24
"""Ends are small where there are many, and large where there are few and the circle is large."""
MOST_LABELS = 24
LEAST_LABELLED = 0.3
"""A spoke shorter than this, in radii of the circle, has no label: the middle would be crowded."""
FARTHER_COSTS = 0.5
"""Radians by which a label rather leaves its spoke's direction than stand a cell farther away."""
SELECTED = "▸"
SWATCH = "■"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The spokes, as large as fits, in the middle; what colours mean in the last row."""
    cells = Cells.blank(width, height)
    picture = _Picture.of(scene, width, height)
    _draw_circle(picture, scene, palette).paint(cells, 0, 0)
    without_spokes = cells.glyphs.copy()
    _draw_spokes(picture, scene).paint(cells, 0, 0)
    _write_labels(cells, cells.glyphs != without_spokes, picture, scene)
    if not picture.visible.any():
        cells.write_centred(picture.rows // 2, "weights are not finite", Ink.MUTED)
    if picture.rows < height:
        _write_legend(cells, picture, scene, palette)
    return cells


def pick(scene: Scene, width: int, height: int, x: int, y: int) -> Pick | None:
    """The feature whose spoke ends nearest."""
    picture = _Picture.of(scene, width, height)
    if y >= picture.rows or not picture.visible.any():
        return None
    middle = DOTS_ACROSS * x + (DOTS_ACROSS - 1) / 2, DOTS_DOWN * y + (DOTS_DOWN - 1) / 2
    distances = np.hypot(picture.x - middle[0], picture.y - middle[1])
    feature = int(np.argmin(np.where(picture.visible, distances, np.inf)))
    selection = scene.options.selection
    return Pick(Selection(feature, feature if selection is None else selection.other))


@dataclass(frozen=True)
class _Picture:
    """Where everything stands, in dots.

    The spokes go from the origin to (``x``, ``y``), shape (n,); ``behind`` are those that point
    away from the viewer. The circle, ``unit`` dots in radius, stands for the length ``radius``.
    """

    width: int
    rows: int
    x0: int
    y0: int
    unit: float
    radius: float
    x: FloatArray
    y: FloatArray
    behind: BoolArray
    visible: BoolArray
    represented: BoolArray

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Picture":
        rows = height - 1 if height >= LEAST_ROWS_WITH_LEGEND else height
        across, down = DOTS_ACROSS * width, DOTS_DOWN * rows
        unit = (min(across, down) - 1) / 2 / EDGE
        x0, y0 = across // 2, down // 2
        points = scene.hidden_picture.points
        radius = _radius(points, LEAST_RADIUS if scene.config.hidden > 3 else 1.0)
        right, up, towards = _seen_from(points / radius, scene.options)
        visible = np.isfinite(right) & np.isfinite(up)
        return cls(
            width=width,
            rows=rows,
            x0=x0,
            y0=y0,
            unit=unit,
            radius=radius,
            x=x0 + unit * right,
            y=y0 - unit * up,
            behind=towards < 0,
            visible=visible,
            represented=visible & (scene.feature_norms > REPRESENTED_NORM),
        )

    def reach(self, features: IntArray) -> FloatArray:
        """How far spokes reach from the origin, in radii of the circle."""
        across, down = self.x[features] - self.x0, self.y[features] - self.y0
        reach: FloatArray = np.hypot(across, down) / self.unit
        return reach


def _radius(points: FloatArray, least: float) -> float:
    """The least power of two such that all spokes are in the picture, but at least ``least``."""
    lengths = np.linalg.norm(points, axis=1)
    longest = float(lengths[np.isfinite(lengths)].max(initial=0))
    if longest <= EDGE * least:
        return least
    return float(2.0 ** math.ceil(math.log2(longest / EDGE)))


def _seen_from(points: FloatArray, options: Options) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points, shape (n, 2 or 3), as how far to the right, up and towards the viewer they are.

    Three dimensions are turned about the upright, then seen from above by the angle of tilt, from
    infinitely far.
    """
    x, y = points[:, 0], points[:, 1]
    if points.shape[1] == 2:
        return x, y, np.zeros_like(x)
    z = points[:, 2]
    turn, tilt = math.radians(options.turn), math.radians(options.tilt)
    right = x * math.cos(turn) + z * math.sin(turn)
    near = z * math.cos(turn) - x * math.sin(turn)
    up = y * math.cos(tilt) - near * math.sin(tilt)
    towards = y * math.sin(tilt) + near * math.cos(tilt)
    return right, up, towards


# ── the circle and the spokes ─────────────────────────────────────────────────────────────────


def _draw_circle(picture: _Picture, scene: Scene, palette: Palette) -> Canvas:
    """The circle; in three dimensions it is the outline of a sphere, and has an equator.

    It is faint, or, where there are no colours, dotted.
    """
    canvas = Canvas(picture.width, picture.rows)
    spacing = DOTTED if palette.depth == "none" else 1

    def arc(start: float, end: float, down: float, spacing: int) -> None:
        angles = np.arange(start, end, spacing / max(picture.unit, 1))
        x = picture.x0 + picture.unit * np.cos(angles)
        y = picture.y0 + picture.unit * down * np.sin(angles)
        canvas.dots(x, y, Ink.FAINT)

    arc(0, math.tau, 1, spacing)
    if scene.config.hidden == 3:
        tilted = math.sin(math.radians(scene.options.tilt))
        arc(0, math.pi, tilted, spacing)
        arc(math.pi, math.tau, tilted, DOTTED * spacing)
    return canvas


def _draw_spokes(picture: _Picture, scene: Scene) -> Canvas:
    """Ignored features first, then what is behind, then what is in front, then what is selected."""
    canvas = Canvas(picture.width, picture.rows)
    inks = feature_inks(scene)
    ignored = np.flatnonzero(picture.visible & ~picture.represented)
    behind = np.flatnonzero(picture.represented & picture.behind)
    in_front = np.flatnonzero(picture.represented & ~picture.behind)
    few = behind.size + in_front.size <= MOST_SPOKES
    size = _size_of_ends(behind.size + in_front.size, picture.unit)
    faint = np.full_like(inks, Ink.FAINT)
    _draw_ends(canvas, picture, ignored, 0, faint)
    if few:
        _draw_lines(canvas, picture, behind, DOTTED, faint)
        _draw_lines(canvas, picture, in_front, 1, inks)
    _draw_ends(canvas, picture, behind, max(size - 1, 0), inks)
    _draw_ends(canvas, picture, in_front, size, inks)
    if scene.options.selection is not None:
        selected = np.array([scene.options.selection.feature])
        _draw_lines(canvas, picture, selected, 1, np.full_like(inks, Ink.ACCENT))
        _draw_ends(canvas, picture, selected, size, np.full_like(inks, Ink.ACCENT))
    return canvas


def _size_of_ends(count: int, unit: float) -> int:
    """The radius of the discs at the ends, in dots."""
    if count > MOST_DISCS:
        return 0
    return 2 if count <= MOST_LARGE_DISCS and unit >= LARGE_UNIT else 1


def _draw_lines(
    canvas: Canvas, picture: _Picture, features: IntArray, spacing: int, inks: InkArray
) -> None:
    """From the origin to the ends, a dot every ``spacing`` dots; one stroke for all of an ink."""
    for ink in np.unique(inks[features]):
        alike = features[inks[features] == ink]
        across, down = picture.x[alike] - picture.x0, picture.y[alike] - picture.y0
        length = np.maximum(np.abs(across), np.abs(down))
        steps = np.arange(0, np.nan_to_num(length).max() + 1, spacing)
        share = steps / np.maximum(length, 1)[:, None]
        share[share > 1] = np.nan
        x = picture.x0 + across[:, None] * share
        y = picture.y0 + down[:, None] * share
        canvas.dots(x.ravel(), y.ravel(), int(ink))


def _draw_ends(
    canvas: Canvas, picture: _Picture, features: IntArray, size: int, inks: InkArray
) -> None:
    """A disc of ``size`` dots in radius at each end; one stroke for all of an ink."""
    around = np.arange(-size, size + 1)
    across, down = (each.ravel() for each in np.meshgrid(around, around))
    inside = across**2 + down**2 <= size**2
    for ink in np.unique(inks[features]):
        alike = features[inks[features] == ink]
        x = np.rint(picture.x[alike, None]) + across[inside]
        y = np.rint(picture.y[alike, None]) + down[inside]
        canvas.dots(x.ravel(), y.ravel(), int(ink))


# ── colours ───────────────────────────────────────────────────────────────────────────────────


def feature_inks(scene: Scene) -> InkArray:
    """The ink of every feature, shape (n,), by what the user chose to colour by."""
    if scene.options.colouring == "superposition":
        return sequential_inks(scene.superposition)
    if scene.options.colouring == "importance":
        return sequential_inks(scene.importance / scene.importance.max())
    inks = np.full(scene.config.features, Ink.MUTED, dtype=np.uint8)
    for place, (_, features) in enumerate(_groups(scene)):
        inks[list(features)] = lane_ink(place, focused=True)
    return inks


def _groups(scene: Scene) -> list[tuple[str, Sequence[int]]]:
    """Features that belong together, with a name: the data's sets, or else the shapes.

    The shapes of more features come first; those of one feature are no groups.
    """
    config = scene.config
    if distribution_named(config.distribution).has_sets:
        starts = range(0, config.features, config.set_size)
        return [
            (f"set {place}", range(start, start + config.set_size))
            for place, start in enumerate(starts)
        ]
    shapes = [shape for shape in scene.geometry.shapes if len(shape.features) > 1]
    shapes.sort(key=lambda shape: -len(shape.features))
    return [(shape.name, shape.features) for shape in shapes]


def _write_legend(cells: Cells, picture: _Picture, scene: Scene, palette: Palette) -> None:
    """On the left what colours mean, if there are any; on the right what the circle is."""
    legend = Cells.blank(0, 1) if palette.depth == "none" else _colour_legend(scene, cells.width)
    cells.paste(0, cells.height - 1, legend)
    circle = f"{'sphere' if scene.config.hidden == 3 else 'circle'}: length {picture.radius:g}"
    if legend.width + 2 + len(circle) <= cells.width:
        cells.write_right(cells.width, cells.height - 1, circle, Ink.MUTED)


def _colour_legend(scene: Scene, width: int) -> Cells:
    if scene.options.colouring == "superposition":
        return _scale("superposition", "≥1", width)
    if scene.options.colouring == "importance":
        return _scale("importance", f"{scene.importance.max():g}", width)
    return _swatches(scene, width)


def _scale(name: str, highest: str, width: int) -> Cells:
    """Such as ``superposition 0 ████████ ≥1``; nothing where it does not fit."""
    lowest = f"{name} 0 "
    legend = Cells.blank(len(lowest) + SEQUENTIAL_LEVELS + 1 + len(highest), 1)
    if legend.width > width:
        return Cells.blank(0, 1)
    legend.write(0, 0, lowest, Ink.MUTED)
    values = (np.arange(SEQUENTIAL_LEVELS) + 0.5) / SEQUENTIAL_LEVELS
    for level, ink in enumerate(sequential_inks(values)):
        legend.write(len(lowest) + level, 0, "█", int(ink))
    legend.write_right(legend.width, 0, highest, Ink.MUTED)
    return legend


def _swatches(scene: Scene, width: int) -> Cells:
    """Such as ``■ digon  ■ digon  ■ pentagon``, as many as fit."""
    legend = Cells.blank(width, 1)
    x = 0
    for place, (name, _) in enumerate(_groups(scene)):
        if x + len(name) + 2 > width:
            break
        legend.write(x, 0, SWATCH, lane_ink(place, focused=True))
        legend.write(x + 2, 0, name, Ink.MUTED)
        x += len(name) + 4
    return Cells(
        *(each[:, : max(x - 2, 0)] for each in (legend.glyphs, legend.inks, legend.grounds))
    )


# ── labels ────────────────────────────────────────────────────────────────────────────────────


def _write_labels(cells: Cells, taken: BoolArray, picture: _Picture, scene: Scene) -> None:
    """Feature numbers at the ends, the important ones first, in cells that are not taken."""
    for feature in _labelled(picture, scene):
        selection = scene.options.selection
        is_selected = selection is not None and selection.feature == feature
        text = f"{SELECTED}{feature}" if is_selected else str(feature)
        place = next(_free_places(picture, feature, len(text), taken), None)
        if place is None:
            continue
        x, y = place
        ink = Ink.ACCENT if is_selected else Ink.MUTED if picture.behind[feature] else Ink.TEXT
        cells.write(x, y, text, ink)
        taken[y, max(x - 1, 0) : x + len(text) + 1] = True


def _labelled(picture: _Picture, scene: Scene) -> list[int]:
    """The features to label: the selected ones, then the important and the long ones."""
    represented = np.flatnonzero(picture.represented)
    reach = picture.reach(represented)
    long = reach >= LEAST_LABELLED
    order = np.lexsort((-reach[long], -scene.importance[represented[long]]))
    most = MOST_LABELS if represented.size <= MOST_SPOKES else MOST_LABELS // 2
    chosen = represented[long][order][:most].tolist()
    selection = scene.options.selection
    selected = [] if selection is None else [selection.feature, selection.other]
    visible = [feature for feature in selected if picture.visible[feature]]
    return list(dict.fromkeys([*visible, *chosen]))


def _free_places(
    picture: _Picture, feature: int, length: int, taken: BoolArray
) -> Iterator[tuple[int, int]]:
    """Cells beside a spoke's end where a text fits; the best first, farther out on the spoke."""
    column = int(picture.x[feature]) // DOTS_ACROSS
    row = int(picture.y[feature]) // DOTS_DOWN
    outwards = math.atan2(picture.y0 - picture.y[feature], picture.x[feature] - picture.x0)
    for across, down, distance in _around(outwards):
        beside = 1 + (0 if down else distance)
        x = column + {1: beside, 0: -(length // 2), -1: 1 - length - beside}[across]
        y = row + down * distance
        inside = 0 <= x <= picture.width - length and 0 <= y < picture.rows
        if inside and not taken[y, max(x - 1, 0) : x + length + 1].any():
            yield x, y


def _around(outwards: float) -> list[tuple[int, int, int]]:
    """Eight directions as (right, down) and how many cells away; outwards and near first."""

    def cost(place: tuple[int, int, int]) -> float:
        across, down, distance = place
        turned = math.remainder(math.atan2(-down, across) - outwards, math.tau)
        return abs(turned) + FARTHER_COSTS * distance

    return sorted(_PLACES, key=cost)


_PLACES = [
    (across, down, distance)
    for across in (-1, 0, 1)
    for down in (-1, 0, 1)
    for distance in (1, 2)
    if across or down
]


def _title(scene: Scene) -> str:
    hidden = scene.config.hidden
    if hidden > 3:
        return f"features in two of {hidden} dimensions, {scene.hidden_picture.share:4.0%} of ‖W‖²"
    places = {1: "on the hidden line", 2: "in the hidden plane", 3: "in hidden space"}
    return f"features {places[hidden]}"


PANEL = Panel(
    name="geometry",
    title=_title,
    readings=(
        "spoke i: the direction W_i of feature i, as long as it is represented · at right angles: "
        "no interference",
        "spoke i: the direction of feature i · at right angles: no interference",
        "spoke i: the direction of feature i",
    ),
    draw=draw,
    story=(
        "Every feature is a direction in the hidden space, and its spoke is as long as the feature "
        "is represented. At right angles features do not interfere; where they outnumber the "
        "dimensions they spread as far from one another as they can: into digons, triangles, "
        "pentagons, tetrahedra. Three dimensions can be turned; of more than three the two that "
        'show most are drawn ("The Geometry of Superposition").'
    ),
    pick=pick,
    turns=True,
)
