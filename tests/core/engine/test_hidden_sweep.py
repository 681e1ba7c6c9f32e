"""Lanes of different m train side by side, and each as if it were alone."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.engine.conftest import Make
from tests.core.hidden_sweeps import SWEEP, alone

STEPS = 12
CONFIG = replace(
    SWEEP,
    features=10,
    hidden=2,
    sparsities=(0.8,),
    sweep_values=(1.0, 2.0),
    batch=130,
    hidden_penalty=0.01,
)


@pytest.mark.parametrize("rows", [0, 40], ids=["fresh data", "fixed rows"])
@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_a_lane_trains_as_it_does_alone(make: Make, optimiser: str, rows: int) -> None:
    config = replace(CONFIG, optimiser=optimiser, learning_rate=0.01, dataset_size=rows)
    other = alone(config, 1)
    together, single = make(config), make(other)
    losses, own = (
        engine.advance(dict.fromkeys(config.models, STEPS)) for engine in (together, single)
    )
    for model in config.models:
        padding = config.padding_of(config.lanes_of(model))
        whole = together.parameters(model).padded(padding)
        if together.name != "scripted":  # its losses tell lanes apart by their names
            np.testing.assert_allclose(losses[model][:, 0], own[model][:, 0], rtol=1e-5)
        expected = single.parameters(model).take(0).arrays
        for name, array in whole.take(0).arrays.items():
            np.testing.assert_allclose(array, expected[name], atol=1e-6, err_msg=name)
            if together.name == "fused":
                np.testing.assert_array_equal(array, expected[name], err_msg=name)
        assert not whole.encoder[0, :, 1:].any()
        assert not whole.decoder[0, 1:].any()
        assert np.abs(whole.encoder[1, :, 1:]).min() > 0
