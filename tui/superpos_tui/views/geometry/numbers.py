"""The numbers of the panels of the geometry view."""

from superpos_tui.measures.geometry import feature_vectors, lane_geometry
from superpos_tui.scene import Scene
from superpos_tui.views.numbers import Numbers, with_index


def vectors(scene: Scene) -> Numbers:
    """One row per feature: its vector in the hidden space."""
    return with_index("feature", {"h": scene.of(feature_vectors)})


def shapes(scene: Scene) -> Numbers:
    """One row per shape: its features, its rank and their dimensionality."""
    geometry = scene.of(lane_geometry)
    rows: list[list[object]] = [
        [shape.name, shape.dimensionality, shape.rank, " ".join(map(str, shape.features))]
        for shape in geometry.shapes
    ]
    for name, features in (("ignored", geometry.ignored), ("not finite", geometry.not_finite)):
        if features:
            rows.append([name, "", "", " ".join(map(str, features))])
    return Numbers(("shape", "dimensionality", "rank", "features"), rows)
