"""Which features and hidden units the weights panel shows, and how it zooms."""

from dataclasses import dataclass, replace

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.span import Span, zoomed_size
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Cursor, Selection, ViewState
from superpos_tui.views.panel import Cell, Zoom
from superpos_tui.views.shared.matrices_layout import MatricesLayout

LEAST_UNITS = 8
"""Keys and wheel show no fewer hidden units: that many have wide cells already."""


@dataclass(frozen=True)
class WeightsZoom(ViewState):
    """The rows and columns that are shown; ``None`` for all of them."""

    features: Span | None = None
    units: Span | None = None

    def in_experiment(self, trial: Trial) -> "WeightsZoom":
        """Everything is shown."""
        return WeightsZoom()

    def fitting(self, config: ExperimentConfig) -> "WeightsZoom":
        """As many of the same features and units as there are."""
        features, units = self.features, self.units
        return WeightsZoom(
            features.within(config.features)
            if features and features.size < config.features
            else None,
            units if units and units.size < config.hidden else None,
        )

    def showing(self, cursor: Cursor) -> "WeightsZoom":
        """Moved no further than needed to show the cursor's feature."""
        if self.features is None:
            return self
        return replace(self, features=self.features.around(cursor.feature))


@dataclass(frozen=True)
class ShowWeights:
    """The change to other rows and columns."""

    shown: WeightsZoom

    def __call__(self, selection: Selection) -> Selection:
        """Show them."""
        return selection.with_state(self.shown)


def shown_features(scene: Scene) -> Span:
    """The rows that are shown."""
    count, features = scene.config.features, scene.options.of(WeightsZoom).features
    return Span.whole(count) if features is None else features.within(count)


def shown_units(scene: Scene) -> Span:
    """The columns that are shown, of the lane in focus."""
    count, units = scene.hidden, scene.options.of(WeightsZoom).units
    return Span.whole(count) if units is None else units.within(count)


def zoom_note(scene: Scene) -> str:
    """What the title adds if only a part is shown, such as `` · features 40–79 of 200``."""
    parts = (
        ("features", shown_features(scene), scene.config.features),
        ("units", shown_units(scene), scene.hidden),
    )
    return "".join(
        f" · {name} {span.items[0]}–{span.items[-1]} of {count}"
        for name, span, count in parts
        if span.size < count
    )


def layout_of(scene: Scene, width: int, height: int, palette: Palette) -> MatricesLayout | None:
    """Where the matrices of a scene lie in a panel of this size."""
    cursor = scene.options.cursor
    return MatricesLayout.fitting(
        shown_features(scene),
        shown_units(scene),
        len(scene.model.by_feature(scene.parameters)) - 1,
        (width, height),
        half_blocks=palette.has_scales,
        selected=None if cursor is None else cursor.feature,
    )


def _at(
    scene: Scene, width: int, height: int, at: Cell | None, steps: int, palette: Palette
) -> Change | None:
    """Zoom around the entry at a cell, else around the cursor's feature, else the middle."""
    layout = layout_of(scene, width, height, palette)
    if layout is None:
        return None
    features, units, cursor = layout.features, layout.units, scene.options.cursor
    feature, unit = features.middle, units.middle
    if at is not None:
        feature, unit = layout.nearest_features(at[1]).start, layout.nearest_units(at[0]).start
    elif cursor is not None and cursor.feature in features.items:
        feature = cursor.feature
    n, m = scene.config.features, scene.hidden
    rows = zoomed_size(features.size, steps, n, layout.most_features)
    columns = zoomed_size(units.size, steps, m, layout.most_units)
    columns = max(columns, min(LEAST_UNITS, units.size))
    return _change(scene, features.resized(rows, feature, n), units.resized(columns, unit, m))


def _onto(
    scene: Scene, width: int, height: int, start: Cell, end: Cell, palette: Palette
) -> Change | None:
    """Show the entries between two cells."""
    layout = layout_of(scene, width, height, palette)
    if layout is None:
        return None
    rows = [layout.nearest_features(y) for _, y in (start, end)]
    columns = [layout.nearest_units(x) for x, _ in (start, end)]
    features = Span.spanning(rows[0], rows[1], scene.config.features)
    units = Span.spanning(columns[0], columns[1], scene.hidden)
    return _change(scene, features, units)


def _pan(scene: Scene, right: int, down: int) -> Change | None:
    if scene.options.of(WeightsZoom) == WeightsZoom():
        return None
    features = shown_features(scene).moved(down, scene.config.features)
    return _change(scene, features, shown_units(scene).moved(right, scene.hidden))


def _whole(scene: Scene) -> Change | None:
    shows_all = scene.options.of(WeightsZoom) == WeightsZoom()
    return None if shows_all else ShowWeights(WeightsZoom())


def _change(scene: Scene, features: Span, units: Span) -> Change | None:
    """The change to these rows and columns; ``None`` if they are shown already."""
    if (features, units) == (shown_features(scene), shown_units(scene)):
        return None
    all_features, all_units = features.size >= scene.config.features, units.size >= scene.hidden
    return ShowWeights(
        WeightsZoom(None if all_features else features, None if all_units else units)
    )


ZOOM = Zoom(_at, _whole, _pan, _onto)
