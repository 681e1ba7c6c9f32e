"""Which features and hidden units the weights panel shows, and how it zooms."""

from dataclasses import dataclass, replace

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.span import Span, part_of
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Selection, ViewState
from superpos_tui.views.shared.matrices_layout import MatricesLayout
from superpos_tui.views.shared.matrices_zoom import MatricesZoom, Part

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
        units = self.units
        return WeightsZoom(
            part_of(self.features, config.features),
            units if units and units.size < config.hidden else None,
        )

    def showing(self, cursor: Cursor) -> "WeightsZoom":
        """Moved no further than needed to show the cursor's feature."""
        if self.features is None:
            return self
        return replace(self, features=self.features.around(cursor.feature))


@dataclass(frozen=True)
class ShowWeights:
    """The change to other rows and columns; ``None`` for all of them."""

    features: Span | None
    units: Span | None

    def __call__(self, selection: Selection) -> Selection:
        """Show them."""
        return selection.with_state(WeightsZoom(self.features, self.units))


def shown_part(scene: Scene) -> Part:
    """The rows that are shown, and the columns, of the lane in focus."""
    state = scene.options.of(WeightsZoom)
    return Part.of(state.features, state.units, (scene.config.features, scene.hidden))


def layout_of(scene: Scene, width: int, height: int, palette: Palette) -> MatricesLayout | None:
    """Where the matrices of a scene lie in a panel of this size."""
    part, cursor = shown_part(scene), scene.options.cursor
    return MatricesLayout.fitting(
        part.features,
        part.columns,
        len(scene.model.by_feature(scene.parameters)) - 1,
        (width, height),
        half_blocks=palette.has_scales,
        selected=None if cursor is None else cursor.feature,
    )


def _shows_all(scene: Scene) -> bool:
    return scene.options.of(WeightsZoom) == WeightsZoom()


def _selected(scene: Scene) -> tuple[int | None, int | None]:
    cursor = scene.options.cursor
    return (None if cursor is None else cursor.feature), None


ZOOM = MatricesZoom(
    shown_part, layout_of, ShowWeights, _shows_all, _selected, least_columns=LEAST_UNITS
).zoom
