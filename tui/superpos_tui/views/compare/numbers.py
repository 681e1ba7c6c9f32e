"""The numbers of the compare panel."""

from superpos_core.errors import InvalidValue
from superpos_tui.drawing.window import Window
from superpos_tui.scene import Scene
from superpos_tui.views.compare.measures import gram_change, reference_scene
from superpos_tui.views.compare.state import CompareState
from superpos_tui.views.numbers import Numbers, check_copyable, with_index


def difference(scene: Scene) -> Numbers:
    """What each feature, by row, adds to each output more than in the reference.

    Raises ``InvalidValue`` if that has another number of features.
    """
    check_copyable(scene.config.features**2)
    reference, run = scene.of(reference_scene), scene.options.of(CompareState).run
    everything = Window.whole(scene.config.features)
    change = scene.of(gram_change, reference.focus, run, 1, everything)
    if change is None:
        reason = "the pinned run has another number of features"
        raise InvalidValue("numbers", "", reason, "another panel")
    return with_index("feature", {"output": change.strongest})
