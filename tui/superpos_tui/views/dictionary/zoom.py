"""Which rows and columns of the matrix are shown, where they lie, and how the panel zooms."""

from superpos_tui.drawing.palette import Palette
from superpos_tui.measures.dictionaries import latent_order
from superpos_tui.scene import Scene
from superpos_tui.views.dictionary.state import DictionaryState
from superpos_tui.views.shared.matrices_layout import MatricesLayout
from superpos_tui.views.shared.matrices_zoom import MatricesZoom, Part


def shown_part(scene: Scene) -> Part:
    """The rows that are shown, and the columns: places in the order of latents."""
    state, config = scene.options.of(DictionaryState), scene.config
    return Part.of(state, (config.features, config.latents))


def layout_of(scene: Scene, width: int, height: int, palette: Palette) -> MatricesLayout | None:
    """Where the matrix lies in a panel of this size."""
    part, cursor = shown_part(scene), scene.options.cursor
    return MatricesLayout.fitting(
        part.features,
        part.columns,
        1,
        (width, height),
        half_blocks=palette.has_scales,
        selected=None if cursor is None else cursor.feature,
        biases=0,
    )


def column_of(scene: Scene, latent: int) -> int:
    """The place of a latent in the order of the columns."""
    return int(scene.of(latent_order).tolist().index(latent))


def _selected(scene: Scene) -> tuple[int | None, int | None]:
    cursor, latent = scene.options.cursor, scene.options.of(DictionaryState).latent
    column = None if latent is None else column_of(scene, latent)
    return (None if cursor is None else cursor.feature), column


ZOOM = MatricesZoom(shown_part, layout_of, DictionaryState, _selected).zoom
