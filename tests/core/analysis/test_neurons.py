"""Neurons: their kinds, their order, and alignment by rotating the hidden space."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from superpos_core.analysis.neurons import (
    aligned,
    dead,
    has_privileged_basis,
    hidden_directions,
    monosemantic,
    neuron_weights,
    neurons_of,
    rescaled,
    strength,
)
from superpos_core.arrays import FloatArray
from superpos_core.geometry import measures
from superpos_core.task.models import MODELS, model_named, reconstruct
from superpos_core.task.parameters import Parameters

ordinary = st.floats(-3, 3).map(lambda value: round(value, 6))
matrices = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=ordinary)
any_number = st.one_of(ordinary, st.sampled_from([1e-40, 1e30, -1e30, np.inf, -np.inf, np.nan]))
any_matrices = arrays(
    np.float64, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=any_number
)


def tied(neurons: list[list[float]]) -> Parameters:
    """A tied model whose neurons have these weights, shape (m, n)."""
    encoder = np.array(neurons).T
    return Parameters(encoder=encoder, bias=np.zeros(len(encoder)))


def untied(encoder: FloatArray, decoder: FloatArray) -> Parameters:
    return Parameters(encoder=encoder, decoder=decoder, bias=np.zeros(len(encoder)))


def test_the_basis_is_privileged_if_the_hidden_layer_has_an_activation() -> None:
    assert has_privileged_basis(model_named("mlp"))
    assert not has_privileged_basis(model_named("tied"))
    for model in MODELS.values():
        assert has_privileged_basis(model) == (model.hidden_activation != "identity")


def test_one_weight_above_a_tenth_of_the_largest_makes_a_neuron_monosemantic() -> None:
    weights = np.array([[1.0, 0.1, -0.1], [1.0, 0.11, 0], [-2.0, 0, 0.19], [0.5, -0.5, 0]])
    assert monosemantic(weights).tolist() == [True, False, True, False]


@given(any_matrices)
def test_monosemantic_agrees_with_counting_by_hand(weights: FloatArray) -> None:
    for row, answer in zip(weights, monosemantic(weights), strict=True):
        largest = max(abs(row))
        by_hand = np.isfinite(row).all() and sum(abs(w) > 0.1 * largest for w in row) == 1
        assert answer == by_hand


@given(matrices, matrices, st.integers(0, 8))
def test_rescaling_a_neuron_with_a_free_decoder_gives_the_same_model(
    encoder: FloatArray, x: FloatArray, seed: int
) -> None:
    n, m = encoder.shape
    random = np.random.default_rng(seed)
    parameters = untied(encoder, random.standard_normal((m, n)))
    weights = rescaled(neuron_weights(parameters))
    largest = np.abs(encoder).max(axis=0)
    assert np.abs(weights).max(axis=1) == pytest.approx(np.where(largest > 0, 1, 0))
    inputs = random.standard_normal((20, n))
    as_bright = untied(weights.T, parameters.decoder * largest[:, None])
    np.testing.assert_allclose(
        reconstruct(model_named("mlp"), as_bright, inputs).output,
        reconstruct(model_named("mlp"), parameters, inputs).output,
        atol=1e-9,
    )


@given(st.floats(0.01, 100))
def test_strength_does_not_depend_on_the_open_scale(scale: float) -> None:
    random = np.random.default_rng(0)
    encoder, decoder = random.standard_normal((6, 3)), random.standard_normal((3, 6))
    np.testing.assert_allclose(
        strength(untied(encoder * scale, decoder / scale)), strength(untied(encoder, decoder))
    )
    np.testing.assert_allclose(
        strength(Parameters(encoder=encoder, bias=np.zeros(6))), np.abs(encoder).max(axis=0)
    )


def test_neurons_without_weight_are_dead() -> None:
    assert dead(tied([[1, 0, 0], [0.04, 0.04, 0]])).tolist() == [False, True]
    encoder, decoder = np.array([[1.0, 1.0]]), np.array([[1.0], [0.0]])
    assert dead(untied(encoder, decoder)).tolist() == [False, True]


def test_neurons_that_never_open_are_dead_unless_inputs_are_signed() -> None:
    parameters = tied([[-1, -0.5, 0.05], [-1, 0.5, 0]])
    assert dead(parameters).tolist() == [True, False]
    assert dead(parameters, signed_inputs=True).tolist() == [False, False]
    x = np.random.default_rng(0).random((100, 3))
    hidden = np.maximum(x * [1, 1, 0] @ parameters.encoder, 0)
    assert np.all(hidden[:, 0] == 0)


@given(any_matrices)
def test_dead_neurons_have_no_effect(encoder: FloatArray) -> None:
    parameters = Parameters(encoder=encoder, bias=np.zeros(len(encoder)))
    for unit in np.flatnonzero(dead(parameters, signed_inputs=True)):
        assert np.abs(encoder[:, unit]).max() <= 0.05


def test_neurons_are_sorted_by_the_importance_of_their_largest_feature() -> None:
    parameters = tied([[0.3, 0, 1], [0, 0, 0], [1, 0, 0], [np.nan, 0, 1], [0, -1, 0], [0, 1, 0.2]])
    neurons = neurons_of(parameters, np.array([1, 0.5, 0.25]), signed_inputs=True)
    assert neurons.units.tolist() == [2, 5, 4, 0, 1, 3]
    assert neurons.kinds == (
        "monosemantic", "polysemantic", "monosemantic", "polysemantic", "dead", "unknown",
    )  # fmt: skip
    assert [neurons.count(kind) for kind in ("monosemantic", "polysemantic")] == [2, 2]
    reversed_importance = neurons_of(parameters, np.array([0.25, 0.5, 1]), signed_inputs=True)
    assert reversed_importance.units.tolist() == [0, 5, 4, 2, 1, 3]


def test_the_absolute_value_circuit_has_two_monosemantic_neurons_per_feature() -> None:
    """The paper's n = 3, m = 6 demonstration: ReLU(x) and ReLU(−x), at any scale."""
    scales = np.array([0.5, 2, 1, 3, 0.1, 7])
    encoder = np.kron(np.eye(3), [[1.0, -1.0]]) * scales
    parameters = untied(encoder, (np.abs(encoder) / scales**2).T)
    neurons = neurons_of(parameters, np.ones(3), signed_inputs=True)
    assert neurons.count("monosemantic") == 6
    np.testing.assert_allclose(neurons.weights.sum(axis=1), [1, -1, 1, -1, 1, -1])
    np.testing.assert_allclose(np.abs(neurons.weights).max(axis=1), 1)


def test_a_dead_neuron_is_not_rescaled() -> None:
    encoder = np.array([[2.0, 0.001, -3], [0, 0.0005, -1]])
    neurons = neurons_of(untied(encoder, encoder.T.copy()), np.ones(2))
    assert neurons.kinds == ("monosemantic", "dead", "dead")
    np.testing.assert_array_equal(neurons.weights, [[1, 0], [0.001, 0.0005], [-3, -1]])


@given(any_matrices, st.booleans(), st.booleans())
def test_any_weights_have_neurons(encoder: FloatArray, free: bool, signed_inputs: bool) -> None:
    n, m = encoder.shape
    parameters = Parameters(
        encoder=encoder, decoder=encoder.T.copy() if free else None, bias=np.zeros(n)
    )
    neurons = neurons_of(parameters, np.ones(n), signed_inputs=signed_inputs)
    assert neurons.weights.shape == (m, n)
    assert sorted(neurons.units) == list(range(m))
    unknown = {int(unit) for unit in np.flatnonzero(~np.isfinite(encoder).all(axis=0))}
    assert {
        unit for unit, kind in zip(neurons.units, neurons.kinds, strict=True) if kind == "unknown"
    } == unknown


def test_stacked_lanes_give_the_neurons_of_each_lane() -> None:
    random = np.random.default_rng(0)
    lanes = Parameters(encoder=random.standard_normal((4, 5, 3)), bias=np.zeros((4, 5)))
    for lane in range(4):
        one = lanes.take(lane)
        np.testing.assert_array_equal(neuron_weights(lanes)[lane], neuron_weights(one))
        np.testing.assert_array_equal(strength(lanes)[lane], strength(one))
        np.testing.assert_array_equal(dead(lanes)[lane], dead(one))


# ── hidden spaces without neurons ─────────────────────────────────────────────────────────────


@given(matrices)
def test_alignment_is_a_rotation(encoder: FloatArray) -> None:
    turned = aligned(encoder, np.ones(len(encoder)), encoder.shape[1])
    np.testing.assert_allclose(turned @ turned.T, encoder @ encoder.T, atol=1e-5)


@given(matrices, st.integers(0, 5))
def test_alignment_does_not_depend_on_the_rotation_of_the_hidden_space(
    encoder: FloatArray, seed: int
) -> None:
    n, m = encoder.shape
    importance = 0.9 ** np.arange(n)
    # Generic weights: no feature stands out by exactly the threshold.
    encoder = encoder + np.random.default_rng(9).standard_normal(encoder.shape)
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((m, m)))
    np.testing.assert_allclose(
        aligned(encoder @ rotation, importance, m), aligned(encoder, importance, m), atol=1e-6
    )


def test_alignment_follows_the_most_important_represented_features() -> None:
    angle = np.deg2rad(30)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    digons = np.array([[0.01, 0], [1, 0], [-0.9, 0], [0, 1.1], [0, -1]])
    turned = aligned(digons @ rotation, 0.7 ** np.arange(5), 2)
    np.testing.assert_allclose(turned, digons, atol=1e-12)
    as_they_stand = hidden_directions((digons[[1, 3]] @ rotation).T)
    assert as_they_stand.count("polysemantic") == 2
    assert hidden_directions(aligned(digons[[1, 3]], np.ones(2), 2).T).count("monosemantic") == 2


def test_alignment_can_return_only_the_first_axes() -> None:
    encoder = np.random.default_rng(0).standard_normal((12, 8))
    importance = np.ones(12)
    np.testing.assert_array_equal(
        aligned(encoder, importance, 3), aligned(encoder, importance, 8)[:, :3]
    )


def test_alignment_of_non_finite_weights_is_nan() -> None:
    encoder = np.eye(4, 3)
    encoder[0, 0] = np.inf
    assert np.isnan(aligned(encoder, np.ones(4), 3)).all()
    assert hidden_directions(encoder.T).kinds == ("unknown", "monosemantic", "monosemantic")


@given(matrices, st.integers(0, 3))
def test_gram_distance_is_the_norm_of_the_difference(encoder: FloatArray, seed: int) -> None:
    random = np.random.default_rng(seed)
    m = encoder.shape[1]
    rotation, _ = np.linalg.qr(random.standard_normal((m, m)))
    gram = encoder @ encoder.T
    turned = encoder @ rotation
    assert measures.gram_distance(gram, turned @ turned.T) == pytest.approx(0, abs=1e-9)
    other = random.standard_normal(gram.shape)
    assert measures.gram_distance(gram, other) == pytest.approx(
        np.sqrt(sum((gram - other).ravel() ** 2))
    )
