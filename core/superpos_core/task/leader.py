"""Binary features that are correlated with one of them: parents with children, and noisy values.

Feature 0 is the leader. Given the leader, the others are independent of one another. A correlation
of 1 means as much as the frequencies allow: a rarer feature is then active only together with the
leader, as a child is with its parent.
"""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.structured import RowSource, Structure


def conditional_probabilities(
    probability: FloatArray, correlation: tuple[float, ...]
) -> tuple[FloatArray, FloatArray]:
    """P(feature | leader active) and P(feature | leader silent), each of shape (n,).

    ``probability`` (n,) is how often each feature is active, and ``correlation`` that of features
    1 … n − 1 with feature 0, or one for all. The covariance ρ·√(p₀q₀·p_iq_i), with q = 1 − p, is
    limited to what two features of these frequencies can have.
    """
    p, led = probability[0], probability[1:]
    rho = np.broadcast_to(np.asarray(correlation, np.float64), led.shape)
    covariance = rho * np.sqrt(p * (1 - p) * led * (1 - led))
    least = -np.minimum(p * led, (1 - p) * (1 - led))
    most = np.minimum(p * (1 - led), (1 - p) * led)
    covariance = np.clip(covariance, least, most)
    together = led + (covariance / p if p > 0 else 0.0)
    apart = led - (covariance / (1 - p) if p < 1 else 0.0)
    return np.concatenate([[1.0], together]), np.concatenate([[0.0], apart])


def check_correlation(correlation: tuple[float, ...], features: int) -> None:
    """Raise ``InvalidValue`` unless there is one number, or one for each feature but the leader."""
    if len(correlation) not in (1, features - 1):
        reason = f"{features} features have {features - 1} correlations with feature 0"
        choices = f"1 number, or {features - 1}"
        raise InvalidValue("correlation", f"{len(correlation)} numbers", reason, choices)


def _draw(
    random: np.random.Generator, rows: int, features: int, structure: Structure
) -> FloatArray:
    """The leader, then the others given the leader; values are max(0, 1 + σ·ε)."""
    probability = _probability(features, structure)
    together, apart = conditional_probabilities(probability, structure.correlation)
    leads = random.random((rows, 1)) < probability[0]
    active = random.random((rows, features)) < np.where(leads, together, apart)
    if structure.value_noise == 0:
        return active.astype(np.float32)
    values = 1 + structure.value_noise * random.standard_normal((rows, features), np.float32)
    drawn: FloatArray = np.where(active, np.maximum(values, 0), 0).astype(np.float32)
    return drawn


def _moments(features: int, structure: Structure) -> tuple[FloatArray, FloatArray]:
    """Given the leader features are independent; noise below −1 is too rare to count (σ < 0.3)."""
    probability = _probability(features, structure)
    second = np.zeros((features, features))
    for weight, given in zip(
        (probability[0], 1 - probability[0]),
        conditional_probabilities(probability, structure.correlation),
        strict=True,
    ):
        second += weight * np.outer(given, given)
    np.fill_diagonal(second, probability * (1 + structure.value_noise**2))
    return probability, second


def _patterns(
    features: int, structure: Structure, probability: FloatArray
) -> tuple[FloatArray, FloatArray] | None:
    """All rows that can occur, if values are 1."""
    if structure.value_noise > 0:
        return None
    rows = (np.arange(1 << features)[:, None] >> np.arange(features) & 1).astype(np.float32)
    together, apart = conditional_probabilities(probability, structure.correlation)
    leads = rows[:, :1] > 0
    each = np.where(leads, together, apart)
    chances = np.where(rows > 0, each, 1 - each)
    chances[:, 0] = np.where(leads[:, 0], probability[0], 1 - probability[0])
    weights = chances.prod(axis=1)
    possible = weights > 0
    return rows[possible], weights[possible] / weights.sum()


def _probability(features: int, structure: Structure) -> FloatArray:
    assert structure.probability is not None
    assert len(structure.probability) == features
    return structure.probability


LEADER = RowSource(_draw, _moments, patterns=_patterns, draws_by_probability=True)
