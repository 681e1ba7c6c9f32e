"""The numbers of the panels of the probe view."""

from typing import Any

from numpy.typing import NDArray

from superpos_core.analysis.probe import Probe
from superpos_core.task.models import target_of
from superpos_tui.scene import Scene
from superpos_tui.views.numbers import Numbers, with_index
from superpos_tui.views.probe.measures import followed, followed_under_attack, probe_input


def rows(scene: Scene) -> Numbers:
    """One row per feature: the input, what the model makes of it, and the same under attack."""
    columns = _stages(scene.of(followed), "")
    columns["target"] = target_of(scene.model, scene.of(probe_input))
    attacked = scene.of(followed_under_attack)
    if attacked is not None:
        columns |= _stages(attacked, " under attack")
    return with_index("feature", columns)


def _stages(probed: Probe, suffix: str) -> dict[str, NDArray[Any]]:
    return {
        f"x{suffix}": probed.x,
        f"pre-activation{suffix}": probed.pre_activation,
        f"output{suffix}": probed.output,
        f"error{suffix}": probed.error,
        f"loss{suffix}": probed.loss,
    }


def hidden(scene: Scene) -> Numbers:
    """One row per hidden unit: its value, and that under attack."""
    columns: dict[str, NDArray[Any]] = {"h": scene.of(followed).hidden}
    attacked = scene.of(followed_under_attack)
    if attacked is not None:
        columns["h under attack"] = attacked.hidden
    return with_index("unit", columns)
