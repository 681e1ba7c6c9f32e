"""The experiment of "The Strategic Picture of Superposition": models without superposition."""

import numpy as np

from superpos_core.checks import (
    LOSS_OVER_LINEAR,
    REPRESENTED,
    Quantity,
    Trained,
    number_at,
)
from superpos_core.config import ExperimentConfig
from superpos_core.experiments.experiment import Experiment
from superpos_core.measures import REPRESENTED_NORM, feature_norms, superposition

SECTION = "The Strategic Picture of Superposition"
SPARSITIES = (0.6, 0.7, 0.8)
IMPORTANCE = 0.6
PENALTY = 0.088
"""A feature of importance I with a hidden unit of its own loses I·(1 − w²)²·p/3 + λ·w·p/2 of sparse
data. It is worth that where I > 1.38·λ = 0.121, and nothing holds it where I < 0.97·λ = 0.086. The
fifth feature, 0.130, stays; the sixth, 0.078, is given up."""


def largest_superposition(trained: Trained) -> float:
    """The largest superposition of a represented feature; NaN where none is represented."""
    represented = feature_norms(trained.encoder) > REPRESENTED_NORM
    shared = superposition(trained.encoder)[represented]
    return float(np.max(shared)) if shared.size else float("nan")


LARGEST_SUPERPOSITION = Quantity(
    "largest superposition of a represented feature", largest_superposition
)

EXPERIMENTS = (
    Experiment(
        title="A penalty on the hidden layer removes superposition",
        section=SECTION,
        what_to_see=(
            "Few important features, and S = 0.6 to 0.8: with λ·‖h‖₁ added to what is "
            "minimised, features below a threshold of importance are given up, and each of the "
            "others has a hidden unit to itself. It costs what "
            "superposition had gained: the loss is no longer less than a linear model's."
        ),
        config=ExperimentConfig(
            name="l1",
            models=("tied",),
            importance=IMPORTANCE,
            sparsities=SPARSITIES,
            hidden_penalty=PENALTY,
            restarts=64,
            steps=4000,
            learning_rate=3e-3,
            learning_rate_schedule="cosine",
        ),
        view="sweep",
        checks=tuple(
            check
            for sparsity in SPARSITIES
            for check in (
                number_at(REPRESENTED, 4, 5, sparsity=sparsity, loss_up_to=1.5),
                number_at(LARGEST_SUPERPOSITION, 0, 0.05, sparsity=sparsity, loss_up_to=1.5),
                number_at(LOSS_OVER_LINEAR, 1, 2, sparsity=sparsity),
            )
        ),
        quick={"steps": 2000, "learning_rate": 5e-3, "restarts": 32},
    ),
)
