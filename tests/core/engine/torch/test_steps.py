"""The steps of the reference engine, judged by formulas and optimisers that are not its own.

Gradients are read from the state after one step: Adam's first moment is then a tenth of them.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.core.engine.torch.states import (
    SMALL,
    each_model,
    engine_at_random_weights,
    small_config,
    weights_in,
)
from tests.core.reference import (
    REFERENCE_MODELS,
    ReferenceAdamW,
    ReferenceSGD,
    Weights,
    finite_differences,
    rows_pulled_towards_one,
    training_data,
)

from superpos_core.engine.fused.layout import RULES
from superpos_core.engine.torch.descent import OPTIMISERS as OPTIMISERS_OF_TORCH
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS
from superpos_core.task.optimisers import OPTIMISERS


def test_every_model_has_a_reference() -> None:
    assert REFERENCE_MODELS.keys() == MODELS.keys()


@each_model
def test_a_hand_derived_gradient_agrees_with_finite_differences(model: str) -> None:
    """The reference itself, in float64: what the next test relies on."""
    reference, importance = REFERENCE_MODELS[model], SMALL.feature_importance
    random = np.random.default_rng(3)
    free = None if MODELS[model].tied else random.standard_normal((3, 5))
    weights = Weights(random.standard_normal((5, 3)), free, random.standard_normal(5))
    x = random.uniform(0, 1, (40, 5)) * (random.uniform(0, 1, (40, 5)) < 0.6)
    numeric = finite_differences(reference, weights, x, importance)
    derived = reference.gradient(weights, x, importance)
    for slope, expected in zip(derived.arrays, numeric.arrays, strict=True):
        np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-9)


@each_model
def test_the_gradient_matches_the_hand_derived_one_and_finite_differences(model: str) -> None:
    config = small_config(model)
    engine = engine_at_random_weights(config)
    before = weights_in(engine.state(), model)
    engine.advance({model: 1})
    moments = weights_in(engine.state(), model, kind="exp_avg")
    reference, importance = REFERENCE_MODELS[model], config.feature_importance
    for index, lane in enumerate(config.lanes):
        x = training_data(config, lane, step=0)
        derived = reference.gradient(before[index], x, importance)
        numeric = finite_differences(reference, before[index], x, importance)
        for moment, by_hand, by_difference in zip(
            moments[index].arrays, derived.arrays, numeric.arrays, strict=True
        ):
            assert np.abs(by_hand).max() > 1e-4
            np.testing.assert_allclose(moment / 0.1, by_hand, rtol=1e-4, atol=1e-7)
            np.testing.assert_allclose(moment / 0.1, by_difference, rtol=1e-4, atol=1e-7)


@each_model
def test_losses_are_the_means_over_the_rows_and_features_that_were_drawn(model: str) -> None:
    config = small_config(model)
    engine = engine_at_random_weights(config)
    for step in range(3):
        before = weights_in(engine.state(), model)
        losses = engine.advance({model: 1})[model]
        assert losses.shape == (1, 2)
        for index, lane in enumerate(config.lanes):
            x = training_data(config, lane, step)
            expected = REFERENCE_MODELS[model].loss(before[index], x, config.feature_importance)
            assert losses[0, index] == pytest.approx(expected, rel=1e-5)


def assert_steps_match(
    config: ExperimentConfig,
    model: str,
    optimizer_of: Callable[[Weights], ReferenceAdamW | ReferenceSGD],
    towards_one: float = 0.0,
) -> None:
    """Eight steps move the weights of every lane as the reference optimiser does.

    Before each, rows move the share ``towards_one`` of the way to length 1.
    """
    engine = engine_at_random_weights(config)
    expected = weights_in(engine.state(), model)
    begun = [weights.arrays[0] for weights in expected]
    optimizers = [optimizer_of(weights) for weights in expected]
    for step in range(8):
        for index, lane in enumerate(config.lanes):
            x = training_data(config, lane, step)
            gradient = REFERENCE_MODELS[model].gradient(
                expected[index], x, config.feature_importance
            )
            if towards_one:
                expected[index] = rows_pulled_towards_one(expected[index], towards_one)
            expected[index] = optimizers[index].step(expected[index], gradient)
    engine.advance({model: 5})
    engine.advance({model: 3})
    for trained, reference, start in zip(
        weights_in(engine.state(), model), expected, begun, strict=True
    ):
        assert np.abs(reference.arrays[0] - start).max() > 0.03
        for array, wanted in zip(trained.arrays, reference.arrays, strict=True):
            np.testing.assert_allclose(array, wanted, atol=2e-5)


@each_model
def test_steps_match_adamw(model: str) -> None:
    config = replace(small_config(model), learning_rate=0.01, weight_decay=0.5)
    assert_steps_match(config, model, lambda weights: ReferenceAdamW(weights, 0.01, 0.5))


@each_model
def test_the_hidden_penalty_changes_the_gradient_but_not_the_loss(model: str) -> None:
    config = replace(small_config(model), hidden_penalty=0.8)
    engine = engine_at_random_weights(config)
    before = weights_in(engine.state(), model)
    losses = engine.advance({model: 1})[model]
    moments = weights_in(engine.state(), model, kind="exp_avg")
    reference, importance = REFERENCE_MODELS[model], config.feature_importance
    for index, lane in enumerate(config.lanes):
        x = training_data(config, lane, step=0)
        numeric = finite_differences(reference, before[index], x, importance, penalty=0.8)
        derived = reference.gradient(before[index], x, importance, penalty=0.8)
        for moment, by_hand, by_difference in zip(
            moments[index].arrays, derived.arrays, numeric.arrays, strict=True
        ):
            np.testing.assert_allclose(moment / 0.1, by_hand, rtol=1e-4, atol=1e-6)
            np.testing.assert_allclose(moment / 0.1, by_difference, rtol=1e-4, atol=1e-6)
        expected = reference.loss(before[index], x, importance)
        assert losses[0, index] == pytest.approx(expected, rel=1e-5)


@each_model
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_steps_match_sgd(model: str, momentum: float) -> None:
    config = replace(
        small_config(model), optimiser="sgd", momentum=momentum, learning_rate=0.1, weight_decay=0.2
    )
    assert_steps_match(config, model, lambda weights: ReferenceSGD(weights, 0.1, momentum, 0.2))


@each_model
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_steps_follow_row_norm_decay(model: str, optimiser: str) -> None:
    config = replace(
        small_config(model), optimiser=optimiser, learning_rate=0.05, weight_decay=-2.0
    )

    def reference(weights: Weights) -> ReferenceAdamW | ReferenceSGD:
        if optimiser == "sgd":
            return ReferenceSGD(weights, 0.05, 0.9, 0.0)
        return ReferenceAdamW(weights, 0.05, 0.0)

    assert_steps_match(config, model, reference, towards_one=0.1)


def test_the_learning_rate_warms_up_before_its_schedule() -> None:
    config = replace(SMALL, warm_up=4, steps=20)
    engine = TorchEngine(config)
    start = engine.parameters("tied").encoder
    engine.advance({"tied": 1})
    np.testing.assert_array_equal(engine.parameters("tied").encoder, start)
    engine.advance({"tied": 1})
    # AdamW's first step with a gradient moves by the rate, up to ε and weight decay.
    moved = np.abs(engine.parameters("tied").encoder - start)
    assert np.median(moved) == pytest.approx(config.learning_rate / 4, rel=0.5)


def test_every_optimiser_is_implemented() -> None:
    assert set(OPTIMISERS_OF_TORCH) == set(OPTIMISERS)
    assert set(RULES) == set(OPTIMISERS)
