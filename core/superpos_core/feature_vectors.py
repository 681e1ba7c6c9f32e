"""One vector per feature, whatever the model: what the measures and the geometry are taken of.

A tied model has them: the rows W_i. A model with two matrices has a freedom that the tied one
lacks. W₁·A and A⁻¹·W₂ compute the same for every invertible A (where the hidden layer has an
activation, for every positive diagonal A), so that the rows of W₁ by themselves say nothing: a
feature may be written with a small weight and read with a large one. Here the vectors come from
the product alone, which that freedom leaves as it is, and they are W_i again where W₂ = W₁ᵀ.
"""

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.models import ACTIVATIONS, Model, Parameters


def feature_vectors(model: Model, parameters: Parameters) -> FloatArray:
    """Vectors V_i of the features, shape (…, n, m): W where it is tied, in its own precision.

    With two matrices, G = act(W₁)·W₂ is what feature i at 1, alone, adds to output j, and

    - the length is √G_ii, as it is √(W_i·W_i) in a tied model: near 1 for a feature that comes
      back, 0 where G_ii is negative, or where the output stays closed although the feature is 1;
    - the direction is that of E_i + R_i, where G = E·Rᵀ is the balanced factorisation (EᵀE = RᵀR):
      with the singular values G = U·S·Vᵀ it is E = U·√S and R = V·√S. The inner products of these
      sums are (GGᵀ)^½ + (GᵀG)^½ + G + Gᵀ: they depend on G and on nothing else. Of all rotations
      of the hidden space the one nearest to W₁, each hidden unit balanced, is taken.

    A model of |x| is asked for both signs of a feature; G is then the mean of the two. float64, and
    NaN for a feature with a weight that is not finite.
    """
    if model.tied:
        return parameters.encoder
    response = responses(model, parameters)
    return _vectors(response, own_responses(model, parameters))


def responses(model: Model, parameters: Parameters) -> Parameters:
    """The linear model that answers single features at 1 as ``model`` does.

    Its encoder, shape (…, n, m), holds the hidden vector of each feature at 1: W₁ without an
    activation on the hidden layer, ReLU(W₁) with one, and ½·|W₁|, the mean over both signs, where
    the target is |x|.
    """
    if model.hidden_activation == "identity":
        return parameters
    activation = ACTIVATIONS[model.hidden_activation]
    hidden = [activation(sign * parameters.encoder) for sign in _signs(model)]
    mean: FloatArray = np.mean(hidden, axis=0)
    return Parameters(mean, parameters.decoder, parameters.bias)


def own_responses(
    model: Model, parameters: Parameters, *, even_if_closed: bool = False
) -> FloatArray:
    """G_ii, shape (…, n), float64: what each feature at 1 adds to its own output.

    0 where it opens the output by nothing: x̂_i is then the same whether feature i is 0 or 1. With
    ``even_if_closed`` what it adds is told there, too, before the activation.
    """
    hidden, output = ACTIVATIONS[model.hidden_activation], ACTIVATIONS[model.output_activation]
    decoder = np.swapaxes(parameters.decoder, -1, -2).astype(np.float64)
    bias = parameters.bias.astype(np.float64)
    added, gain = np.zeros(bias.shape), np.zeros(bias.shape)
    with np.errstate(all="ignore"):
        for sign in _signs(model):
            own = np.sum(hidden(sign * parameters.encoder.astype(np.float64)) * decoder, axis=-1)
            added += own / len(_signs(model))
            gain += output(own + bias) - output(bias)
    if even_if_closed:
        return added
    return np.where(np.isnan(gain), np.nan, np.where(gain > 0, added, 0))


def _signs(model: Model) -> tuple[int, ...]:
    return (1, -1) if model.target == "absolute" else (1,)


def _vectors(pair: Parameters, own: FloatArray) -> FloatArray:
    """The vectors of G = encoder·decoder with the squared lengths ``own``, shape (…, n)."""
    encoder = pair.encoder.astype(np.float64)
    decoder = np.swapaxes(pair.decoder, -1, -2).astype(np.float64)
    known = _finite_rows(encoder) & _finite_rows(decoder) & np.isfinite(own)[..., None]
    encoder, decoder = np.where(known, encoder, 0), np.where(known, decoder, 0)
    sums = _balanced_sums(encoder, decoder)
    lengths = np.linalg.norm(sums, axis=-1, keepdims=True)
    scale = np.sqrt(np.maximum(np.nan_to_num(own), 0))[..., None]
    vectors = sums / np.where(lengths > 0, lengths, 1) * scale
    turned = vectors @ _turn(sums, _balanced_by_unit(encoder, decoder))
    return np.where(known, turned, np.nan)


def _balanced_sums(encoder: FloatArray, decoder: FloatArray) -> FloatArray:
    """E + R, shape (…, n, m), of the balanced factorisation of encoder·decoderᵀ, both (…, n, m)."""
    left, left_part = np.linalg.qr(encoder)
    right, right_part = np.linalg.qr(decoder)
    u, sizes, v = np.linalg.svd(left_part @ np.swapaxes(right_part, -1, -2))
    roots = np.sqrt(sizes)[..., None, :]
    sums = (left @ u + right @ np.swapaxes(v, -1, -2)) * roots
    missing = encoder.shape[-1] - sums.shape[-1]
    return np.pad(sums, [(0, 0)] * (sums.ndim - 1) + [(0, missing)])


def _balanced_by_unit(encoder: FloatArray, decoder: FloatArray) -> FloatArray:
    """The encoder, shape (…, n, m), each hidden unit as long in it as in the decoder."""
    written, read = (
        np.linalg.norm(matrix, axis=-2, keepdims=True) for matrix in (encoder, decoder)
    )
    ratio = read / np.where(written > 0, written, 1)
    balanced: FloatArray = encoder * np.sqrt(ratio)
    return balanced


def _turn(vectors: FloatArray, reference: FloatArray) -> FloatArray:
    """The orthogonal matrix that lays ``vectors`` nearest to ``reference`` (Schönemann 1966)."""
    left, _, right = np.linalg.svd(np.swapaxes(vectors, -1, -2) @ reference)
    turn: FloatArray = left @ right
    return turn


def _finite_rows(matrix: FloatArray) -> BoolArray:
    """Which rows are finite throughout; shape (…, n, 1)."""
    return np.asarray(np.isfinite(matrix).all(axis=-1, keepdims=True))
