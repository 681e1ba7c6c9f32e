"""The probe view's figure in an export: the hand-made input on its way through the model."""

from matplotlib.figure import Figure

from superpos_core.figures.probe import draw_probe
from superpos_tui.scene import Scene
from superpos_tui.views.probe.measures import probe_input


def draw(scene: Scene) -> Figure:
    """Draw the input at the current step."""
    x = scene.of(probe_input)
    return draw_probe(scene.lanes_shown, scene.focus.model, scene.lane_index, x)
