"""Engines that train dictionaries: what they offer besides the methods of every engine."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.task.dictionaries.rows import Rows


@runtime_checkable
class DictionaryEngine(Engine, Protocol):
    """Trains the lanes of a config's kinds of dictionary; kinds take the place of models.

    The losses of ``advance`` are means over rows of ‖h − ĥ‖², summed over dimensions, without the
    penalty. Arrays are called as in ``task/dictionaries/kinds.py``; a tied encoder is returned all
    the same.
    """

    def read(self, directions: FloatArray) -> None:
        """Let the dictionaries read hidden vectors made of these directions, (lanes, n, d).

        Lanes are in the order of ``config.lanes_of``, which is the same for every kind. Adds the
        config's kinds at step 0. To be called once, before anything else: other methods raise
        ``ValueError`` until then.
        """

    def read_rows(self, rows: Sequence[Rows]) -> None:
        """The same for given rows, those of each lane, in place of rows made of directions."""

    def active(self, kind: str) -> FloatArray:
        """L0, the mean number of active latents per row, of each step of the last ``advance``.

        Shape (steps, lanes), float32.
        """
