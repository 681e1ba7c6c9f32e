"""Experiments with dictionaries, which should find the features of hidden vectors."""

from superpos_core.experiments.checks.check import Check
from superpos_core.experiments.checks.dictionaries import (
    ACTIVITY_TOLERANCE,
    ARENA_DENSITY,
    ARENA_SEEDS,
    COSINE_TOLERANCE,
    FREQUENT,
    INDEPENDENT_TOLERANCE,
    MIN_RECOVERED,
    RARE,
    ZOO_FACTORS,
    ZOO_GAIN,
    ZOO_RECOVERED,
    absorption_is_sparser,
    child_absorbs_its_parent,
    independent_features_absorb_nothing,
    nearly_all_recover_every_feature,
    no_latent_is_dead,
    one_latent_per_row_recovers_features,
    sparser_recovers_more_and_explains_less,
)
from superpos_core.experiments.densities import sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.theory.dictionaries import ABSORBED_COSINE, absorbed_activity

SECTION = "Dictionaries (sparse autoencoders) with the truth beside them"
ACTIVITY = "latent-activity"
"""The sweep of k, and of λ the other way round."""


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
            latent_penalty=0.3,
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
            "Four orthogonal features, of which one, the child, is active only together with "
            "another, its parent. The penalty is smaller if one latent stands for both at once, so "
            "the latent of the child is their sum, and that of the parent is silent on those rows. "
            "The others, as rare but independent, are left alone."
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
            batch=1024,
            steps=90_000,
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
            sweep_values=ZOO_FACTORS,
            restarts=3,
            batch=1024,
            steps=10_000,
            learning_rate=1e-3,
            dictionaries=tuple(KINDS),
            latents=20,
            active_latents=0.3,
            latent_penalty=0.1,
            resample_every=2_500,
        ),
        figures=("recovery", "dictionary"),
        checks=(
            Check(
                "features recovered by topk, k = 1",
                f"at least {ZOO_RECOVERED:.0%}",
                DictionaryRecord,
                one_latent_per_row_recovers_features,
            ),
            Check(
                "batch-topk: fewer active latents",
                f"MCC higher by {ZOO_GAIN:g}, and a larger error",
                DictionaryRecord,
                sparser_recovers_more_and_explains_less,
            ),
        ),
        quick=Quick(steps=5_000, restarts=1, sweep_values=(0.5, 4.0)),
    ),
)
