"""The registry of models, and the forward pass against plain loops."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from superpos_core.activations import ACTIVATIONS, ActivationName
from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.geometry import measures
from superpos_core.geometry.feature_vectors import responses
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.initialization import initial_parameters, stacked_initial_parameters
from superpos_core.task.models import MODELS, Model, model_named, reconstruct, target_of
from superpos_core.task.parameters import Parameters

seeds = st.integers(0, 2**32 - 1)
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())


def random_parameters(model: Model, seed: int, features: int, hidden: int) -> Parameters:
    random = np.random.default_rng(seed)
    encoder = random.standard_normal((features, hidden))
    decoder = None if model.tied else random.standard_normal((hidden, features))
    return Parameters(encoder=encoder, decoder=decoder, bias=random.standard_normal(features))


BY_HAND: dict[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "relu": lambda z: max(z, 0.0),
    "gelu": lambda z: z / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
    "softplus": lambda z: math.log(1 + math.exp(z)),
}
CALLED = {"identity": "{}", "relu": "ReLU({})", "gelu": "GELU({})", "softplus": "softplus({})"}


def output_by_loops(model: Model, parameters: Parameters, row: FloatArray) -> list[float]:
    """x̂ of one row, one multiplication at a time."""
    features, hidden = parameters.encoder.shape
    activations = []
    for k in range(hidden):
        value = sum(row[i] * parameters.encoder[i, k] for i in range(features))
        activations.append(BY_HAND[model.hidden_activation](value))
    output = []
    for j in range(features):
        value = float(parameters.bias[j])
        for k in range(hidden):
            weight = parameters.encoder[j, k] if model.tied else parameters.decoder[k, j]
            value += activations[k] * weight
        output.append(BY_HAND[model.output_activation](value))
    return output


@each_model
@given(seed=seeds, features=st.integers(1, 6), hidden=st.integers(1, 4))
def test_reconstruction_matches_explicit_loops(
    model: Model, seed: int, features: int, hidden: int
) -> None:
    parameters = random_parameters(model, seed, features, hidden)
    x = np.random.default_rng(seed + 1).uniform(-1, 1, (5, features))
    result = reconstruct(model, parameters, x)
    expected = [output_by_loops(model, parameters, row) for row in x]
    np.testing.assert_allclose(result.output, expected, rtol=1e-9, atol=1e-12)
    assert result.hidden.shape == (5, hidden)
    assert result.pre_activation.shape == (5, features)


@each_model
def test_the_formula_matches_the_flags(model: Model) -> None:
    encoder, decoder = ("W", "Wᵀ") if model.tied else ("W₁", "W₂")
    hidden = CALLED[model.hidden_activation].format(f"x·{encoder}")
    output = CALLED[model.output_activation].format(f"{hidden}·{decoder} + b")
    assert model.formula == f"x̂ = {output}"


@each_model
def test_the_registry_keys_are_the_models_names(model: Model) -> None:
    assert MODELS[model.name] is model
    assert model_named(model.name) is model
    assert model.name == model.name.lower()
    assert model.summary
    assert "\n" not in model.summary


def test_the_registry_has_the_models_that_the_experiment_needs() -> None:
    assert {"tied", "untied", "linear", "mlp", "relu-hidden", "absolute"} <= MODELS.keys()


def test_no_two_models_compute_the_same() -> None:
    def flags(model: Model) -> tuple[object, ...]:
        return (model.tied, model.hidden_activation, model.output_activation, model.target)

    assert len({flags(model) for model in MODELS.values()}) == len(MODELS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tide", "tied"), ("Untied", "untied"), ("lin", "linear"), ("MLP", "mlp"), ("unt", "untied")],
)
def test_an_unknown_model_suggests_the_nearest_and_lists_all(typed: str, meant: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        model_named(typed)
    message = str(caught.value)
    assert f"did you mean {meant}?" in message
    assert typed in message
    assert all(name in message for name in MODELS)
    assert "\n" not in message


@pytest.mark.parametrize(("typed", "meant"), [("u", "untied"), ("l", "linear"), ("t", "tied")])
def test_any_prefix_is_suggested(typed: str, meant: str) -> None:
    with pytest.raises(InvalidValue, match=f"did you mean {meant}"):
        model_named(typed)


def test_an_unknown_model_unlike_any_other_lists_all_without_a_suggestion() -> None:
    with pytest.raises(InvalidValue, match="there is no such model; choose tied, untied") as caught:
        model_named("zzz")
    assert "did you mean" not in str(caught.value)


def test_the_target_is_the_input_or_its_absolute_value() -> None:
    x = np.array([[-1.0, 0.5]])
    np.testing.assert_array_equal(target_of(model_named("tied"), x), x)
    np.testing.assert_array_equal(target_of(model_named("absolute"), x), [[1.0, 0.5]])


def test_smooth_activations_match_torch() -> None:
    z = np.linspace(-100, 100, 4001)
    on_torch = torch.from_numpy(z)
    gelu = torch.nn.functional.gelu(on_torch, approximate="tanh")
    softplus = torch.nn.functional.softplus(on_torch)
    np.testing.assert_allclose(ACTIVATIONS["gelu"](z), gelu.numpy(), rtol=1e-12, atol=1e-15)
    # torch calls softplus(z) = z from z = 20 on, where they differ by 2e-9.
    np.testing.assert_allclose(ACTIVATIONS["softplus"](z), softplus.numpy(), rtol=2e-9, atol=1e-15)


def test_gelu_is_near_its_definition_by_the_normal_distribution() -> None:
    z = np.linspace(-6, 6, 1201)
    np.testing.assert_allclose(ACTIVATIONS["gelu"](z), z * stats.norm.cdf(z), atol=5e-4)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_keep_single_precision_and_non_finite_values(name: ActivationName) -> None:
    z = np.array([-1e4, -1.0, 0.0, 1.0, 1e4, np.nan], np.float32)
    values = ACTIVATIONS[name](z)
    assert values.dtype == np.float32
    assert np.isfinite(values[:-1]).all()
    assert np.isnan(values[-1])


@each_model
def test_one_lane_of_many_has_its_own_parameters(model: Model) -> None:
    config = ExperimentConfig("test", features=4, hidden=2, models=(model.name,))
    stacked = stacked_initial_parameters(config, config.lanes)
    for index, lane in enumerate(config.lanes):
        alone, among = initial_parameters(config, lane), stacked.take(index)
        np.testing.assert_array_equal(alone.encoder, among.encoder)
        np.testing.assert_array_equal(alone.decoder, among.decoder)
        np.testing.assert_array_equal(alone.bias, among.bias)
    assert (stacked.is_tied) == model.tied


@each_model
def test_initial_weights_have_the_scale_of_one_matrix_and_no_bias(model: Model) -> None:
    config = ExperimentConfig("test", features=300, hidden=60, models=(model.name,), importance=1)
    start = initial_parameters(config, config.lanes[0])
    expected = math.sqrt(2 / 360)
    for weights in (start.encoder, start.decoder):
        # 18,000 weights: five standard errors of the mean and of the standard deviation.
        assert abs(weights.mean()) < 5 * expected / math.sqrt(weights.size)
        assert weights.std() == pytest.approx(expected, rel=5 / math.sqrt(2 * weights.size))
        assert weights.dtype == np.float32
    assert not start.bias.any()


def test_the_initial_scale_multiplies_the_initial_weights() -> None:
    config = ExperimentConfig("test", models=("untied",))
    small = replace(config, initial_scale=0.1)
    start, smaller = (initial_parameters(each, each.lanes[0]) for each in (config, small))
    np.testing.assert_allclose(smaller.encoder, 0.1 * start.encoder, rtol=1e-6)
    np.testing.assert_allclose(smaller.decoder, 0.1 * start.decoder, rtol=1e-6)


def test_untied_weights_start_apart() -> None:
    config = ExperimentConfig("test", features=30, hidden=20, models=("untied",), importance=1)
    start = initial_parameters(config, config.lanes[0])
    correlation = np.corrcoef(start.encoder.T.ravel(), start.decoder.ravel())[0, 1]
    assert abs(correlation) < 5 / math.sqrt(start.encoder.size)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda each: each.name)
def test_the_product_is_what_single_features_add_to_the_outputs(model: Model) -> None:
    """Also behind a hidden ReLU, where W₁·W₂ is not: there the name says what is added."""
    random = np.random.default_rng(5)
    encoder = random.standard_normal((6, 4))
    decoder = None if model.tied else random.standard_normal((4, 6))
    parameters = Parameters(encoder=encoder, decoder=decoder, bias=random.standard_normal(6))
    signs = (1, -1) if model.target == "absolute" else (1,)
    added = [
        reconstruct(model, parameters, sign * np.eye(6)).pre_activation - parameters.bias
        for sign in signs
    ]
    np.testing.assert_allclose(
        measures.gram(responses(model, parameters)), np.mean(added, axis=0), atol=1e-12
    )


def test_feature_vectors_are_called_w_with_a_single_matrix() -> None:
    assert {model.vectors_name for model in MODELS.values() if model.tied} == {"W"}
    assert {model.vectors_name for model in MODELS.values() if not model.tied} == {"V"}


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_matrices_are_finite_when_every_entry_of_both_is(broken: float) -> None:
    encoder, decoder = np.ones((3, 2)), np.ones((2, 3))
    assert Parameters(encoder=encoder, decoder=decoder, bias=np.zeros(3)).has_finite_matrices
    assert Parameters(encoder=encoder, bias=np.full(3, broken)).has_finite_matrices
    decoder[1, 2] = broken
    assert not Parameters(encoder=encoder, decoder=decoder, bias=np.zeros(3)).has_finite_matrices
    encoder[0, 0] = broken
    assert not Parameters(encoder=encoder, bias=np.zeros(3)).has_finite_matrices


def test_the_name_of_the_product_shows_the_hidden_activation() -> None:
    names = {name: model.product for name, model in MODELS.items()}
    assert names["tied"] == names["linear"] == "W·Wᵀ"
    assert names["untied"] == "W₁·W₂"
    assert names["mlp"] == "ReLU(W₁)·W₂"
    assert names["relu-hidden"] == "ReLU(W)·Wᵀ"
    assert names["absolute"] == "½|W₁|·W₂"
