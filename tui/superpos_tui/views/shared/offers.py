"""What panels with every setting offer in their border."""

from superpos_core.task.setting_names import depends_on_sparsity
from superpos_tui.drawing.numbers import setting_kind
from superpos_tui.scene import Scene
from superpos_tui.views.panel import Offer


def one_more_setting(scene: Scene) -> tuple[Offer, ...]:
    """To add a sparsity, where that means anything."""
    if not depends_on_sparsity(scene.config):
        return ()
    varies = setting_kind(scene.config) == "S"
    return (Offer("add_sparsity", "adds one" if varies else "adds a sparsity"),)
