"""The compare view's figure in an export: the lane in focus beside its reference."""

from matplotlib.figure import Figure

from superpos_core.figures.compare import Side, draw_pair
from superpos_tui.scene import Scene
from superpos_tui.views.compare.measures import reference_scene


def draw(scene: Scene) -> Figure:
    """Draw both at their current steps."""
    return draw_pair(_side(scene.of(reference_scene)), _side(scene))


def _side(scene: Scene) -> Side:
    return Side(scene.lanes_shown, scene.focus.model, scene.lane_index)
