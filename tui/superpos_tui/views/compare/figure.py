"""What the compare view adds to an export: the lane in focus beside what it is compared with."""

from matplotlib.figure import Figure

from superpos_core.figures.compare import Side, draw_pair
from superpos_tui.scene import Scene
from superpos_tui.views.compare.measures import reference_scene


def draw(scene: Scene) -> Figure:
    """Both at the moments looked at."""
    return draw_pair(_side(scene.of(reference_scene)), _side(scene))


def _side(scene: Scene) -> Side:
    return Side(scene.lanes_shown, scene.focus.model, scene.lane_index)
