"""The numbers of the panels of the dimensionality view."""

from superpos_core.record.timeline import feature_dimensionality_over
from superpos_core.task.setting_names import setting_name
from superpos_tui.measures.geometry import dimensions_per_feature, feature_dimensionality
from superpos_tui.scene import Scene
from superpos_tui.views.numbers import Numbers, check_copyable


def over_steps(scene: Scene) -> Numbers:
    """One row per kept moment: D_i of each feature."""
    timeline = scene.cohort.timeline
    check_copyable(len(timeline.moments) * scene.config.features)
    values = feature_dimensionality_over(timeline, scene.model, scene.lane_index)
    rows = [[step, *each] for step, each in zip(timeline.steps, values, strict=True)]
    return Numbers(("step", *_features(scene)), rows)


def over_settings(scene: Scene) -> Numbers:
    """One row per setting: D*, and D_i of each feature."""
    settings = scene.config.settings
    check_copyable(len(settings) * scene.config.features)
    rows = []
    for index, setting in enumerate(settings):
        at = scene.at_setting(index)
        name = setting_name(scene.config, setting)
        rows.append([name, at.of(dimensions_per_feature), *at.of(feature_dimensionality)])
    return Numbers(("setting", "D*", *_features(scene)), rows)


def _features(scene: Scene) -> list[str]:
    return [f"D[{feature}]" for feature in range(scene.config.features)]
