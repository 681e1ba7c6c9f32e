"""Attacks, compared with random perturbations of the same size and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from superpos_core.analysis import attacked_inputs
from superpos_core.analysis.adversarial import (
    Attack,
    attack_feature,
    relative_vulnerability,
    relative_vulnerability_of_lane,
    vulnerability,
    worst_attack,
)
from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS, Model, reconstruct
from superpos_core.task.parameters import Parameters

seeds = st.integers(0, 2**32 - 1)
TIED, LINEAR = MODELS["tied"], MODELS["linear"]
FEATURES = 6
IMPORTANCE = 0.8 ** np.arange(FEATURES)
MONOTONE_WITHOUT_HIDDEN_ACTIVATION = [
    model
    for model in MODELS.values()
    if model.hidden_activation == "identity" and model.output_activation != "gelu"
]
by_name = pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)


def random_parameters(seed: int, model: Model, hidden: int = 3) -> Parameters:
    random = np.random.default_rng(seed)
    encoder = random.normal(0, 0.6, (FEATURES, hidden))
    decoder = None if model.tied else random.normal(0, 0.6, (hidden, FEATURES))
    return Parameters(encoder=encoder, decoder=decoder, bias=random.normal(0, 0.1, FEATURES))


def random_perturbations(seed: int, count: int, size: float) -> FloatArray:
    steps = np.random.default_rng(seed).standard_normal((count, FEATURES))
    scaled: FloatArray = size * steps / np.linalg.norm(steps, axis=1, keepdims=True)
    return scaled


@by_name
@given(seed=seeds, size=st.floats(1e-3, 10), feature=st.integers(0, FEATURES - 1))
@settings(max_examples=20)
def test_an_attack_has_exactly_the_requested_size(
    model: Model, seed: int, size: float, feature: int
) -> None:
    x = np.random.default_rng(seed).random(FEATURES)
    parameters = random_parameters(seed, model)
    attack = attack_feature(model, parameters, x, IMPORTANCE, feature, size)
    assert np.linalg.norm(attack.perturbation) == pytest.approx(size, rel=1e-12)
    assert attack.feature == feature
    followed = reconstruct(model, parameters, (x + attack.perturbation)[None]).output[0]
    np.testing.assert_allclose(attack.output, followed, atol=1e-12)


@pytest.mark.parametrize("model", MONOTONE_WITHOUT_HIDDEN_ACTIVATION, ids=lambda model: model.name)
@given(seed=seeds, feature=st.integers(0, FEATURES - 1))
@settings(max_examples=20)
def test_no_perturbation_of_the_same_size_harms_the_attacked_output_more(
    model: Model, seed: int, feature: int
) -> None:
    x = np.random.default_rng(seed).random(FEATURES)
    parameters = random_parameters(seed, model)
    attack = attack_feature(model, parameters, x, IMPORTANCE, feature, 0.2)
    others = x + random_perturbations(seed + 1, 1000, 0.2)
    errors = np.abs(reconstruct(model, parameters, others).output - x)[:, feature]
    assert abs(attack.output[feature] - x[feature]) >= errors.max() - 1e-12


@given(seeds, st.integers(0, FEATURES - 1))
@settings(max_examples=20)
def test_a_small_attack_through_a_hidden_relu_is_optimal_to_first_order(
    seed: int, feature: int
) -> None:
    model = MODELS["mlp"]
    x = np.random.default_rng(seed).random(FEATURES)
    parameters = random_parameters(seed, model)
    attack = attack_feature(model, parameters, x, IMPORTANCE, feature, 1e-5)
    others = x + random_perturbations(seed + 1, 1000, 1e-5)
    errors = np.abs(reconstruct(model, parameters, others).output - x)[:, feature]
    assert abs(attack.output[feature] - x[feature]) >= errors.max() - 1e-9


def test_in_the_linear_model_an_attack_goes_along_the_column_of_the_feature() -> None:
    parameters = random_parameters(3, LINEAR)
    gram = parameters.encoder @ parameters.encoder.T
    x = np.random.default_rng(0).random(FEATURES)
    attack = attack_feature(LINEAR, parameters, x, IMPORTANCE, 2, 0.1)
    along = attack.perturbation @ gram[:, 2] / np.linalg.norm(gram[:, 2])
    assert abs(along) == pytest.approx(0.1)
    before = x @ gram[:, 2] + parameters.bias[2] - x[2]
    assert np.sign(along) == np.sign(before)
    after = abs(before) + 0.1 * np.linalg.norm(gram[:, 2])
    assert abs(attack.output[2] - x[2]) == pytest.approx(after)


def test_an_attack_accounts_for_a_closed_relu() -> None:
    """Output 1 is 0 instead of 0.1: only opening it the other way does harm."""
    pair = Parameters(encoder=np.array([[1.0], [-1.0]]), bias=np.zeros(2))
    x = np.array([0.3, 0.1])
    attack = attack_feature(TIED, pair, x, np.ones(2), 1, 1.0)
    np.testing.assert_allclose(attack.perturbation, np.array([-1, 1]) / np.sqrt(2))
    assert attack.output[1] == pytest.approx(np.sqrt(2) - 0.2)
    closed = attack_feature(TIED, pair, x, np.ones(2), 1, 0.01)
    assert closed.output[1] == 0


@by_name
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_worst_attack_is_on_the_feature_where_it_costs_most(model: Model, seed: int) -> None:
    x = np.random.default_rng(seed).random(FEATURES)
    parameters = random_parameters(seed, model)
    attacks: list[Attack] = [
        attack_feature(model, parameters, x, IMPORTANCE, feature, 0.3)
        for feature in range(FEATURES)
    ]
    worst = worst_attack(model, parameters, x, IMPORTANCE, 0.3)
    assert worst.loss_after == pytest.approx(max(attack.loss_after for attack in attacks))
    assert worst.loss_after == pytest.approx(attacks[worst.feature].loss_after)
    before = IMPORTANCE @ (reconstruct(model, parameters, x[None]).output[0] - x) ** 2
    assert worst.loss_before == pytest.approx(before)
    assert worst.harm == pytest.approx(worst.loss_after - worst.loss_before)


def test_the_loss_after_the_attack_is_that_of_the_attacked_input() -> None:
    x, parameters = np.random.default_rng(0).random(FEATURES), random_parameters(0, TIED)
    attack = worst_attack(TIED, parameters, x, IMPORTANCE, 0.3)
    attacked_input = attack.attacked_input(x)
    assert np.linalg.norm(attacked_input - x) == pytest.approx(0.3)
    output = reconstruct(TIED, parameters, attacked_input[None]).output[0]
    np.testing.assert_allclose(output, attack.output, atol=1e-12)
    assert np.sum(IMPORTANCE * (output - x) ** 2) == pytest.approx(attack.loss_after)


def test_an_attack_of_size_zero_does_no_harm() -> None:
    x = np.random.default_rng(0).random(FEATURES)
    attack = worst_attack(TIED, random_parameters(0, TIED), x, IMPORTANCE, 0)
    rounding = np.finfo(np.float64).eps * attack.loss_before
    assert attack.harm == pytest.approx(0, abs=4 * rounding)
    np.testing.assert_array_equal(attack.perturbation, 0)


def test_attacking_an_ignored_feature_has_no_effect() -> None:
    parameters = Parameters(encoder=np.eye(FEATURES, 3), bias=np.zeros(FEATURES))
    attack = attack_feature(TIED, parameters, np.zeros(FEATURES), IMPORTANCE, 5, 0.5)
    assert np.linalg.norm(attack.perturbation) == 0.5
    assert attack.harm == 0


def sparse_rows(seed: int, rows: int) -> FloatArray:
    """At most one active feature per row."""
    random = np.random.default_rng(seed)
    data: FloatArray = np.eye(4)[random.integers(0, 4, rows)] * random.random((rows, 1))
    return data


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_the_vulnerability_of_dedicated_dimensions_is_the_square_of_the_size(share: float) -> None:
    dedicated = Parameters(encoder=np.eye(4), bias=np.zeros(4))
    x = sparse_rows(0, 200)
    size = share * np.linalg.norm(x, axis=1).mean()
    found = vulnerability(LINEAR, dedicated, x, np.array([0.5, 3, 1, 1]), share)
    assert found == pytest.approx(3 * size**2)


@by_name
@pytest.mark.parametrize("block_entries", [1, 40, 1 << 17])
def test_attacking_rows_together_equals_attacking_each_alone(
    model: Model, block_entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.random.default_rng(5).random((7, FEATURES))
    parameters = random_parameters(4, model)
    size = 0.2 * np.linalg.norm(x, axis=1).mean()
    alone = [worst_attack(model, parameters, row, IMPORTANCE, size).harm for row in x]
    monkeypatch.setattr(attacked_inputs, "BLOCK_ENTRIES", block_entries)
    together = vulnerability(model, parameters, x, IMPORTANCE, 0.2)
    assert together == pytest.approx(np.mean(alone), rel=1e-12)


def test_antipodal_pairs_are_as_many_times_more_vulnerable_as_they_hold_features() -> None:
    """The column of a pair has norm √2: twice the loss, and two features per dimension."""
    pairs = Parameters(encoder=np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]]), bias=np.zeros(4))
    linear = Parameters(encoder=np.eye(4, 2), bias=np.zeros(4))
    x = sparse_rows(1, 300)
    found = relative_vulnerability(TIED, pairs, LINEAR, linear, x, np.ones(4))
    features_per_dimension = np.sum(pairs.encoder**2) / 2
    assert features_per_dimension == 2
    assert found == pytest.approx(features_per_dimension)


def test_a_lane_is_attacked_on_its_own_data() -> None:
    """Rows of the sparsest data have at most one feature, as in the test above."""
    config = ExperimentConfig(
        "lane", features=4, hidden=2, models=("tied",), sparsities=(0.998,), importance=1.0
    )
    (lane,) = config.lanes_of("tied")
    pairs = Parameters(encoder=np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]]), bias=np.zeros(4))
    linear = Parameters(encoder=np.eye(4, 2), bias=np.zeros(4))
    found = relative_vulnerability_of_lane(config, lane, pairs, linear)
    assert found == pytest.approx(2)
    assert found == relative_vulnerability_of_lane(config, lane, pairs, linear)


def test_the_ratio_to_an_invulnerable_model_is_nan() -> None:
    nothing = Parameters(encoder=np.zeros((4, 2)), bias=np.zeros(4))
    pairs = Parameters(encoder=np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]]), bias=np.zeros(4))
    x = sparse_rows(1, 10)
    assert np.isnan(relative_vulnerability(TIED, pairs, LINEAR, nothing, x, np.ones(4)))


def test_non_finite_weights_give_a_non_finite_vulnerability() -> None:
    diverged = Parameters(encoder=np.full((4, 2), np.nan), bias=np.zeros(4))
    assert not np.isfinite(vulnerability(TIED, diverged, sparse_rows(0, 5), np.ones(4)))


def test_invalid_attacks_are_refused() -> None:
    parameters, x = random_parameters(0, TIED), np.zeros(FEATURES)
    with pytest.raises(InvalidValue, match="feature 6"):
        attack_feature(TIED, parameters, x, IMPORTANCE, 6, 0.1)
    for size in (-0.1, np.nan, np.inf):
        with pytest.raises(InvalidValue, match="size"):
            worst_attack(TIED, parameters, x, IMPORTANCE, size)
    with pytest.raises(InvalidValue, match="input"):
        worst_attack(TIED, parameters, x[:3], IMPORTANCE, 0.1)
    with pytest.raises(InvalidValue, match="input"):
        vulnerability(TIED, parameters, np.zeros((0, FEATURES)), IMPORTANCE)
