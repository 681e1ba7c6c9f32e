"""What training changes in a lane, as named arrays."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from superpos_core.arrays import FloatArray


class Parameters:
    """The trained arrays of one lane by name, or of many lanes, with a leading lane axis.

    Shapes: ``encoder`` (…, n, m), one row per feature; ``decoder`` (…, m, n), which is no array of
    its own where it is tied to the encoder; ``bias`` (…, n). A model may declare further ones, of
    any shape. Whoever only keeps, copies or writes parameters asks for no name: ``arrays`` has all,
    and ``map`` and ``take`` give others of the same names.
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
        self.arrays: Mapping[str, FloatArray] = {
            "encoder": encoder,
            **free,
            "bias": bias,
            **further,
        }

    @property
    def encoder(self) -> FloatArray:
        """W, or W₁ where there are two; shape (…, n, m)."""
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
        """Whether the decoder is the encoder's transpose, and no array of its own."""
        return "decoder" not in self.arrays

    @property
    def has_finite_matrices(self) -> bool:
        """Whether every entry of both matrices is finite."""
        return bool(np.isfinite(self.encoder).all() and np.isfinite(self.decoder).all())

    @property
    def nbytes(self) -> int:
        """The memory that all arrays take."""
        return sum(array.nbytes for array in self.arrays.values())

    def map(self, change: Callable[[FloatArray], FloatArray]) -> "Parameters":
        """The same names, each array changed."""
        return Parameters(**{name: change(array) for name, array in self.arrays.items()})

    def with_arrays(self, **arrays: FloatArray) -> "Parameters":
        """The same, but for these arrays."""
        return Parameters(**{**self.arrays, **arrays})

    def take(self, lanes: int | Sequence[int]) -> "Parameters":
        """One lane of many, without the lane axis, or several lanes, with it."""
        chosen = list(lanes) if isinstance(lanes, Sequence) else lanes
        return self.map(lambda array: array[chosen])


def stacked(each: Sequence[Parameters]) -> Parameters:
    """The parameters of lanes with the same names, one after another along a leading lane axis."""
    return Parameters(
        **{name: np.stack([one.arrays[name] for one in each]) for name in each[0].arrays}
    )
