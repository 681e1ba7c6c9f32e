"""Experiments with dictionaries, which should find the features of hidden vectors."""

from collections.abc import Callable, Sequence

import numpy as np

from superpos_core.analysis.dictionaries.matching import UNMATCHED
from superpos_core.analysis.dictionaries.of_record import score_of
from superpos_core.analysis.dictionaries.score import DictionaryScore
from superpos_core.experiments.checks.check import Check, NotApplicable, Observation
from superpos_core.experiments.checks.lanes import SAME
from superpos_core.experiments.densities import sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.theory.dictionaries import (
    ABSORBED_COSINE,
    absorbed_activity,
    hedging_cosines,
    separate_activity,
)

SECTION = "Dictionaries (sparse autoencoders) with the truth beside them"
ACTIVITY = "latent-activity"
"""The sweep of k, and of λ the other way round."""

# ── what checks look at ───────────────────────────────────────────────────────────────────────


def scores_at(
    run: DictionaryRecord, kind: str, density: float, swept: float | None = None
) -> list[DictionaryScore]:
    """The scores of all seeds at one setting.

    Raises ``NotApplicable`` if nothing was trained there.
    """
    if kind not in run.cohorts:
        raise NotApplicable(f"no dictionary of the kind {kind} was trained")
    found = [
        score_of(run, kind, index)
        for index, lane in enumerate(run.cohorts[kind].lanes)
        if abs(lane.density - density) < SAME * density and _is_at(lane.swept, swept)
    ]
    if not found:
        factor = "" if swept is None else f", factor {swept:g}"
        raise NotApplicable(f"nothing was trained at 1−S = {density:g}{factor}")
    return found


def _is_at(lane: float | None, wanted: float | None) -> bool:
    if lane is None or wanted is None:
        return lane == wanted
    return abs(lane - wanted) < SAME * wanted


def latent_of(score: DictionaryScore, feature: int) -> int:
    """The latent matched with a feature; raises ``NotApplicable`` if there is none."""
    latent = int(score.matching.latent_of[feature])
    if latent == UNMATCHED:
        raise NotApplicable(f"no latent is left for feature {feature}")
    return latent


def _range(values: Sequence[float], digits: int = 4) -> str:
    low, high = min(values), max(values)
    if round(low, digits) == round(high, digits):
        return f"{low:.{digits}f}"
    return f"{low:.{digits}f} to {high:.{digits}f}"


# ── the toy model's five features ─────────────────────────────────────────────────────────────

ARENA_DENSITY, ARENA_SEEDS, MIN_RECOVERED = 0.025, 16, 15


def nearly_all_recover_every_feature(run: DictionaryRecord) -> Observation:
    """Seeds whose dictionary recovers all features of the model."""
    scores = scores_at(run, "relu", ARENA_DENSITY)
    complete = sum(bool(score.is_recovered.all()) for score in scores)
    needed = MIN_RECOVERED * len(scores) / ARENA_SEEDS
    return Observation(f"{complete} of {len(scores)}", complete >= needed)


def no_latent_is_dead(run: DictionaryRecord) -> Observation:
    """Latents that are never active, over all seeds."""
    scores = scores_at(run, "relu", ARENA_DENSITY)
    dead = sum(int(score.activity.is_dead.sum()) for score in scores)
    latents = run.config.latents * len(scores)
    return Observation(f"{dead} of {latents}", dead <= latents // 40)


# ── absorption ────────────────────────────────────────────────────────────────────────────────

PARENT, CHILD, INDEPENDENT = 0, 1, (2, 3)
FREQUENT, RARE = 0.25, 0.05
COSINE_TOLERANCE, INDEPENDENT_TOLERANCE, ACTIVITY_TOLERANCE = 0.01, 0.02, 0.003


def child_absorbs_its_parent(run: DictionaryRecord) -> Observation:
    """The cosine of the child's latent with the parent's direction."""
    cosines = [
        float(score.cosines[PARENT, latent_of(score, CHILD)])
        for score in scores_at(run, "relu", 1.0)
    ]
    off = max(abs(each - ABSORBED_COSINE) for each in cosines)
    return Observation(_range(cosines), off <= COSINE_TOLERANCE)


def independent_features_absorb_nothing(run: DictionaryRecord) -> Observation:
    """The same of features as rare as the child that are active without the parent too."""
    cosines = [
        abs(float(score.cosines[PARENT, latent_of(score, feature)]))
        for score in scores_at(run, "relu", 1.0)
        for feature in INDEPENDENT
    ]
    return Observation(f"at most {max(cosines):.4f}", max(cosines) <= INDEPENDENT_TOLERANCE)


def absorption_is_sparser(run: DictionaryRecord) -> Observation:
    """Σ E[f] of the latents of parent and child."""
    found = []
    for score in scores_at(run, "relu", 1.0):
        latents = [latent_of(score, feature) for feature in (PARENT, CHILD)]
        found.append(float(score.mean_activations[latents].sum()))
    alone, both = FREQUENT - RARE, RARE
    off = max(abs(each - float(absorbed_activity(alone, both))) for each in found)
    without = float(separate_activity(alone, both))
    return Observation(f"{_range(found)}, {without:.2f} without", off <= ACTIVITY_TOLERANCE)


# ── hedging ───────────────────────────────────────────────────────────────────────────────────

HEDGED = ((0.20, 0.05), (0.15, 0.15))
"""P1 of rows with the parent alone, and P12 of rows with both."""
HEDGING_TOLERANCE = 0.005
BOTH = (0.02, 0.05, 0.1, 0.15)
RATIOS = (1.25, 2.0, 3.0, 5.0)
"""P(parent) / P12, where P12 is the density of the child."""


def hedges_as_in_theory(alone: float, both: float) -> Callable[[DictionaryRecord], Observation]:
    """The cosines of the only latent with parent and child."""
    expected = hedging_cosines(alone, both)

    def observe(run: DictionaryRecord) -> Observation:
        scores = scores_at(run, "relu", both, (alone + both) / both)
        found = np.array([np.abs(score.cosines[:, 0]) for score in scores])
        off = float(np.abs(found - expected).max())
        text = " and ".join(_range(found[:, feature].tolist()) for feature in (PARENT, CHILD))
        return Observation(text, off <= HEDGING_TOLERANCE)

    return observe


# ── a wrong number of active latents ──────────────────────────────────────────────────────────

TRUE_L0, TOO_FEW = 2.0, 0.9
CORRELATION = 0.4
KEPT_COSINE, MAX_MIXING = 0.999, 0.035
MIXING, MIXING_TOLERANCE = 0.25, 0.03
FACTORS = (0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25)
"""k over the true L0."""
WRONG_DENSITY = 0.4


def _mixing(score: DictionaryScore) -> list[float]:
    """The cosines of feature 0 with the latents of the others, in their order."""
    return [
        float(score.cosines[0, latent_of(score, feature)])
        for feature in range(1, len(score.cosines))
    ]


def right_k_keeps_the_truth(run: DictionaryRecord) -> Observation:
    """At the true L0."""
    scores = scores_at(run, "batch-topk", WRONG_DENSITY, 1.0)
    kept = min(float(np.abs(score.matching.cosines).min()) for score in scores)
    mixed = max(abs(each) for score in scores for each in _mixing(score))
    text = f"cosines at least {kept:.4f}, mixing at most {mixed:.3f}"
    return Observation(text, kept >= KEPT_COSINE and mixed <= MAX_MIXING)


def small_k_mixes_correlated_features(sign: int) -> Callable[[DictionaryRecord], Observation]:
    """Below the true L0, every other latent contains feature 0, with the correlation's sign."""

    def observe(run: DictionaryRecord) -> Observation:
        scores = scores_at(run, "batch-topk", WRONG_DENSITY, TOO_FEW)
        mixed = [each for score in scores for each in _mixing(score)]
        off = max(abs(each - sign * MIXING) for each in mixed)
        return Observation(_range(mixed, 3), off <= MIXING_TOLERANCE)

    return observe


def small_k_beats_the_truth(run: DictionaryRecord) -> Observation:
    """The error over that of the true directions at the same L0, below the true one."""
    ratios = [
        score.reconstruction.error / score.reconstruction.error_of_truth
        for factor in FACTORS
        if factor < 1 and factor in run.config.sweep_values
        for score in scores_at(run, "batch-topk", WRONG_DENSITY, factor)
    ]
    if not ratios:
        raise NotApplicable("no k below the true L0 was trained")
    return Observation(f"{_range(ratios, 3)} of the truth's", max(ratios) < 1)


def wrong_l0(name: str, sign: int) -> Experiment:
    """The experiment with features of this sign of correlation."""
    correlated = "correlated" if sign > 0 else "anticorrelated"
    return Experiment(
        title=f"Sparse but wrong: too small a k mixes {correlated} features",
        section=SECTION,
        what_to_see=(
            f"Five orthogonal features, two of them active per row, and feature 0 {correlated} "
            "with the others. Every dictionary starts from the truth. With k = 2 it stays there; "
            f"with k = 1.8 every other latent takes {'in' if sign > 0 else 'away'} a part of "
            "feature 0, and the error falls below the truth's: a better reconstruction by wrong "
            "features."
        ),
        config=ExperimentConfig(
            name,
            kind=DICTIONARIES,
            features=5,
            hidden=20,
            models=("tied",),
            importance=1.0,
            sparsities=sparsities_of((WRONG_DENSITY,)),
            distribution="leader",
            correlation=(sign * CORRELATION,),
            value_noise=0.15,
            directions="orthogonal",
            sweep=ACTIVITY,
            sweep_values=FACTORS,
            restarts=2,
            batch=500,
            steps=10_000,
            learning_rate=3e-4,
            dictionaries=("batch-topk",),
            latents=5,
            active_latents=TRUE_L0,
            dictionary_start="truth",
        ),
        figures=("recovery", "dictionary"),
        checks=(
            Check(
                "features and mixing at the true L0, k = 2",
                f"cosines at least {KEPT_COSINE:g}, mixing at most {MAX_MIXING:g}",
                DictionaryRecord,
                right_k_keeps_the_truth,
            ),
            Check(
                "cosine of feature 0 with the other latents, k = 1.8",
                f"{sign * MIXING:g} ± {MIXING_TOLERANCE:g}",
                DictionaryRecord,
                small_k_mixes_correlated_features(sign),
            ),
            Check(
                "error below the true L0",
                "less than the truth's",
                DictionaryRecord,
                small_k_beats_the_truth,
            ),
        ),
        first_setting=FACTORS.index(TOO_FEW),
        quick=Quick(steps=6_000, restarts=1, sweep_values=(0.8, TOO_FEW, 1.0)),
    )


EXPERIMENTS = (
    Experiment(
        title="A dictionary finds the five features of a plane",
        section=SECTION,
        what_to_see=(
            "First a toy model puts five features into two dimensions; then a ReLU dictionary with "
            "five latents reads its hidden vectors. The penalty on active latents makes each "
            "of them one feature; latents that are never active get a new direction every 2,500 "
            "steps."
        ),
        config=ExperimentConfig(
            "arena-dictionary",
            kind=DICTIONARIES,
            features=5,
            hidden=2,
            models=("tied",),
            importance=1.0,
            sparsities=sparsities_of((ARENA_DENSITY,)),
            restarts=ARENA_SEEDS,
            batch=1024,
            steps=20_000,
            learning_rate=1e-3,
            dictionaries=("relu",),
            latents=5,
            latent_penalty=0.4,
            resample_every=2_500,
        ),
        figures=("dictionary",),
        checks=(
            Check(
                "seeds in which all five features are recovered",
                f"at least {MIN_RECOVERED} of {ARENA_SEEDS}",
                DictionaryRecord,
                nearly_all_recover_every_feature,
            ),
            Check("dead latents", "at most 2 of 80", DictionaryRecord, no_latent_is_dead),
        ),
        quick=Quick(steps=7_500, restarts=4),
    ),
    Experiment(
        title="Absorption: a child's latent takes over its parent",
        section=SECTION,
        what_to_see=(
            "Four orthogonal features; feature 1 is active only together with feature 0. The "
            "penalty is smaller if one latent stands for both at once, so the latent of the child "
            "is their sum, and that of the parent is silent on those rows. Features 2 and 3, as "
            "rare but independent, are left alone."
        ),
        config=ExperimentConfig(
            "absorption",
            kind=DICTIONARIES,
            features=4,
            hidden=50,
            models=("tied",),
            importance=1.0,
            sparsities=(0.0,),
            distribution="leader",
            frequency=(FREQUENT, RARE, RARE, RARE),
            correlation=(1.0, 0.0, 0.0),
            directions="orthogonal",
            restarts=5,
            batch=4096,
            steps=60_000,
            learning_rate=3e-4,
            dictionaries=("relu",),
            latents=4,
            latent_penalty=3e-5,
        ),
        figures=("dictionary",),
        checks=(
            Check(
                "cosine of the child's latent with the parent",
                f"1/√2 = {ABSORBED_COSINE:.4f}, ± {COSINE_TOLERANCE:g}",
                DictionaryRecord,
                child_absorbs_its_parent,
            ),
            Check(
                "the same for independent features",
                f"0, ± {INDEPENDENT_TOLERANCE:g}",
                DictionaryRecord,
                independent_features_absorb_nothing,
            ),
            Check(
                "activity of both latents",
                f"{float(absorbed_activity(FREQUENT - RARE, RARE)):.4f}, ± {ACTIVITY_TOLERANCE:g}",
                DictionaryRecord,
                absorption_is_sparser,
            ),
        ),
        quick=Quick(restarts=2),
    ),
    Experiment(
        title="Hedging: a dictionary that is too small mixes features",
        section=SECTION,
        what_to_see=(
            "One latent for a parent and its child, which is active only with its parent. Without "
            "a decoder bias the latent turns from the parent towards the child, by half of "
            "atan2(2·P12, P1): a closed form."
        ),
        config=ExperimentConfig(
            "hedging",
            kind=DICTIONARIES,
            features=2,
            hidden=2,
            models=("tied",),
            importance=1.0,
            sparsities=sparsities_of(BOTH),
            distribution="leader",
            correlation=(1.0,),
            sweep="first-density",
            sweep_values=RATIOS,
            directions="orthogonal",
            batch=4096,
            steps=3_000,
            learning_rate=1e-2,
            learning_rate_schedule="cosine",
            dictionaries=("relu",),
            latents=1,
            latent_penalty=0.0,
            resample_every=300,
            decoder_bias="zero",
        ),
        figures=("hedging", "dictionary"),
        checks=tuple(
            Check(
                f"cosines with parent and child, P1 = {alone:g}, P12 = {both:g}",
                " and ".join(f"{each:.4f}" for each in hedging_cosines(alone, both).tolist())
                + f", ± {HEDGING_TOLERANCE:g}",
                DictionaryRecord,
                hedges_as_in_theory(alone, both),
            )
            for alone, both in HEDGED
        ),
        quick=Quick(steps=1_500),
    ),
    wrong_l0("wrong-l0", 1),
    wrong_l0("wrong-l0-negative", -1),
    Experiment(
        title="All kinds of dictionary on one model in superposition",
        section=SECTION,
        what_to_see=(
            "Twenty features in five dimensions, and every kind of dictionary at several "
            "sparsities of its latents. Recovery against reconstruction: the picture that papers "
            "draw, with the true features known."
        ),
        config=ExperimentConfig(
            "dictionary-zoo",
            kind=DICTIONARIES,
            features=20,
            hidden=5,
            models=("tied",),
            importance=1.0,
            sparsities=(0.99,),
            sweep=ACTIVITY,
            sweep_values=(0.5, 1.0, 2.0, 4.0),
            restarts=3,
            batch=1024,
            steps=10_000,
            learning_rate=1e-3,
            dictionaries=tuple(KINDS),
            latents=20,
            active_latents=0.3,
            latent_penalty=0.05,
            resample_every=2_500,
        ),
        figures=("recovery", "dictionary"),
        quick=Quick(steps=2_500, restarts=1),
    ),
)
