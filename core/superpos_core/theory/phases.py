"""The theoretical phase diagrams of "Superposition as a Phase Change".

All features have importance 1 except the last, the extra feature, which has relative importance r;
each is active with probability p = 1 − S, its density. Solutions are compared by their exact loss.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.theory.checks import checked_density, checked_relative_importance
from superpos_core.theory.linear import feature_variance

TRIPLE_POINT = (1.0, 4 / 7)
"""(r, p) where an ignored feature, a dedicated dimension and an antipodal pair lose the same."""


@dataclass(frozen=True)
class Solution:
    """A candidate solution: the rows of ``encoder``, shape (n, m), are unit vectors or 0.

    Unit vectors are orthogonal or opposite. A feature with a zero row is ignored (its bias is
    E[x]); opposite rows form an antipodal pair (with biases 0).
    """

    name: str
    encoder: tuple[tuple[float, ...], ...]

    def loss(self, relative_importance: FloatArray, density: FloatArray) -> FloatArray:
        """The exact total loss with ReLU output; r and p broadcast.

        An ignored feature loses I·V(p). A feature in an antipodal pair loses I·p²/6: when both are
        active, E[min(x_i, x_j)²] = 1/6. A dedicated feature loses nothing.
        """
        importance: list[FloatArray] = [np.ones_like(relative_importance)] * len(self.encoder)
        importance[-1] = relative_importance
        total = np.zeros(np.broadcast_shapes(relative_importance.shape, density.shape))
        for i in self._ignored:
            total = total + importance[i] * feature_variance(density)
        for i, j in self._antipodal_pairs:
            total = total + (importance[i] + importance[j]) * density**2 / 6
        return total

    @property
    def _ignored(self) -> list[int]:
        return [i for i, row in enumerate(self.encoder) if not any(row)]

    @property
    def _antipodal_pairs(self) -> list[tuple[int, int]]:
        gram = np.asarray(self.encoder) @ np.asarray(self.encoder).T
        pairs = itertools.combinations(range(len(self.encoder)), 2)
        return [(i, j) for i, j in pairs if gram[i, j] < 0]


@dataclass(frozen=True)
class PhaseDiagram:
    """The solutions that compete at each relative importance and density."""

    solutions: tuple[Solution, ...]

    def losses(
        self, relative_importance: FloatArray | float, density: FloatArray | float
    ) -> FloatArray:
        """The exact total loss of each solution, shape (solutions, …); the arguments broadcast.

        Raises ``InvalidValue`` for a density outside [0, 1] or a negative importance.
        """
        r, p = checked_relative_importance(relative_importance), checked_density(density)
        return np.stack([solution.loss(r, p) for solution in self.solutions])

    def regions(
        self, relative_importance: FloatArray | float, density: FloatArray | float
    ) -> IntArray:
        """The index of the solution with the lowest loss, the first if equal; shape (…).

        Raises ``InvalidValue`` as ``losses`` does.
        """
        region: IntArray = np.argmin(self.losses(relative_importance, density), axis=0)
        return region

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each region, in the order of its index."""
        return tuple(solution.name for solution in self.solutions)


PHASE_DIAGRAMS: dict[tuple[int, int], PhaseDiagram] = {
    (2, 1): PhaseDiagram(
        (
            Solution("extra feature ignored", ((1,), (0,))),
            Solution("extra feature dedicated", ((0,), (1,))),
            Solution("antipodal pair", ((1,), (-1,))),
        )
    ),
    (3, 2): PhaseDiagram(
        (
            Solution("extra feature ignored", ((1, 0), (0, 1), (0, 0))),
            Solution("other feature ignored", ((0, 0), (1, 0), (0, 1))),
            Solution("extra feature in a pair", ((1, 0), (0, 1), (0, -1))),
            Solution("others in a pair", ((1, 0), (-1, 0), (0, 1))),
        )
    ),
}
"""(features, hidden dimensions) → diagram. The solutions of (3, 2) are the paper's W⊥[0,0,1],
W⊥[1,0,0], W⊥[0,1,1] and W⊥[1,1,0], in this order."""


def ignored_boundary(density: FloatArray | float) -> FloatArray:
    """The relative importance below which the extra feature is ignored in the (2, 1) diagram.

    r = 2p/(4 − 5p) up to the triple point, where the antipodal pair begins, and 1 beyond, where the
    extra feature gets a dedicated dimension. The dedicated region begins at the reciprocal. In the
    (3, 2) diagram it is the boundary to the extra feature in a pair; above r = 1 the boundary
    between others in a pair and other feature ignored is at the density of the triple point.
    """
    p = checked_density(density)
    below = np.minimum(p, TRIPLE_POINT[1])
    return np.where(p < TRIPLE_POINT[1], 2 * below / (4 - 5 * below), 1.0)


def triangle_loss(
    relative_importance: FloatArray | float, density: FloatArray | float
) -> FloatArray:
    """The total loss of three unit vectors at 120° in two dimensions without biases.

    This is W⊥[1,1,1], which the paper does not consider. Training finds it on dense data near equal
    importance, about p = 0.55 to 0.76. A feature loses E[min(x_i, x_j/2)²] = 1/16 when one other is
    also active, and 1/6 when both are. It is never the lowest of all solutions; trained triangles
    have biases and longer vectors and do better than this.
    """
    r, p = checked_relative_importance(relative_importance), checked_density(density)
    loss: FloatArray = (2 + r) * p**2 * ((1 - p) / 8 + p / 6)
    return loss
