"""One vector per feature for any model, as the basis of measures and geometry.

In a tied model these are the rows W_i. A model with two matrices has a degree of freedom that a
tied model lacks: W₁·A and A⁻¹·W₂ compute the same for every invertible A (with a hidden activation,
for every positive diagonal A), so the rows of W₁ alone are meaningless: a feature may be written
with a small weight and read with a large one. Here the vectors depend only on the product, which
is invariant, and equal W_i if W₂ = W₁ᵀ.
"""

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.task.models import Model
from superpos_core.task.parameters import Parameters


def feature_vectors(model: Model, parameters: Parameters) -> FloatArray:
    """The vectors V_i of the features, shape (…, n, m): W itself if the model is tied.

    With two matrices, G = act(W₁)·W₂ is what feature i at 1, alone, adds to output j, and

    - the length is √G_ii, like √(W_i·W_i) in a tied model: near 1 for a reconstructed feature, 0 if
      G_ii is negative or if the output stays closed although the feature is 1;
    - the direction is that of E_i + R_i, where G = E·Rᵀ is the balanced factorisation (EᵀE = RᵀR):
      with the singular values G = U·S·Vᵀ, E = U·√S and R = V·√S. The inner products of these sums
      are (GGᵀ)^½ + (GᵀG)^½ + G + Gᵀ: they depend only on G. The hidden space is rotated to be
      nearest to W₁ with balanced hidden units.

    For a model of |x|, G is the mean over both signs of a feature. float64, and NaN for a feature
    with a weight that is not finite.
    """
    if model.tied:
        return parameters.encoder
    own, gains = own_responses(model, parameters), _gains(model, parameters)
    squared_lengths = np.where(np.isnan(gains), np.nan, np.where(gains > 0, own, 0))
    return _vectors(responses(model, parameters), squared_lengths)


def responses(model: Model, parameters: Parameters) -> Parameters:
    """The linear model with the same responses to single features at 1 as ``model``.

    Its encoder, shape (…, n, m), holds the hidden vector of each feature at 1: W₁ without a hidden
    activation, ReLU(W₁) with one, and ½·|W₁|, the mean over both signs, if the target is |x|.
    """
    if model.hidden_activation == "identity":
        return parameters
    activation = model.hidden
    hidden = [activation(sign * parameters.encoder) for sign in _signs(model)]
    mean: FloatArray = np.mean(hidden, axis=0)
    return Parameters(encoder=mean, decoder=parameters.decoder, bias=parameters.bias)


def own_responses(model: Model, parameters: Parameters) -> FloatArray:
    """G_ii, shape (…, n), float64: what feature i at 1 adds to the pre-activation of output i."""
    pair = responses(model, parameters)
    with np.errstate(all="ignore"):
        own: FloatArray = np.sum(pair.encoder.astype(np.float64) * _rows_of_decoder(pair), axis=-1)
    return own


def closed_outputs(model: Model, parameters: Parameters) -> BoolArray:
    """The outputs that a ReLU closes to their own feature, shape (…, n): at 1 it raises them not.

    Mostly G_ii is negative. On sparse data hardly any other feature opens them, and they get no
    gradient. Tied models and other output activations have none.
    """
    if model.tied or model.output_activation != "relu":
        return np.zeros(parameters.bias.shape, bool)
    closed: BoolArray = _gains(model, parameters) <= 0
    return closed


def _gains(model: Model, parameters: Parameters) -> FloatArray:
    """How much each feature at 1 raises its own output, shape (…, n); summed over both signs."""
    hidden, output = model.hidden, model.output
    encoder, bias = (each.astype(np.float64) for each in (parameters.encoder, parameters.bias))
    decoder, gain = _rows_of_decoder(parameters), np.zeros(parameters.bias.shape)
    with np.errstate(all="ignore"):
        for sign in _signs(model):
            own = np.sum(hidden(sign * encoder) * decoder, axis=-1)
            gain += output(own + bias) - output(bias)
    return gain


def _rows_of_decoder(parameters: Parameters) -> FloatArray:
    """W₂ᵀ, shape (…, n, m), float64: one row per output."""
    return np.swapaxes(parameters.decoder, -1, -2).astype(np.float64)


def _signs(model: Model) -> tuple[int, ...]:
    return (1, -1) if model.target == "absolute" else (1,)


def _vectors(pair: Parameters, squared_lengths: FloatArray) -> FloatArray:
    """The vectors of G = encoder·decoder with these squared lengths, shape (…, n)."""
    encoder, decoder = pair.encoder.astype(np.float64), _rows_of_decoder(pair)
    squared = squared_lengths[..., None]
    known = _finite_rows(encoder) & _finite_rows(decoder) & np.isfinite(squared)
    encoder, decoder = np.where(known, encoder, 0), np.where(known, decoder, 0)
    sums = _balanced_sums(encoder, decoder)
    lengths = np.linalg.norm(sums, axis=-1, keepdims=True)
    scale = np.sqrt(np.maximum(np.nan_to_num(squared), 0))
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
    """The encoder, shape (…, n, m), rescaled to equal unit norms in encoder and decoder."""
    written, read = (
        np.linalg.norm(matrix, axis=-2, keepdims=True) for matrix in (encoder, decoder)
    )
    ratio = read / np.where(written > 0, written, 1)
    balanced: FloatArray = encoder * np.sqrt(ratio)
    return balanced


def _turn(vectors: FloatArray, reference: FloatArray) -> FloatArray:
    """The orthogonal matrix that brings ``vectors`` closest to ``reference`` (Schönemann 1966)."""
    left, _, right = np.linalg.svd(np.swapaxes(vectors, -1, -2) @ reference)
    turn: FloatArray = left @ right
    return turn


def _finite_rows(matrix: FloatArray) -> BoolArray:
    """Which rows are finite, shape (…, n, 1)."""
    return np.asarray(np.isfinite(matrix).all(axis=-1, keepdims=True))
