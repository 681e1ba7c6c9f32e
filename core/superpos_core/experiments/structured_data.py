"""Experiments on data with structure: features on a circle, and a tree of features."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from superpos_core.analysis.evaluation import squared_error_sums
from superpos_core.arrays import FloatArray
from superpos_core.experiments.checks.check import Check, Observation
from superpos_core.experiments.checks.lanes import Trained, all_trained, trained_at
from superpos_core.experiments.checks.quantities import LOSS_OVER_LINEAR, number_at
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import dataset
from superpos_core.task.structured import moments_of_rows, parents_of

CIRCLE_SECTION = "From Data Statistics to Feature Geometry (Prieto et al. 2026)"
TREE_SECTION = "Features in a hierarchy"

DENSE = 0.0
MONTHS = 12
HIDDEN = tuple(float(hidden) for hidden in range(2, MONTHS + 1))
FEW, MORE, MANY = 2, 4, 8
"""Hidden dimensions at which checks look."""
LOSS_TOLERANCE = 0.02
ANGLE_TOLERANCE = 2.0
"""Degrees by which neighbours on the ring may be off 360°/n."""
RING_AT_FEW, MIN_FALL, RING_WITH_DECAY = 0.99, 0.1, 0.9
TREE_SPARSITY = 0.9
SAME_DIRECTION, APART = 0.95, 0.7
"""cos above which two leaves share a direction, and below which they do not."""
MIN_RELU, MAX_RELU, MIN_LINEAR, MAX_LINEAR = 0.6, 0.85, 0.97, 1.03
"""Bounds on L / L_linear, with L_linear from the tree's covariance."""


def remaining_eigenvalues(rows: FloatArray, hidden: int) -> float:
    """Σ λ_k for k > m, of the covariance of ``rows`` (rows, n).

    It is the lowest loss per row of x̂ = x·W·Wᵀ + b: b takes the mean, W the first m principal
    components.
    """
    mean, second = moments_of_rows(rows)
    eigenvalues = np.linalg.eigvalsh(second - np.outer(mean, mean))
    return float(np.sum(eigenvalues[: rows.shape[1] - hidden]))


def loss_is_what_components_leave(run: LanesRecord) -> Observation:
    """The linear model's loss per row on its own rows, over the sum of remaining eigenvalues."""
    ratios, texts = [], []
    for hidden in (FEW, MORE, MANY):
        trained = trained_at(run, "linear", DENSE, hidden)
        rows = dataset(trained.config, trained.lane)
        loss = float(squared_error_sums(trained.lane, trained.parameters, rows).sum()) / len(rows)
        rest = remaining_eigenvalues(rows, hidden)
        ratios.append(loss / rest)
        texts.append(f"{loss:.3f} of {rest:.3f} at m = {hidden}")
    return Observation(
        ", ".join(texts), bool(np.all(np.abs(np.array(ratios) - 1) < LOSS_TOLERANCE))
    )


def ring_correlation(trained: Trained) -> float:
    """The correlation of W·Wᵀ, off its diagonal, with cos(θ_i − θ_j), that of points on a ring."""
    steps = np.arange(trained.config.features)
    ring = np.cos(2 * np.pi * (steps[:, None] - steps) / len(steps))
    off = ~np.eye(len(steps), dtype=bool)
    values = trained.gram[off]
    if np.ptp(values) == 0:
        return 0.0
    return float(np.corrcoef(values, ring[off])[0, 1])


def neighbours_apart(trained: Trained) -> FloatArray:
    """Degrees from each feature to the next in a plane, all in the sense of the first; (n,)."""
    angles = np.degrees(np.arctan2(trained.encoder[:, 1], trained.encoder[:, 0]))
    steps = (np.roll(angles, -1) - angles + 180) % 360 - 180
    turned: FloatArray = steps * np.sign(steps[0])
    return turned


def in_circular_order(model: str) -> Callable[[LanesRecord], Observation]:
    """In two dimensions, that features stand in the order of their positions, evenly."""

    def observe(run: LanesRecord) -> Observation:
        trained = trained_at(run, model, DENSE, FEW)
        apart = neighbours_apart(trained)
        even = np.abs(apart - 360 / len(apart)) <= ANGLE_TOLERANCE
        return Observation(f"{apart.min():.1f}° to {apart.max():.1f}° apart", bool(even.all()))

    return observe


def ring_dissolves(run: LanesRecord) -> Observation:
    """With more dimensions the ReLU model has less of a ring."""
    found = [ring_correlation(trained_at(run, "tied", DENSE, each)) for each in (FEW, MORE, MANY)]
    falls = all(after <= before - MIN_FALL for before, after in pairwise(found))
    text = " → ".join(f"{each:.2f}" for each in found)
    return Observation(text, falls and found[0] >= RING_AT_FEW)


def ring_stays(run: LanesRecord) -> Observation:
    """Weight decay keeps the ring at every m that is trained."""
    found = [ring_correlation(trained) for trained in all_trained(run, "tied")]
    return Observation(f"{min(found):.2f} to {max(found):.2f}", min(found) >= RING_WITH_DECAY)


def cosines_of_leaves(trained: Trained) -> FloatArray:
    """cos between the leaves of each parent, shape (pairs,)."""
    config = trained.config
    parents = parents_of(config.features, config.branching)
    leaves = [each for each in range(1, config.features) if each not in parents[1:]]
    pairs = [
        (one, other)
        for one in leaves
        for other in leaves
        if one < other and parents[one] == parents[other]
    ]
    cosines: FloatArray = trained.cosines[tuple(np.array(pairs).T)]
    return cosines


def leaves_share_a_direction(run: LanesRecord) -> Observation:
    """The linear model has no dimension left to tell leaves of one parent apart."""
    trained = trained_at(run, "linear", TREE_SPARSITY)
    least = float(cosines_of_leaves(trained).min())
    is_best = trained.loss_over_linear <= MAX_LINEAR
    return Observation(f"cos at least {least:.2f}", least >= SAME_DIRECTION and is_best)


def leaves_are_told_apart(run: LanesRecord) -> Observation:
    """The ReLU model does, while all features are represented."""
    trained = trained_at(run, "tied", TREE_SPARSITY)
    most = float(cosines_of_leaves(trained).max())
    works = trained.all_represented and trained.loss_over_linear <= MAX_RELU
    return Observation(f"cos at most {most:.2f}", most <= APART and works)


CIRCLE = ExperimentConfig(
    name="circle",
    features=MONTHS,
    hidden=MONTHS,
    models=("linear", "tied"),
    importance=1.0,
    distribution="circle",
    sparsities=(DENSE,),
    dataset_size=8000,
    sweep="hidden",
    sweep_values=HIDDEN,
    batch=256,
    steps=6250,
    restarts=2,
    learning_rate=1e-2,
    learning_rate_schedule="cosine",
)

EXPERIMENTS = (
    Experiment(
        title="Features on a circle become a ring",
        section=CIRCLE_SECTION,
        what_to_see=(
            "Twelve binary features on a circle, like months, are active near a hidden position. "
            "In two dimensions they stand in their order: interference between neighbours helps. "
            "The linear model leaves what principal components leave; with a ReLU and more "
            "dimensions the ring dissolves."
        ),
        config=CIRCLE,
        figures=("gram", "geometry", "loss", "data"),
        checks=(
            Check(
                "loss per row, linear at m = 2, 4, 8",
                f"the sum of the remaining eigenvalues of the rows, ± {LOSS_TOLERANCE:.0%}",
                LanesRecord,
                loss_is_what_components_leave,
            ),
            *(
                Check(
                    f"neighbours on the circle, {model} at m = 2",
                    f"in order, 30° ± {ANGLE_TOLERANCE:g}° apart",
                    LanesRecord,
                    in_circular_order(model),
                )
                for model in CIRCLE.models
            ),
            Check(
                "correlation of W·Wᵀ with a ring, tied at m = 2, 4, 8",
                f"at least {RING_AT_FEW:g}, then lower by {MIN_FALL:g} or more each time",
                LanesRecord,
                ring_dissolves,
            ),
        ),
        quick=Quick(steps=2000, restarts=1),
    ),
    Experiment(
        title="Weight decay keeps the ring",
        section=CIRCLE_SECTION,
        what_to_see=(
            "The same data with strong weight decay, of W but not of b: a ring is the cheapest way "
            "to be roughly right, so it stays, whatever m."
        ),
        config=replace(
            CIRCLE,
            name="circle-decay",
            models=("tied",),
            hidden=MANY,
            sweep_values=HIDDEN[: MANY - 1],
            weight_decay=6.0,
            decay_of="weights",
        ),
        figures=("gram", "geometry", "loss", "data"),
        checks=(
            Check(
                "correlation of W·Wᵀ with a ring, tied at every m",
                f"at least {RING_WITH_DECAY:g}",
                LanesRecord,
                ring_stays,
            ),
        ),
        quick=Quick(steps=2000, restarts=1),
    ),
    Experiment(
        title="A tree: with a ReLU, leaves are told apart",
        section=TREE_SECTION,
        what_to_see=(
            "Each feature may be active only if its parent is. A linear model in three dimensions "
            "has a direction for the root and one for each branch, which the leaves share. With a "
            "ReLU the same dimensions also tell the leaves apart."
        ),
        config=ExperimentConfig(
            name="tree",
            features=7,
            hidden=3,
            models=("tied", "linear"),
            importance=1.0,
            distribution="tree",
            sparsities=(TREE_SPARSITY,),
            batch=1024,
            steps=4000,
            restarts=4,
            learning_rate=1e-2,
            learning_rate_schedule="cosine",
        ),
        figures=("gram", "geometry", "loss", "data"),
        checks=(
            number_at(
                LOSS_OVER_LINEAR, MIN_LINEAR, MAX_LINEAR, model="linear", sparsity=TREE_SPARSITY
            ),
            Check(
                "leaves of one parent, linear",
                f"in one direction: cos at least {SAME_DIRECTION:g}",
                LanesRecord,
                leaves_share_a_direction,
            ),
            number_at(LOSS_OVER_LINEAR, MIN_RELU, MAX_RELU, sparsity=TREE_SPARSITY),
            Check(
                "leaves of one parent, tied",
                f"apart, cos at most {APART:g}, and represented",
                LanesRecord,
                leaves_are_told_apart,
            ),
        ),
        quick=Quick(steps=2000, restarts=2),
    ),
)
