"""What checks observe of trained dictionaries, whose true features are known."""

from collections.abc import Callable, Sequence

import numpy as np

from superpos_core.analysis.dictionaries.hedging import hedging_of
from superpos_core.analysis.dictionaries.matching import UNMATCHED
from superpos_core.analysis.dictionaries.of_record import score_of
from superpos_core.analysis.dictionaries.score import DictionaryScore
from superpos_core.experiments.checks.check import NotApplicable, Observation
from superpos_core.experiments.checks.lanes import is_at
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.theory.dictionaries import (
    ABSORBED_COSINE,
    absorbed_activity,
    hedging_cosines,
    separate_activity,
)

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
        if is_at(lane, density, swept)
    ]
    if not found:
        factor = "" if swept is None else f", factor {swept:g}"
        raise NotApplicable(f"nothing was trained at 1−S = {density:g}{factor}")
    return found


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


MAP_BOTH = tuple(float(each) for each in np.geomspace(0.005, 0.15, 100).round(6))
MAP_RATIOS = tuple(float(each) for each in (1 + np.geomspace(0.1, 5, 100)).round(4))
MAP_DEGREES, MAP_SHARE = 1.0, 0.99


def map_is_as_in_theory(run: DictionaryRecord) -> Observation:
    """The share of dictionaries whose angle is as far from the parent as it should be."""
    hedged = hedging_of(run, next(iter(run.cohorts)))
    off = np.degrees(np.abs(hedged.angle - hedged.expected))
    share = float(np.mean(off <= MAP_DEGREES))
    return Observation(f"{share:.1%} of {off.size:,}", share >= MAP_SHARE)


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
        mixed = np.array([_mixing(score) for score in scores])
        means = mixed.mean(axis=1)
        is_close = bool(np.all(np.abs(means - sign * MIXING) <= MIXING_TOLERANCE))
        has_sign = bool(np.all(mixed * sign > MAX_MIXING))
        return Observation(_range(means.tolist(), 3), is_close and has_sign)

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


# ── all kinds ─────────────────────────────────────────────────────────────────────────────────

ZOO_DENSITY = 0.01
ZOO_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
SPARSE, FULL = 0.5, 4.0
ZOO_RECOVERED, ZOO_GAIN = 0.7, 0.05


def one_latent_per_row_recovers_features(run: DictionaryRecord) -> Observation:
    """Rows have hardly ever more than one active feature: what topk with k = 1 assumes."""
    scores = scores_at(run, "topk", ZOO_DENSITY, SPARSE)
    share = float(np.mean([score.is_recovered for score in scores]))
    return Observation(f"{share:.0%}", share >= ZOO_RECOVERED)


def sparser_recovers_more_and_explains_less(run: DictionaryRecord) -> Observation:
    """Recovery and reconstruction are at odds."""
    sparse, full = (scores_at(run, "batch-topk", ZOO_DENSITY, each) for each in (SPARSE, FULL))
    mcc = [float(np.mean([score.mcc for score in scores])) for scores in (sparse, full)]
    error = [
        float(np.mean([score.reconstruction.error for score in scores]))
        for scores in (sparse, full)
    ]
    text = f"MCC {mcc[0]:.3f} and {mcc[1]:.3f}, error {error[0]:.2g} and {error[1]:.2g}"
    return Observation(text, mcc[0] >= mcc[1] + ZOO_GAIN and error[0] > error[1])
