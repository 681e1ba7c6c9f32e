"""The introduction's five features in a plane, and "Demonstrating Superposition"."""

import numpy as np

from superpos_core.checks import (
    LOSS_OVER_LINEAR,
    REPRESENTED,
    SUM_OF_DIMENSIONALITIES,
    Check,
    Seen,
    all_trained,
    falls_with_sparsity,
    geometry_at,
    number_at,
    number_everywhere,
)
from superpos_core.config import ExperimentConfig
from superpos_core.experiments.densities import PAPER_DENSITIES, log_spaced, sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.measures import feature_norms
from superpos_core.snapshot import Snapshot

SECTION = "Demonstrating Superposition"
INTRO_SPARSITIES = sparsities_of(log_spaced(1, 0.05, 10))
IGNORED_NORM = 0.1
"""Below this a feature is taken for ignored where its bias is asked for."""


def ignored_biases_are_means(model: str) -> Check:
    """That an ignored feature's output is its mean, whatever else is going on.

    The features asked are those after the first m up to twice as many: the least important ones
    weigh next to nothing, and wander with the optimiser's noise.
    """

    def look(run: Snapshot) -> Seen:
        worst = 0.0
        for trained in all_trained(run, model):
            hidden = trained.config.hidden
            asked = slice(hidden, 2 * hidden)
            ignored = feature_norms(trained.encoder[asked]) < IGNORED_NORM
            mean = trained.lane.density / 2
            off = np.abs(trained.parameters.bias[asked][ignored] - mean)
            worst = max(worst, float(np.max(off, initial=0)))
        return Seen(f"off by {worst:.3f} at most", worst < 0.05)

    return Check(f"biases of ignored features, {model} at every setting", "(1 − S)/2", look)


EXPERIMENTS = (
    Experiment(
        title="Twenty features in five dimensions, from dense to sparse",
        section=SECTION,
        what_to_see=(
            "Dense data: the five most important features get a dimension each. Sparser: "
            "antipodal pairs appear, then all features lie in superposition."
        ),
        config=ExperimentConfig(name="seed"),
        checks=(
            number_at(REPRESENTED, 5, 5, sparsity=0),
            number_at(LOSS_OVER_LINEAR, 0.98, 1.02, sparsity=0),
            number_at(REPRESENTED, 7, 9, sparsity=0.7),
            number_at(REPRESENTED, 8, 11, sparsity=0.9),
            number_at(LOSS_OVER_LINEAR, 0.42, 0.55, sparsity=0.9),
            number_at(REPRESENTED, 9, 14, sparsity=0.99),
            number_at(LOSS_OVER_LINEAR, 0.14, 0.28, sparsity=0.99),
            number_at(REPRESENTED, 11, 17, sparsity=0.999),
            falls_with_sparsity(LOSS_OVER_LINEAR, (0.0, 0.9, 0.99)),
            number_everywhere(SUM_OF_DIMENSIONALITIES, 4.85, 5 + 1e-6),
        ),
        quick={"steps": 3000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
    ),
    Experiment(
        title="Five features in a plane",
        section="Introduction",
        what_to_see=(
            "Dense data: the two most important features get an axis each. From one half to a "
            "quarter active: four features as two antipodal pairs. A tenth and below: all five, "
            "as a pentagon."
        ),
        config=ExperimentConfig(
            name="intro",
            features=5,
            hidden=2,
            models=("tied",),
            importance=0.9,
            sparsities=INTRO_SPARSITIES,
            restarts=8,
        ),
        view="geometry",
        figures=("geometry", "loss"),
        checks=(
            geometry_at("2 dedicated · 3 ignored", sparsity=INTRO_SPARSITIES[0]),
            geometry_at("2 digons · 1 ignored", sparsity=INTRO_SPARSITIES[4]),
            geometry_at("1 pentagon", sparsity=INTRO_SPARSITIES[9]),
        ),
        quick={"steps": 2000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
        tour=(
            "Five features, two dimensions. Dense data: two features have an axis each. Sparser: "
            "four of them, as antipodal pairs, then all five, as a pentagon. Nothing but the "
            "sparsity of the data changes."
        ),
    ),
    Experiment(
        title="Linear and ReLU models, side by side",
        section=SECTION,
        what_to_see=(
            "The linear model keeps the five most important features at every sparsity. The ReLU "
            "model does the same on dense data; the sparser the data, the more features it keeps, "
            "first as antipodal pairs of the less important ones."
        ),
        config=ExperimentConfig(
            name="demonstration",
            models=("tied", "linear"),
            sparsities=sparsities_of(PAPER_DENSITIES),
        ),
        view="compare",
        first_setting=2,
        figures=("demonstration", "loss"),
        checks=(
            number_everywhere(REPRESENTED, 5, 5, model="linear"),
            *(
                number_at(LOSS_OVER_LINEAR, 0.99, 1.01, model="linear", sparsity=sparsity)
                for sparsity in (0, 0.7, 0.9)
            ),
            ignored_biases_are_means("linear"),
            number_at(REPRESENTED, 5, 5, sparsity=0),
            number_at(LOSS_OVER_LINEAR, 0.98, 1.02, sparsity=0),
            number_at(REPRESENTED, 7, 9, sparsity=0.7),
            number_at(REPRESENTED, 8, 11, sparsity=0.9),
            number_at(REPRESENTED, 9, 14, sparsity=0.99),
            number_at(REPRESENTED, 11, 17, sparsity=0.999),
            falls_with_sparsity(LOSS_OVER_LINEAR, (0.0, 0.9, 0.99)),
            number_everywhere(SUM_OF_DIMENSIONALITIES, 4.85, 5 + 1e-6),
        ),
        quick={"steps": 3000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
        tour=(
            "Twenty features, five dimensions. A linear model keeps the five that matter most, "
            "however sparse the data. With a ReLU on the output, more and more of them fit: "
            "their interference is paid for rarely."
        ),
    ),
    Experiment(
        title="The same, four times as large",
        section=SECTION,
        what_to_see="Eighty features in twenty dimensions: a larger picture of the same kind.",
        config=ExperimentConfig(
            name="demonstration-large",
            features=80,
            hidden=20,
            models=("tied", "linear"),
            importance=0.9,
            sparsities=sparsities_of(PAPER_DENSITIES),
        ),
        view="compare",
        first_setting=2,
        figures=("demonstration", "loss"),
        checks=(
            number_everywhere(REPRESENTED, 20, 20, model="linear"),
            number_at(REPRESENTED, 20, 20, sparsity=0),
            number_at(LOSS_OVER_LINEAR, 0.98, 1.02, sparsity=0),
            falls_with_sparsity(LOSS_OVER_LINEAR, (0.0, 0.9, 0.99)),
        ),
        quick={
            "steps": 6000,
            "batch": 256,
            "learning_rate": 5e-3,
            "learning_rate_schedule": "cosine",
        },
    ),
)
