"""The feature vectors of the lane in focus, and measures of them."""

from superpos_core.analysis.orientation import steady_axes
from superpos_core.arrays import FloatArray
from superpos_core.geometry import components, hidden_space, measures
from superpos_core.geometry.components import Geometry, Shape
from superpos_core.geometry.feature_vectors import closed_outputs
from superpos_core.geometry.feature_vectors import feature_vectors as vectors_of
from superpos_core.geometry.hidden_space import HiddenPicture
from superpos_tui.scene import Scene, measure_of_lane


@measure_of_lane
def feature_vectors(scene: Scene) -> FloatArray:
    """The feature vectors, shape (n, m): W, or those of W₁·W₂ if the decoder is free."""
    return vectors_of(scene.model, scene.parameters)


@measure_of_lane
def feature_norms(scene: Scene) -> FloatArray:
    """‖W_i‖, shape (n,)."""
    return measures.feature_norms(scene.of(feature_vectors))


@measure_of_lane
def superposition_and_dimensionality(scene: Scene) -> tuple[FloatArray, FloatArray]:
    """The next two measures: computing both costs little more than one."""
    return measures.superposition_and_dimensionality(scene.of(feature_vectors))


@measure_of_lane
def superposition(scene: Scene) -> FloatArray:
    """Σ_{j≠i} (Ŵ_i·W_j)², shape (n,)."""
    return scene.of(superposition_and_dimensionality)[0]


@measure_of_lane
def feature_dimensionality(scene: Scene) -> FloatArray:
    """D_i, shape (n,)."""
    return scene.of(superposition_and_dimensionality)[1]


@measure_of_lane
def sum_of_dimensionality(scene: Scene) -> float:
    """ΣD_i, which is at most min(n, m)."""
    return float(scene.of(feature_dimensionality).sum())


@measure_of_lane
def represented(scene: Scene) -> int:
    """How many features are represented."""
    return int(measures.represented(scene.of(feature_vectors)))


@measure_of_lane
def count_of_closed_outputs(scene: Scene) -> int:
    """How many outputs are closed to their own feature."""
    return int(closed_outputs(scene.model, scene.parameters).sum())


@measure_of_lane
def dimensions_per_feature(scene: Scene) -> float:
    """D* = m / ‖W‖_F²."""
    return float(measures.dimensions_per_feature(scene.of(feature_vectors)))


@measure_of_lane
def lane_geometry(scene: Scene) -> Geometry:
    """The shapes that the features form."""
    return components.geometry_of(scene.of(feature_vectors))


@measure_of_lane
def shape_of_feature(scene: Scene, feature: int) -> Shape | None:
    """The shape that one feature is in, without finding the others."""
    return components.shape_with(scene.of(feature_vectors), feature)


@measure_of_lane
def hidden_picture(scene: Scene) -> HiddenPicture:
    """The features as points of a picture of the hidden space, which turns steadily."""
    if scene.hidden > hidden_space.MAX_DIMENSIONS:
        return hidden_space.hidden_picture(scene.of(feature_vectors))
    axes = steady_axes(scene.cohort, scene.lane_index, scene.step, is_trained=scene.is_trained)
    return hidden_space.hidden_picture(scene.of(feature_vectors), axes)


@measure_of_lane
def norm_of_feature(scene: Scene, feature: int) -> float:
    """‖W_i‖ of one feature, without computing the others."""
    return float(measures.feature_norms(scene.of(feature_vectors)[feature]))


@measure_of_lane
def dimensionality_of_feature(scene: Scene, feature: int) -> float:
    """D_i of one feature, without computing the others."""
    return measures.dimensionality_of_feature(scene.of(feature_vectors), feature)


@measure_of_lane
def angle_of_features(scene: Scene, feature: int, other: int) -> float:
    """The angle between two features in degrees; NaN if one is 0 or not finite."""
    return components.angle_between(scene.of(feature_vectors), feature, other)
