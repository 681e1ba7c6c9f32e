"""Random weights, for theorems that hold for every W."""

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry.measures import (
    dimensions_per_feature,
    feature_dimensionality,
    feature_norms,
    represented,
    superposition,
)

Measure = Callable[[FloatArray], FloatArray | IntArray]

SIZES = st.tuples(st.integers(1, 12), st.integers(1, 6))
MEASURES: list[Measure] = [
    feature_norms,
    superposition,
    feature_dimensionality,
    dimensions_per_feature,
    represented,
]

moderate_weights = SIZES.flatmap(
    lambda size: hnp.arrays(np.float32, size, elements=st.floats(-3, 3, width=32))
)
any_finite_weights = SIZES.flatmap(
    lambda size: hnp.arrays(
        np.float32, size, elements=st.floats(width=32, allow_nan=False, allow_infinity=False)
    )
)
any_weights = SIZES.flatmap(lambda size: hnp.arrays(np.float32, size, elements=st.floats(width=32)))
seeds = st.integers(0, 2**32 - 1)


def normal_weights(seed: int, features: int, hidden: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((features, hidden))
