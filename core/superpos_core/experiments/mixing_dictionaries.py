"""Experiments with dictionaries that mix features: one of too few latents, one of too small a k."""

from superpos_core.experiments.checks.check import Check
from superpos_core.experiments.checks.dictionaries import (
    BOTH,
    CORRELATION,
    FACTORS,
    HEDGED,
    HEDGING_TOLERANCE,
    KEPT_COSINE,
    MAP_BOTH,
    MAP_DEGREES,
    MAP_RATIOS,
    MAP_SHARE,
    MAX_MIXING,
    MIXING,
    MIXING_TOLERANCE,
    RATIOS,
    TOO_FEW,
    TRUE_L0,
    WRONG_DENSITY,
    hedges_as_in_theory,
    map_is_as_in_theory,
    right_k_keeps_the_truth,
    small_k_beats_the_truth,
    small_k_mixes_correlated_features,
)
from superpos_core.experiments.densities import sparsities_of
from superpos_core.experiments.dictionaries import ACTIVITY, SECTION
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.theory.dictionaries import hedging_cosines


def hedging(
    name: str,
    title: str,
    what_to_see: str,
    both: tuple[float, ...],
    ratios: tuple[float, ...],
    checks: tuple[Check[DictionaryRecord], ...],
    quick: Quick,
) -> Experiment:
    """One latent for a parent and its child, at P12 = ``both`` and P(parent) = ratio · P12."""
    return Experiment(
        title=title,
        section=SECTION,
        what_to_see=what_to_see,
        config=ExperimentConfig(
            name,
            kind=DICTIONARIES,
            features=2,
            hidden=2,
            models=("tied",),
            importance=1.0,
            sparsities=sparsities_of(both),
            distribution="leader",
            correlation=(1.0,),
            sweep="first-density",
            sweep_values=ratios,
            directions="orthogonal",
            batch=4096,
            steps=1_500,
            learning_rate=1e-2,
            learning_rate_schedule="cosine",
            dictionaries=("relu",),
            latents=1,
            latent_penalty=0.0,
            encoder="tied",
            decoder_bias="zero",
            resample_every=300,
        ),
        figures=("hedging", "dictionary"),
        checks=checks,
        quick=quick,
    )


def _what_a_small_k_does(sign: int) -> str:
    related, takes = ("correlated", "in") if sign > 0 else ("anticorrelated", "away")
    return (
        f"Five orthogonal features, two of them active per row, and feature 0 {related} with the "
        "others. Every dictionary starts from the truth. With k = 2 it stays there; with k = 1.8 "
        f"every other latent takes {takes} a part of feature 0, and the error falls below the "
        "truth's: a better reconstruction by wrong features."
    )


def _checks_of_a_small_k(sign: int) -> tuple[Check[DictionaryRecord], ...]:
    return (
        Check(
            "features and mixing at the true L0, k = 2",
            f"cosines at least {KEPT_COSINE:g}, mixing at most {MAX_MIXING:g}",
            DictionaryRecord,
            right_k_keeps_the_truth,
        ),
        Check(
            "mean cosine of feature 0 with the other latents, k = 1.8",
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
    )


def wrong_l0(name: str, sign: int) -> Experiment:
    """The experiment with features of this sign of correlation."""
    correlated = "correlated" if sign > 0 else "anticorrelated"
    return Experiment(
        title=f"Sparse but wrong: too small a k mixes {correlated} features",
        section=SECTION,
        what_to_see=_what_a_small_k_does(sign),
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
            batch=500,
            steps=20_000,
            learning_rate=3e-4,
            dictionaries=("batch-topk",),
            latents=5,
            active_latents=TRUE_L0,
            dictionary_start="truth",
        ),
        figures=("recovery", "dictionary"),
        checks=_checks_of_a_small_k(sign),
        first_setting=FACTORS.index(TOO_FEW),
        quick=Quick(sweep_values=(0.8, TOO_FEW, 1.0)),
    )


EXPERIMENTS = (
    hedging(
        "hedging",
        "Hedging: a dictionary that is too small mixes features",
        "One latent for a parent and its child, which is active only with its parent. Without a "
        "decoder bias the latent turns from the parent towards the child, by half of "
        "atan2(2·P12, P1): a closed form.",
        BOTH,
        RATIOS,
        tuple(
            Check(
                f"cosines with parent and child, P1 = {alone:g}, P12 = {both:g}",
                " and ".join(f"{each:.4f}" for each in hedging_cosines(alone, both).tolist())
                + f", ± {HEDGING_TOLERANCE:g}",
                DictionaryRecord,
                hedges_as_in_theory(alone, both),
            )
            for alone, both in HEDGED
        ),
        Quick(steps=1_000),
    ),
    hedging(
        "hedging-map",
        "A map of hedging: one dictionary per cell",
        "The same at all frequencies of parent and child: one dictionary per pair of P1 and P12, "
        "beside the closed form.",
        MAP_BOTH,
        MAP_RATIOS,
        (
            Check(
                f"cells within {MAP_DEGREES:g}° of the closed form",
                f"at least {MAP_SHARE:.0%}",
                DictionaryRecord,
                map_is_as_in_theory,
            ),
        ),
        Quick(sparsities=sparsities_of(MAP_BOTH[::5]), sweep_values=MAP_RATIOS[::5]),
    ),
    wrong_l0("wrong-l0", 1),
    wrong_l0("wrong-l0-negative", -1),
)
