"""The memory that the geometry of many features takes."""

import tracemalloc

import numpy as np
import pytest

from superpos_core import strips
from superpos_core.geometry.components import geometry_of

MANY = 2048


def test_which_features_overlap_is_held_in_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips.strips, "__defaults__", (1 << 14,))
    weights = np.random.default_rng(0).standard_normal((MANY, 8))
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    tracemalloc.start()
    try:
        (shape,) = geometry_of(weights).shapes
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(shape.features) == MANY
    assert peak < MANY**2 / 2
