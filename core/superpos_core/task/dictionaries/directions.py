"""The true directions that dictionaries should find: those of a model, or made for the purpose."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue

OF_MODEL = "model"
"""The directions are the rows of a trained model's W."""


@dataclass(frozen=True)
class Directions:
    """How the rows of a matrix (n, d) of directions are made; ``draw`` is ``None`` for a model's.

    ``most`` is the largest number of directions per dimension.
    """

    name: str
    summary: str
    draw: Callable[[np.random.Generator, int, int], FloatArray] | None
    most: float = float("inf")

    def check(self, features: int, hidden: int) -> None:
        """Raise ``InvalidValue`` for sizes that it cannot have."""
        if features > self.most * hidden:
            reason = f"only {hidden} {self.name} directions fit into {hidden} dimensions"
            raise InvalidValue("features", features, reason, f"at most {hidden}")


def _random(random: np.random.Generator, features: int, hidden: int) -> FloatArray:
    drawn = random.standard_normal((features, hidden))
    unit: FloatArray = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit.astype(np.float32)


def _orthogonal(random: np.random.Generator, features: int, hidden: int) -> FloatArray:
    basis, upper = np.linalg.qr(random.standard_normal((hidden, features)))
    turned: FloatArray = (basis * np.sign(np.diag(upper))).T
    return np.ascontiguousarray(turned, dtype=np.float32)


DIRECTIONS: dict[str, Directions] = {
    each.name: each
    for each in (
        Directions(OF_MODEL, "the rows of W of a model that is trained first", None),
        Directions("orthogonal", "orthonormal directions, turned at random", _orthogonal, most=1),
        Directions("random", "independent random directions of length 1", _random),
    )
}
