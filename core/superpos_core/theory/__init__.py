"""Closed forms and exact integrals: what the best possible models achieve."""

from superpos_core.theory.dictionaries import (
    ABSORBED_COSINE,
    absorbed_activity,
    hedging_angle,
    hedging_cosines,
    separate_activity,
)
from superpos_core.theory.dimensionality import DIMENSIONALITY_MARKS, DimensionalityMark
from superpos_core.theory.exact_loss import exact_errors, exact_loss
from superpos_core.theory.hidden_noise import (
    length_with_dropout,
    length_with_noise,
    noise_that_removes,
)
from superpos_core.theory.linear import (
    UNIFORM,
    Moments,
    feature_variance,
    linear_optimum,
    linear_optimum_of_moments,
)
from superpos_core.theory.one_sparse import (
    one_sparse_errors,
    one_sparse_loss,
    squared_error_integral,
)
from superpos_core.theory.phases import (
    PHASE_DIAGRAMS,
    TRIPLE_POINT,
    PhaseDiagram,
    Solution,
    ignored_boundary,
    triangle_loss,
)
from superpos_core.theory.polygons import (
    MAX_DISTINCT,
    Polygon,
    PolygonLevel,
    best_polygon,
    largest_slope_at_polygon,
    level_of,
    levels_near,
    polygon_levels,
    polygon_loss,
)
from superpos_core.theory.two_features import optimal_ignored_boundary

__all__ = [
    "ABSORBED_COSINE",
    "DIMENSIONALITY_MARKS",
    "MAX_DISTINCT",
    "PHASE_DIAGRAMS",
    "TRIPLE_POINT",
    "UNIFORM",
    "DimensionalityMark",
    "Moments",
    "PhaseDiagram",
    "Polygon",
    "PolygonLevel",
    "Solution",
    "absorbed_activity",
    "best_polygon",
    "exact_errors",
    "exact_loss",
    "feature_variance",
    "hedging_angle",
    "hedging_cosines",
    "ignored_boundary",
    "largest_slope_at_polygon",
    "length_with_dropout",
    "length_with_noise",
    "level_of",
    "levels_near",
    "linear_optimum",
    "linear_optimum_of_moments",
    "noise_that_removes",
    "one_sparse_errors",
    "one_sparse_loss",
    "optimal_ignored_boundary",
    "polygon_levels",
    "polygon_loss",
    "separate_activity",
    "squared_error_integral",
    "triangle_loss",
]
