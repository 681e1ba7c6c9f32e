"""The experiments of "The Geometry of Superposition" with features that come in sets."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.checks import (
    Check,
    Quantity,
    Seen,
    Trained,
    geometry_at,
    number_at,
    trained_at,
)
from superpos_core.config import ExperimentConfig
from superpos_core.experiments.densities import sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.geometry import SECTION
from superpos_core.measures import feature_norms
from superpos_core.snapshot import Snapshot

COLLAPSE_DENSITIES = (0.7, 0.5, 0.35, 0.2, 0.15, 0.1, 0.05, 0.02)
SETS_SPARSITY = 0.9
HEXAGON_SPARSITY = 0.97
BASES_SPARSITY = 0.99
COLLAPSED_COSINE = 0.95
"""cos above which two features share a direction: those that do are within a few degrees."""


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


def largest_squared_norm(trained: Trained) -> float:
    """The largest ‖W_i‖²."""
    return float(np.max(np.diagonal(trained.gram)))


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
LARGEST_SQUARED_NORM = Quantity("largest ‖W_i‖²", largest_squared_norm)
MEAN_OVERLAP_BETWEEN_SETS = Quantity(
    "mean strongest W_i·W_j between the sets", mean_strongest_overlap_between_sets
)
COLLAPSED_PAIRS = Quantity("collapsed pairs", collapsed_pairs, digits=0)
COLLAPSED_NORM = Quantity("mean ‖W_i‖ of collapsed features", collapsed_norm)

EXPERIMENTS = (
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
        figures=("restarts", "geometry", "loss"),
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
        figures=("restarts", "geometry", "loss"),
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
            "side by side. Features that occur together keep out of each other's way; where there "
            "is no room for that, they overlap with a positive sign."
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
        figures=("restarts", "geometry", "loss"),
        checks=(
            geometry_at("1 hexagon", sparsity=HEXAGON_SPARSITY),
            Check("correlated pairs in the hexagon", "partners 60° apart", partners_side_by_side),
        ),
        quick={"steps": 2000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
        tour=(
            "Six features that are active in pairs. They share the plane as a hexagon, with "
            "partners side by side: features that occur together must overlap here, and do so "
            "with a positive sign."
        ),
    ),
    Experiment(
        title="Two sets of ten, each almost an orthogonal basis",
        section=SECTION,
        what_to_see=(
            "Twenty features in ten dimensions, in two sets whose members are active together. "
            "Each set is a basis of the whole space, all but orthogonal; most features are nearly "
            "antipodal to one of the other set."
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
            number_at(LARGEST_OVERLAP_WITHIN_SETS, 0, 0.05, sparsity=BASES_SPARSITY),
            number_at(LEAST_SQUARED_NORM, 0.95, 1.05, sparsity=BASES_SPARSITY),
            number_at(LARGEST_SQUARED_NORM, 0.95, 1.05, sparsity=BASES_SPARSITY),
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
        first_setting=3,
        figures=("geometry", "loss"),
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
