"""Rows of few binary features, which are counted rather than drawn."""

from functools import lru_cache

import numpy as np

from superpos_core.activations import ACTIVATIONS
from superpos_core.arrays import FloatArray, IntArray, freeze
from superpos_core.engine.fused.dictionaries.counting import draw_shares, tables_of
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.generators import Generators
from superpos_core.task.dictionaries.rows import (
    PURPOSE,
    HiddenRows,
    RowsInChunks,
    hidden_activation,
    hidden_vectors,
    patterns_of,
    steps_drawn_together,
)
from superpos_core.task.lanes import Lane


class CountedRows(RowsInChunks):
    """All patterns of a lane's binary features at every step, with their shares of the batch.

    Compiled code draws how often each occurs, the same for every engine.
    """

    def __init__(self, config: ExperimentConfig, lane: Lane, directions: FloatArray) -> None:
        super().__init__(steps_drawn_together(config, lane))
        found = patterns_of(config, lane)
        assert found is not None
        patterns, probabilities = found
        # The most probable first: those at the end that do not occur need not be computed.
        order = np.argsort(-probabilities, kind="stable")
        self._probabilities = tuple(probabilities[order].tolist())
        activation, directions = hidden_activation(config), np.asarray(directions, np.float32)
        self.vectors = hidden_vectors(patterns[order], directions, activation)
        """(patterns, d), float32: the rows of every step"""
        is_linear = activation is ACTIVATIONS["identity"]
        self.spanning: FloatArray = directions if is_linear else self.vectors
        """(…, d): vectors in whose span all rows are"""
        self._generators = Generators(lane, PURPOSE)
        self._batch = config.batch

    def drawn(self, number: int) -> HiddenRows:
        """The rows of chunk ``number``."""
        patterns, steps = len(self.vectors), self._chunk_steps
        shares = np.empty((steps, patterns), np.float32)
        tables = tables_of(self._probabilities, self._batch)
        draw_shares(tables, self._batch, self._generators.seed(number), shares)
        return HiddenRows(self.vectors, shares.reshape(-1), _firsts(patterns, steps), True)


@lru_cache(maxsize=16)
def _firsts(patterns: int, steps: int) -> IntArray:
    """Where the rows of each step begin, and where the last ones end: shape (steps + 1,)."""
    firsts: IntArray = freeze(patterns * np.arange(steps + 1, dtype=np.int64))
    return firsts
