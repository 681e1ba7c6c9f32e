"""The registry of models, and the forward pass against plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.arrays import FloatArray
from superpos_core.config import ExperimentConfig
from superpos_core.errors import InvalidValue
from superpos_core.initialization import initial_parameters, stacked_initial_parameters
from superpos_core.models import MODELS, Model, Parameters, model_named, reconstruct, target_of

seeds = st.integers(0, 2**32 - 1)
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())


def random_parameters(model: Model, seed: int, features: int, hidden: int) -> Parameters:
    random = np.random.default_rng(seed)
    encoder = random.standard_normal((features, hidden))
    decoder = None if model.tied else random.standard_normal((hidden, features))
    return Parameters(encoder, decoder, random.standard_normal(features))


def output_by_loops(model: Model, parameters: Parameters, row: FloatArray) -> list[float]:
    """x̂ of one row, one multiplication at a time."""
    features, hidden = parameters.encoder.shape
    activations = []
    for k in range(hidden):
        value = sum(row[i] * parameters.encoder[i, k] for i in range(features))
        activations.append(max(value, 0.0) if model.hidden_activation == "relu" else value)
    output = []
    for j in range(features):
        value = float(parameters.bias[j])
        for k in range(hidden):
            if parameters.free_decoder is None:
                value += activations[k] * parameters.encoder[j, k]
            else:
                value += activations[k] * parameters.free_decoder[k, j]
        output.append(max(value, 0.0) if model.output_activation == "relu" else value)
    return output


@each_model
@given(seed=seeds, features=st.integers(1, 6), hidden=st.integers(1, 4))
def test_reconstruction_is_what_the_loops_compute(
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
def test_the_formula_says_what_the_flags_do(model: Model) -> None:
    encoder, decoder = ("W", "Wᵀ") if model.tied else ("W₁", "W₂")
    hidden = f"x·{encoder}"
    hidden = f"ReLU({hidden})" if model.hidden_activation == "relu" else hidden
    output = f"{hidden}·{decoder} + b"
    output = f"ReLU({output})" if model.output_activation == "relu" else output
    assert model.formula == f"x̂ = {output}"


@each_model
def test_the_registry_calls_each_model_by_its_own_name(model: Model) -> None:
    assert MODELS[model.name] is model
    assert model_named(model.name) is model
    assert model.name == model.name.lower()
    assert model.summary
    assert "\n" not in model.summary


def test_the_registry_has_the_models_that_the_experiment_needs() -> None:
    assert {"tied", "untied", "linear", "mlp"} <= MODELS.keys()


def test_no_two_models_compute_the_same() -> None:
    def flags(model: Model) -> tuple[object, ...]:
        return (model.tied, model.hidden_activation, model.output_activation, model.target)

    assert len({flags(model) for model in MODELS.values()}) == len(MODELS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tide", "tied"), ("Untied", "untied"), ("lin", "linear"), ("MLP", "mlp"), ("unt", "untied")],
)
def test_an_unknown_model_is_answered_with_the_nearest_and_with_all(typed: str, meant: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        model_named(typed)
    message = str(caught.value)
    assert f"did you mean {meant}?" in message
    assert typed in message
    assert all(name in message for name in MODELS)
    assert "\n" not in message


@pytest.mark.parametrize(("typed", "meant"), [("u", "untied"), ("l", "linear"), ("t", "tied")])
def test_a_prefix_counts_as_near_however_short(typed: str, meant: str) -> None:
    with pytest.raises(InvalidValue, match=f"did you mean {meant}"):
        model_named(typed)


def test_an_unknown_model_like_no_other_is_answered_with_all_and_no_guess() -> None:
    with pytest.raises(InvalidValue, match="there is no such model; choose tied, untied") as caught:
        model_named("zzz")
    assert "did you mean" not in str(caught.value)


def test_the_target_is_the_input_or_its_absolute_value() -> None:
    x = np.array([[-1.0, 0.5]])
    mirrored = Model("mirrored", "", "", tied=False, target="absolute")
    np.testing.assert_array_equal(target_of(model_named("tied"), x), x)
    np.testing.assert_array_equal(target_of(mirrored, x), [[1.0, 0.5]])


@each_model
def test_one_lane_of_many_has_its_own_parameters(model: Model) -> None:
    config = ExperimentConfig("test", features=4, hidden=2, models=(model.name,))
    stacked = stacked_initial_parameters(config, config.lanes)
    for index, lane in enumerate(config.lanes):
        alone, among = initial_parameters(config, lane), stacked.lane(index)
        np.testing.assert_array_equal(alone.encoder, among.encoder)
        np.testing.assert_array_equal(alone.decoder, among.decoder)
        np.testing.assert_array_equal(alone.bias, among.bias)
    assert (stacked.free_decoder is None) == model.tied


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


def test_untied_weights_start_apart() -> None:
    config = ExperimentConfig("test", features=30, hidden=20, models=("untied",), importance=1)
    start = initial_parameters(config, config.lanes[0])
    correlation = np.corrcoef(start.encoder.T.ravel(), start.decoder.ravel())[0, 1]
    assert abs(correlation) < 5 / math.sqrt(start.encoder.size)
