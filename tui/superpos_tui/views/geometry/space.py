"""The geometry panel: the hidden space or, beyond three dimensions, the graphs of its shapes."""

from superpos_core.geometry.hidden_space import MAX_DIMENSIONS
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.palette import FULL_COLOURS, Palette
from superpos_tui.measures.geometry import (
    dimensionality_of_feature,
    lane_geometry,
    norm_of_feature,
)
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, MoveCursor
from superpos_tui.views.geometry import graphs, numbers, spokes
from superpos_tui.views.geometry.spoke_layout import SECONDS_BETWEEN_DRAWS
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_FEATURES
from superpos_tui.views.shared.viewpoint import dragged

SPACES = {1: "on the hidden line", 2: "in the hidden plane", 3: "in hidden space"}
OF_GRAPHS = (
    "a dot: a feature · line i–j: W_i·W_j, how much they interfere · each shape has its own "
    "dimensions",
    "a dot: a feature · line: how much two interfere",
    "line: how much two interfere",
)


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Spokes, or the graphs of the shapes."""
    draw_all = graphs.draw if _has_graphs(scene) else spokes.draw
    return draw_all(scene, width, height, palette)


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the feature there."""
    feature = feature_at(scene, width, height, x, y)
    return None if feature is None else MoveCursor(scene.options.cursor_on(feature))


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The feature there, with its norm, its dimensionality and its shape."""
    feature = feature_at(scene, width, height, x, y)
    return "" if feature is None else read_feature(scene, feature)


def feature_at(scene: Scene, width: int, height: int, x: int, y: int) -> int | None:
    """The feature nearest to a cell; ``None`` if there is none about."""
    at = graphs.feature_at if _has_graphs(scene) else spokes.feature_at
    return at(scene, width, height, x, y)


def read_feature(scene: Scene, feature: int) -> str:
    """Such as ``feature 3 · ‖W_3‖ 1.02 · D 0.40 · pentagon 0 1 2 3 4``."""
    norm = fixed(scene.of(norm_of_feature, feature), 4, 2)
    share = fixed(scene.of(dimensionality_of_feature, feature), 4, 2)
    geometry = scene.of(lane_geometry)
    own = [shape for shape in geometry.shapes if feature in shape.features]
    kind = " ".join([own[0].name, *map(str, own[0].features)]) if own else "ignored"
    kind = "not finite" if feature in geometry.not_finite else kind
    name = scene.model.vectors_name
    return f"feature {feature} · ‖{name}_{feature}‖ {norm} · D {share} · {kind}"


def _has_graphs(scene: Scene) -> bool:
    return scene.hidden > MAX_DIMENSIONS


def _title(scene: Scene) -> str:
    hidden = scene.hidden
    return (
        f"features {SPACES[hidden]}"
        if hidden in SPACES
        else f"feature graphs in {hidden} dimensions"
    )


def _other_readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    return OF_GRAPHS if _has_graphs(scene) else ()


PANEL = Panel(
    name="geometry",
    title=_title,
    readings=(
        "spoke i: the direction W_i of feature i, of length ‖W_i‖ · orthogonal: no interference",
        "spoke i: the direction of feature i · orthogonal: no interference",
        "spoke i: the direction of feature i",
    ),
    other_readings=_other_readings,
    draw=draw,
    numbers=numbers.vectors,
    story=(
        "Every feature is a direction in the hidden space; the length of its spoke is how strongly "
        "it is represented. Orthogonal features do not interfere; if they outnumber the "
        "dimensions, they spread as far apart as possible: into antipodal pairs, triangles, "
        "pentagons, tetrahedra, whose outlines are faint. Three dimensions can be rotated. Of more "
        "than three, each shape is a small graph of its own, for shapes are orthogonal to each "
        "other: features that overlap are joined (“The Geometry of Superposition”)."
    ),
    pick=pick,
    read=read,
    seconds_between_draws=SECONDS_BETWEEN_DRAWS,
    drag=dragged,
    colours=OF_FEATURES,
)
