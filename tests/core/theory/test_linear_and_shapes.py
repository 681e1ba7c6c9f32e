"""Closed forms, against published numbers, brute force and sampling."""

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.analysis.evaluation import evaluate
from superpos_core.arrays import FloatArray
from superpos_core.geometry.measures import feature_dimensionality
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import VALUES, Values, distribution_named, sample
from superpos_core.task.parameters import Parameters
from superpos_core.theory import DIMENSIONALITY_MARKS, feature_variance, linear_optimum

seeds = st.integers(0, 2**32 - 1)

DENSITIES = (1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
# Features, hidden dimensions, importance and the least total loss at each density; four digits.
PUBLISHED = [
    (20, 5, 0.7, (4.646e-2, 4.321e-2, 1.719e-2, 5.450e-3, 1.845e-3, 5.563e-4, 1.857e-4)),
    (5, 2, 0.9, (1.829e-1, 1.701e-1, 6.768e-2, 2.146e-2, 7.262e-3, 2.190e-3, 7.312e-4)),
]


@pytest.mark.parametrize(
    ("features", "hidden", "importance", "density", "least_loss"),
    [
        (features, hidden, importance, density, loss)
        for features, hidden, importance, losses in PUBLISHED
        for density, loss in zip(DENSITIES, losses, strict=True)
    ],
)
def test_the_linear_optimum_matches_the_published_value(
    features: int, hidden: int, importance: float, density: float, least_loss: float
) -> None:
    weights = importance ** np.arange(features, dtype=np.float64)
    found = linear_optimum(weights, np.full(features, density), hidden)
    assert found == pytest.approx(least_loss, rel=5e-4)


@given(seeds, st.integers(1, 7), st.integers(1, 8))
def test_the_linear_optimum_is_the_best_choice_of_features(
    seed: int, features: int, hidden: int
) -> None:
    random = np.random.default_rng(seed)
    importance, probability = random.uniform(0, 3, features), random.uniform(0, 1, features)
    costs = importance * (probability / 3 - probability**2 / 4)
    kept = itertools.combinations(range(features), min(hidden, features))
    best = min(sum(costs[i] for i in range(features) if i not in keep) for keep in kept)
    assert linear_optimum(importance, probability, hidden) == pytest.approx(best, abs=1e-12)


@given(seeds, st.integers(2, 8), st.integers(1, 4))
def test_no_tied_linear_model_beats_the_linear_optimum(
    seed: int, features: int, hidden: int
) -> None:
    """E[Σ I_i (x_i − x̂_i)²] exactly, for any W and the best bias for it."""
    random = np.random.default_rng(seed)
    importance, probability = random.uniform(0, 3, features), random.uniform(0, 1, features)
    weights = random.standard_normal((features, hidden)) / np.sqrt(features)
    missing = np.eye(features) - weights @ weights.T
    covariance = np.diag(probability / 3 - probability**2 / 4)
    loss = importance @ np.diag(missing @ covariance @ missing.T)
    assert loss >= linear_optimum(importance, probability, hidden) - 1e-12


@pytest.mark.parametrize("density", [1, 0.3, 0.1])
def test_the_linear_optimum_matches_the_singular_values_of_sampled_data(density: float) -> None:
    """Eckart–Young on the data itself: no rank-m map of the weighted features does better."""
    features, hidden, rows = 8, 3, 200_000
    random = np.random.default_rng(5)
    importance = 0.8 ** np.arange(features)
    data = random.random((rows, features)) * (random.random((rows, features)) < density)
    weighted = (data - data.mean(axis=0)) * np.sqrt(importance)
    singular = np.linalg.svd(weighted, compute_uv=False)
    found = linear_optimum(importance, np.full(features, density), hidden)
    assert found == pytest.approx(np.sum(singular[hidden:] ** 2) / rows, rel=0.01)


@pytest.mark.parametrize("hidden", [4, 5, 9])
def test_enough_hidden_dimensions_lose_nothing(hidden: int) -> None:
    assert linear_optimum(np.ones(4), np.full(4, 0.3), hidden) == 0


@pytest.mark.parametrize("density", [1, 0.7, 0.2, 0.05])
def test_feature_variance_matches_sampled_features(density: float) -> None:
    rows = 1 << 18
    data = sample(
        distribution_named("uniform"), np.random.default_rng(1), rows, np.full(4, density)
    )
    expected = float(feature_variance(np.array([density]))[0])
    # The variance of a variance estimate is below E[x⁴]/rows = p/5/rows: five standard errors.
    tolerance = 5 * np.sqrt(density / 5 / rows)
    np.testing.assert_allclose(data.astype(np.float64).var(axis=0), expected, atol=tolerance)


def test_feature_variance_of_dense_data_is_that_of_the_uniform_distribution() -> None:
    assert feature_variance(np.ones(1))[0] == pytest.approx(1 / 12)


Draw = Callable[[np.random.Generator, int], FloatArray]
DRAWS: dict[Values, Draw] = {
    "uniform": lambda random, count: random.random(count),
    "signed": lambda random, count: random.uniform(-1, 1, count),
    "binary": lambda random, count: np.ones(count),
    "exponential": lambda random, count: random.exponential(1, count),
    "uniform-2": lambda random, count: random.uniform(0, 2, count),
}


@pytest.mark.parametrize("values", get_args(Values))
@pytest.mark.parametrize("density", [1, 0.4, 0.05])
def test_feature_variance_matches_sampled_values(values: Values, density: float) -> None:
    rows = 400_000
    random = np.random.default_rng(3)
    x = DRAWS[values](random, rows) * (random.random(rows) < density)
    tolerance = 5 * np.sqrt(np.mean(x**4) / rows) if x.var() > 0 else 1e-12
    assert float(feature_variance(np.array(density), VALUES[values].moments)) == pytest.approx(
        x.var(), abs=tolerance
    )


@pytest.mark.parametrize("values", get_args(Values))
def test_the_linear_optimum_of_any_values_is_the_best_choice_of_features(values: Values) -> None:
    importance, density = np.array([3.0, 1.0, 2.0]), np.array([0.1, 0.9, 0.3])
    costs = importance * feature_variance(density, VALUES[values].moments)
    found = linear_optimum(importance, density, 1, VALUES[values].moments)
    assert found == pytest.approx(costs.sum() - costs.max(), abs=1e-15)


def simplex(corners: int) -> FloatArray:
    return np.eye(corners) - 1 / corners


def pentagon() -> FloatArray:
    angles = 2 * np.pi * np.arange(5) / 5
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def square_antiprism() -> FloatArray:
    angles = np.pi / 4 * np.arange(8)
    height = np.sqrt(1 / 2) * (-1.0) ** np.arange(8)
    return np.stack([np.cos(angles), np.sin(angles), height], axis=1)


SHAPES = {
    "dedicated dimension": np.eye(2),
    "tetrahedron": simplex(4),
    "triangle": simplex(3),
    "antipodal pair": simplex(2),
    "pentagon": pentagon(),
    "square antiprism": square_antiprism(),
    "ignored": np.zeros((1, 1)),
}


def test_dimensionality_marks_match_their_shapes() -> None:
    assert {mark.shape for mark in DIMENSIONALITY_MARKS} == set(SHAPES)
    for value, label, shape in DIMENSIONALITY_MARKS:
        assert Fraction(label) == Fraction(value).limit_denominator(100)
        np.testing.assert_allclose(feature_dimensionality(SHAPES[shape]), value, atol=1e-12)


def keep_the_first(config: ExperimentConfig, density: float) -> Parameters:
    """A dedicated dimension for each of the first m features and the mean for the rest."""
    encoder = np.eye(config.features, config.hidden, dtype=np.float32)
    ignored = np.arange(config.features) >= config.hidden
    bias: FloatArray = np.where(ignored, density / 2, 0).astype(np.float32)
    return Parameters(encoder=encoder, bias=bias)


@pytest.mark.parametrize("model", ["linear", "tied"])
@pytest.mark.parametrize("sparsity", [0.0, 0.7, 0.9])
def test_evaluation_of_dedicated_dimensions_gives_the_linear_optimum(
    model: str, sparsity: float
) -> None:
    config = ExperimentConfig("test", models=(model,), sparsities=(sparsity,))
    (lane,) = config.lanes
    result = evaluate(config, lane, keep_the_first(config, lane.density))
    optimum = linear_optimum(
        config.feature_importance, config.feature_probability(lane), config.hidden
    )
    assert result.rows >= 100_000
    assert result.loss_over_linear == pytest.approx(1, abs=0.01)
    assert result.loss_total == pytest.approx(optimum, rel=0.01)
    assert result.loss_mean * config.features == pytest.approx(result.loss_total)


def test_evaluation_does_not_depend_on_other_lanes() -> None:
    alone = ExperimentConfig("alone", models=("tied",), sparsities=(0.9,))
    beside = ExperimentConfig("beside", models=("linear", "tied"), sparsities=(0.5, 0.9))
    lane = alone.lanes[0]
    assert lane in beside.lanes
    weights = keep_the_first(alone, lane.density)
    assert evaluate(alone, lane, weights, 20_000) == evaluate(beside, lane, weights, 20_000)


def test_evaluation_uses_the_requested_number_of_rows() -> None:
    """With x̂ = 0 at S = 0 the loss is E[x²] = 1/3; a wrong row count would scale it."""
    config = ExperimentConfig("test", features=6, hidden=2, importance=1, sparsities=(0.0,))
    lane = config.lanes_of("tied")[0]
    nothing = Parameters(encoder=np.zeros((6, 2), np.float32), bias=np.zeros(6, np.float32))
    for rows in (5_000, 16_384, 40_001):
        result = evaluate(config, lane, nothing, rows)
        assert result.rows == rows
        assert result.loss_mean == pytest.approx(1 / 3, abs=0.01)
