"""What is measured of a model with two matrices: what it computes, whatever the units."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.arrays import FloatArray
from superpos_core.geometry import measures
from superpos_core.geometry.components import geometry_of
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.task.models import MODELS, reconstruct
from superpos_core.task.parameters import Parameters, stacked

UNTIED = MODELS["untied"]
FREE = [name for name, model in MODELS.items() if not model.tied]
SEEDS = st.integers(0, 2**32 - 1)
SIZES = [(6, 2), (7, 4), (3, 5), (4, 1), (1, 1)]


def two_matrices(features: int, hidden: int, seed: int) -> Parameters:
    random = np.random.default_rng(seed)
    encoder = random.standard_normal((features, hidden))
    decoder = encoder.T + 0.5 * random.standard_normal((hidden, features))
    return Parameters(encoder=encoder, decoder=decoder, bias=0.1 * random.standard_normal(features))


def rescaled(parameters: Parameters, factors: FloatArray) -> Parameters:
    """The same function, each hidden unit in other units."""
    decoder = parameters.decoder / factors[:, None]
    return Parameters(encoder=parameters.encoder * factors, decoder=decoder, bias=parameters.bias)


@pytest.mark.parametrize("name", FREE)
@pytest.mark.parametrize("size", SIZES)
@given(seed=SEEDS)
def test_rescaling_hidden_units_changes_nothing(
    name: str, size: tuple[int, int], seed: int
) -> None:
    parameters = two_matrices(*size, seed)
    factors = 10 ** np.random.default_rng(seed).uniform(-2, 2, size[1])
    model, same = MODELS[name], rescaled(parameters, factors)
    x = np.random.default_rng(seed).uniform(-1, 1, (5, size[0]))
    np.testing.assert_allclose(
        reconstruct(model, same, x).output, reconstruct(model, parameters, x).output, atol=1e-9
    )
    first, second = feature_vectors(model, parameters), feature_vectors(model, same)
    np.testing.assert_allclose(first @ first.T, second @ second.T, atol=1e-5)
    np.testing.assert_allclose(
        measures.feature_norms(first), measures.feature_norms(second), atol=1e-9
    )


@given(seed=SEEDS)
def test_changing_the_basis_of_a_hidden_space_without_neurons_changes_nothing(seed: int) -> None:
    parameters = two_matrices(7, 3, seed)
    basis = np.random.default_rng(seed).standard_normal((3, 3)) + 3 * np.eye(3)
    encoder, decoder = parameters.encoder @ basis, np.linalg.solve(basis, parameters.decoder)
    first = feature_vectors(UNTIED, parameters)
    second = feature_vectors(
        UNTIED, Parameters(encoder=encoder, decoder=decoder, bias=parameters.bias)
    )
    np.testing.assert_allclose(first @ first.T, second @ second.T, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
@given(seed=SEEDS)
def test_a_transposed_decoder_gives_the_rows_of_the_encoder(
    size: tuple[int, int], seed: int
) -> None:
    encoder = np.random.default_rng(seed).standard_normal(size)
    tied = Parameters(encoder=encoder, decoder=encoder.T, bias=np.zeros(size[0]))
    np.testing.assert_allclose(feature_vectors(UNTIED, tied), encoder, atol=1e-6)


@pytest.mark.parametrize("name", FREE)
@pytest.mark.parametrize("size", SIZES)
@given(seed=SEEDS)
def test_squared_lengths_are_the_response_to_a_single_feature(
    name: str, size: tuple[int, int], seed: int
) -> None:
    model, parameters = MODELS[name], two_matrices(*size, seed)
    features = size[0]
    signs = (1, -1) if model.target == "absolute" else (1,)
    silent = reconstruct(model, parameters, np.zeros((features, features))).output
    alone = [reconstruct(model, parameters, sign * np.eye(features)) for sign in signs]
    added = np.mean([np.diag(each.pre_activation) for each in alone], axis=0) - parameters.bias
    gain = sum(np.diag(each.output - silent) for each in alone)
    norms = measures.feature_norms(feature_vectors(model, parameters))
    expected = np.sqrt(np.where(gain > 0, np.maximum(added, 0), 0))
    np.testing.assert_allclose(norms, expected, atol=1e-7)


@given(seed=SEEDS)
def test_dimensionalities_are_shares_of_the_hidden_dimensions(seed: int) -> None:
    vectors = feature_vectors(UNTIED, two_matrices(9, 3, seed))
    shares = measures.feature_dimensionality(vectors)
    assert shares.min() >= 0
    assert shares.sum() <= 3 + 1e-9


def test_an_output_that_stays_closed_represents_nothing() -> None:
    parameters = Parameters(encoder=np.eye(2), decoder=np.eye(2), bias=np.array([0.0, -2.0]))
    np.testing.assert_allclose(measures.feature_norms(feature_vectors(UNTIED, parameters)), [1, 0])


def test_an_antipodal_pair_written_and_read_in_different_units_is_a_digon() -> None:
    """So training leaves them: 5.8 times 0.2 the one, 0.14 times 7 the other."""
    encoder = np.array([[5.8], [-0.14]])
    decoder = np.array([[0.17, -7.0]])
    vectors = feature_vectors(
        UNTIED, Parameters(encoder=encoder, decoder=decoder, bias=np.zeros(2))
    )
    assert geometry_of(vectors).text == "1 digon"
    np.testing.assert_allclose(measures.feature_dimensionality(vectors), 0.5, atol=0.01)


def test_lanes_are_measured_independently_and_broken_ones_give_nan() -> None:
    each = [two_matrices(5, 2, seed) for seed in range(3)]
    each[1].encoder[0, 0] = np.nan
    vectors = feature_vectors(UNTIED, stacked(each))
    assert np.isnan(vectors[1]).all(axis=1).tolist() == [True, False, False, False, False]
    for lane in (0, 2):
        np.testing.assert_allclose(vectors[lane], feature_vectors(UNTIED, each[lane]), atol=1e-9)


@pytest.mark.parametrize("broken", ["encoder", "decoder", "bias"])
def test_non_finite_weights_never_raise(broken: str) -> None:
    parameters = two_matrices(4, 2, 0)
    spoiled = parameters.with_arrays(**{broken: np.full_like(parameters.arrays[broken], np.inf)})
    assert np.isnan(feature_vectors(UNTIED, spoiled)).all()


def test_zero_vectors_are_not_represented() -> None:
    zeros = Parameters(encoder=np.zeros((4, 2)), decoder=np.zeros((2, 4)), bias=np.zeros(4))
    np.testing.assert_array_equal(feature_vectors(UNTIED, zeros), np.zeros((4, 2)))
