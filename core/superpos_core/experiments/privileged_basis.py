"""The experiment of "Superposition in a Privileged Basis".

The paper shows the best of 1000 models at each density. The results here agree except at two
densities. At 0.5 the paper has five monosemantic neurons; here the fifth also has a weight of 0.12
for a sixth feature, which counts because it exceeds a tenth, and the loss is 0.02 % lower. At 0.12
the paper has six features in four neurons; here the best of 200 has seven, in five.
"""

from collections import Counter

import numpy as np

from superpos_core.analysis.neurons import neurons_of_lane
from superpos_core.experiments.checks.lanes import Trained
from superpos_core.experiments.checks.quantities import REPRESENTED, Quantity, number_at
from superpos_core.experiments.densities import sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.task.config import ExperimentConfig

SECTION = "Superposition in a Privileged Basis"
DENSITIES = (0.75, 0.5, 0.35, 0.2, 0.15, 0.1, 0.06, 0.03)
MODEL = "relu-hidden"
OPENING_SHARE = 0.25
"""Between the trained weights of a feature: they are above 0.6 of its largest, or below 0.2."""


def monosemantic_neurons(trained: Trained) -> float:
    """The number of neurons that respond to one feature."""
    return neurons_of_lane(trained.config, trained.lane, trained.parameters).count("monosemantic")


def polysemantic_neurons(trained: Trained) -> float:
    """The number of neurons that respond to several features."""
    return neurons_of_lane(trained.config, trained.lane, trained.parameters).count("polysemantic")


def features_on_pairs(trained: Trained) -> float:
    """The number of features that activate exactly two neurons, a pair that no other activates.

    A feature is never negative, so only its positive weights activate a ReLU; negative ones
    suppress other features. A weight counts above a quarter of the feature's largest.
    """
    weights = trained.encoder.astype(np.float64)
    opened = weights > OPENING_SHARE * weights.max(axis=1, keepdims=True)
    opened &= weights > 0
    pairs = Counter(tuple(np.flatnonzero(row)) for row in opened if row.sum() == 2)
    return sum(count == 1 for count in pairs.values())


MONOSEMANTIC = Quantity("monosemantic neurons", monosemantic_neurons, digits=0)
POLYSEMANTIC = Quantity("polysemantic neurons", polysemantic_neurons, digits=0)
ON_PAIRS = Quantity("features with their own pair of neurons", features_on_pairs, digits=0)

EXPERIMENTS = (
    Experiment(
        title="A ReLU on the hidden layer makes neurons",
        section=SECTION,
        what_to_see=(
            "Dense data: one neuron for each of the five most important features; at S = 0.5 the "
            "fifth also has an eighth of a sixth, unlike in the paper. At 0.8 three stay "
            "monosemantic, while two neurons share three features; at 0.85 three share five, or "
            "four share six; at 0.94 five share eight. At 0.97 no neuron is monosemantic: most "
            "features activate a pair of neurons, and their negative weights suppress others."
        ),
        config=ExperimentConfig(
            name="privileged-basis",
            features=10,
            hidden=5,
            models=(MODEL,),
            importance=0.75,
            sparsities=sparsities_of(DENSITIES),
            restarts=100,
            steps=3000,
            learning_rate=5e-3,
            learning_rate_schedule="cosine",
        ),
        first_setting=3,
        figures=("neurons", "norms", "loss"),
        checks=(
            number_at(MONOSEMANTIC, 5, 5, model=MODEL, sparsity=1 - 0.75, loss_up_to=1.1),
            number_at(REPRESENTED, 5, 5, model=MODEL, sparsity=1 - 0.75, loss_up_to=1.1),
            number_at(MONOSEMANTIC, 4, 5, model=MODEL, sparsity=1 - 0.5, loss_up_to=1.02),
            number_at(REPRESENTED, 5, 5, model=MODEL, sparsity=1 - 0.5, loss_up_to=1.02),
            number_at(MONOSEMANTIC, 3, 3, model=MODEL, sparsity=1 - 0.2, loss_up_to=1.0),
            number_at(POLYSEMANTIC, 2, 2, model=MODEL, sparsity=1 - 0.2, loss_up_to=1.0),
            number_at(REPRESENTED, 6, 6, model=MODEL, sparsity=1 - 0.2, loss_up_to=1.0),
            number_at(MONOSEMANTIC, 1, 2, model=MODEL, sparsity=1 - 0.15, loss_up_to=0.95),
            number_at(REPRESENTED, 7, 7, model=MODEL, sparsity=1 - 0.15, loss_up_to=0.95),
            number_at(REPRESENTED, 8, 8, model=MODEL, sparsity=1 - 0.06, loss_up_to=0.75),
            number_at(MONOSEMANTIC, 0, 0, model=MODEL, sparsity=1 - 0.06, loss_up_to=0.75),
            number_at(ON_PAIRS, 5, 10, model=MODEL, sparsity=1 - 0.03, loss_up_to=0.6),
            number_at(MONOSEMANTIC, 0, 0, model=MODEL, sparsity=1 - 0.03, loss_up_to=0.6),
            number_at(REPRESENTED, 9, 10, model=MODEL, sparsity=1 - 0.03, loss_up_to=0.6),
        ),
        quick=Quick(steps=1500, learning_rate=1e-2, restarts=50),
        tour=(
            "A ReLU on the hidden layer gives it a privileged basis: its units are neurons. Dense "
            "data: one feature per neuron. Sparser: some neurons become polysemantic, and in the "
            "end none is monosemantic."
        ),
    ),
)
