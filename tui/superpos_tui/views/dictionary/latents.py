"""The latents panel: arrows among the features or, in more than three dimensions, a table."""

from superpos_core.geometry.hidden_space import MAX_DIMENSIONS
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import FULL_COLOURS, Palette
from superpos_tui.measures.dictionaries import latent_order
from superpos_tui.scene import SPARSITY, Scene
from superpos_tui.selection import Change
from superpos_tui.views.dictionary import numbers
from superpos_tui.views.dictionary.none_yet import where_to_find
from superpos_tui.views.dictionary.picture import draw_picture, nearest
from superpos_tui.views.dictionary.state import SECONDS_BETWEEN_DRAWS, SelectLatent
from superpos_tui.views.dictionary.table import TableLayout, draw_table
from superpos_tui.views.dictionary.words import (
    best_latent,
    nearest_feature,
    read_feature,
    read_latent,
)
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.viewpoint import dragged, turned_by_keys

OF_SPACE = (
    "dotted spoke ●: a true feature · arrow: a latent · drag or shift and arrows turn it",
    "dotted: a true feature · arrow: a latent · drag turns it",
    "arrow: a latent · drag turns it",
)
OF_TABLE = (
    "the true directions that make up each latent · active: share of rows",
    "what each latent mixes · active: share of rows",
    "what each latent mixes",
)


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The picture, or the table."""
    draw_all = draw_picture if _has_picture(scene) else draw_table
    return draw_all(scene, width, height)


def _has_picture(scene: Scene) -> bool:
    return scene.hidden <= MAX_DIMENSIONS


def _other_readings(scene: Scene) -> tuple[str, ...]:
    if scene.hidden == MAX_DIMENSIONS:
        return OF_SPACE
    return () if _has_picture(scene) else OF_TABLE


def _pointed(
    scene: Scene, width: int, height: int, x: int, y: int
) -> tuple[int | None, int | None]:
    """The feature or the latent at a cell: one of them, or neither."""
    if _has_picture(scene):
        return nearest(scene, width, height, x, y)
    place = TableLayout.of(scene, width, height).place_at(x, y)
    return None, None if place is None else int(scene.of(latent_order)[place])


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the latent there and its nearest feature, or the feature there and its latent."""
    feature, latent = _pointed(scene, width, height, x, y)
    if latent is not None:
        return SelectLatent(latent, nearest_feature(scene, latent))
    return None if feature is None else SelectLatent(best_latent(scene, feature), feature)


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """What the latent there mixes, or the latents of the feature there."""
    feature, latent = _pointed(scene, width, height, x, y)
    if latent is not None:
        return read_latent(scene, latent)
    return "" if feature is None else read_feature(scene, feature)


PANEL = Panel(
    name="latents",
    title=lambda scene: "features and latents" if _has_picture(scene) else "latents",
    readings=(
        "dotted spoke ●: a true feature · arrow: the direction of a latent",
        "dotted: a true feature · arrow: a latent",
        "arrow: a latent",
    ),
    other_readings=lambda scene, *_: _other_readings(scene),
    draw=draw,
    numbers=numbers.latents,
    pick=pick,
    read=read,
    drag=dragged,
    turn=turned_by_keys,
    takes=DictionaryRecord,
    where_to_find=where_to_find,
    needs=frozenset({SPARSITY}),
    seconds_between_draws=SECONDS_BETWEEN_DRAWS,
    story=(
        "Up to three hidden dimensions are drawn: dotted spokes are the true directions of "
        "features, as long as they are, and arrows the directions of latents, row by row of the "
        "decoder. In more dimensions a table says which few true directions make up each latent: "
        "0.71·1 + 0.71·0 is a latent that points between features 1 and 0. A latent that is active "
        "on no row is dead. Three dimensions can be rotated: drag, or shift and an arrow."
    ),
    colours=(
        "blue: a latent that points along one feature (cosine ≥ 0.98); red: one that mixes "
        "features or finds none; grey: a dead latent.",
    ),
)
