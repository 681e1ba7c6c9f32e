"""The trained parameters of a lane, as named arrays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray


@dataclass(frozen=True)
class Padding:
    """How lanes of different m share arrays: those of a smaller m are padded with zeros.

    ``width`` is the m of the arrays and ``hidden`` that of each lane; ``axes`` are the hidden axes
    of each array by name, counted from the last one.
    """

    width: int
    hidden: tuple[int, ...]
    axes: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(
        cls, width: int, hidden: Sequence[int], axes: Mapping[str, tuple[int, ...]]
    ) -> "Padding | None":
        """The padding of lanes with these m; ``None`` if none is padded."""
        return None if set(hidden) == {width} else cls(width, tuple(hidden), axes)

    def take(self, lanes: Sequence[int]) -> "Padding | None":
        """The padding of some lanes in arrays that are no wider than necessary."""
        hidden = [self.hidden[lane] for lane in lanes]
        return Padding.of(max(hidden), hidden, self.axes)

    def cut(self, arrays: Mapping[str, FloatArray], hidden: int) -> dict[str, FloatArray]:
        """The first ``hidden`` units of arrays by name, of one lane or of many."""
        cut = {}
        for name, array in arrays.items():
            units = [slice(None)] * array.ndim
            for axis in self.axes[name]:
                units[axis] = slice(hidden)
            cut[name] = array[tuple(units)]
        return cut

    def pad(self, name: str, array: FloatArray) -> FloatArray:
        """An array of one lane with zeros for the missing units."""
        more = [(0, 0)] * array.ndim
        for axis in self.axes[name]:
            more[axis] = (0, self.width - array.shape[axis])
        return np.pad(array, more)


class Parameters:
    """The trained arrays by name, of one lane or of many with a leading lane axis.

    Shapes: ``encoder`` (…, n, m), one row per feature; ``decoder`` (…, m, n), which is not a
    separate array if it is tied to the encoder; ``bias`` (…, n). A model may declare further arrays
    of any shape. Code that only keeps, copies or writes parameters needs no names: ``arrays`` has
    all of them, and ``map`` and ``take`` return others with the same names.

    With a ``padding``, lanes have different m. ``arrays`` then contain zeros, which ``take`` cuts
    off.
    """

    padding: Padding | None = None

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

    def padded(self, padding: Padding | None) -> "Parameters":
        """The same arrays, of lanes with this padding."""
        other = Parameters(**self.arrays)
        other.padding = padding
        return other

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
        """Parameters with ``change``, which keeps shapes, applied to every array."""
        changed = Parameters(**{name: change(array) for name, array in self.arrays.items()})
        return changed.padded(self.padding)

    def with_arrays(self, **arrays: FloatArray) -> "Parameters":
        """A copy with these arrays replaced."""
        return Parameters(**{**self.arrays, **arrays}).padded(self.padding)

    def take(self, lanes: int | Sequence[int]) -> "Parameters":
        """One lane, without the lane axis, or several lanes, with it.

        They are no wider than the largest m among them.
        """
        several = list(lanes) if isinstance(lanes, Sequence) else [lanes]
        chosen = several if isinstance(lanes, Sequence) else lanes
        arrays = {name: array[chosen] for name, array in self.arrays.items()}
        if self.padding is None or not several:
            return Parameters(**arrays)
        hidden = max(self.padding.hidden[lane] for lane in several)
        left = self.padding.take(several) if isinstance(lanes, Sequence) else None
        return Parameters(**self.padding.cut(arrays, hidden)).padded(left)


def stacked(each: Sequence[Parameters], padding: Padding | None = None) -> Parameters:
    """The parameters of several lanes, stacked along a leading lane axis."""
    arrays = {
        name: np.stack([_padded(name, one.arrays[name], padding) for one in each])
        for name in each[0].arrays
    }
    return Parameters(**arrays).padded(padding)


def _padded(name: str, array: FloatArray, padding: Padding | None) -> FloatArray:
    return array if padding is None else padding.pad(name, array)
