"""Strategies for tests of drawing functions: any weights, sizes of panels and colour depths."""

from typing import get_args

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.shades import Depth

any_number = st.one_of(
    st.floats(-2, 2, width=32),
    st.sampled_from([0.0, -0.0, 1e-40, 1e30, -1e30, np.inf, -np.inf, np.nan]),
)
sizes = st.tuples(st.integers(1, 90), st.integers(1, 40))
"""Width and height of a panel."""
depths = st.sampled_from(get_args(Depth))


def matrices(max_side: int) -> st.SearchStrategy[FloatArray]:
    """Any matrix with up to this many rows and columns."""
    shapes = array_shapes(min_dims=2, max_dims=2, max_side=max_side)
    return arrays(np.float32, shapes, elements=any_number)


def encoders(max_features: int) -> st.SearchStrategy[FloatArray]:
    """Any encoders of 1 to 12 settings, shape (settings, features, up to 3)."""
    shapes = st.tuples(st.integers(1, 12), st.integers(1, max_features), st.integers(1, 3))
    return arrays(np.float32, shapes, elements=any_number)
