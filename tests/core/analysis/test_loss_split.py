"""Feature benefit and interference, compared with sampled losses and sums over a fine grid."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.activations import ACTIVATIONS
from superpos_core.analysis.loss_split import LossSplit, linear_form_split, one_sparse_split, split
from superpos_core.arrays import FloatArray
from superpos_core.task.models import MODELS, Model, reconstruct, target_of
from superpos_core.task.parameters import Parameters
from superpos_core.theory import exact_loss, feature_variance

seeds = st.integers(0, 2**32 - 1)
ABSOLUTE = replace(MODELS["mlp"], name="absolute", target="absolute", output_activation="relu")
EVERY_MODEL = [*MODELS.values(), ABSOLUTE]


def random_parameters(seed: int, model: Model, features: int = 4, hidden: int = 3) -> Parameters:
    random = np.random.default_rng(seed)
    encoder = random.normal(0, 0.7, (features, hidden))
    decoder = None if model.tied else random.normal(0, 0.7, (hidden, features))
    return Parameters(encoder=encoder, decoder=decoder, bias=random.normal(0, 0.2, features))


def split_on_a_grid(model: Model, parameters: Parameters, importance: FloatArray) -> LossSplit:
    """The midpoint rule over values of one active feature at a time."""
    features = importance.size
    values = (np.arange(20_000) + 0.5) / 20_000
    if model.target == "absolute":
        values = 2 * values - 1
    benefit_loss, interference = np.zeros(features), np.zeros(features)
    for feature in range(features):
        x = np.zeros((values.size, features))
        x[:, feature] = values
        error = target_of(model, x) - reconstruct(model, parameters, x).output
        losses = importance * np.mean(error**2, axis=0)
        benefit_loss[feature] = losses[feature]
        interference[feature] = losses.sum() - losses[feature]
    return LossSplit(benefit_loss, interference)


def assert_same(found: LossSplit, expected: LossSplit, tolerance: float = 1e-7) -> None:
    np.testing.assert_allclose(found.benefit_loss, expected.benefit_loss, atol=tolerance)
    np.testing.assert_allclose(found.interference, expected.interference, atol=tolerance)


@pytest.mark.parametrize("model", EVERY_MODEL, ids=lambda model: model.name)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_split_is_the_loss_with_one_active_feature(model: Model, seed: int) -> None:
    parameters = random_parameters(seed, model)
    importance = np.array([1, 0.7, 0.49, 2])
    assert_same(
        split(model, parameters, importance), split_on_a_grid(model, parameters, importance)
    )


def test_a_curved_hidden_activation_can_be_split_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "curved", np.tanh)  # type: ignore[misc]
    model = replace(
        MODELS["untied"],
        hidden_activation="curved",  # type: ignore[arg-type]
        output_activation="identity",
    )
    parameters = random_parameters(3, model)
    importance = np.array([1, 0.7, 0.49, 2])
    assert_same(
        split(model, parameters, importance), split_on_a_grid(model, parameters, importance)
    )


@given(seeds)
def test_without_a_bias_the_linear_split_is_a_third_of_the_papers_form(seed: int) -> None:
    """E[x²] = 1/3."""
    parameters = random_parameters(seed, MODELS["linear"])
    gram = parameters.encoder @ parameters.encoder.T
    importance = np.random.default_rng(seed).uniform(0, 2, 4)
    form = linear_form_split(gram, importance)
    found = one_sparse_split(gram, np.zeros(4), importance, "identity")
    assert_same(found, LossSplit(form.benefit_loss / 3, form.interference / 3), 1e-12)


def test_the_papers_form_matches_a_written_out_example() -> None:
    encoder = np.array([[1.0, 0.2], [-0.4, 0.9], [0.3, -0.5]])
    importance = np.array([1, 0.5, 0.25])
    found = linear_form_split(encoder @ encoder.T, importance)
    for i in range(3):
        norm = np.linalg.norm(encoder[i])
        others = [importance[j] * (encoder[i] @ encoder[j]) ** 2 for j in range(3) if j != i]
        assert found.benefit_loss[i] == pytest.approx(importance[i] * (1 - norm**2) ** 2)
        assert found.interference[i] == pytest.approx(sum(others))


@pytest.mark.parametrize("density", [0.1, 1])
def test_the_papers_form_times_the_variance_is_the_loss_of_a_linear_model(density: float) -> None:
    """With the best bias: the mean of the missing part."""
    random = np.random.default_rng(4)
    importance = np.array([1, 0.7, 0.49, 0.3])
    encoder = random.normal(0, 0.6, (4, 2))
    x = random.random((400_000, 4)) * (random.random((400_000, 4)) < density)
    missing = x - x @ encoder @ encoder.T
    losses = (missing - missing.mean(axis=0)) ** 2 @ importance
    form = linear_form_split(encoder @ encoder.T, importance)
    expected = float(feature_variance(np.array(density))) * form.total
    standard_error = losses.std() / np.sqrt(losses.size)
    assert losses.mean() == pytest.approx(expected, abs=5 * standard_error)


@given(seeds)
def test_the_split_times_its_probability_is_a_term_of_the_whole_loss(seed: int) -> None:
    """L(p) = (1 − p)²·L₀ + p·(1 − p)·split + p²·L₂: the split follows from values of L."""
    random = np.random.default_rng(seed)
    weights, bias = random.normal(0, 1, 2), random.normal(0, 0.3, 2)
    importance = np.array([1, 0.4])
    none, half, both = exact_loss(weights[..., None], bias, np.array([0, 0.5, 1]), importance)
    parameters = Parameters(encoder=weights[:, None], bias=bias)
    found = split(MODELS["tied"], parameters, importance)
    assert found.total == pytest.approx(float(4 * half - none - both), abs=1e-12)


def test_a_dedicated_feature_loses_nothing_and_an_ignored_one_everything() -> None:
    parameters = Parameters(encoder=np.eye(3, 2), bias=np.zeros(3))
    found = split(MODELS["tied"], parameters, np.array([1, 0.5, 0.25]))
    np.testing.assert_allclose(found.benefit_loss, [0, 0, 0.25 / 3], atol=1e-15)
    np.testing.assert_allclose(found.interference, 0, atol=1e-15)


def test_negative_interference_is_free_with_relu_only() -> None:
    pair = np.array([[1.0], [-1.0]])
    with_relu = split(MODELS["tied"], Parameters(encoder=pair, bias=np.zeros(2)), np.ones(2))
    linear = split(MODELS["linear"], Parameters(encoder=pair, bias=np.zeros(2)), np.ones(2))
    assert with_relu.total == 0
    np.testing.assert_allclose(linear.interference, 1 / 3)


def test_interference_belongs_to_the_feature_that_causes_it() -> None:
    gram = np.array([[1.0, 0.5], [0.0, 1.0]])
    found = one_sparse_split(gram, np.zeros(2), np.array([1, 0.6]), "relu")
    np.testing.assert_allclose(found.interference, [0.6 * 0.25 / 3, 0], atol=1e-15)


@pytest.mark.parametrize("model", EVERY_MODEL, ids=lambda model: model.name)
def test_non_finite_weights_give_a_non_finite_split(model: Model) -> None:
    parameters = random_parameters(0, model)
    parameters.encoder[1, 0] = np.nan
    found = split(model, parameters, np.ones(4))
    assert not np.isfinite(found.benefit_loss[1])
    assert not np.isfinite(found.total)
    assert not np.isfinite(linear_form_split(np.full((2, 2), np.inf), np.ones(2)).total)
