"""Which axis is which, and how many lanes there are."""

import numpy as np
import pytest
from tests.core.live.rig import BIAS, BIASES, FEATURES, HIDDEN, LANES, ONE, STACK

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.live.parameters import Arrangement

Arrays = dict[str, FloatArray]
SQUARE = np.arange(4.0).reshape(2, 2)
DECODERS = np.swapaxes(STACK, -1, -2) + 1


def arranged(arrays: Arrays, features: int | None, hidden: int | None) -> Arrays:
    """The parameters of somebody's arrays, by name."""
    shapes = {name: array.shape for name, array in arrays.items()}
    return dict(Arrangement.of(shapes, features, hidden).parameters(arrays).arrays)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("sizes", [(FEATURES, HIDDEN), (FEATURES, None), (None, HIDDEN)])
@pytest.mark.parametrize("W", [ONE, STACK])
def test_a_transposed_matrix_is_recognised_by_a_size(
    W: FloatArray, sizes: tuple[int | None, int | None], transposed: bool
) -> None:
    logged = np.swapaxes(W, -1, -2) if transposed else W
    found = arranged({"W": logged}, *sizes)
    np.testing.assert_array_equal(found["encoder"], W.reshape(-1, FEATURES, HIDDEN))
    np.testing.assert_array_equal(found["bias"], np.zeros((len(found["encoder"]), FEATURES)))


@pytest.mark.parametrize("transposed", [False, True])
def test_the_bias_has_one_entry_per_feature(transposed: bool) -> None:
    found = arranged({"W": STACK.swapaxes(1, 2) if transposed else STACK, "b": BIASES}, None, None)
    np.testing.assert_array_equal(found["encoder"], STACK)
    np.testing.assert_array_equal(found["bias"], BIASES)


def test_rows_are_features_where_nothing_else_says_so() -> None:
    np.testing.assert_array_equal(arranged({"W": ONE}, None, None)["encoder"], ONE[None])
    np.testing.assert_array_equal(arranged({"W": SQUARE}, 2, 2)["encoder"], SQUARE[None])
    found = arranged({"W1": SQUARE, "W2": SQUARE, "b": np.zeros(2)}, None, None)
    np.testing.assert_array_equal(found["encoder"], SQUARE[None])
    np.testing.assert_array_equal(found["decoder"], SQUARE[None])


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_each_of_two_matrices_may_be_transposed(first: bool, second: bool) -> None:
    W1 = STACK.swapaxes(1, 2) if first else STACK
    W2 = DECODERS.swapaxes(1, 2) if second else DECODERS
    found = arranged({"W1": W1, "W2": W2, "b": BIASES}, None, HIDDEN)
    np.testing.assert_array_equal(found["encoder"], STACK)
    np.testing.assert_array_equal(found["decoder"], DECODERS)


@pytest.mark.parametrize("bias", [BIAS, BIAS[None], np.zeros(())])
def test_lanes_may_share_a_bias(bias: FloatArray) -> None:
    found = arranged({"W": STACK, "b": bias}, FEATURES, HIDDEN)
    np.testing.assert_array_equal(found["bias"], np.broadcast_to(bias, (LANES, FEATURES)))


@pytest.mark.parametrize(
    ("arrays", "sizes", "message"),
    [
        ({"W": ONE}, (7, 3), r"W of shape \(5, 2\): there are 7 features and 3 hidden dimensions"),
        ({"W": ONE}, (None, 3), "there are 3 hidden dimensions"),
        ({"W": ONE, "b": np.zeros(4)}, (None, None), "there are 4 features"),
        ({"W": STACK, "b": np.zeros((2, FEATURES))}, (None, None), "3 lanes of 5 features"),
        ({"W": BIAS}, (None, None), "not a matrix"),
        ({"W": np.zeros((0, 2))}, (None, None), "not a matrix"),
        ({"W": STACK[None]}, (None, None), "not a matrix"),
        ({"W1": ONE}, (None, None), "W2 '': it is missing"),
        ({"W2": ONE}, (None, None), "W1 '': it is missing"),
        ({"W1": ONE, "W2": np.zeros((3, FEATURES))}, (None, None), r"W2 of shape \(3, 5\)"),
        ({"W1": STACK, "W2": DECODERS[0]}, (None, None), r"W2 of shape \(2, 5\): .* 3 lanes"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(
    arrays: Arrays, sizes: tuple[int | None, int | None], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        arranged(arrays, *sizes)


def test_shapes_may_not_change() -> None:
    arrangement = Arrangement.of({"W": (FEATURES, HIDDEN)}, None, None)
    with pytest.raises(
        InvalidValue, match=r"of shape \(2, 5\): it has had 1 lane of 5 features in 2 dimensions"
    ):
        arrangement.parameters({"W": ONE.T})
