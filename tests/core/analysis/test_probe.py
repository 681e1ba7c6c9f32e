"""One input through a model, compared with plain arithmetic."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.analysis.probe import probe
from superpos_core.errors import InvalidValue
from superpos_core.task.models import MODELS, Model
from superpos_core.task.parameters import Parameters

seeds = st.integers(0, 2**32 - 1)
PAIR = Parameters(encoder=np.array([[1.0], [-1.0]]), bias=np.array([0.0, 0.1]))


def random_parameters(seed: int, model: Model, features: int = 5, hidden: int = 2) -> Parameters:
    random = np.random.default_rng(seed)
    encoder = random.normal(0, 1, (features, hidden))
    decoder = None if model.tied else random.normal(0, 1, (hidden, features))
    return Parameters(encoder=encoder, decoder=decoder, bias=random.normal(0, 0.3, features))


def test_every_step_of_an_antipodal_pair() -> None:
    found = probe(MODELS["tied"], PAIR, np.array([0.8, 0.3]), np.array([1, 0.5]))
    np.testing.assert_allclose(found.x, [0.8, 0.3])
    np.testing.assert_allclose(found.hidden, [0.5])
    np.testing.assert_allclose(found.pre_activation, [0.5, -0.4])
    np.testing.assert_allclose(found.drive, [0.5, -0.5])
    np.testing.assert_allclose(found.output, [0.5, 0])
    np.testing.assert_allclose(found.cut, [0, -0.4], atol=1e-15)
    np.testing.assert_allclose(found.error, [-0.3, -0.3])
    np.testing.assert_allclose(found.loss, [0.09, 0.045])


@given(seeds, st.sampled_from(sorted(MODELS)))
def test_the_cut_is_what_the_output_activation_removes(seed: int, name: str) -> None:
    model = MODELS[name]
    x = np.random.default_rng(seed).random(5)
    found = probe(model, random_parameters(seed, model), x, np.ones(5))
    np.testing.assert_allclose(found.output + found.cut, found.pre_activation, atol=1e-12)
    if model.output_activation == "relu":
        np.testing.assert_allclose(found.cut, np.minimum(found.pre_activation, 0), atol=1e-12)
    if model.output_activation == "identity":
        np.testing.assert_array_equal(found.cut, 0)


@given(seeds, st.sampled_from(sorted(MODELS)))
def test_every_step_agrees_with_explicit_sums(seed: int, name: str) -> None:
    model = MODELS[name]
    parameters = random_parameters(seed, model)
    random = np.random.default_rng(seed + 1)
    x, importance = random.random(5), random.random(5)
    found = probe(model, parameters, x, importance)
    for unit in range(2):
        value = sum(x[i] * parameters.encoder[i, unit] for i in range(5))
        expected = max(value, 0) if model.hidden_activation == "relu" else value
        assert found.hidden[unit] == pytest.approx(expected, abs=1e-12)
    for j in range(5):
        driven = sum(found.hidden[unit] * parameters.decoder[unit, j] for unit in range(2))
        assert found.drive[j] == pytest.approx(driven, abs=1e-12)
        assert found.pre_activation[j] == pytest.approx(driven + parameters.bias[j], abs=1e-12)
        assert found.error[j] == pytest.approx(found.output[j] - x[j], abs=1e-12)
        assert found.loss[j] == pytest.approx(importance[j] * (x[j] - found.output[j]) ** 2)


def test_a_model_of_the_absolute_value_is_compared_with_it() -> None:
    model = replace(MODELS["linear"], target="absolute")
    nothing = Parameters(encoder=np.zeros((2, 1)), bias=np.zeros(2))
    found = probe(model, nothing, np.array([-0.5, 0.25]), np.ones(2))
    np.testing.assert_allclose(found.error, [-0.5, -0.25])


def test_non_finite_weights_give_non_finite_outputs() -> None:
    diverged = Parameters(encoder=np.array([[np.nan], [np.inf]]), bias=np.zeros(2))
    found = probe(MODELS["linear"], diverged, np.array([0.5, 0.5]), np.ones(2))
    assert not np.isfinite(found.output).any()
    assert not np.isfinite(found.loss).any()


@pytest.mark.parametrize("shape", [(3,), (1, 2), ()])
def test_an_input_that_is_not_one_row_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidValue, match="choose 2 values"):
        probe(MODELS["tied"], PAIR, np.zeros(shape), np.ones(2))
