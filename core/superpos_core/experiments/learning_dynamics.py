"""The experiments of "Superposition and Learning Dynamics"."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.checks import (
    SUM_OF_DIMENSIONALITIES,
    Check,
    NothingToSee,
    Seen,
    cohort_of,
    geometry_at,
    number_at,
    trained_at,
)
from superpos_core.config import ExperimentConfig
from superpos_core.experiments.experiment import Experiment
from superpos_core.measures import REPRESENTED_NORM, feature_dimensionality, feature_norms
from superpos_core.snapshot import Cohort, Snapshot
from superpos_core.stages import loss_over
from superpos_core.timeline import feature_vectors_over

SECTION = "Superposition and Learning Dynamics"
LEVELS_SPARSITY = 0.75
LEVELS_FROM = 500
"""Steps before this are the rise of the features; levels come after it."""
LEAST_LEVEL_FALL = 0.004
"""Minimum share of the loss that a jump takes; plateaus beside it slope by a third at most."""
LEAST_D_JUMP = 0.05
"""By how much the D_i of a represented feature changes in a jump, at least."""
FALL_MOMENTS, PLATEAU_MOMENTS = 4, 4
"""How many kept moments, 24 per decade of steps, a fall and the plateau on either side take."""
SETS_SPARSITY = 0.95
ANTIPODAL_COSINE = -0.95


def jumps_between_levels(cohort: Cohort, config: ExperimentConfig, lane: int) -> int:
    """How many moments of a lane lie in the middle of a jump from one energy level to another.

    The loss, on the same fresh rows at every moment, is flat before and after, and falls between,
    while the D_i of a feature that is represented at both ends changes.
    """
    timeline = cohort.timeline
    losses = loss_over(config, cohort.lanes[lane], timeline, lane)
    if len(losses) <= FALL_MOMENTS + 2 * PLATEAU_MOMENTS or not np.isfinite(losses).all():
        return 0
    logs = np.log(losses)
    vectors = feature_vectors_over(timeline, cohort.model, lane)
    half, reach = FALL_MOMENTS // 2, FALL_MOMENTS // 2 + 1 + PLATEAU_MOMENTS
    count = 0
    for moment in range(reach, len(logs) - reach):
        before, after = moment - half, moment + half
        fall = logs[before] - logs[after]
        slopes = (
            logs[before - 1 - PLATEAU_MOMENTS] - logs[before - 1],
            logs[after + 1] - logs[after + 1 + PLATEAU_MOMENTS],
        )
        if timeline.steps[moment] < LEVELS_FROM or fall < LEAST_LEVEL_FALL:
            continue
        is_between_plateaus = max(abs(slope) for slope in slopes) < fall / 3
        count += is_between_plateaus and _dimensionality_jumps(vectors[before], vectors[after])
    return count


def _dimensionality_jumps(before: FloatArray, after: FloatArray) -> bool:
    """Whether D_i changes for a feature that is represented in both (n, m) arrays."""
    kept = (feature_norms(before) > REPRESENTED_NORM) & (feature_norms(after) > REPRESENTED_NORM)
    moved = np.abs(feature_dimensionality(after) - feature_dimensionality(before))
    return bool(np.any(moved[kept] > LEAST_D_JUMP))


def restarts_jump(run: Snapshot) -> Seen:
    """In half of the restarts or more, features jump while the loss falls from level to level."""
    if cohort_of(run, "tied").lanes[0].sparsity != LEVELS_SPARSITY:
        raise NothingToSee(f"nothing was trained at S = {LEVELS_SPARSITY:g}")
    cohort = cohort_of(run, "tied")
    lanes = range(len(cohort.lanes))
    jumping = sum(jumps_between_levels(cohort, run.config, lane) > 0 for lane in lanes)
    return Seen(f"{jumping} of {len(lanes)} restarts", 2 * jumping >= len(lanes))


def digons_join_sets(run: Snapshot) -> Seen:
    """In the octahedron the antipode of each feature is a member of the other set."""
    trained = trained_at(run, "tied", SETS_SPARSITY)
    antipode = np.argmin(trained.cosines, axis=1)
    sets = np.arange(trained.config.features) // trained.config.set_size
    opposite = np.min(trained.cosines, axis=1) < ANTIPODAL_COSINE
    joining = int(np.sum((sets[antipode] != sets) & opposite))
    return Seen(f"{joining} of {sets.size} features face the other set", joining == sets.size)


EXPERIMENTS = (
    Experiment(
        title="Features jump between energy levels",
        section=SECTION,
        what_to_see=(
            "From small initial weights, features rise one after the other. Their "
            "dimensionalities stay on plateaus, such as 1/2 and 2/5, and later some jump together: "
            "the loss, flat before and after, falls by half a percent or more meanwhile."
        ),
        config=ExperimentConfig(
            name="energy-levels",
            features=100,
            hidden=10,
            models=("tied",),
            importance=1.0,
            sparsities=(LEVELS_SPARSITY,),
            restarts=4,
            learning_rate=3e-3,
            steps=20_000,
            initial_scale=0.1,
        ),
        view="dimensionality",
        figures=("energy", "dimensionality", "loss"),
        checks=(
            Check(
                "restarts in which D_i jumps while the loss falls 0.4 % or more between plateaus",
                "half of them or more",
                restarts_jump,
            ),
            number_at(
                SUM_OF_DIMENSIONALITIES, 9.9, 10 + 1e-6, sparsity=LEVELS_SPARSITY, loss_up_to=0.96
            ),
        ),
        quick={"steps": 10_000},
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
            Check(
                "antipodal pairs", "each joins the two sets (cosine below −0.95)", digons_join_sets
            ),
        ),
        quick={"steps": 8000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
        tour=(
            "Two sets of three features find their places in three dimensions, step by step, and "
            "each fall of the loss is a change of shape: a principal component of each set, then "
            "an octahedron."
        ),
    ),
)
