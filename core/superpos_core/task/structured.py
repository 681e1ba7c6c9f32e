"""Rows whose features depend on one another: on a hidden position, a tree, or what a file says.

Each kind draws whole rows in numpy, for either engine, and knows the mean and the second moments of
what it draws. To add one, add a function that draws, one with the moments, and an entry of
``DISTRIBUTIONS`` in ``data.py`` that names both.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.data_files import matrix_of

SHARPNESS = 10.0
"""Factor of z·z_j in the log-odds of a feature (Prieto et al. 2026)."""
CHILD = 0.5
"""Probability that a child is active if its parent is."""
MAX_COVARIANCE = 1024
"""Maximum features of a covariance: its factor takes a second at most."""


@dataclass(frozen=True)
class Structure:
    """What rows depend on besides n: children per feature, the values of the two files, and more.

    ``correlation`` and ``value_noise`` are those of ``leader.py``, and ``probability`` (n,) is how
    often each feature is active, for sources that draw features by their probability.
    """

    branching: int = 2
    covariance: str = ""
    rows: str = ""
    correlation: tuple[float, ...] = (0.0,)
    value_noise: float = 0.0
    probability: FloatArray | None = field(default=None, compare=False)


PLAIN = Structure()


def all_patterns(features: int) -> FloatArray:
    """Every row of 0 and 1, (2ⁿ, n), float32; the first is empty."""
    numbers = np.arange(1 << features)[:, None]
    return (numbers >> np.arange(features) & 1).astype(np.float32)


def _accept(_features: int, _structure: Structure) -> None:
    """Any structure will do."""


@dataclass(frozen=True)
class RowSource:
    """How rows are drawn, at S = 0, and what their moments are.

    ``draw``: from a generator, the number of rows, n and the structure; (rows, n), float32.
    ``moments``: E[x], (n,), and E[x xᵀ], (n, n), float64. Both raise ``InvalidValue`` if a file is
    missing, has changed or does not fit. ``file`` is the option that names the file, if one is
    needed. ``patterns``: of few binary features, all rows (patterns, n) and their probabilities
    (patterns,), given those (n,) with which each feature is active; ``None`` for other values.
    ``draws_by_probability``: every feature is active as often as it should be, and no row is gated.
    ``check`` raises ``InvalidValue`` for a structure that n features cannot have.
    """

    draw: Callable[[np.random.Generator, int, int, Structure], FloatArray]
    moments: Callable[[int, Structure], tuple[FloatArray, FloatArray]]
    file: str = ""
    patterns: (
        Callable[[int, Structure, FloatArray], tuple[FloatArray, FloatArray] | None] | None
    ) = None
    draws_by_probability: bool = False
    check: Callable[[int, Structure], None] = _accept


# ── binary features at positions of a hidden variable ────────────────────────────────────────


def circle_positions(features: int) -> FloatArray:
    """z_j = (cos θ_j, sin θ_j) with θ_j = 2πj/n, shape (n, 2)."""
    angles = 2 * np.pi * np.arange(features) / features
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def figure_8_positions(features: int) -> FloatArray:
    """z_j = (sin θ_j, sin 2θ_j), a curve that crosses itself, shape (n, 2)."""
    angles = 2 * np.pi * np.arange(features) / features
    return np.stack([np.sin(angles), np.sin(2 * angles)], axis=1)


def sphere_positions(features: int) -> FloatArray:
    """A Fibonacci lattice: n nearly even points on the unit sphere, shape (n, 3)."""
    index = np.arange(features) + 0.5
    height = 1 - 2 * index / features
    radius, angle = np.sqrt(1 - height**2), np.pi * (1 + 5**0.5) * index
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)


def _probabilities(latents: FloatArray, positions: FloatArray) -> FloatArray:
    """P(feature j | latent z) = σ(10·z·z_j), shape (latents, n)."""
    probabilities: FloatArray = 1 / (1 + np.exp(-SHARPNESS * latents @ positions.T))
    return probabilities


def _bernoulli(random: np.random.Generator, probabilities: FloatArray) -> FloatArray:
    return (random.random(probabilities.shape) < probabilities).astype(np.float32)


def _binary_moments(probabilities: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Of features that are independent given the latent; its weights sum to 1."""
    mean = weights @ probabilities
    second = probabilities.T @ (weights[:, None] * probabilities)
    np.fill_diagonal(second, mean)
    return mean, second


def at_positions(positions_of: Callable[[int], FloatArray]) -> RowSource:
    """The hidden variable is at one of the n positions, each equally likely."""

    @lru_cache(maxsize=8)
    def table(features: int) -> FloatArray:
        positions = positions_of(features)
        return _probabilities(positions, positions)

    def draw(
        random: np.random.Generator, rows: int, features: int, _structure: Structure
    ) -> FloatArray:
        return _bernoulli(random, table(features)[random.integers(features, size=rows)])

    def moments(features: int, _structure: Structure) -> tuple[FloatArray, FloatArray]:
        return _binary_moments(table(features), np.full(features, 1 / features))

    return RowSource(draw, moments)


def _draw_sphere(
    random: np.random.Generator, rows: int, features: int, _structure: Structure
) -> FloatArray:
    """The hidden variable is uniform on the sphere."""
    latents = random.standard_normal((rows, 3))
    latents /= np.linalg.norm(latents, axis=1, keepdims=True)
    return _bernoulli(random, _probabilities(latents, sphere_positions(features)))


def _sphere_moments(features: int, _structure: Structure) -> tuple[FloatArray, FloatArray]:
    """By quadrature: Gauss and Legendre's in the height, an even one around the axis."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    turns = 2 * np.pi * np.arange(128) / 128
    height, angle = (each.ravel() for each in np.meshgrid(nodes, turns, indexing="ij"))
    radius = np.sqrt(1 - height**2)
    latents = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)
    probabilities = _probabilities(latents, sphere_positions(features))
    return _binary_moments(probabilities, np.repeat(weights, 128) / 256)


# ── a tree ───────────────────────────────────────────────────────────────────────────────────


def parents_of(features: int, branching: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Feature 0 is the root; feature j > 0 is a child of feature (j − 1) // branching."""
    return np.maximum(np.arange(features) - 1, 0) // branching


def _draw_tree(
    random: np.random.Generator, rows: int, features: int, structure: Structure
) -> FloatArray:
    """The root is active; each child of an active feature is, with probability ½."""
    active = random.random((rows, features)) < CHILD
    active[:, 0] = True
    parents = parents_of(features, structure.branching)
    begin, end = 1, 1 + structure.branching
    while begin < features:  # level by level
        level = slice(begin, min(end, features))
        active[:, level] &= active[:, parents[level]]
        begin, end = end, end * structure.branching + 1
    return active.astype(np.float32)


def _tree_moments(features: int, structure: Structure) -> tuple[FloatArray, FloatArray]:
    """E[x_i x_j] = ½·E[x_i x_parent(j)] for i < j: j is no ancestor of i."""
    second = np.ones((features, features))
    for child, parent in enumerate(parents_of(features, structure.branching).tolist()):
        if child > 0:
            second[:child, child] = second[child, :child] = CHILD * second[parent, :child]
            second[child, child] = CHILD * second[parent, parent]
    return np.diag(second).copy(), second


# ── what a file says ─────────────────────────────────────────────────────────────────────────


def check_covariance(option: str, path: Path, matrix: FloatArray) -> None:
    """Raise ``InvalidValue`` unless it is symmetric without a negative eigenvalue."""
    rows, columns = matrix.shape
    wanted = "a symmetric matrix without negative eigenvalues"
    if rows != columns:
        raise InvalidValue(option, path, f"it is {rows}×{columns}, not square", wanted)
    if rows > MAX_COVARIANCE:
        raise InvalidValue(option, path, f"{rows} features", f"at most {MAX_COVARIANCE}")
    scale = float(np.abs(matrix).max())
    if scale == 0 or np.abs(matrix - matrix.T).max() > 1e-5 * scale:
        reason = "every entry is 0" if scale == 0 else "it is not symmetric"
        raise InvalidValue(option, path, reason, wanted)
    least = float(np.linalg.eigvalsh(matrix.astype(np.float64))[0])
    if least < -1e-5 * scale:
        raise InvalidValue(option, path, f"its smallest eigenvalue is {least:.3g}", wanted)


def check_own_rows(_option: str, _path: Path, _matrix: FloatArray) -> None:
    """Any finite matrix will do."""


def _matrix(option: str, value: str, features: int) -> FloatArray:
    matrix = matrix_of(option, value)
    if matrix.shape[1] != features:
        columns = matrix.shape[1]
        reason = f"the file of --{option} has {columns} columns"
        raise InvalidValue("features", features, reason, str(columns))
    return matrix


@lru_cache(maxsize=2)
def _factor(value: str, features: int) -> FloatArray:
    """A with A·Aᵀ = Σ, shape (n, n), float64."""
    covariance = _matrix("covariance", value, features).astype(np.float64)
    eigenvalues, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    factor: FloatArray = vectors * np.sqrt(np.maximum(eigenvalues, 0))
    return factor


def _draw_normal(
    random: np.random.Generator, rows: int, features: int, structure: Structure
) -> FloatArray:
    """N(0, Σ)."""
    normal = random.standard_normal((rows, features))
    drawn: FloatArray = normal @ _factor(structure.covariance, features).T
    return drawn.astype(np.float32)


def _normal_moments(features: int, structure: Structure) -> tuple[FloatArray, FloatArray]:
    factor = _factor(structure.covariance, features)
    return np.zeros(features), factor @ factor.T


def _draw_own(
    random: np.random.Generator, rows: int, features: int, structure: Structure
) -> FloatArray:
    """Every row of the file ⌊rows/N⌋ times and a random choice of them once more, shuffled."""
    own = _matrix("rows", structure.rows, features)
    whole, more = divmod(rows, len(own))
    chosen = random.choice(len(own), more, replace=False)
    if whole:
        chosen = random.permutation(np.concatenate([np.tile(np.arange(len(own)), whole), chosen]))
    return own[chosen]


def _own_moments(features: int, structure: Structure) -> tuple[FloatArray, FloatArray]:
    return moments_of_rows(_matrix("rows", structure.rows, features))


def moments_of_rows(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The mean (n,) and the second moments (n, n) of rows (rows, n), float64."""
    exact = rows.astype(np.float64)
    return exact.mean(axis=0), exact.T @ exact / len(rows)


CIRCLE = at_positions(circle_positions)
FIGURE_8 = at_positions(figure_8_positions)
SPHERE = RowSource(_draw_sphere, _sphere_moments)
TREE = RowSource(_draw_tree, _tree_moments)
NORMAL = RowSource(_draw_normal, _normal_moments, file="covariance")
OWN_ROWS = RowSource(_draw_own, _own_moments, file="rows")
