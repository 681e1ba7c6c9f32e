"""The loss in two parts: features that are not given back, and features that disturb others.

The paper's mathematical section splits the loss so for linear models, and for ReLU models when one
feature is active at a time.
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

_SCALED_WITH_THEIR_INPUT: tuple[ActivationName, ...] = ("identity", "relu")
"""Activations with f(μ·z) = μ·f(z) for μ > 0: hidden units then grow in proportion to a feature."""


@dataclass(frozen=True)
class LossSplit:
    """What each feature adds to the loss, both of shape (n,).

    ``benefit_loss``: of the feature benefit that a perfect model would have, what is lost, which
    is the feature's error on itself. ``interference``: the error that it causes on all others.
    """

    benefit_loss: FloatArray
    interference: FloatArray

    @property
    def total(self) -> float:
        """The sum of both over all features."""
        return float(np.sum(self.benefit_loss) + np.sum(self.interference))


def linear_form_split(gram: FloatArray, importance: FloatArray) -> LossSplit:
    """I_i·(1 − ‖W_i‖²)² and Σ_{j≠i} I_j·(W_i·W_j)²: the paper's split for linear models.

    ``gram`` is W·Wᵀ, shape (n, n), and ``importance`` has shape (n,). V(p) times the sum over all
    features is the whole loss of a linear model with the best bias when all densities are p.
    """
    with np.errstate(all="ignore"):
        return _split(np.square(np.eye(importance.size) - gram, dtype=np.float64), importance)


def one_sparse_split(
    gram: FloatArray, bias: FloatArray, importance: FloatArray, output_activation: ActivationName
) -> LossSplit:
    """∫₀¹ I_i·(x − f(G_ii·x + b_i))² dx and Σ_{j≠i} ∫₀¹ I_j·f(G_ij·x + b_j)² dx, for each i.

    The mean losses while feature i alone is active. Times the probability of that and summed over
    i they are a term of the total loss, which weighs most when features are sparse: with a density
    p for all it is p·(1 − p)ⁿ⁻¹·``total``. ``gram`` has shape (n, n), entry (i, j) what feature i
    adds to output j; ``bias`` and ``importance`` have (n,). Exact for the identity and ReLU.
    """
    return _split(one_sparse_errors(gram, bias, output_activation), importance)


def split(model: Model, parameters: Parameters, importance: FloatArray) -> LossSplit:
    """The split of one lane while one feature at a time is active, as ``one_sparse_split`` weighs.

    A model of \\|x\\| sees active values on [−1, 1], others on [0, 1]. Exact if the hidden
    activation is the identity or ReLU, otherwise by Gauss–Legendre.
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
    """From entries (i, j): the squared error of output j while feature ``first`` + i is active."""
    weighted = errors * importance
    themselves = np.arange(len(errors)), np.arange(first, first + len(errors))
    benefit_loss = weighted[themselves]
    weighted[themselves] = 0
    return LossSplit(benefit_loss, np.sum(weighted, axis=1))


def _errors(model: Model, parameters: Parameters, sign: int, active: slice) -> FloatArray:
    """Entry (i, j): the squared error of output j, averaged over x = sign·μ·e_i, μ ~ U[0, 1].

    A row for each of the ``active`` features.
    """
    if model.hidden_activation not in _SCALED_WITH_THEIR_INPUT:
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
