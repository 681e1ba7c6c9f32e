"""The trained parameters of a lane, as named arrays."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from superpos_core.arrays import FloatArray


class Parameters:
    """The trained arrays by name, of one lane or of many with a leading lane axis.

    Shapes: ``encoder`` (…, n, m), one row per feature; ``decoder`` (…, m, n), which is not a
    separate array if it is tied to the encoder; ``bias`` (…, n). A model may declare further arrays
    of any shape. Code that only keeps, copies or writes parameters needs no names: ``arrays`` has
    all of them, and ``map`` and ``take`` return others with the same names.
    """

    def __init__(
        self,
        *,
        encoder: FloatArray,
        bias: FloatArray,
        decoder: FloatArray | None = None,
        **further: FloatArray,
    ) -> None:
        free = {} if decoder is None else {"decoder": decoder}
        self._arrays = {"encoder": encoder, **free, "bias": bias, **further}

    @property
    def arrays(self) -> Mapping[str, FloatArray]:
        """All arrays by name."""
        return self._arrays

    @property
    def is_there(self) -> bool:
        """Whether they can be had: parameters in a file are gone when the file is removed."""
        return True

    @property
    def encoder(self) -> FloatArray:
        """W, or W₁ in a model with two matrices; shape (…, n, m)."""
        return self.arrays["encoder"]

    @property
    def decoder(self) -> FloatArray:
        """W₂, shape (…, m, n): the free one, or Wᵀ."""
        return np.swapaxes(self.encoder, -1, -2) if self.is_tied else self.arrays["decoder"]

    @property
    def bias(self) -> FloatArray:
        """b, shape (…, n)."""
        return self.arrays["bias"]

    @property
    def is_tied(self) -> bool:
        """Whether the decoder is the encoder's transpose rather than a separate array."""
        return "decoder" not in self.arrays

    @property
    def has_finite_matrices(self) -> bool:
        """Whether every entry of both matrices is finite."""
        return bool(np.isfinite(self.encoder).all() and np.isfinite(self.decoder).all())

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self.arrays.values())

    def map(self, change: Callable[[FloatArray], FloatArray]) -> "Parameters":
        """Parameters with ``change`` applied to every array."""
        return Parameters(**{name: change(array) for name, array in self.arrays.items()})

    def with_arrays(self, **arrays: FloatArray) -> "Parameters":
        """A copy with these arrays replaced."""
        return Parameters(**{**self.arrays, **arrays})

    def take(self, lanes: int | Sequence[int]) -> "Parameters":
        """One lane, without the lane axis, or several lanes, with it."""
        chosen = list(lanes) if isinstance(lanes, Sequence) else lanes
        return self.map(lambda array: array[chosen])


def stacked(each: Sequence[Parameters]) -> Parameters:
    """The parameters of several lanes, stacked along a leading lane axis."""
    return Parameters(
        **{name: np.stack([one.arrays[name] for one in each]) for name in each[0].arrays}
    )
