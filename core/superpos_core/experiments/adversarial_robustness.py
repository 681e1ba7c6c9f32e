"""The experiment of "Relationship to Adversarial Robustness"."""

import numpy as np

from superpos_core.analysis.adversarial import REFERENCE_MODEL, relative_vulnerability_of_lane
from superpos_core.experiments.checks.check import Check, Observation
from superpos_core.experiments.checks.lanes import all_trained, trained_at
from superpos_core.experiments.densities import log_spaced, sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.geometry.measures import dimensions_per_feature
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

SECTION = "Relationship to Adversarial Robustness"
DENSITIES = log_spaced(1, 0.02, 8)


def vulnerability_at(run: LanesRecord, sparsity: float) -> float:
    """(L' − L)/(L'₀ − L₀) of the ReLU model relative to the linear one, over the same rows."""
    attacked, linear = (trained_at(run, model, sparsity) for model in ("tied", REFERENCE_MODEL))
    return relative_vulnerability_of_lane(
        attacked.config, attacked.lane, attacked.parameters, linear.parameters
    )


DENSE_RATIOS = (0.85, 1.2)
MAX_DENSE_LOSS = 1.05
SPARSE_RATIO, MAX_SPARSE_LOSS = 3, 0.4
MIN_CORRELATION = 0.8
MAX_DENSE_CROWDING = 1.1
"""Maximum features per dimension on dense data, where none is in superposition."""


def losses_at(run: LanesRecord, sparsity: float) -> list[float]:
    """L / L_linear of the ReLU model and of the linear model."""
    return [
        trained_at(run, model, sparsity).loss_over_linear for model in ("tied", REFERENCE_MODEL)
    ]


def dense_models_are_equally_vulnerable(run: LanesRecord) -> Observation:
    """Without superposition, a ReLU model is no more vulnerable than a linear one."""
    ratio, loss = vulnerability_at(run, 0), max(losses_at(run, 0))
    low, high = DENSE_RATIOS
    passed = low <= ratio <= high and loss <= MAX_DENSE_LOSS
    return Observation(f"{ratio:.2f}, L / L_linear {loss:.2f}", passed)


def superposition_is_vulnerable(run: LanesRecord) -> Observation:
    """The paper reports more than three times the vulnerability."""
    sparsity = 1 - DENSITIES[-1]
    ratio = vulnerability_at(run, sparsity)
    loss, linear_loss = losses_at(run, sparsity)
    works = loss <= MAX_SPARSE_LOSS and linear_loss <= MAX_DENSE_LOSS
    return Observation(f"{ratio:.1f}, L / L_linear {loss:.2f}", ratio > SPARSE_RATIO and works)


def vulnerability_follows_features_per_dimension(run: LanesRecord) -> Observation:
    """Both grow by factors, so their logarithms are correlated, from 1 feature per dimension on."""
    lanes = all_trained(run, "tied")
    vulnerable = [vulnerability_at(run, trained.lane.sparsity) for trained in lanes]
    crowded = [1 / float(dimensions_per_feature(trained.encoder)) for trained in lanes]
    with np.errstate(all="ignore"):
        correlation = float(np.corrcoef(np.log(vulnerable), np.log(crowded))[0, 1])
    low, high = min(crowded), max(crowded)
    passed = correlation > MIN_CORRELATION and low <= MAX_DENSE_CROWDING
    return Observation(f"{correlation:.2f}, {low:.2f} to {high:.2f} features", passed)


EXPERIMENTS = (
    Experiment(
        title="Superposition makes models vulnerable",
        section=SECTION,
        what_to_see=(
            "On dense data, a small adversarial perturbation harms a ReLU model as much as a "
            "linear one; once features share dimensions, several times as much. Vulnerability "
            "follows the number of features per dimension."
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
        first_setting=4,
        figures=("vulnerability", "norms", "loss"),
        checks=(
            Check(
                "vulnerability relative to the linear model, dense data",
                "{:g} to {:g}, L / L_linear at most {:g}".format(*DENSE_RATIOS, MAX_DENSE_LOSS),
                LanesRecord,
                dense_models_are_equally_vulnerable,
            ),
            Check(
                "vulnerability relative to the linear model, sparse data",
                f"more than {SPARSE_RATIO}, L / L_linear at most {MAX_SPARSE_LOSS:g}",
                LanesRecord,
                superposition_is_vulnerable,
            ),
            Check(
                "log-log correlation of vulnerability and features per dimension",
                f"more than {MIN_CORRELATION:g}, from at most {MAX_DENSE_CROWDING:g} features",
                LanesRecord,
                vulnerability_follows_features_per_dimension,
            ),
        ),
        quick=Quick.cosine(2000),
        tour=(
            "Superposition has a price. A small adversarial perturbation moves an output through "
            "all the features that share its direction, and does several times the harm that it "
            "does to a linear model."
        ),
    ),
)
