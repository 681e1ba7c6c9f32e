"""Noise on the hidden layer: a linear model gives features up, at a noise that theory knows."""

from collections.abc import Callable

import numpy as np

from superpos_core.analysis.hidden_noise import SWEEP, NoiseResponse, noise_responses
from superpos_core.experiments.checks.check import Check, NotApplicable, Observation
from superpos_core.experiments.checks.lanes import SAME, all_trained
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
)
