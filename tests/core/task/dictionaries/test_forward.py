"""The activations of every kind of dictionary, against its formula written out for one latent."""

import math

import numpy as np
import pytest

from superpos_core.arrays import FloatArray
from superpos_core.task.dictionaries.forward import decode, encode
from superpos_core.task.dictionaries.kinds import KINDS, DictionaryKind
from superpos_core.task.parameters import Parameters

ROWS, HIDDEN, LATENTS, ACTIVE = 40, 3, 6, 2


def drawn(kind: DictionaryKind) -> Parameters:
    random = np.random.default_rng(5)
    shapes = {each.name: each.shape(0, HIDDEN, LATENTS) for each in kind.trained}
    arrays = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    if "threshold" in arrays:
        arrays["threshold"] = np.abs(arrays["threshold"])
    return Parameters(**arrays)


def hidden() -> FloatArray:
    return np.random.default_rng(6).standard_normal((ROWS, HIDDEN))


def projections(arrays: dict[str, FloatArray], row: FloatArray) -> list[float]:
    """(h − b_dec)·w_j of each latent, as a sum of products."""
    centred = [float(h - b) for h, b in zip(row, arrays["bias"], strict=True)]
    return [
        math.fsum(c * float(w) for c, w in zip(centred, arrays["encoder"][:, latent], strict=True))
        for latent in range(LATENTS)
    ]


def by_formula(kind: DictionaryKind, arrays: dict[str, FloatArray], row: FloatArray) -> list[float]:
    projected = projections(arrays, row)
    if kind.activation == "gated":
        opened = [p + b > 0 for p, b in zip(projected, arrays["gate_bias"], strict=True)]
        scale, bias = arrays["magnitude_scale"], arrays["magnitude_bias"]
        return [
            max(p * math.exp(scale[j]) + bias[j], 0) if opened[j] else 0
            for j, p in enumerate(projected)
        ]
    pre = [p + float(b) for p, b in zip(projected, arrays["encoder_bias"], strict=True)]
    if kind.activation == "relu":
        return [max(each, 0) for each in pre]
    if kind.activation == "topk":
        least = sorted(pre)[-ACTIVE]
        return [max(each, 0) if each >= least else 0 for each in pre]
    return [p if p > t else 0 for p, t in zip(pre, arrays["threshold"], strict=True)]


@pytest.mark.parametrize("name", KINDS)
def test_activations_are_those_of_the_formula(name: str) -> None:
    kind, rows = KINDS[name], hidden()
    parameters = drawn(kind)
    found = encode(kind, parameters, rows, ACTIVE)
    expected = [by_formula(kind, dict(parameters.arrays), row) for row in rows]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert 0 < (found > 0).mean() < 1


def test_topk_leaves_k_latents_of_each_row_and_none_that_are_negative() -> None:
    parameters = drawn(KINDS["topk"])
    active = (encode(KINDS["topk"], parameters, hidden(), ACTIVE) > 0).sum(axis=1)
    assert active.max() == ACTIVE
    every = encode(KINDS["topk"], parameters, hidden(), LATENTS)
    np.testing.assert_array_equal(every, encode(KINDS["relu"], parameters, hidden(), ACTIVE))


@pytest.mark.parametrize(("active_latents", "kept"), [(0.5, [1, 0, 0]), (2.9, [1, 1, 0])])
def test_of_equal_latents_the_first_stay(active_latents: float, kept: list[float]) -> None:
    flat = np.ones((1, 3))
    equal = Parameters(encoder=flat, encoder_bias=np.zeros(3), decoder=flat.T, bias=np.zeros(1))
    found = encode(KINDS["topk"], equal, np.ones((1, 1)), active_latents)
    assert found.tolist() == [kept]


def test_a_tied_dictionary_decodes_with_its_encoders_transpose() -> None:
    free = drawn(KINDS["relu"])
    arrays = {name: array for name, array in free.arrays.items() if name != "decoder"}
    tied = Parameters(**arrays)
    activations = np.random.default_rng(7).random((ROWS, LATENTS))
    expected = activations @ free.encoder.T + free.bias
    np.testing.assert_allclose(decode(tied, activations), expected)
