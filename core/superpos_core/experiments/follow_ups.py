"""Experiments of papers that followed: k-gons on 1-sparse data, and double descent."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.checks import (
    REPRESENTED,
    Check,
    Seen,
    Trained,
    cohort_of,
    number_at,
    restarts_at,
    trained_at,
)
from superpos_core.config import ExperimentConfig
from superpos_core.evaluation import evaluate
from superpos_core.experiments.experiment import Experiment
from superpos_core.measures import feature_dimensionality
from superpos_core.memorization import hidden_rows
from superpos_core.polygon_descent import exact_losses_over, polygon_plateaus
from superpos_core.snapshot import Snapshot
from superpos_core.theory import level_of, one_sparse_loss, polygon_levels
from superpos_core.timeline import Timeline

POLYGONS_SECTION = "Dynamical versus Bayesian Phase Transitions (Chen et al. 2023)"
DESCENT_SECTION = "Superposition, Memorization, and Double Descent (Henighan et al. 2023)"

POLYGON_FEATURES = 6
LEAST_STAIRCASES = 0.1
"""The share of restarts that have a plateau on their way, at least."""
ONE_HOT_SPARSITY = 0.0
"""One-hot data are the same at every S."""
DENSITY = 0.04
GENERALISING_ROWS = 250
"""Where T·(1 − S) = 10: each feature is seen about ten times."""
FEWEST, BETWEEN, MOST = 0.02, (0.12, 0.24, 0.48), 8
DATASET_SHARES = (FEWEST, 0.03, 0.06, *BETWEEN, 1, 2, 4, MOST)
EVALUATED_ROWS = 1 << 14


def exact_loss(trained: Trained) -> float:
    """The exact total loss of a lane with ReLU output on 1-sparse data."""
    return float(one_sparse_loss(trained.gram, trained.parameters.bias))


def level_under(trained: Trained) -> str | None:
    """The name of the closed-form level that a lane is on; ``None`` between levels."""
    level = level_of(exact_loss(trained), trained.config.features)
    return None if level is None else level.name


def restarts_end_on_levels(run: Snapshot) -> Seen:
    """Critical points are all that gradient descent can come to rest at."""
    names = [level_under(trained) for trained in restarts_at(run, "tied", ONE_HOT_SPARSITY)]
    on_levels = sum(name is not None for name in names)
    counted = ", ".join(
        f"{names.count(level.name)} on {level.name}"
        for level in polygon_levels(run.config.features)
        if level.name in names
    )
    text = f"{on_levels} of {len(names)}" + (f": {counted}" if counted else "")
    return Seen(text, on_levels >= 0.9 * len(names))


def best_polygon_is_large(run: Snapshot) -> Seen:
    """The global minimum is the hexagon; 5⁺ is the next best and easier to find."""
    best = trained_at(run, "tied", ONE_HOT_SPARSITY)
    level = level_under(best)
    return Seen(f"{exact_loss(best):.4f}, level {level}", level in ("5⁺", "6"))


def plateaus_on_the_way(run: Snapshot) -> Seen:
    """Training comes down a staircase: a plateau as a polygon, then a fall."""
    timeline = cohort_of(run, "tied").timeline
    losses = exact_losses_over(timeline)
    lanes = range(losses.shape[1])
    found = sum(_has_plateau_on_the_way(timeline, losses, lane) for lane in lanes)
    return Seen(f"{found} of {len(lanes)} restarts", found >= LEAST_STAIRCASES * len(lanes))


def _has_plateau_on_the_way(timeline: Timeline, losses: FloatArray, lane: int) -> bool:
    """Whether it has a plateau on a level and ends on a lower one."""
    end = level_of(float(losses[-1, lane]), POLYGON_FEATURES)
    plateaus = polygon_plateaus(timeline, losses, lane)
    return end is not None and any(plateau.level.loss > end.loss for plateau in plateaus)


def hidden_polygon(run: Snapshot) -> Seen:
    """Few rows: the model stores them, h_i = x_i·W, as the corners of a regular polygon."""
    trained = trained_at(run, "tied", 1 - DENSITY, swept=FEWEST)
    rows = hidden_rows(trained.config, trained.lane, trained.parameters)
    shares = feature_dimensionality(rows)
    regular = trained.config.hidden / len(rows)
    text = f"D_x {shares.min():.2f} to {shares.max():.2f} for {len(rows)} rows"
    return Seen(text, bool(np.all(np.abs(shares - regular) < 0.06)))


def loss_on_fresh_rows(trained: Trained) -> float:
    """The total loss over rows that training never saw."""
    return evaluate(trained.config, trained.lane, trained.parameters, EVALUATED_ROWS).loss_total


def loss_on_fresh_rows_has_a_bump(run: Snapshot) -> Seen:
    """Between storing rows and finding features, a model does neither well."""
    few, *between, many = (
        loss_on_fresh_rows(trained_at(run, "tied", 1 - DENSITY, swept=share))
        for share in (FEWEST, *BETWEEN, MOST)
    )
    text = f"{few:.2f} → {max(between):.2f} → {many:.2f}"
    return Seen(text, max(between) > 1.15 * max(few, many))


EXPERIMENTS = (
    Experiment(
        title="Polygons on the way down",
        section=POLYGONS_SECTION,
        what_to_see=(
            "Exactly one of six features is active, and gradient descent starts near two opposite "
            "corners. Some runs have plateaus on their way down: polygons whose loss is known in "
            "closed form. Most end at a square (4²⁺), some at a pentagon (5⁺); the lowest level, "
            "the hexagon, is hardly ever found."
        ),
        config=ExperimentConfig(
            name="k-gons",
            features=POLYGON_FEATURES,
            hidden=2,
            models=("tied",),
            importance=1.0,
            distribution="one-hot",
            sparsities=(ONE_HOT_SPARSITY,),
            restarts=48,
            initial="2-gon",
            optimiser="sgd",
            weight_decay=0.0,
            learning_rate=0.15,
            batch=256,
            steps=40_000,
        ),
        view="geometry",
        figures=("levels", "geometry", "loss"),
        checks=(
            Check(
                "restarts on a closed-form level in the end", "90 % or more", restarts_end_on_levels
            ),
            Check("loss of the best restart", "that of 6 or of 5⁺", best_polygon_is_large),
            Check(
                "restarts with a plateau on a higher level",
                f"{LEAST_STAIRCASES:.0%} or more",
                plateaus_on_the_way,
            ),
        ),
        quick={"steps": 20_000},
    ),
    Experiment(
        title="From stored rows to features, with a bump between",
        section=DESCENT_SECTION,
        what_to_see=(
            "Models of fixed datasets, from five rows to two thousand. Few rows are stored as they "
            "are: as a polygon of hidden vectors. Many rows teach features, as a pentagon. Between "
            "them the loss on fresh data is worse than on either side."
        ),
        config=ExperimentConfig(
            name="double-descent",
            features=200,
            hidden=2,
            models=("tied",),
            importance=1.0,
            distribution="unit-norm",
            sparsities=(1 - DENSITY,),
            sweep="dataset-size",
            sweep_values=DATASET_SHARES,
            dataset_size=GENERALISING_ROWS,
            batch=4096,
            restarts=4,
            steps=10_000,
            warm_up=500,
            learning_rate=2e-3,
            learning_rate_schedule="cosine",
        ),
        view="geometry",
        first_setting=6,
        figures=("double-descent", "loss"),
        checks=(
            Check(
                "five rows in hidden space", "a regular pentagon, D_x = 0.40 ± 0.06", hidden_polygon
            ),
            number_at(REPRESENTED, 5, 6, sparsity=1 - DENSITY, swept=MOST),
            Check(
                "loss on fresh data for few, more and many rows",
                "worst between, by 15 % or more",
                loss_on_fresh_rows_has_a_bump,
            ),
        ),
        quick={"steps": 4000, "warm_up": 200, "learning_rate": 3e-3, "restarts": 2},
    ),
)
