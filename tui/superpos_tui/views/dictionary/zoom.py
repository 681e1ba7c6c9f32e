"""Which rows and columns of the matrix are shown, where they lie, and how the panel zooms."""

from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.span import Span, zoomed_size
from superpos_tui.scene import Scene
from superpos_tui.selection import Change
from superpos_tui.views.dictionary.measures import latent_order
from superpos_tui.views.dictionary.state import DictionaryState, ShowPart
from superpos_tui.views.panel import Cell, Zoom
from superpos_tui.views.shared.matrices_layout import MatricesLayout


def shown_features(scene: Scene) -> Span:
    """The rows that are shown."""
    count, features = scene.config.features, scene.options.of(DictionaryState).features
    return Span.whole(count) if features is None else features.within(count)


def shown_columns(scene: Scene) -> Span:
    """The columns that are shown: places in the order of latents."""
    count, columns = scene.config.latents, scene.options.of(DictionaryState).columns
    return Span.whole(count) if columns is None else columns.within(count)


def zoom_note(scene: Scene) -> str:
    """What the title adds if only a part is shown."""
    parts = (
        ("features", shown_features(scene), scene.config.features),
        ("columns", shown_columns(scene), scene.config.latents),
    )
    return "".join(
        f" · {name} {span.items[0]}–{span.items[-1]} of {count}"
        for name, span, count in parts
        if span.size < count
    )


def layout_of(scene: Scene, width: int, height: int, palette: Palette) -> MatricesLayout | None:
    """Where the matrix lies in a panel of this size."""
    cursor = scene.options.cursor
    return MatricesLayout.fitting(
        shown_features(scene),
        shown_columns(scene),
        1,
        (width, height),
        half_blocks=palette.has_scales,
        selected=None if cursor is None else cursor.feature,
        biases=0,
    )


def column_of(scene: Scene, latent: int) -> int:
    """The place of a latent in the order of the columns."""
    return int(scene.of(latent_order).tolist().index(latent))


def _at(
    scene: Scene, width: int, height: int, at: Cell | None, steps: int, palette: Palette
) -> Change | None:
    """Zoom around the entry at a cell, else around what is selected, else the middle."""
    layout = layout_of(scene, width, height, palette)
    if layout is None:
        return None
    features, columns, cursor = layout.features, layout.units, scene.options.cursor
    latent = scene.options.of(DictionaryState).latent
    feature, column = features.middle, columns.middle
    if at is not None:
        feature, column = layout.nearest_features(at[1]).start, layout.nearest_units(at[0]).start
    else:
        feature = cursor.feature if cursor and cursor.feature in features.items else feature
        place = column if latent is None else column_of(scene, latent)
        column = place if place in columns.items else column
    n, count = scene.config.features, scene.config.latents
    down = zoomed_size(features.size, steps, n, layout.most_features)
    across = zoomed_size(columns.size, steps, count, layout.most_units)
    return _change(
        scene, features.resized(down, feature, n), columns.resized(across, column, count)
    )


def _onto(
    scene: Scene, width: int, height: int, start: Cell, end: Cell, palette: Palette
) -> Change | None:
    """Show the entries between two cells."""
    layout = layout_of(scene, width, height, palette)
    if layout is None:
        return None
    rows = [layout.nearest_features(y) for _, y in (start, end)]
    columns = [layout.nearest_units(x) for x, _ in (start, end)]
    return _change(
        scene,
        Span.spanning(rows[0], rows[1], scene.config.features),
        Span.spanning(columns[0], columns[1], scene.config.latents),
    )


def _pan(scene: Scene, right: int, down: int) -> Change | None:
    state = scene.options.of(DictionaryState)
    if state.features is None and state.columns is None:
        return None
    features = shown_features(scene).moved(down, scene.config.features)
    return _change(scene, features, shown_columns(scene).moved(right, scene.config.latents))


def _whole(scene: Scene) -> Change | None:
    state = scene.options.of(DictionaryState)
    return ShowPart(None, None) if state.features or state.columns else None


def _change(scene: Scene, features: Span, columns: Span) -> Change | None:
    """The change to these rows and columns; ``None`` if they are shown already."""
    if (features, columns) == (shown_features(scene), shown_columns(scene)):
        return None
    all_rows = features.size >= scene.config.features
    all_columns = columns.size >= scene.config.latents
    return ShowPart(None if all_rows else features, None if all_columns else columns)


ZOOM = Zoom(_at, _whole, _pan, _onto)
