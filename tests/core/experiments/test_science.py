"""The experiment ``twenty`` in full: training must reproduce the published results.

10,000 steps of 1024 rows, seed 0, on the default engine. Bounds are the ranges over 24 seeds
(0 to 23), widened by about the same amount:

    tied       represented   L / L_linear
    S = 0      5             0.998 … 1.004
    S = 0.9    9 … 10        0.437 … 0.527
    S = 0.99   10 … 13       0.170 … 0.208

S = 0.7 is omitted: it ends at 7 or 8 features, 0.776 … 0.970 in 22 of the 24 seeds and above 1.1
in two, so a bound on a single seed would be meaningless.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from superpos_core.analysis.evaluation import Evaluation, evaluate
from superpos_core.arrays import FloatArray
from superpos_core.experiments import experiment_named
from superpos_core.geometry.measures import feature_dimensionality, feature_norms, gram, represented
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters
from superpos_core.training.run import train

SEED = replace(experiment_named("twenty").config, seed=0)
LANES = {"tied": (0.0, 0.9, 0.99), "linear": (0.0, 0.9)}
EACH_LANE = [(model, sparsity) for model, sparsities in LANES.items() for sparsity in sparsities]


@dataclass(frozen=True)
class Trained:
    """One lane after its last step."""

    config: ExperimentConfig
    parameters: Parameters
    evaluation: Evaluation
    losses: FloatArray

    @property
    def picture(self) -> FloatArray:
        return gram(self.parameters)


@cache
def trained(model: str, sparsity: float) -> Trained:
    return trained_lanes(model)[sparsity]


@cache
def trained_lanes(model: str) -> dict[float, Trained]:
    config = replace(SEED, models=(model,), sparsities=LANES[model])
    cohort = train(config).record_as(LanesRecord).cohorts[model]
    lanes = {}
    for index, lane in enumerate(cohort.lanes):
        parameters = cohort.parameters.take(index)
        lanes[lane.sparsity] = Trained(
            config, parameters, evaluate(config, lane, parameters), cohort.losses.mean[index]
        )
    return lanes


def off_diagonal(square: FloatArray) -> FloatArray:
    return square - np.diag(np.diag(square))


@pytest.mark.parametrize(("model", "sparsity"), [("tied", 0.0), ("linear", 0.0), ("linear", 0.9)])
def test_dense_or_linear_models_represent_the_five_most_important_features(
    model: str, sparsity: float
) -> None:
    lane = trained(model, sparsity)
    norms = feature_norms(lane.parameters.encoder)
    np.testing.assert_allclose(norms[:5], 1, atol=0.05)
    np.testing.assert_allclose(norms[5:], 0, atol=0.15)
    np.testing.assert_allclose(lane.picture[:5, :5], np.eye(5), atol=0.08)
    np.testing.assert_allclose(feature_dimensionality(lane.parameters.encoder)[:5], 1, atol=0.03)


@pytest.mark.parametrize(("model", "sparsity"), [("tied", 0.0), ("linear", 0.0), ("linear", 0.9)])
def test_dense_or_linear_models_reach_the_linear_optimum(model: str, sparsity: float) -> None:
    assert trained(model, sparsity).evaluation.loss_over_linear == pytest.approx(1, abs=0.015)


@pytest.mark.parametrize(("model", "sparsity"), [("tied", 0.0), ("linear", 0.0), ("linear", 0.9)])
def test_the_bias_of_an_ignored_feature_is_its_mean(model: str, sparsity: float) -> None:
    lane = trained(model, sparsity)
    mean = (1 - sparsity) / 2
    # The least important features weigh 1/1000 and drift with optimiser noise.
    np.testing.assert_allclose(lane.parameters.bias[5:12], mean, atol=0.15 * mean + 0.02)


def test_sparse_data_puts_more_features_than_dimensions_into_superposition() -> None:
    counts = [int(represented(trained("tied", s).parameters.encoder)) for s in LANES["tied"]]
    assert counts[0] == 5
    assert 8 <= counts[1] <= 11
    assert 9 <= counts[2] <= 14


def test_antipodal_pairs_appear_when_a_tenth_of_the_features_is_active() -> None:
    picture = trained("tied", 0.9).picture
    facing = off_diagonal(picture) < -0.6
    assert np.count_nonzero(facing.any(axis=1)) >= 6
    assert facing.sum(axis=1).max() == 1
    shares = feature_dimensionality(trained("tied", 0.9).parameters.encoder)
    assert np.median(shares[facing.any(axis=1)]) == pytest.approx(1 / 2, abs=0.05)
    dense = off_diagonal(trained("tied", 0.0).picture)
    assert not np.any(dense < -0.6)


@pytest.mark.parametrize("sparsity", [0.9, 0.99])
def test_superposition_beats_every_linear_model(sparsity: float) -> None:
    bounds = {0.9: (0.42, 0.55), 0.99: (0.14, 0.28)}[sparsity]
    assert bounds[0] < trained("tied", sparsity).evaluation.loss_over_linear < bounds[1]


def test_superposition_gains_more_on_sparser_data() -> None:
    gains = [trained("tied", s).evaluation.loss_over_linear for s in LANES["tied"]]
    assert gains == sorted(gains, reverse=True)
    losses = [trained("tied", s).evaluation.loss_total for s in LANES["tied"]]
    assert losses == sorted(losses, reverse=True)


def test_the_biases_of_sparse_features_in_superposition_are_negative() -> None:
    lane = trained("tied", 0.99)
    learned = feature_norms(lane.parameters.encoder) > 0.5
    assert np.mean(lane.parameters.bias[learned] < 0) > 0.5
    assert lane.parameters.bias.min() < -0.05


@pytest.mark.parametrize(("model", "sparsity"), EACH_LANE)
def test_dimensionalities_sum_to_the_hidden_dimensions(model: str, sparsity: float) -> None:
    filled = feature_dimensionality(trained(model, sparsity).parameters.encoder).sum()
    assert 4.85 < filled <= 5 + 1e-9


@pytest.mark.parametrize(("model", "sparsity"), EACH_LANE)
def test_the_training_loss_falls_to_the_loss_on_fresh_data(model: str, sparsity: float) -> None:
    lane = trained(model, sparsity)
    last = lane.losses[-lane.losses.size // 10 :].mean()
    assert last < 0.5 * lane.losses[0]
    assert last == pytest.approx(lane.evaluation.loss_mean, rel=0.1)
