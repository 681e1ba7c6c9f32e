"""The experiments of "The Geometry of Superposition" with correlated features."""

from dataclasses import replace

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.experiments.checks.check import Check, Observation
from superpos_core.experiments.checks.geometry import geometry_at
from superpos_core.experiments.checks.lanes import Trained, trained_at
from superpos_core.experiments.densities import sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.geometry import SECTION
from superpos_core.experiments.quick import Quick
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.ticks import with_minus

COLLAPSE_DENSITIES = (0.7, 0.5, 0.35, 0.2, 0.15, 0.1, 0.05, 0.02)
SETS_SPARSITY = 0.9
HEXAGON_SPARSITY = 0.97
BASES_SPARSITY = 0.99
COLLAPSED_COSINE = 0.95
"""cos above which a pair has collapsed; collapsed pairs are within a few degrees."""
ORTHOGONAL_COSINE, ANTIPODAL_COSINE = 0.2, -0.9
"""Trained pairs are within 2° of orthogonal and 8° of antipodal; the loss is flat there."""
PARTNERS_APART, PARTNERS_TOLERANCE = 64, 10
"""Degrees between the two features of a correlated pair in the hexagon."""
MAX_DEVIATION = 0.05
"""Maximum deviation of an entry of W·Wᵀ from the identity."""
MIN_ANTIPODAL_SHARE = 0.9
"""Minimum share of features that are antipodal to one in the other set."""
COLLAPSED_NORMS = (0.66, 0.76)
"""Range of ‖W_i‖ in a collapsed pair: about 1/√2."""
APART_COSINE = 0.71
"""cos below which a pair has not started to collapse: 45°."""


def partners(trained: Trained) -> FloatArray:
    """cos of the angle between features 0 and 1, 2 and 3, …, shape (pairs,)."""
    pairs: FloatArray = np.diagonal(trained.cosines, offset=1)[::2]
    return pairs


def pairs_join_different_sets(run: LanesRecord) -> Observation:
    """The members of a set are orthogonal, and each is antipodal to one in the other set."""
    trained = trained_at(run, "tied", SETS_SPARSITY)
    within = float(np.max(np.abs(partners(trained))))
    opposite = float(np.max(_least_cosine_between_sets(trained)))
    passed = within <= ORTHOGONAL_COSINE and opposite <= ANTIPODAL_COSINE
    text = f"|cos| {within:.2f} within sets, cos at most {opposite:.2f} to the other set"
    return Observation(text, passed and trained.all_represented)


def sets_are_antipodal_pairs(run: LanesRecord) -> Observation:
    """The two members of each set are antipodal."""
    trained = trained_at(run, "tied", SETS_SPARSITY)
    cosines = partners(trained)
    text = ", ".join(f"{cosine:.2f}" for cosine in cosines)
    return Observation(
        f"cos {text}", bool(np.all(cosines <= ANTIPODAL_COSINE)) and trained.all_represented
    )


def partners_side_by_side(run: LanesRecord) -> Observation:
    """Correlated pairs are neighbours in the hexagon, not 120° or 180° apart."""
    trained = trained_at(run, "tied", HEXAGON_SPARSITY)
    with np.errstate(all="ignore"):
        degrees = np.degrees(np.arccos(np.clip(partners(trained), -1, 1)))
    text = ", ".join(f"{angle:.0f}°" for angle in degrees)
    near = bool(np.all(np.abs(degrees - PARTNERS_APART) <= PARTNERS_TOLERANCE))
    return Observation(f"{text} apart", near and trained.all_represented)


def sets_are_orthonormal_bases(run: LanesRecord) -> Observation:
    """The block of W·Wᵀ of each set is the identity."""
    trained = trained_at(run, "tied", BASES_SPARSITY)
    size = trained.config.set_size
    starts = range(0, trained.config.features, size)
    blocks = [trained.gram[start : start + size, start : start + size] for start in starts]
    largest = float(np.max(np.abs(np.stack(blocks) - np.eye(size))))
    return Observation(f"off by at most {largest:.3f}", largest <= MAX_DEVIATION)


def features_face_the_other_set(run: LanesRecord) -> Observation:
    """Most features are antipodal to one in the other set."""
    trained = trained_at(run, "tied", BASES_SPARSITY)
    facing = int(np.sum(_least_cosine_between_sets(trained) <= ANTIPODAL_COSINE))
    enough = facing >= MIN_ANTIPODAL_SHARE * trained.config.features
    return Observation(f"{facing} of {trained.config.features}", enough and trained.all_represented)


def _least_cosine_between_sets(trained: Trained) -> FloatArray:
    """The lowest cos of each feature to one in another set, shape (n,)."""
    sets = np.arange(trained.config.features) // trained.config.set_size
    least: FloatArray = np.min(np.where(sets[:, None] == sets, np.inf, trained.cosines), axis=1)
    return least


def pairs_collapse(count: int, density: float) -> Check[LanesRecord]:
    """That ``count`` pairs have collapsed, with norms near 1/√2, and the others are apart.

    Only the principal component of a collapsed pair is represented, (a + b)/√2.
    """

    def observe(run: LanesRecord) -> Observation:
        trained = trained_at(run, "tied", 1 - density)
        collapsed = partners(trained) > COLLAPSED_COSINE
        apart = partners(trained) < APART_COSINE
        norms = trained.norms[np.repeat(collapsed, 2)]
        low, high = COLLAPSED_NORMS
        right = bool(np.all((norms >= low) & (norms <= high))) and trained.all_represented
        lengths = f", ‖W_i‖ {norms.min():.2f} to {norms.max():.2f}" if norms.size else ""
        return Observation(
            f"{collapsed.sum()} collapsed{lengths}, {apart.sum()} apart",
            right and collapsed.sum() == count and bool(np.all(collapsed | apart)),
        )

    low, high = COLLAPSED_NORMS
    return Check(
        f"pairs, tied at S = {1 - density:g}",
        f"{count} collapsed, ‖W_i‖ {low:g} to {high:g}, the others more than 45° apart",
        LanesRecord,
        observe,
    )


TWO_SETS = ExperimentConfig(
    name="correlated",
    features=4,
    hidden=2,
    models=("tied",),
    importance=1.0,
    distribution="correlated",
    sparsities=(SETS_SPARSITY,),
    restarts=8,
)

EXPERIMENTS = (
    Experiment(
        title="Features that are active together become orthogonal",
        section=SECTION,
        what_to_see=(
            "Two sets of two features; the members of a set are always active together. Members "
            "of a set are orthogonal; antipodal pairs join different sets."
        ),
        config=TWO_SETS,
        figures=("restarts", "geometry", "loss"),
        checks=(
            geometry_at("2 digons", sparsity=SETS_SPARSITY),
            Check(
                "sets of features that are active together",
                with_minus(
                    f"|cos| within a set at most {ORTHOGONAL_COSINE:g}, "
                    f"cos to the other set at most {ANTIPODAL_COSINE:g}"
                ),
                LanesRecord,
                pairs_join_different_sets,
            ),
        ),
        quick=Quick.cosine(4000),
    ),
    Experiment(
        title="Features that are never active together share a dimension",
        section=SECTION,
        what_to_see=(
            "Two sets of two features; at most one member of each set is active. The members of a "
            "set form an antipodal pair."
        ),
        config=replace(TWO_SETS, name="anticorrelated", distribution="anticorrelated"),
        figures=("restarts", "geometry", "loss"),
        checks=(
            geometry_at("2 digons", sparsity=SETS_SPARSITY),
            Check(
                "sets of features that are never active together",
                with_minus(f"cos within each set at most {ANTIPODAL_COSINE:g}"),
                LanesRecord,
                sets_are_antipodal_pairs,
            ),
        ),
        quick=Quick.cosine(2000),
    ),
    Experiment(
        title="Three correlated pairs form a hexagon",
        section=SECTION,
        what_to_see=(
            "Six features in a plane, active in pairs. They form a hexagon with the two of a pair "
            "side by side, a little more than 60° apart. Correlated features prefer to be "
            "orthogonal; where there is no room, they prefer positive interference."
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
        figures=("restarts", "geometry", "loss"),
        checks=(
            geometry_at("1 hexagon", sparsity=HEXAGON_SPARSITY),
            Check(
                "correlated pairs in the hexagon",
                f"{PARTNERS_APART}° ± {PARTNERS_TOLERANCE}° apart",
                LanesRecord,
                partners_side_by_side,
            ),
        ),
        quick=Quick.cosine(2000),
        tour=(
            "Six features that are active in pairs. They share the plane as a hexagon, with "
            "partners side by side: correlated features have to interfere here, and prefer "
            "positive interference."
        ),
    ),
    Experiment(
        title="Two sets of ten, each an almost orthogonal basis",
        section=SECTION,
        what_to_see=(
            "Twenty features in ten dimensions, in two sets whose members are active together. "
            "Each set is a basis of the whole space, orthonormal to within a few hundredths, and "
            "all or almost all features are antipodal to one in the other set. This needs many "
            "restarts: most end with the two bases rotated relative to each other."
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
            restarts=64,
            steps=20_000,
            learning_rate=3e-3,
            learning_rate_schedule="cosine",
        ),
        checks=(
            Check(
                "W·Wᵀ of each set minus the identity",
                f"at most {MAX_DEVIATION:g} anywhere",
                LanesRecord,
                sets_are_orthonormal_bases,
            ),
            Check(
                "features antipodal to one in the other set",
                f"at least {MIN_ANTIPODAL_SHARE:.0%}, cos at most {ANTIPODAL_COSINE:g}".replace(
                    "-", "−"
                ),
                LanesRecord,
                features_face_the_other_set,
            ),
        ),
        quick=Quick(steps=10_000, learning_rate=5e-3, restarts=96),
    ),
    Experiment(
        title="Correlated pairs collapse as they get denser",
        section=SECTION,
        what_to_see=(
            "Three correlated pairs in a plane. Sparse: six features in superposition. The denser "
            "the data, the more pairs collapse: both features share one direction, and only the "
            "pair's principal component is represented."
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
        first_setting=3,
        figures=("geometry", "loss"),
        checks=(
            geometry_at("1 triangle of collapsed pairs", sparsity=1 - 0.5),
            pairs_collapse(2, density=0.2),
            pairs_collapse(1, density=0.1),
            geometry_at("1 hexagon", sparsity=1 - 0.02),
        ),
        quick=Quick.cosine(2000),
    ),
)
