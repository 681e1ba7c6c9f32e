"""Binary features that are correlated with one of them: parents with children, and noisy values.

Each feature is active where a standard normal variable lies below the quantile of its probability.
The variables of features 1 … n − 1 are independent of one another; that of feature 0, the leader,
has a given correlation with each. With a correlation of 1 a rarer feature is active only together
with the leader, as a child is with its parent; with −1 never, if both are rare.
"""

import math
from statistics import NormalDist

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.structured import RowSource, Structure, all_patterns

STANDARD = NormalDist()
NODES = 200
FARTHEST = 8.0
"""Standard deviations beyond which a normal variable does not lie."""


def quantiles(probability: FloatArray) -> FloatArray:
    """The z with P(Z < z) = p of each, shape (n,), float64; infinite at 0 and 1."""
    return np.array([_quantile(float(each)) for each in probability])


def _quantile(probability: float) -> float:
    if 0 < probability < 1:
        return STANDARD.inv_cdf(probability)
    return math.copysign(math.inf, probability - 0.5)


def together(leader: float, other: float, correlation: float) -> float:
    """P(both active) of features with these probabilities: the bivariate normal distribution."""
    if abs(correlation) == 1:
        return min(leader, other) if correlation > 0 else max(leader + other - 1, 0)
    at, limit = _quantile(leader), _quantile(other)
    limit = min(limit, FARTHEST)
    if limit <= -FARTHEST or math.isinf(at):
        return other * (at > 0)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    z = (limit + FARTHEST) / 2 * (nodes + 1) - FARTHEST
    given = (at - correlation * z) / math.sqrt(1 - correlation**2)
    values = [
        STANDARD.pdf(each) * STANDARD.cdf(chance) for each, chance in zip(z, given, strict=True)
    ]
    return float((limit + FARTHEST) / 2 * weights @ values)


def _check(features: int, structure: Structure) -> None:
    """Raise ``InvalidValue`` unless features can have these correlations with feature 0.

    One number, or one for each feature but the leader, of which the squares sum to 1 at most.
    """
    correlation = structure.correlation
    if len(correlation) not in (1, features - 1):
        reason = f"{features} features have {features - 1} correlations with feature 0"
        choices = f"1 number, or {features - 1}"
        raise InvalidValue("correlation", f"{len(correlation)} numbers", reason, choices)
    squares = float(np.square(_correlations(features, correlation)).sum())
    if squares > 1 + 1e-9:
        reason = f"independent features cannot have it: its squares sum to {squares:.3g}, above 1"
        largest = math.floor(100 / math.sqrt(features - 1)) / 100
        raise InvalidValue("correlation", correlation[0], reason, f"{largest:g} or less for each")


def _correlations(features: int, correlation: tuple[float, ...]) -> FloatArray:
    return np.broadcast_to(np.asarray(correlation, np.float64), features - 1)


def _draw(
    random: np.random.Generator, rows: int, features: int, structure: Structure
) -> FloatArray:
    """Active features have the value max(0, 1 + σ·ε)."""
    rho = _correlations(features, structure.correlation)
    normal = random.standard_normal((rows, features), np.float32)
    normal[:, 0] *= np.float32(math.sqrt(max(1 - float(rho @ rho), 0)))
    for other in np.flatnonzero(rho):
        normal[:, 0] += np.float32(rho[other]) * normal[:, 1 + other]
    active = normal < quantiles(_probability(features, structure)).astype(np.float32)
    ones: FloatArray = active.astype(np.float32)
    if structure.value_noise == 0:
        return ones
    values = random.standard_normal((rows, features), np.float32)
    values *= np.float32(structure.value_noise)
    values += 1
    return ones * np.maximum(values, 0)


def _moments(features: int, structure: Structure) -> tuple[FloatArray, FloatArray]:
    """Values below 0 are too rare to count (σ < 0.3)."""
    probability = _probability(features, structure)
    second = np.outer(probability, probability)
    for other, rho in enumerate(_correlations(features, structure.correlation), start=1):
        both = together(float(probability[0]), float(probability[other]), float(rho))
        second[0, other] = second[other, 0] = both
    np.fill_diagonal(second, probability * (1 + structure.value_noise**2))
    return probability, second


def _patterns(
    features: int, structure: Structure, probability: FloatArray
) -> tuple[FloatArray, FloatArray] | None:
    """All rows that can occur, if values are 1 and the leader has one partner or none.

    More partners would take an integral in as many dimensions.
    """
    rho = _correlations(features, structure.correlation)
    partners = np.flatnonzero(rho) + 1
    if structure.value_noise > 0 or len(partners) > 1:
        return None
    rows = all_patterns(features)
    weights = np.where(rows > 0, probability, 1 - probability)
    for partner in partners:
        pair = _pair(float(probability[0]), float(probability[partner]), float(rho[partner - 1]))
        weights[:, 0] = pair[rows[:, 0].astype(int), rows[:, partner].astype(int)]
        weights[:, partner] = 1
    chances = weights.prod(axis=1)
    possible = chances > 0
    return rows[possible], chances[possible] / chances.sum()


def _pair(leader: float, other: float, correlation: float) -> FloatArray:
    """The probabilities of the four states of two features, (leader, other)."""
    both = together(leader, other, correlation)
    table = np.array([[1 - leader - other + both, other - both], [leader - both, both]])
    possible: FloatArray = np.maximum(table, 0)
    return possible


def _probability(features: int, structure: Structure) -> FloatArray:
    assert structure.probability is not None
    assert len(structure.probability) == features
    return structure.probability


LEADER = RowSource(_draw, _moments, patterns=_patterns, draws_by_probability=True, check=_check)
