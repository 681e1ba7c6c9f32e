"""The experiments of "Superposition and Learning Dynamics"."""

import numpy as np

from superpos_core.analysis.energy_levels import MIN_JUMP_FALL, jumps_of_lane
from superpos_core.experiments.checks.check import Check, NotApplicable, Observation
from superpos_core.experiments.checks.geometry import geometry_at
from superpos_core.experiments.checks.lanes import cohort_of, trained_at
from superpos_core.experiments.checks.quantities import SUM_OF_DIMENSIONALITIES, number_at
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.ticks import with_minus

SECTION = "Superposition and Learning Dynamics"
LEVELS_SPARSITY = 0.75
LEVELS_HIDDEN = 6
MIN_JUMPING = 0.25
"""Minimum share of restarts with a jump."""
SETS_SPARSITY = 0.95
ANTIPODAL_COSINE = -0.95


def restarts_jump(run: LanesRecord) -> Observation:
    """In some restarts features jump while the loss falls from one level to the next."""
    cohort = cohort_of(run, "tied")
    if cohort.lanes[0].sparsity != LEVELS_SPARSITY:
        raise NotApplicable(f"nothing was trained at S = {LEVELS_SPARSITY:g}")
    lanes = range(len(cohort.lanes))
    of_lanes = [jumps_of_lane(cohort, run.config, lane) for lane in lanes]
    found = [jump for jumps in of_lanes for jump in jumps]
    jumping = sum(map(bool, of_lanes))
    text = f"{jumping} of {len(lanes)} restarts"
    if found:
        falls = [jump.fall for jump in found]
        text += f", {len(found)} drops of {min(falls):.1%} to {max(falls):.1%}"
    return Observation(text, jumping >= MIN_JUMPING * len(lanes))


def antipodal_pairs_join_sets(run: LanesRecord) -> Observation:
    """In the octahedron the antipode of each feature belongs to the other set."""
    trained = trained_at(run, "tied", SETS_SPARSITY)
    antipode = np.argmin(trained.cosines, axis=1)
    sets = np.arange(trained.config.features) // trained.config.set_size
    opposite = np.min(trained.cosines, axis=1) < ANTIPODAL_COSINE
    joining = int(np.sum((sets[antipode] != sets) & opposite))
    text = f"{joining} of {sets.size} features are antipodal to one in the other set"
    return Observation(text, joining == sets.size)


EXPERIMENTS = (
    Experiment(
        title="Features jump between energy levels",
        section=SECTION,
        what_to_see=(
            "From small initial weights, the D_i rise one after another, and most settle at 1/2 or "
            "2/5. In most restarts some jump later: a pentagon becomes antipodal pairs, or a "
            "feature with a larger share of a dimension gains a partner. The loss, flat before and "
            "after, falls by one or two percent during the jump."
        ),
        config=ExperimentConfig(
            name="energy-levels",
            features=60,
            hidden=LEVELS_HIDDEN,
            models=("tied",),
            importance=1.0,
            sparsities=(LEVELS_SPARSITY,),
            restarts=12,
            learning_rate=3e-3,
            batch=512,
            steps=10_000,
            initial_scale=0.1,
        ),
        figures=("energy", "dimensionality", "loss"),
        checks=(
            Check(
                "restarts in which D_i jumps while the loss, flat before and after, falls "
                f"{MIN_JUMP_FALL:.1%} or more",
                f"at least {MIN_JUMPING:.0%}",
                LanesRecord,
                restarts_jump,
            ),
            number_at(
                SUM_OF_DIMENSIONALITIES,
                0.99 * LEVELS_HIDDEN,
                LEVELS_HIDDEN + 1e-6,
                sparsity=LEVELS_SPARSITY,
                loss_up_to=0.97,
            ),
        ),
        quick=Quick(batch=256, steps=8000, restarts=8),
    ),
    Experiment(
        title="Two correlated triples form an octahedron",
        section=SECTION,
        what_to_see=(
            "Two sets of three features in three dimensions. The model first represents one "
            "principal component per set, then splits the sets, and ends as an octahedron whose "
            "antipodal pairs join the two sets. The loss falls in steps."
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
            restarts=16,
            initial_scale=0.1,
            learning_rate=3e-3,
            learning_rate_schedule="cosine",
        ),
        figures=("trajectories", "geometry", "loss"),
        checks=(
            geometry_at("3 digons", sparsity=SETS_SPARSITY),
            Check(
                "antipodal pairs",
                with_minus(f"each joins the two sets, cos below {ANTIPODAL_COSINE:g}"),
                LanesRecord,
                antipodal_pairs_join_sets,
            ),
        ),
        quick=Quick(steps=8000, learning_rate=5e-3),
        tour=(
            "Two sets of three features arrange themselves in three dimensions, step by step, and "
            "each drop of the loss is a change of shape: one principal component per set, then an "
            "octahedron."
        ),
    ),
)
