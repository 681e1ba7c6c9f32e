"""Experiments of follow-up papers: k-gons on 1-sparse data, and double descent."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np

from superpos_core.analysis.evaluation import evaluate
from superpos_core.analysis.memorization import hidden_rows
from superpos_core.analysis.polygon_descent import (
    corner_sequence,
    exact_losses_over,
    polygon_level,
    polygon_plateaus,
)
from superpos_core.experiments.checks.check import Check, Observation
from superpos_core.experiments.checks.lanes import Trained, cohort_of, restarts_at, trained_at
from superpos_core.experiments.checks.quantities import REPRESENTED, number_at
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.geometry.measures import feature_dimensionality
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.theory import (
    PolygonLevel,
    largest_slope_at_polygon,
    one_sparse_loss,
    polygon_levels,
)

POLYGONS_SECTION = "Dynamical versus Bayesian Phase Transitions (Chen et al. 2023)"
DESCENT_SECTION = "Superposition, Memorization, and Double Descent (Henighan et al. 2023)"

POLYGON_FEATURES = 6
STAIRCASES = {6: (2, 0.75), 7: (3, 0.05), 8: (3, 0.1)}
"""Number of features → minimum plateaus at different polygons on a staircase, and minimum share of
restarts with such a staircase."""
MIN_CORNERS = 4
"""Minimum corners of a final polygon; fewer would be close to where training starts."""
MIN_ON_LEVELS = 0.8
"""Minimum share of restarts that end on a level; the others are still on their way."""
MAX_PATHS = 3
"""Maximum number of paths listed, the most frequent first."""
MAX_SLOPE = 1e-6
"""Maximum central difference of the loss at a critical point, where the gradient is 0."""
ONE_HOT_SPARSITY = 0.0
"""One-hot data are the same at every S."""
DENSITY = 0.04
GENERALISING_ROWS = 250
"""Where T·(1 − S) = 10: each feature is seen about ten times."""
FEWEST, BETWEEN, MOST = 0.02, (0.12, 0.24, 0.48), 8
DATASET_SHARES = (FEWEST, 0.03, 0.06, *BETWEEN, 1, 2, 4, MOST)
ROWS_OF_EACH_SIZE = 1 << 14
MIN_BUMP = 1.15
"""Minimum ratio of the loss between memorising rows and learning features to the loss outside."""
MAX_LOSS_AT_ENDS = 1.1
"""Maximum loss with few and with many rows; zero weights have loss 1 on unit rows."""


def exact_loss(trained: Trained) -> float:
    """The exact total loss of a lane with ReLU output on 1-sparse data."""
    return float(one_sparse_loss(trained.gram, trained.parameters.bias))


def level_under(trained: Trained) -> PolygonLevel | None:
    """The closed-form level that the loss of a lane is on; ``None`` between levels."""
    return polygon_level(trained.encoder, exact_loss(trained))


def restarts_end_on_levels(run: LanesRecord) -> Observation:
    """Gradient descent can only settle at critical points."""
    restarts = restarts_at(run, "tied", ONE_HOT_SPARSITY)
    levels = [level for level in map(level_under, restarts) if level is not None]
    names = [level.name for level in levels if level.corners >= MIN_CORNERS]
    counted = ", ".join(
        f"{names.count(level.name)} on {level.name}"
        for level in polygon_levels(run.config.features)
        if level.name in names
    )
    text = f"{len(names)} of {len(restarts)}" + (f": {counted}" if counted else "")
    return Observation(text, len(names) >= MIN_ON_LEVELS * len(restarts))


def best_polygon_is_large(run: LanesRecord) -> Observation:
    """The hexagon is the global minimum; 5⁺ is next and easier to find."""
    best = trained_at(run, "tied", ONE_HOT_SPARSITY)
    level = level_under(best)
    name = "none" if level is None else level.name
    return Observation(f"{exact_loss(best):.4f}, level {name}", name in ("5⁺", "6"))


def restarts_descend_a_staircase(run: LanesRecord, polygons: int, least: float) -> Observation:
    """At least the share ``least`` of restarts has plateaus at ``polygons`` or more polygons.

    Each plateau has more corners than the previous one; the last may be the end of training.
    """
    timeline = cohort_of(run, "tied").timeline
    losses = exact_losses_over(timeline)
    paths = [
        corner_sequence(polygon_plateaus(timeline, losses, lane)) for lane in range(losses.shape[1])
    ]
    found = [path for path in paths if len(path) >= polygons and _rises(path)]
    counted = ", ".join(
        f"{count} by {' → '.join(map(str, path))}"
        for path, count in Counter(found).most_common(MAX_PATHS)
    )
    text = f"{len(found)} of {len(paths)} restarts" + (f": {counted}" if counted else "")
    return Observation(text, len(found) >= least * len(paths))


def _rises(path: tuple[int, ...]) -> bool:
    return all(before < after for before, after in pairwise(path))


def no_restart_ends_as_the_largest(run: LanesRecord) -> Observation:
    """The n-gon is a critical point like the smaller polygons, but no restart ends there."""
    features = run.config.features
    slope = largest_slope_at_polygon(features, features)
    levels = [level_under(trained) for trained in restarts_at(run, "tied", ONE_HOT_SPARSITY)]
    ends = Counter(level.corners for level in levels if level is not None)
    smaller = sum(ends[corners] for corners in range(MIN_CORNERS, features))
    counted = ", ".join(f"{ends[corners]} as {corners}-gons" for corners in sorted(ends))
    text = f"{ends[features]} of {len(levels)}, largest derivative of L there {slope:.0e}"
    text += f"; {counted}" if counted else "; none as another polygon"
    passed = slope < MAX_SLOPE and ends[features] == 0
    return Observation(text, passed and smaller >= MIN_ON_LEVELS * len(levels))


def hidden_polygon(run: LanesRecord) -> Observation:
    """With few rows, the hidden vectors h_i = x_i·W are the corners of a regular polygon."""
    trained = trained_at(run, "tied", 1 - DENSITY, swept=FEWEST)
    rows = hidden_rows(trained.config, trained.lane, trained.parameters)
    shares = feature_dimensionality(rows)
    regular = trained.config.hidden / len(rows)
    text = f"D_x {shares.min():.2f} to {shares.max():.2f} for {len(rows)} rows"
    return Observation(text, bool(np.all(np.abs(shares - regular) < 0.06)))


def loss_on_fresh_rows(trained: Trained) -> float:
    """The total loss on rows that were not trained on."""
    return evaluate(trained.config, trained.lane, trained.parameters, ROWS_OF_EACH_SIZE).loss_total


def loss_on_fresh_rows_has_a_bump(run: LanesRecord) -> Observation:
    """Between memorising rows and learning features, a model does neither well."""
    few, *between, many = (
        loss_on_fresh_rows(trained_at(run, "tied", 1 - DENSITY, swept=share))
        for share in (FEWEST, *BETWEEN, MOST)
    )
    text = f"{few:.2f} → {max(between):.2f} → {many:.2f}"
    ends = max(few, many)
    return Observation(text, ends <= MAX_LOSS_AT_ENDS and max(between) > MIN_BUMP * ends)


POLYGONS = ExperimentConfig(
    name="k-gons",
    features=POLYGON_FEATURES,
    hidden=2,
    models=("tied",),
    importance=1.0,
    distribution="one-hot",
    sparsities=(ONE_HOT_SPARSITY,),
    restarts=48,
    initial="2-gon",
    initial_scale=0.5,
    optimiser="sgd",
    momentum=0.0,
    weight_decay=0.0,
    learning_rate=0.2,
    batch=64,
    steps=20_000,
)
QUICK_POLYGONS = Quick(steps=8000, learning_rate=0.5)


def _staircase(features: int) -> Check[LanesRecord]:
    """That enough restarts descend a staircase of plateaus."""
    polygons, least = STAIRCASES[features]

    def observe(run: LanesRecord) -> Observation:
        return restarts_descend_a_staircase(run, polygons, least)

    return Check(
        f"restarts with plateaus at {polygons} or more polygons, each with more corners",
        f"at least {least:.0%}",
        LanesRecord,
        observe,
    )


def _more_features(features: int) -> Experiment:
    """The same with more features, whose regular polygon is never found."""
    return Experiment(
        title=f"The {features}-gon that training does not find",
        section=POLYGONS_SECTION,
        what_to_see=(
            f"Exactly one of {features} features is active, and gradient descent starts near two "
            "opposite corners. The loss descends a staircase of plateaus: an antipodal pair, a "
            f"square, and in many restarts a pentagon. A regular {features}-gon is also a critical "
            "point of the loss, but no restart ends there."
        ),
        config=replace(POLYGONS, name=f"k-gons-{features}", features=features),
        figures=("levels", "geometry", "loss"),
        checks=(
            Check(
                f"restarts that end as the regular {features}-gon, a critical point",
                f"none, and at least {MIN_ON_LEVELS:.0%} as a {MIN_CORNERS}-gon to "
                f"{features - 1}-gon",
                LanesRecord,
                no_restart_ends_as_the_largest,
            ),
            _staircase(features),
        ),
        quick=QUICK_POLYGONS,
    )


EXPERIMENTS = (
    Experiment(
        title="Polygons on the way down",
        section=POLYGONS_SECTION,
        what_to_see=(
            "Exactly one of six features is active, and gradient descent starts near two opposite "
            "corners. The loss plateaus at an antipodal pair (2⁴⁺), at a level known in closed "
            "form, then falls to a square (4²⁺), where most restarts stay, or to a pentagon (5⁺). "
            "Few pass through the square to the pentagon, and the lowest level, the hexagon, is "
            "hardly ever found."
        ),
        config=POLYGONS,
        figures=("levels", "geometry", "loss"),
        checks=(
            Check(
                f"restarts that end on the level of a polygon with {MIN_CORNERS} corners or more",
                f"at least {MIN_ON_LEVELS:.0%}",
                LanesRecord,
                restarts_end_on_levels,
            ),
            Check(
                "loss of the best restart",
                "level 6 or 5⁺",
                LanesRecord,
                best_polygon_is_large,
            ),
            _staircase(POLYGON_FEATURES),
        ),
        quick=QUICK_POLYGONS,
    ),
    *map(_more_features, (7, 8)),
    Experiment(
        title="From memorised rows to features, with a bump in between",
        section=DESCENT_SECTION,
        what_to_see=(
            "Training on fixed datasets, from five rows to two thousand. Few rows are memorised: "
            "their hidden vectors form a polygon. From many rows the model learns features, which "
            "form a pentagon. In between, the loss on fresh data is higher than on either side."
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
        first_setting=6,
        figures=("double-descent", "loss"),
        checks=(
            Check(
                "five rows in hidden space",
                "a regular pentagon, D_x = 0.40 ± 0.06",
                LanesRecord,
                hidden_polygon,
            ),
            number_at(REPRESENTED, 5, 6, sparsity=1 - DENSITY, swept=MOST),
            Check(
                "loss on fresh data for few, more and many rows",
                f"highest in between, by at least {MIN_BUMP - 1:.0%}; at most "
                f"{MAX_LOSS_AT_ENDS:g} on either side",
                LanesRecord,
                loss_on_fresh_rows_has_a_bump,
            ),
        ),
        quick=Quick(steps=4000, warm_up=200, learning_rate=3e-3, restarts=2),
    ),
)
