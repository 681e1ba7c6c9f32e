"""What panels with every setting offer in their border."""

from superpos_core.task.data import DISTRIBUTIONS
from superpos_tui.drawing.numbers import setting_kind
from superpos_tui.scene import Scene
from superpos_tui.views.panel import Offer


def one_more_setting(scene: Scene) -> tuple[Offer, ...]:
    """To add a sparsity, unless the data have none or the settings are instances of a file."""
    one_hot = DISTRIBUTIONS[scene.config.distribution].one_hot
    if one_hot or scene.setting.instance is not None:
        return ()
    varies = setting_kind(scene.config) == "S"
    return (Offer("add_sparsity", "adds one" if varies else "adds a sparsity"),)
