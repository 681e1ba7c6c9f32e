"""Experiments on scaling laws: how the loss falls with the hidden dimension m.

From "Superposition yields robust neural scaling" (Liu, Liu and Gore 2025), whose settings they use:
values U(0, 2), one active feature per row on average, batches of 2048 rows. A positive weight decay
leaves rare features out (weak superposition), a negative one keeps all (strong superposition).
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from superpos_core.analysis.scaling import Scaling, can_scale, scaling_of
from superpos_core.arrays import FloatArray
from superpos_core.experiments.checks.check import Check, NotApplicable, Observation
from superpos_core.experiments.checks.lanes import all_trained
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

SECTION = "Superposition Yields Robust Neural Scaling (Liu et al. 2025)"
MODEL = "tied"
SIZES = (10, 16, 25, 40, 63, 100)
QUICK_FEATURES, QUICK_SIZES = 200, (8, 11, 16, 22, 30, 40)
WEAK_BELOW_LINEAR = 0.9
"""Maximum loss in weak superposition, relative to that of the best linear model."""
MIN_REPRESENTED = 0.95
"""Minimum share of features in strong superposition: all, but for some at the smallest m."""
MAX_WEAK = 0.6
"""Maximum share of features in weak superposition."""
NEAR_THE_SUM = (0.8, 1.6)
"""Bounds on the loss over the sum for the features left out: overlaps add to it, and features with
norms just below ½ take from it."""
LEAST_OVERLAP = 0.75
"""Minimum of m times the mean squared overlap: Welch's bound is below 1/m where m is not small."""
ROUNDING = 1e-6


def _scaling(run: LanesRecord) -> Scaling:
    """The losses over m; raises ``NotApplicable`` for another run, ``NotFinite`` if it diverged."""
    if not can_scale(run):
        raise NotApplicable("m was not swept over independent features")
    all_trained(run, MODEL)
    return scaling_of(run, MODEL)


def _range(values: FloatArray) -> str:
    return f"{values.min():.2f} to {values.max():.2f}"


def _is_better_than_linear(scaling: Scaling) -> bool:
    """Whether the ReLU helps at every m, as it does even in weak superposition."""
    return bool(np.all(scaling.over_linear <= WEAK_BELOW_LINEAR))


def exponent_between(
    low: float, high: float, below_linear: float, least_represented: float = 0.0
) -> Check[LanesRecord]:
    """That the loss falls as a power of m, and is below the best linear model's at every m.

    The loss is at most ``below_linear`` times that of the best linear model: random directions
    overlap less as m grows, and their loss falls too. At every m the share ``least_represented`` of
    features is represented, or else the law would be that of features left out.
    """
    all_kept = f", with {least_represented:.0%} represented" if least_represented else ""

    def observe(run: LanesRecord) -> Observation:
        scaling = _scaling(run)
        ratio = float(np.max(scaling.over_linear))
        law = scaling.law
        if law is None:
            return Observation("no power law", passed=False)
        text = f"{law.exponent:.2f} ± {law.uncertainty:.2f}, at most {ratio:.2f} × linear"
        share = float(scaling.represented.min())
        text += f", with {share:.0%} represented" if least_represented else ""
        works = ratio <= below_linear and share >= least_represented
        return Observation(text, low <= law.exponent <= high and works)

    return Check(
        "exponent of the loss over m",
        f"{low:g} to {high:g}, and at most {below_linear:g} × linear at every m{all_kept}",
        LanesRecord,
        observe,
    )


def loss_is_that_of_features_left_out(run: LanesRecord) -> Observation:
    """In weak superposition the loss is Σ V(p_i) over the features that are not represented."""
    scaling = _scaling(run)
    if not np.all(scaling.loss_of_ignored > 0):
        return Observation("all features are represented at some m", passed=False)
    ratios = scaling.losses / scaling.loss_of_ignored
    low, high = NEAR_THE_SUM
    is_near = bool(np.all((low <= ratios) & (ratios <= high)))
    return Observation(f"{_range(ratios)} times", is_near and _is_better_than_linear(scaling))


def more_dimensions_keep_more_features(run: LanesRecord) -> Observation:
    """In weak superposition φ½ grows with m and is above m/n, and many features are left out."""
    scaling = _scaling(run)
    shares = scaling.represented
    grows = all(before < after for before, after in pairwise(shares.tolist()))
    is_superposition = bool(np.all(shares > 1.1 * scaling.hidden / scaling.features))
    leaves_many_out = bool(np.all(shares <= MAX_WEAK)) and _is_better_than_linear(scaling)
    text = " → ".join(f"{share:.1%}" for share in shares)
    return Observation(text, grows and is_superposition and leaves_many_out)


def strong_superposition(most_overlap: float, below_linear: float) -> Check[LanesRecord]:
    """That nearly all features are represented, and overlap about as random directions do."""

    def observe(run: LanesRecord) -> Observation:
        scaling = _scaling(run)
        shares, overlaps = scaling.represented, scaling.overlaps * scaling.hidden
        has_all = bool(np.all(shares >= MIN_REPRESENTED))
        is_spread = bool(np.all((overlaps >= LEAST_OVERLAP) & (overlaps <= most_overlap)))
        is_possible = bool(np.all(scaling.overlaps >= (1 - ROUNDING) * scaling.least_overlaps))
        works = bool(np.all(scaling.over_linear <= below_linear))
        text = f"{shares.min():.1%} at least, {_range(overlaps)} / m"
        return Observation(text, has_all and is_spread and is_possible and works)

    return Check(
        "features represented, and their mean squared overlap",
        f"at least {MIN_REPRESENTED:.0%}, {LEAST_OVERLAP:g} to {most_overlap:g} / m, "
        "none below Welch's bound",
        LanesRecord,
        observe,
    )


WEAK = ExperimentConfig(
    name="scaling-weak",
    features=1000,
    models=(MODEL,),
    sparsities=(0.0,),
    importance=1.0,
    distribution="uniform-2",
    frequency="zipf",
    alpha=2.0,
    active=1.0,
    hidden=max(SIZES),
    sweep="hidden",
    sweep_values=SIZES,
    batch=2048,
    steps=4000,
    learning_rate=1e-2,
    learning_rate_schedule="cosine",
    warm_up=200,
    weight_decay=1.0,
    decay_of="weights",
)
QUICK = Quick(features=QUICK_FEATURES, hidden=max(QUICK_SIZES), sweep_values=QUICK_SIZES)
LAST = len(SIZES) - 1

EXPERIMENTS = (
    Experiment(
        title="Weak superposition: the loss of the features left out",
        section=SECTION,
        what_to_see=(
            "The features are ever rarer, pᵢ ∝ i⁻², and weight decay gives up the rarest. Each "
            "further dimension keeps a few more, and the loss is the variance of those left out: "
            "it falls with m because the frequencies fall with i. Look at the figure `scaling`: "
            "the rings follow from the number of features that are represented."
        ),
        config=WEAK,
        figures=("scaling", "loss", "norms"),
        first_setting=LAST,
        checks=(
            Check(
                "loss, over that of the features left out",
                f"{NEAR_THE_SUM[0]:g} to {NEAR_THE_SUM[1]:g} times at every m",
                LanesRecord,
                loss_is_that_of_features_left_out,
            ),
            Check(
                "share of features represented, over m",
                f"rises with m, above m/n and at most {MAX_WEAK:.0%}",
                LanesRecord,
                more_dimensions_keep_more_features,
            ),
            exponent_between(0.6, 1.4, WEAK_BELOW_LINEAR),
        ),
        quick=QUICK,
    ),
    Experiment(
        title="Strong superposition: the loss of interference",
        section=SECTION,
        what_to_see=(
            "All features are equally frequent, and a negative weight decay keeps every one of "
            "them at length 1. They share the dimensions like random directions, whose squared "
            "overlap is 1/m on average, and the loss falls about as 1/m, and faster where m is not "
            "small beside n: no longer because of what is left out, but because of what "
            "interferes."
        ),
        config=replace(WEAK, name="scaling-strong", alpha=0.0, weight_decay=-1.0),
        figures=("scaling", "loss", "norms"),
        first_setting=LAST,
        checks=(
            strong_superposition(1.15, below_linear=0.98),
            exponent_between(0.9, 1.8, 0.98, MIN_REPRESENTED),
        ),
        quick=QUICK,
    ),
    Experiment(
        title="Strong superposition of skewed frequencies: a steeper law",
        section=SECTION,
        what_to_see=(
            "The same ever rarer features as in `scaling-weak`, all of them kept by a negative "
            "weight decay. The frequent ones keep out of each other's way, so that the loss falls "
            "faster than 1/m: as m to the −2(α − 1), with pᵢ ∝ i^−α and α = 2. It is far below "
            "that of weak superposition at every m."
        ),
        config=replace(WEAK, name="scaling-skewed", weight_decay=-1.0),
        figures=("scaling", "loss", "norms"),
        first_setting=LAST,
        checks=(
            strong_superposition(3.5, below_linear=0.5),
            exponent_between(1.6, 2.6, 0.5, MIN_REPRESENTED),
        ),
        quick=QUICK,
    ),
)
