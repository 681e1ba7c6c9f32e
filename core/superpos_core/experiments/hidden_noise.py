"""Noise on the hidden layer: when features are given up, and when they return.

Dropout in place of noise shows no hysteresis: at p = 0.5, 0.4 and 0.3 features return at the
dropout at which they are lost, to within stairs of 0.1. So there is no experiment on it.
"""

from collections.abc import Callable

import numpy as np

from superpos_core.analysis.hidden_noise import SWEEP, NoiseResponse, noise_responses
from superpos_core.analysis.hysteresis import Hysteresis, has_hysteresis, hystereses
from superpos_core.experiments.checks.check import Check, NotApplicable, Observation
from superpos_core.experiments.checks.lanes import SAME, all_trained, cohort_of
from superpos_core.experiments.densities import sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

SECTION = "Noise on the hidden layer"
DENSITIES = (1.0, 0.3, 0.1)
NOISE = (0.0, 0.06, 0.1, *(round(0.02 * step, 2) for step in range(7, 23)))
"""σ up to 0.44, above the √(2V) = 0.41 of p = 1."""
REMOVAL_TOLERANCE, LENGTH_TOLERANCE = 0.03, 0.04

RELU, LINEAR = "tied", "linear"
DENSE, SPARSE = 1.0, (0.5, 0.4, 0.3)
"""The densities at which noise rises and falls."""
PLATEAUS = 41
"""Those of the schedule: at each, models train for equally many steps."""
HOLD_ON = {0.4: 1.4, 0.3: 2.5}
"""By density, the least σ that features bear once they are there, in units of √(2V)."""
FEW_STAIRS = 1.5
NEAR_INSTABILITY = (0.5, 1.25)
"""Bounds on the σ of a model without hysteresis, in units of √(2V)."""


def responses(run: LanesRecord) -> list[NoiseResponse]:
    """The linear model at each sparsity; raises as ``all_trained`` does."""
    all_trained(run, "linear")
    return noise_responses(run, "linear")


def given_up_at_twice_the_variance(density: float) -> Callable[[LanesRecord], Observation]:
    """That a line through the measured ‖W‖² reaches 0 at σ² = 2·V(p)."""

    def observe(run: LanesRecord) -> Observation:
        matching = [
            each for each in responses(run) if abs(1 - each.sparsity - density) < SAME * density
        ]
        if not matching:
            raise NotApplicable(f"nothing was trained at p = {density:g}")
        found, expected = matching[0].fitted_removal, matching[0].removed_at
        passed = bool(abs(found / expected - 1) <= REMOVAL_TOLERANCE)
        return Observation(f"σ² = {found:.4f}, 2V = {expected:.4f}", passed)

    return observe


def lengths_as_in_theory(run: LanesRecord) -> Observation:
    """That ‖W‖² is 1 − σ²/(2V), or 0, at every density and noise."""
    off = [float(np.abs(each.squared_norms - each.expected).max()) for each in responses(run)]
    return Observation(f"off by at most {max(off):.3f}", max(off) <= LENGTH_TOLERANCE)


def hysteresis_at(run: LanesRecord, model: str, density: float) -> Hysteresis:
    """What a model does at this density; raises ``NotApplicable`` if it was not trained so."""
    cohort_of(run, model)
    if not has_hysteresis(run, model):
        raise NotApplicable("noise did not rise and fall in this run")
    found = [each for each in hystereses(run, model) if abs(each.density / density - 1) < SAME]
    if not found:
        raise NotApplicable(f"nothing was trained at p = {density:g}")
    return found[0]


def holds_on(density: float) -> Check[LanesRecord]:
    """That a ReLU model keeps its features far beyond the noise that a new feature bears."""

    def observe(run: LanesRecord) -> Observation:
        found = hysteresis_at(run, RELU, density)
        ratio = found.lost_at / found.unstable_below
        text = f"σ = {found.lost_at:.2f}, {ratio:.2f}·√(2V)"
        return Observation(text, bool(ratio >= HOLD_ON[density]))

    name = f"σ at which features are lost on the way up, {RELU} at p = {density:g}"
    return Check(name, f"at least {HOLD_ON[density]:g}·√(2V)", LanesRecord, observe)


def return_where_nothing_is_unstable(run: LanesRecord) -> Observation:
    """That features return near √(2V): close below, they take long to grow from nothing."""
    found = [hysteresis_at(run, RELU, density) for density in SPARSE]
    off = [abs(each.return_at - each.unstable_below) <= FEW_STAIRS * each.stair for each in found]
    seen = ", ".join(f"{each.return_at:.2f}" for each in found)
    theory = ", ".join(f"{each.unstable_below:.2f}" for each in found)
    return Observation(f"σ = {seen}, √(2V) = {theory}", all(off))


def same_both_ways(model: str, densities: tuple[float, ...]) -> Check[LanesRecord]:
    """That features return where they were lost, below or near √(2V)."""
    low, high = NEAR_INSTABILITY

    def observe(run: LanesRecord) -> Observation:
        found = [hysteresis_at(run, model, density) for density in densities]
        passed = all(
            abs(each.lost_at - each.return_at) <= FEW_STAIRS * each.stair
            and low * each.unstable_below <= each.return_at <= high * each.unstable_below
            for each in found
        )
        text = ", ".join(f"{each.lost_at:.2f} and {each.return_at:.2f}" for each in found)
        return Observation(f"σ = {text}", passed)

    where = f"p = {', '.join(f'{density:g}' for density in densities)}"
    return Check(
        f"σ at which features are lost and return, {model} at {where}",
        f"the same, ± {FEW_STAIRS:g} stairs of 0.1, at {low:g} to {high:g}·√(2V)",
        LanesRecord,
        observe,
    )


EXPERIMENTS = (
    Experiment(
        title="A linear model gives a feature up once noise exceeds its variance twice",
        section=SECTION,
        what_to_see=(
            "One feature with a direction of its own, and noise σ on the hidden layer in training. "
            "‖W‖² falls along a straight line in σ² and ends at 0 where σ² is twice the variance V "
            "of the feature: sparse features are given up first."
        ),
        config=ExperimentConfig(
            "noise",
            features=1,
            hidden=1,
            models=("linear",),
            importance=1.0,
            sparsities=sparsities_of(DENSITIES),
            hidden_noise=1.0,
            sweep=SWEEP,
            sweep_values=NOISE,
            batch=4096,
            steps=1500,
            learning_rate=2e-2,
            learning_rate_schedule="cosine",
            weight_decay=0.0,
            initial_scale=0.5,
        ),
        figures=("noise", "gram", "loss"),
        checks=(
            *(
                Check(
                    f"σ² at which the feature is given up, p = {density:g}",
                    f"2V(p), ± {REMOVAL_TOLERANCE:.0%}",
                    LanesRecord,
                    given_up_at_twice_the_variance(density),
                )
                for density in DENSITIES
            ),
            Check(
                "‖W‖² at every density and noise",
                f"1 − σ²/(2V), at least 0, ± {LENGTH_TOLERANCE:g}",
                LanesRecord,
                lengths_as_in_theory,
            ),
        ),
        quick=Quick(batch=2048),
    ),
    Experiment(
        title="Features lost to noise return only at much less noise",
        section=SECTION,
        what_to_see=(
            "Noise σ on the hidden layer rises stair by stair and falls again, on the same "
            "weights. On dense data features are lost and return at the same noise, as in a linear "
            "model at any sparsity. On sparse data the ReLU model holds on to them: its biases "
            "fall below 0 and keep noise out. At S = 0.7 all ten features bear about three times "
            "as much as σ = √(2V), below which a feature of variance V grows from nothing. Once "
            "lost, they return only there: in between, the past decides what is represented."
        ),
        config=ExperimentConfig(
            "noise-hysteresis",
            features=10,
            hidden=5,
            models=(RELU, LINEAR),
            importance=1.0,
            sparsities=sparsities_of((DENSE, *SPARSE)),
            restarts=4,
            hidden_noise=2.0,
            hidden_noise_schedule="up-and-down",
            batch=512,
            steps=600 * PLATEAUS,
            learning_rate=3e-3,
            weight_decay=0.0,
        ),
        figures=("hysteresis", "gram", "loss"),
        first_setting=len(SPARSE),
        checks=(
            *map(holds_on, HOLD_ON),
            Check(
                f"σ at which features return, {RELU} at p = 0.5, 0.4, 0.3",
                f"√(2V), ± {FEW_STAIRS:g} stairs of 0.1",
                LanesRecord,
                return_where_nothing_is_unstable,
            ),
            same_both_ways(RELU, (DENSE,)),
            same_both_ways(LINEAR, (DENSE, *SPARSE)),
        ),
        quick=Quick(batch=256, steps=300 * PLATEAUS, restarts=2),
    ),
)
