"""Which features and hidden units the weights panel shows, and how it zooms."""

from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.span import part_of
from superpos_tui.scene import Scene
from superpos_tui.views.shared.matrices_layout import MatricesLayout
from superpos_tui.views.shared.matrices_zoom import MatricesZoom, Part, PartState

LEAST_UNITS = 8
"""Keys and wheel show no fewer hidden units: that many have wide cells already."""


@dataclass(frozen=True)
class WeightsZoom(PartState):
    """Columns are hidden units."""

    def fitting(self, config: ExperimentConfig) -> "WeightsZoom":
        """As many of the same features and units as there are."""
        units = self.columns
        return WeightsZoom(
            part_of(self.features, config.features),
            units if units and units.size < config.hidden else None,
        )


def shown_part(scene: Scene) -> Part:
    """The rows that are shown, and the columns, of the lane in focus."""
    return Part.of(scene.options.of(WeightsZoom), (scene.config.features, scene.hidden))


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


ZOOM = MatricesZoom(shown_part, layout_of, WeightsZoom, least_columns=LEAST_UNITS).zoom
