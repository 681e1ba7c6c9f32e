"""The loss in two parts: lost feature benefit, and interference.

The paper's mathematical section splits the loss this way for linear models, and for ReLU models
when one feature is active at a time.
"""

from dataclasses import dataclass

import numpy as np

from superpos_core.activations import ActivationName
from superpos_core.arrays import FloatArray
from superpos_core.geometry import measures
from superpos_core.strips import strips
from superpos_core.task.models import Model, reconstruct, target_of
from superpos_core.task.parameters import Parameters
from superpos_core.theory.one_sparse import one_sparse_errors
from superpos_core.theory.quadrature import nodes_between

_POSITIVELY_HOMOGENEOUS: tuple[ActivationName, ...] = ("identity", "relu")
"""Activations with f(μ·z) = μ·f(z) for μ > 0: hidden units scale with the active feature."""


@dataclass(frozen=True)
class LossSplit:
    """The contribution of each feature to the loss; both have shape (n,).

    ``benefit_loss`` is the feature benefit lost compared with a perfect model: the feature's error
    on itself. ``interference`` is the error that it causes on all others.
    """

    benefit_loss: FloatArray
    interference: FloatArray

    @property
    def total(self) -> float:
        """The sum of both over all features."""
        return float(np.sum(self.benefit_loss) + np.sum(self.interference))


def linear_form_split(gram: FloatArray, importance: FloatArray) -> LossSplit:
    """I_i·(1 − ‖W_i‖²)² and Σ_{j≠i} I_j·(W_i·W_j)²: the paper's split for linear models.

    ``gram`` is W·Wᵀ, shape (n, n), and ``importance`` has shape (n,). If all densities are p, V(p)
    times the sum over all features is the loss of a linear model with the best bias.
    """
    with np.errstate(all="ignore"):
        return _split(np.square(np.eye(importance.size) - gram, dtype=np.float64), importance)


def one_sparse_split(
    gram: FloatArray, bias: FloatArray, importance: FloatArray, output_activation: ActivationName
) -> LossSplit:
    """∫₀¹ I_i·(x − f(G_ii·x + b_i))² dx and Σ_{j≠i} ∫₀¹ I_j·f(G_ij·x + b_j)² dx, for each i.

    The mean losses while only feature i is active. Weighted by that probability and summed over i,
    they are a term of the total loss, dominant for sparse features: p·(1 − p)ⁿ⁻¹·``total`` if all
    densities are p. ``gram`` has shape (n, n), and entry (i, j) is what feature i adds to output j;
    ``bias`` and ``importance`` have shape (n,). Exact for the identity and ReLU.
    """
    return _split(one_sparse_errors(gram, bias, output_activation), importance)


def split(model: Model, parameters: Parameters, importance: FloatArray) -> LossSplit:
    """The split of one lane while one feature at a time is active, as in ``one_sparse_split``.

    Active values lie on [−1, 1] for a model of \\|x\\|, on [0, 1] for others. Exact if the hidden
    activation is the identity or ReLU, otherwise by Gauss–Legendre quadrature.
    """
    signs = (1, -1) if model.target == "absolute" else (1,)
    features = importance.size
    parts = []
    with np.errstate(all="ignore"):
        for active in strips(features, features):
            errors = [_errors(model, parameters, sign, active) for sign in signs]
            parts.append(_split(np.mean(errors, axis=0), importance, active.start))
    return LossSplit(
        np.concatenate([part.benefit_loss for part in parts]),
        np.concatenate([part.interference for part in parts]),
    )


def _split(errors: FloatArray, importance: FloatArray, first: int = 0) -> LossSplit:
    """Split entries (i, j), the squared error of output j while feature ``first`` + i is active."""
    weighted = errors * importance
    diagonal = np.arange(len(errors)), np.arange(first, first + len(errors))
    benefit_loss = weighted[diagonal]
    weighted[diagonal] = 0
    return LossSplit(benefit_loss, np.sum(weighted, axis=1))


def _errors(model: Model, parameters: Parameters, sign: int, active: slice) -> FloatArray:
    """Entry (i, j): the squared error of output j, averaged over x = sign·μ·e_i, μ ~ U[0, 1].

    One row per ``active`` feature.
    """
    if model.hidden_activation not in _POSITIVELY_HOMOGENEOUS:
        return _errors_by_quadrature(model, parameters, sign, active)
    encoder = parameters.encoder[active].astype(np.float64)
    encoded = model.hidden(sign * encoder)
    effective = Parameters(encoder=encoded, decoder=parameters.decoder, bias=parameters.bias)
    gram = measures.gram(effective)
    return one_sparse_errors(gram, parameters.bias, model.output_activation, active.start)


def _errors_by_quadrature(
    model: Model, parameters: Parameters, sign: int, active: slice
) -> FloatArray:
    values, weights = nodes_between(np.array([0.25, 0.5, 0.75]), 8)
    features = parameters.bias.size
    errors = np.empty((active.stop - active.start, features))
    for row, feature in enumerate(range(active.start, active.stop)):
        x = np.zeros((values.size, features))
        x[:, feature] = sign * values
        error = target_of(model, x) - reconstruct(model, parameters, x).output
        errors[row] = weights @ error**2
    return errors
