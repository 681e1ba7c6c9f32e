"""The experiment of "Superposition in a Privileged Basis".

The paper shows the best of 1000 models at each density. What is found here is the same but for two
densities. At 0.5 the paper has five monosemantic neurons; here the fifth also has a weight of 0.12
for a sixth feature, which counts as it is above a tenth, and loses 0.02 % less. At 0.12 the paper
has six features in four neurons; here the best of 200 has seven, in five.
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
SHARE_THAT_OPENS = 0.25
"""Trained weights of a feature are above 0.6 of its largest, or below 0.2."""


def monosemantic_neurons(trained: Trained) -> float:
    """How many neurons stand for one feature."""
    return neurons_of_lane(trained.config, trained.lane, trained.parameters).count("monosemantic")


def polysemantic_neurons(trained: Trained) -> float:
    """How many neurons stand for several features."""
    return neurons_of_lane(trained.config, trained.lane, trained.parameters).count("polysemantic")


def features_on_pairs(trained: Trained) -> float:
    """How many features open exactly two neurons, a pair that no other feature opens.

    A feature is never negative, so that only its positive weights open a ReLU; negative ones hold
    other features back. One counts above a quarter of the feature's largest.
    """
    weights = trained.encoder.astype(np.float64)
    opened = weights > SHARE_THAT_OPENS * weights.max(axis=1, keepdims=True)
    opened &= weights > 0
    of_pairs = Counter(tuple(np.flatnonzero(row)) for row in opened if row.sum() == 2)
    return sum(count == 1 for count in of_pairs.values())


MONOSEMANTIC = Quantity("monosemantic neurons", monosemantic_neurons, digits=0)
POLYSEMANTIC = Quantity("polysemantic neurons", polysemantic_neurons, digits=0)
ON_PAIRS = Quantity("features on a pair of neurons of their own", features_on_pairs, digits=0)

EXPERIMENTS = (
    Experiment(
        title="A ReLU on the hidden layer makes neurons",
        section=SECTION,
        what_to_see=(
            "Dense data: a neuron for each of the five most important features; at 1−S = 0.5 the "
            "fifth takes in an eighth of a sixth, where the paper has none. At 0.2 three stay as "
            "they are, while two neurons share three features; at 0.15 three share five, or four "
            "share six; at 0.06 five share eight. At 0.03 no neuron stands for one feature: most "
            "features open a pair of neurons, and their negative weights keep others closed."
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
            "A ReLU on the hidden layer makes its axes special: these are neurons. Dense data: "
            "one feature for each. Sparser: some neurons stand for several, and in the end none "
            "is left that stands for one."
        ),
    ),
)
