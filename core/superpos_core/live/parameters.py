"""The arrays of somebody's model as parameters: which axis is which, and how many lanes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.parameters import Parameters

CHOICES = "W (n, m) or (m, n), b (n,), with all lanes along a leading axis"
Shape = tuple[int, ...]
Sizes = tuple[int, int, int]
"""Lanes, n and m."""


@dataclass(frozen=True)
class Arrangement:
    """How the matrices of a run are laid out; the same at every step."""

    lanes: int
    features: int
    hidden: int
    tied: bool
    transposed: bool
    """Whether W, or W1, has one column per feature."""
    transposed_decoder: bool = False

    @classmethod
    def of(
        cls, shapes: Mapping[str, Shape], features: int | None, hidden: int | None
    ) -> "Arrangement":
        """The arrangement of ``W`` or of ``W1`` and ``W2``, and of ``b`` if it is there.

        ``features`` and ``hidden`` are n and m if known; otherwise b has n entries. If that leaves
        the axes open, rows are features. Raises ``InvalidValue`` for shapes that do not fit.
        """
        tied = "W" in shapes
        name = "W" if tied else "W1"
        lanes, rows, columns = _sizes(name, shapes)
        if features is None and shapes.get("b"):
            features = shapes["b"][-1]
        fitting = [
            (n, m, transposed)
            for n, m, transposed in ((rows, columns, False), (columns, rows, True))
            if features in (None, n) and hidden in (None, m)
        ]
        if not fitting:
            said = {"features": features, "hidden dimensions": hidden}
            reason = " and ".join(f"{size} {what}" for what, size in said.items() if size)
            raise _unfit(name, shapes[name], f"there are {reason}")
        n, m, transposed = fitting[0]
        flipped = not tied and _is_flipped(shapes, n, m)
        arrangement = cls(lanes, n, m, tied, transposed, flipped)
        arrangement.check(shapes)
        return arrangement

    def check(self, shapes: Mapping[str, Shape]) -> None:
        """Raise ``InvalidValue`` for other shapes than at first."""
        n, m = self.features, self.hidden
        wanted = {"W": self._as_logged(n, m, self.transposed)}
        if not self.tied:
            wanted = {
                "W1": self._as_logged(n, m, self.transposed),
                "W2": self._as_logged(m, n, self.transposed_decoder),
            }
        for name, sizes in wanted.items():
            if _sizes(name, shapes) != sizes:
                raise _unfit(name, shapes[name], f"it has had {self._sizes_in_words}")
        bias = shapes.get("b", ())
        if bias not in ((), (n,), (1, n), (self.lanes, n)):
            raise _unfit("b", bias, f"there are {self._sizes_in_words}")

    def parameters(self, arrays: Mapping[str, FloatArray]) -> Parameters:
        """The parameters, with a leading lane axis; without ``b`` the bias is 0.

        Raises ``InvalidValue`` for other shapes than at first.
        """
        self.check({name: array.shape for name, array in arrays.items()})
        bias = np.broadcast_to(arrays.get("b", np.zeros(())), (self.lanes, self.features))
        if self.tied:
            return Parameters(encoder=self._matrix(arrays["W"], self.transposed), bias=bias)
        return Parameters(
            encoder=self._matrix(arrays["W1"], self.transposed),
            decoder=self._matrix(arrays["W2"], self.transposed_decoder),
            bias=bias,
        )

    @property
    def _sizes_in_words(self) -> str:
        lanes = f"{self.lanes} lane{'s' * (self.lanes > 1)}"
        return f"{lanes} of {self.features} features in {self.hidden} dimensions"

    def _as_logged(self, rows: int, columns: int, transposed: bool) -> Sizes:
        return (self.lanes, columns, rows) if transposed else (self.lanes, rows, columns)

    def _matrix(self, matrix: FloatArray, transposed: bool) -> FloatArray:
        """A matrix of every lane, shape (lanes, n, m) or (lanes, m, n)."""
        stacked = matrix.reshape(self.lanes, *matrix.shape[-2:])
        return np.swapaxes(stacked, -1, -2) if transposed else stacked


def _is_flipped(shapes: Mapping[str, Shape], features: int, hidden: int) -> bool:
    """Whether W2 has the shape (n, m) instead of (m, n)."""
    _, *found = _sizes("W2", shapes)
    return found == [features, hidden] != [hidden, features]


def _sizes(name: str, shapes: Mapping[str, Shape]) -> Sizes:
    """The lanes, rows and columns of a matrix or of a stack of them."""
    if name not in shapes:
        raise InvalidValue(name, "''", "it is missing", "W, or both W1 and W2")
    shape = shapes[name]
    if len(shape) not in (2, 3) or 0 in shape:
        raise _unfit(name, shape, "it is not a matrix, nor a stack of matrices")
    return (shape[0] if len(shape) == 3 else 1), shape[-2], shape[-1]


def _unfit(name: str, shape: Shape, reason: str) -> InvalidValue:
    return InvalidValue(name, f"of shape {shape}", reason, CHOICES)
