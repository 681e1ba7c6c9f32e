"""The experiments of "The Geometry of Superposition"."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.checks import (
    DIMENSIONS_PER_FEATURE,
    SUM_OF_DIMENSIONALITIES,
    Check,
    Quantity,
    Seen,
    Trained,
    geometry_at,
    number_at,
    number_everywhere,
    trained_at,
)
from superpos_core.config import ExperimentConfig
from superpos_core.experiments.densities import log_spaced, sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.geometry import angle_between
from superpos_core.measures import feature_dimensionality, feature_norms
from superpos_core.snapshot import Snapshot

SECTION = "The Geometry of Superposition"
UNIFORM_DENSITIES = log_spaced(1, 0.1, 16)
BASE_DENSITY = 0.05
COLLAPSE_DENSITIES = (0.7, 0.5, 0.35, 0.2, 0.15, 0.1, 0.05, 0.02)
SETS_SPARSITY = 0.9
HEXAGON_SPARSITY = 0.97
BASES_SPARSITY = 0.99
COLLAPSED_COSINE = 0.95
"""cos above which two features share a direction: those that do are within a few degrees."""


def median_dimensionality(trained: Trained) -> float:
    """The median D_i of represented features."""
    shares = feature_dimensionality(trained.encoder)
    return float(np.median(shares[feature_norms(trained.encoder) > 0.5]))


def neighbour_angle(trained: Trained) -> float:
    """Degrees from feature 0 to the nearest other feature in the plane."""
    others = range(1, trained.config.features)
    return min(angle_between(trained.encoder, 0, other) for other in others)


MEDIAN_DIMENSIONALITY = Quantity("median D_i of represented features", median_dimensionality)
NEIGHBOUR_ANGLE = Quantity("degrees from feature 0 to its neighbour", neighbour_angle, digits=1)
NORM_OF_FEATURE_0 = Quantity("‖W_0‖", lambda trained: float(feature_norms(trained.encoder)[0]))


def is_regular_pentagon(run: Snapshot) -> Seen:
    """D_i = 2/5 for all five, and 72° between neighbours."""
    trained = trained_at(run, "tied", 1 - BASE_DENSITY, swept=1)
    shares = feature_dimensionality(trained.encoder)
    directions = np.arctan2(trained.encoder[:, 1], trained.encoder[:, 0])
    turns = np.degrees(np.diff(np.sort(directions), append=np.min(directions) + 2 * np.pi))
    passed = np.all(np.abs(shares - 0.4) < 0.02) and np.all(np.abs(turns - 72) < 3)
    text = (
        f"D_i {shares.min():.3f} to {shares.max():.3f}, "
        f"neighbours {turns.min():.1f}° to {turns.max():.1f}° apart"
    )
    return Seen(text, bool(passed))


def cosine_between(first: int, second: int) -> Quantity:
    """cos of the angle between two features."""
    return Quantity(
        f"cos between features {first} and {second}",
        lambda trained: float(trained.cosines[first, second]),
    )


def partners(trained: Trained) -> FloatArray:
    """cos of the angle between the two features of each correlated pair."""
    pairs: FloatArray = np.diagonal(trained.cosines, offset=1)[::2]
    return pairs


def partners_side_by_side(run: Snapshot) -> Seen:
    """60° apart in a hexagon; a pair that is 120° or 180° apart is not side by side."""
    cosines = partners(trained_at(run, "tied", HEXAGON_SPARSITY))
    with np.errstate(all="ignore"):
        degrees = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    text = ", ".join(f"{angle:.0f}°" for angle in degrees)
    return Seen(f"partners {text} apart", bool(np.all(degrees < 80)))


def largest_overlap_within_sets(trained: Trained) -> float:
    """The largest |W_i·W_j| of two features of one set."""
    return float(np.max(np.abs(_blocks(trained) - _diagonals(trained))))


def least_squared_norm(trained: Trained) -> float:
    """The least ‖W_i‖²."""
    return float(np.min(np.diagonal(trained.gram)))


def mean_strongest_overlap_between_sets(trained: Trained) -> float:
    """The mean over features of what the strongest W_i·W_j with the other set is, with its sign."""
    size = trained.config.set_size
    between = trained.gram[:size, size:]
    strongest = np.argmax(np.abs(between), axis=1)
    return float(np.mean(between[np.arange(size), strongest]))


def _blocks(trained: Trained) -> FloatArray:
    """The squares on the diagonal of W·Wᵀ, one for each set; shape (sets, members, members)."""
    size = trained.config.set_size
    starts = range(0, trained.config.features, size)
    return np.stack([trained.gram[at : at + size, at : at + size] for at in starts])


def _diagonals(trained: Trained) -> FloatArray:
    return _blocks(trained) * np.eye(trained.config.set_size)


def collapsed_pairs(trained: Trained) -> float:
    """How many correlated pairs share one direction: what is kept of them is (a + b)/√2."""
    return int(np.sum(partners(trained) > COLLAPSED_COSINE))


def collapsed_norm(trained: Trained) -> float:
    """The mean ‖W_i‖ of features in collapsed pairs; NaN where there are none."""
    collapsed = np.repeat(partners(trained) > COLLAPSED_COSINE, 2)
    norms = feature_norms(trained.encoder)[collapsed]
    return float(np.mean(norms)) if norms.size else float("nan")


LARGEST_OVERLAP_WITHIN_SETS = Quantity(
    "largest |W_i·W_j| within a set", largest_overlap_within_sets
)
LEAST_SQUARED_NORM = Quantity("least ‖W_i‖²", least_squared_norm)
MEAN_OVERLAP_BETWEEN_SETS = Quantity(
    "mean strongest W_i·W_j between the sets", mean_strongest_overlap_between_sets
)
COLLAPSED_PAIRS = Quantity("collapsed pairs", collapsed_pairs, digits=0)
COLLAPSED_NORM = Quantity("mean ‖W_i‖ of collapsed features", collapsed_norm)

EXPERIMENTS = (
    Experiment(
        title="Two hundred features that are alike",
        section=SECTION,
        what_to_see=(
            "The dimensions per feature, D*, stick to 1 on dense data and near 1/2 over a range "
            "in the middle, where all features are in antipodal pairs; then they fall. The "
            "dimensionalities of single features gather on lines, each of them a shape."
        ),
        config=ExperimentConfig(
            name="uniform",
            features=200,
            hidden=20,
            models=("tied",),
            importance=1.0,
            sparsities=sparsities_of(UNIFORM_DENSITIES),
            steps=2500,
            learning_rate=4e-3,
            learning_rate_schedule="cosine",
        ),
        view="dimensionality",
        checks=(
            number_at(DIMENSIONS_PER_FEATURE, 0.95, 1.05, sparsity=0),
            number_at(DIMENSIONS_PER_FEATURE, 0.45, 0.58, sparsity=1 - UNIFORM_DENSITIES[6]),
            number_at(DIMENSIONS_PER_FEATURE, 0.45, 0.55, sparsity=1 - UNIFORM_DENSITIES[7]),
            number_at(MEDIAN_DIMENSIONALITY, 0.47, 0.53, sparsity=1 - UNIFORM_DENSITIES[7]),
            number_at(DIMENSIONS_PER_FEATURE, 0.1, 0.4, sparsity=1 - UNIFORM_DENSITIES[15]),
            number_everywhere(SUM_OF_DIMENSIONALITIES, 19.8, 20 + 1e-6),
        ),
        quick={"steps": 800, "learning_rate": 1e-2},
        tour=(
            "Two hundred features that matter alike. The dimensions per feature stick near one "
            "half, where all features are in antipodal pairs; each line of dots is a shape: "
            "pairs, triangles, pentagons."
        ),
    ),
    Experiment(
        title="A pentagon, and one feature that is denser or sparser than the rest",
        section=SECTION,
        what_to_see=(
            "Five equal features form a regular pentagon. Where one is active more often, its "
            "neighbours keep away; where it is active less often, they come nearer. Far below, "
            "the pentagon snaps to two antipodal pairs and that feature is ignored."
        ),
        config=ExperimentConfig(
            name="pentagon",
            features=5,
            hidden=2,
            models=("tied",),
            importance=1.0,
            sparsities=(1 - BASE_DENSITY,),
            sweep="first-density",
            sweep_values=log_spaced(0.1, 10, 13),
            restarts=16,
        ),
        view="geometry",
        checks=(
            geometry_at("1 pentagon", sparsity=1 - BASE_DENSITY, swept=1),
            Check("the pentagon at factor 1", "D_i = 0.400, 72.0° apart", is_regular_pentagon),
            number_at(NEIGHBOUR_ANGLE, 73, 100, sparsity=1 - BASE_DENSITY, swept=4.642),
            number_at(NEIGHBOUR_ANGLE, 50, 71, sparsity=1 - BASE_DENSITY, swept=0.4642),
            geometry_at("2 digons · 1 ignored", sparsity=1 - BASE_DENSITY, swept=0.1),
            number_at(NORM_OF_FEATURE_0, 0, 0.2, sparsity=1 - BASE_DENSITY, swept=0.1),
        ),
        quick={"steps": 2000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
        tour=(
            "A regular pentagon, until one feature is made denser or sparser than the others. "
            "Its neighbours give way or close in, and where it is ten times sparser the "
            "pentagon snaps into two antipodal pairs."
        ),
    ),
    Experiment(
        title="Features that are active together keep out of each other's way",
        section=SECTION,
        what_to_see=(
            "Two sets of two features; the members of a set are always active together. Members "
            "of a set are orthogonal, and antipodal pairs join different sets."
        ),
        config=ExperimentConfig(
            name="correlated",
            features=4,
            hidden=2,
            models=("tied",),
            importance=1.0,
            distribution="correlated",
            sparsities=(SETS_SPARSITY,),
            restarts=8,
        ),
        view="geometry",
        checks=(
            geometry_at("2 digons", sparsity=SETS_SPARSITY),
            number_at(cosine_between(0, 1), -0.2, 0.2, sparsity=SETS_SPARSITY),
            number_at(cosine_between(2, 3), -0.2, 0.2, sparsity=SETS_SPARSITY),
        ),
        quick={"steps": 2000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
    ),
    Experiment(
        title="Features that are never active together share a dimension",
        section=SECTION,
        what_to_see=(
            "Two sets of two features; of each set one member at most is active. The members of a "
            "set form an antipodal pair."
        ),
        config=ExperimentConfig(
            name="anticorrelated",
            features=4,
            hidden=2,
            models=("tied",),
            importance=1.0,
            distribution="anticorrelated",
            sparsities=(SETS_SPARSITY,),
            restarts=8,
        ),
        view="geometry",
        checks=(
            geometry_at("2 digons", sparsity=SETS_SPARSITY),
            number_at(cosine_between(0, 1), -1.001, -0.9, sparsity=SETS_SPARSITY),
            number_at(cosine_between(2, 3), -1.001, -0.9, sparsity=SETS_SPARSITY),
        ),
        quick={"steps": 2000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
    ),
    Experiment(
        title="Three correlated pairs form a hexagon",
        section=SECTION,
        what_to_see=(
            "Six features in a plane, active in pairs. They form a hexagon with the two of a pair "
            "side by side, where they disturb each other in the harmless direction least."
        ),
        config=ExperimentConfig(
            name="hexagon",
            features=6,
            hidden=2,
            models=("tied",),
            importance=1.0,
            distribution="correlated",
            sparsities=(HEXAGON_SPARSITY,),
            restarts=32,
        ),
        view="geometry",
        checks=(
            geometry_at("1 hexagon", sparsity=HEXAGON_SPARSITY),
            Check("correlated pairs in the hexagon", "partners 60° apart", partners_side_by_side),
        ),
        quick={"steps": 2000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
        tour=(
            "Six features that are active in pairs. They share the plane as a hexagon, with "
            "partners side by side: interference between two features that occur together is "
            "what costs most."
        ),
    ),
    Experiment(
        title="Two sets of ten, each almost an orthogonal basis",
        section=SECTION,
        what_to_see=(
            "Twenty features in ten dimensions, in two sets whose members are active together. "
            "Each set is nearly a basis of the whole space; where the sets overlap, they do so "
            "with a negative sign."
        ),
        config=ExperimentConfig(
            name="local-bases",
            features=20,
            hidden=10,
            models=("tied",),
            importance=1.0,
            distribution="correlated",
            set_size=10,
            sparsities=(BASES_SPARSITY,),
            restarts=4,
            steps=5000,
            learning_rate=3e-3,
            learning_rate_schedule="cosine",
        ),
        checks=(
            number_at(LARGEST_OVERLAP_WITHIN_SETS, 0, 0.15, sparsity=BASES_SPARSITY),
            number_at(LEAST_SQUARED_NORM, 0.85, 1.1, sparsity=BASES_SPARSITY),
            number_at(MEAN_OVERLAP_BETWEEN_SETS, -1, -0.4, sparsity=BASES_SPARSITY),
        ),
        quick={"restarts": 3},
    ),
    Experiment(
        title="Correlated pairs collapse as they get denser",
        section=SECTION,
        what_to_see=(
            "Three correlated pairs in a plane. Sparse: six features in superposition. The denser "
            "the data, the more pairs collapse: both features lie in one direction, and what is "
            "kept is the pair's principal component."
        ),
        config=ExperimentConfig(
            name="collapse",
            features=6,
            hidden=2,
            models=("tied",),
            importance=1.0,
            distribution="correlated",
            sparsities=sparsities_of(COLLAPSE_DENSITIES),
            restarts=24,
            steps=5000,
            learning_rate=3e-3,
            learning_rate_schedule="cosine",
        ),
        view="geometry",
        checks=(
            number_at(COLLAPSED_PAIRS, 3, 3, sparsity=1 - 0.5),
            number_at(COLLAPSED_PAIRS, 2, 2, sparsity=1 - 0.2),
            number_at(COLLAPSED_NORM, 0.66, 0.76, sparsity=1 - 0.2),
            number_at(COLLAPSED_PAIRS, 1, 1, sparsity=1 - 0.1),
            number_at(COLLAPSED_NORM, 0.66, 0.76, sparsity=1 - 0.1),
            number_at(COLLAPSED_PAIRS, 0, 0, sparsity=1 - 0.02),
        ),
        quick={"steps": 2000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
    ),
)
