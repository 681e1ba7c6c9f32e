"""The experiments of "Superposition and Learning Dynamics"."""

import numpy as np

from superpos_core.checks import (
    SUM_OF_DIMENSIONALITIES,
    Check,
    Quantity,
    Seen,
    Trained,
    geometry_at,
    number_at,
    trained_at,
)
from superpos_core.config import ExperimentConfig
from superpos_core.experiments.experiment import Experiment
from superpos_core.measures import REPRESENTED_NORM, feature_dimensionality, feature_norms
from superpos_core.snapshot import Snapshot

SECTION = "Superposition and Learning Dynamics"
LEVELS_SPARSITY = 0.7
SETS_SPARSITY = 0.95


def share_in_digons(trained: Trained) -> float:
    """Of the represented features, how many have D_i = 1/2; NaN where none is represented."""
    represented = feature_norms(trained.encoder) > REPRESENTED_NORM
    shares = feature_dimensionality(trained.encoder)[represented]
    return float(np.mean(np.abs(shares - 0.5) < 0.05)) if shares.size else float("nan")


def digons_join_sets(run: Snapshot) -> Seen:
    """In the octahedron the antipode of each feature is a member of the other set."""
    trained = trained_at(run, "tied", SETS_SPARSITY)
    antipode = np.argmin(trained.cosines, axis=1)
    sets = np.arange(trained.config.features) // trained.config.set_size
    joining = int(np.sum(sets[antipode] != sets))
    return Seen(f"{joining} of {sets.size} features face the other set", joining == sets.size)


SHARE_IN_DIGONS = Quantity("share of represented features with D_i = 1/2", share_in_digons)

EXPERIMENTS = (
    Experiment(
        title="Features jump between energy levels",
        section=SECTION,
        what_to_see=(
            "From small initial weights, features rise one after the other. Their "
            "dimensionalities stay on plateaus and jump between them, while the loss falls a "
            "little each time. In the end all of them are in antipodal pairs."
        ),
        config=ExperimentConfig(
            name="energy-levels",
            features=100,
            hidden=10,
            models=("tied",),
            importance=1.0,
            sparsities=(LEVELS_SPARSITY,),
            steps=20_000,
            initial_scale=0.1,
        ),
        view="dimensionality",
        figures=("energy", "dimensionality", "loss"),
        checks=(
            number_at(SHARE_IN_DIGONS, 0.9, 1, sparsity=LEVELS_SPARSITY),
            number_at(SUM_OF_DIMENSIONALITIES, 9.9, 10 + 1e-6, sparsity=LEVELS_SPARSITY),
        ),
        quick={"steps": 2000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
    ),
    Experiment(
        title="Two correlated triples find an octahedron",
        section=SECTION,
        what_to_see=(
            "Two sets of three features in three dimensions. The model first keeps a principal "
            "component of each set, then splits the sets up, and ends as an octahedron, whose "
            "antipodal pairs join the two sets. The loss falls in steps meanwhile."
        ),
        config=ExperimentConfig(
            name="geometry-dynamics",
            features=6,
            hidden=3,
            models=("tied",),
            importance=1.0,
            distribution="correlated",
            set_size=3,
            sparsities=(SETS_SPARSITY,),
            restarts=8,
            initial_scale=0.1,
        ),
        view="geometry",
        figures=("trajectories", "geometry", "loss"),
        checks=(
            geometry_at("3 digons", sparsity=SETS_SPARSITY),
            Check("antipodal pairs", "each joins the two sets", digons_join_sets),
        ),
        quick={"steps": 8000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
        tour=(
            "Two sets of three features find their places in three dimensions, step by step, and "
            "each fall of the loss is a change of shape: a principal component of each set, then "
            "an octahedron."
        ),
    ),
)
