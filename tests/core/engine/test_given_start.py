"""What every engine promises about given weights, asked of each in the registry."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.engine.conftest import Make
from tests.core.engine.test_conformance import SMALL, assert_same_arrays


def test_lanes_start_from_given_weights(make: Make) -> None:
    other, engine = make(replace(SMALL, seed=7)), make(SMALL)
    for model in ("tied", "untied"):
        given = other.parameters(model)
        engine.start_from(model, given)
        assert_same_arrays(engine.parameters(model).arrays, given.arrays)
        with pytest.raises(ValueError, match="shape"):
            engine.start_from(model, given.take(0))
    usual = make(SMALL).parameters("linear")
    assert_same_arrays(engine.parameters("linear").arrays, usual.arrays)
    engine.advance({"tied": 1})
    moved = engine.parameters("tied").encoder - other.parameters("tied").encoder
    assert 0 < np.abs(moved).max() < 0.05
