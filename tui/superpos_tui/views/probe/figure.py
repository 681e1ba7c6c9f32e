"""What the probe view adds to an export: the input made by hand, on its way through the model."""

from matplotlib.figure import Figure

from superpos_core.figures.probe import draw_probe
from superpos_tui.scene import Scene
from superpos_tui.views.probe.measures import probe_input


def draw(scene: Scene) -> Figure:
    """The input at the moment looked at."""
    x = scene.of(probe_input)
    return draw_probe(scene.lanes_shown, scene.focus.model, scene.lane_index, x)
