"""Weight decay by itself, without a gradient: closed forms for each engine."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.engine.conftest import Make

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters

RATE, STEPS = 0.1, 30
EMPTY = ExperimentConfig(
    "empty", features=10, hidden=2, models=("tied",), sparsities=(0.99999,), dataset_size=3,
    learning_rate=RATE, initial_scale=1.0,
)  # fmt: skip
"""Rows without an active feature: with b = 0 every gradient is 0."""
MODELS = ("tied", "untied")
BY_OPTIMISER = {
    "adamw": EMPTY,
    "sgd": replace(EMPTY, optimiser="sgd", momentum=0.0),
}


def rows_of(parameters: Parameters) -> FloatArray:
    """The rows of both matrices, shape (2, lanes, n, m)."""
    return np.stack([parameters.encoder, parameters.decoder.swapaxes(-1, -2)])


def decayed(engine: Engine, model: str) -> tuple[FloatArray, FloatArray]:
    """The rows of both matrices before and after training; one of them is 0 from the start."""
    start = engine.parameters(model)
    start.encoder[:, 3] = 0
    if model == "untied":
        start.decoder[:, :, 3] = 0
    engine.start_from(model, start)
    assert not engine.advance({model: STEPS})[model].any()
    after = engine.parameters(model)
    assert not after.bias.any()
    return rows_of(start), rows_of(after)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("optimiser", BY_OPTIMISER)
def test_negative_decay_brings_every_row_towards_length_1(
    make_learner: Make, optimiser: str, model: str
) -> None:
    """1 − ‖W_i‖ shrinks by 1 − η·|γ| a step, from either side, and directions stay."""
    config = replace(BY_OPTIMISER[optimiser], models=(model,), weight_decay=-0.4)
    before, after = decayed(make_learner(config), model)
    length, found = np.linalg.norm(before, axis=-1), np.linalg.norm(after, axis=-1)
    is_zero = length == 0
    assert (is_zero == (np.arange(10) == 3)).all()
    assert not after[is_zero].any()
    assert np.ptp(length[~is_zero]) > 0.5
    expected = 1 - (1 - length) * (1 - RATE * 0.4) ** STEPS
    np.testing.assert_allclose(found[~is_zero], expected[~is_zero], rtol=1e-5)
    along = np.sum(before * after, axis=-1)[~is_zero]
    np.testing.assert_allclose(along, (length * found)[~is_zero], rtol=1e-5)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("optimiser", BY_OPTIMISER)
@pytest.mark.parametrize("applies_to", ["all", "weights"])
def test_positive_decay_shrinks_every_row(
    make_learner: Make, optimiser: str, model: str, applies_to: str
) -> None:
    config = replace(
        BY_OPTIMISER[optimiser], models=(model,), weight_decay=0.4, decay_of=applies_to
    )
    before, after = decayed(make_learner(config), model)
    np.testing.assert_allclose(after, before * (1 - RATE * 0.4) ** STEPS, rtol=1e-5)


def test_the_bias_decays_only_with_all_parameters(make_learner: Make) -> None:
    """Below 0 the ReLU passes nothing of it on, so nothing but decay changes it."""
    for settings, kept in (
        ({"weight_decay": 0.4}, (1 - RATE * 0.4) ** STEPS),
        ({"weight_decay": 0.4, "decay_of": "weights"}, 1.0),
        ({"weight_decay": -0.4}, 1.0),
    ):
        engine = make_learner(replace(EMPTY, **settings))
        start = engine.parameters("tied")
        start.bias[:] = -0.5
        engine.start_from("tied", start)
        engine.advance({"tied": STEPS})
        np.testing.assert_allclose(engine.parameters("tied").bias, -0.5 * kept, rtol=1e-5)
