"""Numbers that several views give: of every feature, and of every setting."""

from superpos_core.geometry.measures import gram_part
from superpos_core.task.setting_names import setting_name
from superpos_tui.measures.geometry import (
    dimensions_per_feature,
    feature_dimensionality,
    feature_norms,
    represented,
    sum_of_dimensionality,
    superposition,
)
from superpos_tui.measures.loss import loss_over_linear, recent_loss
from superpos_tui.measures.product import responses
from superpos_tui.scene import Scene
from superpos_tui.views.numbers import Numbers, check_copyable, with_index

EVERYTHING = slice(None)


def numbers_of_features(scene: Scene) -> Numbers:
    """One row per feature: its measures, bias and importance."""
    return with_index(
        "feature",
        {
            "norm": scene.of(feature_norms),
            "superposition": scene.of(superposition),
            "dimensionality": scene.of(feature_dimensionality),
            "bias": scene.parameters.bias,
            "importance": scene.importance,
        },
    )


def numbers_of_product(scene: Scene) -> Numbers:
    """What each feature, by row, adds to each output, by column; then the bias."""
    check_copyable(scene.config.features**2)
    product = gram_part(scene.of(responses), EVERYTHING, EVERYTHING)
    return with_index("feature", {"output": product, "bias": scene.parameters.bias})


def numbers_of_settings(scene: Scene) -> Numbers:
    """One row per setting: its best lane, or the one in focus."""
    rows = []
    for index, setting in enumerate(scene.config.settings):
        at = scene.at_setting(index)
        rows.append(
            [
                setting_name(scene.config, setting),
                at.lane.seed,
                at.of(represented),
                at.of(dimensions_per_feature),
                at.of(sum_of_dimensionality),
                at.of(recent_loss),
                at.of(loss_over_linear),
            ]
        )
    names = ("setting", "seed", "represented", "D*", "sum of D", "loss", "L/L_linear")
    return Numbers(names, rows)
