"""The numbers of the panels of the compare view."""

from superpos_core.errors import InvalidValue
from superpos_tui.drawing.window import Window
from superpos_tui.measures.geometry import feature_norms, superposition
from superpos_tui.scene import Scene
from superpos_tui.views.compare.measures import (
    gram_change,
    pin_of,
    reference_scene,
    relative_losses,
    sides_of,
)
from superpos_tui.views.numbers import Numbers, check_copyable, with_index


def difference(scene: Scene) -> Numbers:
    """What each feature, by row, adds to each output more than in the reference.

    Raises ``InvalidValue`` if that has another number of features.
    """
    check_copyable(scene.config.features**2)
    reference, run = scene.of(reference_scene), pin_of(scene).run
    everything = Window.whole(scene.config.features)
    change = scene.of(gram_change, reference.focus, run, 1, everything)
    if change is None:
        reason = "the pinned run has another number of features"
        raise InvalidValue("numbers", "", reason, "another panel")
    return with_index("feature", {"output": change.strongest})


def norms(scene: Scene) -> Numbers:
    """One row per feature of each lane: its norm and its superposition."""
    rows = [
        [lane, feature, norm, shared]
        for lane, side in sides_of(scene)
        for feature, (norm, shared) in enumerate(
            zip(side.of(feature_norms), side.of(superposition), strict=True)
        )
    ]
    return Numbers(("lane", "feature", "norm", "superposition"), rows)


def losses(scene: Scene) -> Numbers:
    """One row per kept step of each lane: its smoothed loss over that of the best linear model."""
    rows = [
        [lane, int(step), loss]
        for lane, side in sides_of(scene)
        for step, loss in zip(*side.of(relative_losses), strict=True)
    ]
    return Numbers(("lane", "step", "L/L_linear"), rows)
