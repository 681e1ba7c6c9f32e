"""The experiment of "Relationship to Adversarial Robustness"."""

import numpy as np

from superpos_core.adversarial import REFERENCE_MODEL, relative_vulnerability_of_lane
from superpos_core.checks import Check, Seen, all_trained, trained_at
from superpos_core.config import ExperimentConfig
from superpos_core.experiments.densities import log_spaced, sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.measures import dimensions_per_feature
from superpos_core.snapshot import Snapshot

SECTION = "Relationship to Adversarial Robustness"
DENSITIES = log_spaced(1, 0.02, 8)


def vulnerability_at(run: Snapshot, sparsity: float) -> float:
    """(L' − L)/(L'₀ − L₀) of the ReLU model against the linear one, over the same rows."""
    attacked, linear = (trained_at(run, model, sparsity) for model in ("tied", REFERENCE_MODEL))
    return relative_vulnerability_of_lane(
        attacked.config, attacked.lane, attacked.parameters, linear.parameters
    )


def dense_models_are_equally_vulnerable(run: Snapshot) -> Seen:
    """Without superposition there is nothing more to attack than in a linear model."""
    ratio = vulnerability_at(run, 0)
    return Seen(f"{ratio:.2f}", 0.85 <= ratio <= 1.2)


def superposition_is_vulnerable(run: Snapshot) -> Seen:
    """The paper sees more than three times the vulnerability."""
    ratio = vulnerability_at(run, 1 - DENSITIES[-1])
    return Seen(f"{ratio:.1f}", ratio > 3)


def vulnerability_follows_features_per_dimension(run: Snapshot) -> Seen:
    """Both rise by factors, so their logarithms are compared."""
    lanes = all_trained(run, "tied")
    vulnerable = [vulnerability_at(run, trained.lane.sparsity) for trained in lanes]
    crowded = [1 / float(dimensions_per_feature(trained.encoder)) for trained in lanes]
    with np.errstate(all="ignore"):
        correlation = float(np.corrcoef(np.log(vulnerable), np.log(crowded))[0, 1])
    return Seen(f"{correlation:.2f}", correlation > 0.8)


EXPERIMENTS = (
    Experiment(
        title="Superposition makes models easy to attack",
        section=SECTION,
        what_to_see=(
            "A small change of the input that is made to harm costs a ReLU model as much as a "
            "linear one on dense data, and several times as much once features share dimensions. "
            "The vulnerability follows the number of features per dimension."
        ),
        config=ExperimentConfig(
            name="adversarial",
            models=("tied", "linear"),
            importance=1.0,
            sparsities=sparsities_of(DENSITIES),
            steps=5000,
            learning_rate=2e-3,
            learning_rate_schedule="cosine",
        ),
        view="probe",
        first_setting=4,
        figures=("vulnerability", "norms", "loss"),
        checks=(
            Check(
                "vulnerability over that of the linear model, dense data",
                "1.0",
                dense_models_are_equally_vulnerable,
            ),
            Check(
                "vulnerability over that of the linear model, sparse data",
                "more than 3",
                superposition_is_vulnerable,
            ),
            Check(
                "vulnerability and features per dimension, correlation of logarithms",
                "more than 0.8",
                vulnerability_follows_features_per_dimension,
            ),
        ),
        quick={"steps": 2000, "learning_rate": 0.005, "learning_rate_schedule": "cosine"},
        tour=(
            "Superposition has a price. A small change of the input that is meant to harm moves "
            "an output through all the features that share its direction: several times the "
            "harm that it does to a linear model."
        ),
    ),
)
