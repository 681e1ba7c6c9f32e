"""Noise and dropout on the hidden layer, asked of each engine."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.engine.conftest import Make

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.task.config import ExperimentConfig
from superpos_core.theory import length_with_dropout, length_with_noise, noise_that_removes

DENSITIES = (1.0, 0.3, 0.1)
LINEAR = ExperimentConfig(
    "linear", features=1, hidden=1, models=("linear",), importance=0.5, batch=800,
    sparsities=(0.0, 0.7, 0.9), learning_rate=5e-3, learning_rate_schedule="cosine",
    weight_decay=0.0, steps=1500,
)  # fmt: skip


def lengths(engine: Engine, model: str) -> FloatArray:
    """‖W_i‖² at the end, shape (lanes, n)."""
    squares: FloatArray = np.sum(engine.parameters(model).encoder.astype(np.float64) ** 2, axis=-1)
    return squares


def test_a_linear_model_shrinks_with_noise_and_gives_up_at_twice_the_variance(
    make_learner: Make,
) -> None:
    """Factors of σ = 0.25 that are below and above what p = 1, 0.3 and 0.1 bear."""
    factors = (0.0, 0.6, 0.97, 1.2, 1.6, 1.7)
    config = replace(LINEAR, hidden_noise=0.25, sweep="hidden-noise", sweep_values=factors)
    engine = make_learner(config)
    engine.advance({"linear": config.steps})
    found = lengths(engine, "linear").reshape(3, len(factors))
    for density, of_density in zip(DENSITIES, found, strict=True):
        expected = length_with_noise(np.array(density), 0.25 * np.array(factors))
        np.testing.assert_allclose(of_density, expected, atol=0.04)
    assert 0.25 * 1.6 < noise_that_removes(np.array(1.0)) < 0.25 * 1.7


def test_a_linear_model_shrinks_with_dropout_but_gives_nothing_up(make_learner: Make) -> None:
    engine = make_learner(replace(LINEAR, hidden_dropout=0.4))
    engine.advance({"linear": LINEAR.steps})
    expected = length_with_dropout(np.array(DENSITIES), np.array(0.4))
    np.testing.assert_allclose(lengths(engine, "linear")[:, 0], expected, atol=0.04)


def test_noise_that_rises_and_falls_is_constant_on_each_plateau(make_learner: Make) -> None:
    config = replace(LINEAR, features=4, batch=64, hidden_noise=1.0, steps=82)
    moving = replace(config, hidden_noise_schedule="up-and-down")
    engine = make_learner(moving)
    for plateau, factor in enumerate(moving.noise_schedule.factors):
        before = engine.state()
        losses = engine.advance({"linear": 2})["linear"]
        if plateau % 10 == 3:
            constant = make_learner(replace(config, hidden_noise=factor))
            constant.load_state(before)
            np.testing.assert_array_equal(constant.advance({"linear": 2})["linear"], losses)


def test_noise_adds_its_variance_to_the_loss(make_learner: Make) -> None:
    """σ²·‖W‖² / n, where no output is cut off; dropout adds ‖h‖²·q/(1 − q) in its place."""
    config = replace(
        LINEAR, features=2, hidden=2, importance=1.0, batch=1 << 15, sparsities=(0.5,),
        hidden_noise=0.7, sweep="hidden-noise", sweep_values=(0.0, 1.0),
    )  # fmt: skip
    start = make_learner(config).parameters("linear")
    start.encoder[:] = [[1, 0.5], [0, 0.5]]
    start.bias[:] = 0.1

    def first_losses(dropout: float) -> FloatArray:
        engine = make_learner(replace(config, hidden_dropout=dropout))
        engine.start_from("linear", start)
        losses: FloatArray = engine.advance({"linear": 1})["linear"][0]
        return losses

    plain, noisy = first_losses(0.0)
    assert noisy - plain == pytest.approx(0.49 * 1.5 / 2, rel=0.03)
    # E[h_1²] = 1/6 on the direction (1, 0), E[h_2²] = (1/6 + 1/6 + 2/16)/4 on (0.5, 0.5).
    spread = (1 / 6 + (2 / 6 + 2 / 16) / 4 * 0.5) * 0.25 / 0.75
    assert first_losses(0.25)[0] - plain == pytest.approx(spread / 2, rel=0.05)


def test_a_lane_with_its_noise_does_not_depend_on_lanes_with_other_noise(
    make_learner: Make,
) -> None:
    config = replace(
        LINEAR, features=10, hidden=2, models=("tied",), hidden_noise=0.3, hidden_dropout=0.2,
        batch=100, sweep="hidden-noise", sweep_values=(1.0, 0.0),
    )  # fmt: skip
    both, alone = make_learner(config), make_learner(replace(config, sweep_values=(1.0,)))
    losses = both.advance({"tied": 20})["tied"][:, ::2]
    np.testing.assert_array_equal(losses, alone.advance({"tied": 20})["tied"])
    quiet = replace(config, hidden_dropout=0.0)
    mixed = make_learner(quiet).advance({"tied": 20})["tied"][:, 1::2]
    silent = make_learner(replace(quiet, sweep_values=(0.0,))).advance({"tied": 20})["tied"]
    np.testing.assert_array_equal(mixed, silent)
