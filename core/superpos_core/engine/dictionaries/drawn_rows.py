"""Rows that are drawn one by one, in numpy and in compiled code, the same for every engine."""

from dataclasses import replace

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.engine.fused.dictionaries.drawing import add_gaps, lay_out
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import VALUES, distribution_named, sample
from superpos_core.task.dictionaries.generators import Generators
from superpos_core.task.dictionaries.rows import (
    FEW,
    PURPOSE,
    HiddenRows,
    RowsInChunks,
    are_sparse,
    hidden_activation,
    hidden_vectors,
    starts_of,
    steps_drawn_together,
)
from superpos_core.task.lanes import Lane

WIDE = 64
"""Features above which hidden vectors are summed from active entries, unless these are many."""


class DrawnRows(RowsInChunks):
    """Rows that are drawn one by one; ``directions`` (n, d) are those of features."""

    def __init__(self, config: ExperimentConfig, lane: Lane, directions: FloatArray) -> None:
        super().__init__(steps_drawn_together(config, lane))
        self._config = config
        self._generators = Generators(lane, PURPOSE)
        self._directions = np.asarray(directions, np.float32)
        self._probability = config.feature_probability(lane)
        self._are_sparse = are_sparse(config, lane)
        self._activation = hidden_activation(config)

    def drawn(self, number: int) -> HiddenRows:
        """The rows of chunk ``number``."""
        random, steps = self._generators.numbered(number), self._chunk_steps
        if self._are_sparse:
            return self._from_entries(random, steps)
        x = sample(
            distribution_named(self._config.distribution),
            random,
            steps * self._config.batch,
            self._probability,
            self._config.set_size,
            structure=self._config.structure,
        )
        # x.any(axis=1) takes as long as all the rest.
        there = np.flatnonzero(np.square(x) @ np.ones(x.shape[1], x.dtype))
        rows, slots = self._laid_out(there, steps)
        found = hidden_vectors(x.take(there, axis=0), self._directions, self._activation)
        rows.vectors[slots] = found
        return rows

    def _from_entries(self, random: np.random.Generator, steps: int) -> HiddenRows:
        """Rows of independent features, most of which are not active."""
        n, batch, d = self._config.features, self._config.batch, self._directions.shape[1]
        positions, values = self._entries(random, steps)
        if n > FEW:
            return self._from_many_features(positions, values, steps)
        first, most = np.zeros(steps + 1, np.int64), len(positions) + steps
        shares, vectors = np.empty(most, np.float32), np.empty((most, d), np.float32)
        lay_out(positions, values, self._directions, batch, first, shares, vectors)
        hidden = self._activation(vectors[: first[-1]])
        return HiddenRows(hidden.astype(np.float32, copy=False), shares[: first[-1]], first)

    def _entries(self, random: np.random.Generator, steps: int) -> tuple[IntArray, FloatArray]:
        """The positions among all entries, in order, and values, float32, of the active ones."""
        most = float(self._probability.max())
        positions = _positions(random, steps * self._config.batch * self._config.features, most)
        if (self._probability < most).any():
            chances = self._probability[positions % self._config.features]
            positions = positions[random.random(len(positions)) * most < chances]
        values = VALUES[distribution_named(self._config.distribution).values]
        drawn = random.random(len(positions), dtype=np.float32)
        return positions, values.from_uniform(np, drawn)

    def _from_many_features(self, positions: IntArray, value: FloatArray, steps: int) -> HiddenRows:
        """Sums of active directions, or a matrix product where that is faster."""
        n = self._config.features
        row = positions // n
        feature = positions - row * n
        begins = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]])[: len(row)])
        rows, slots = self._laid_out(row[begins], steps)
        if n > WIDE and len(row) < len(begins) * n / WIDE:
            terms = self._directions.take(feature, axis=0)
            terms *= value[:, None]
            rows.vectors[slots] = self._activation(np.add.reduceat(terms, begins, axis=0))
            return rows
        of_entry = slots.repeat(np.diff(begins, append=len(row)))
        x = np.zeros((len(rows.shares), n), np.float32)
        x.reshape(-1)[of_entry * n + feature] = value
        return replace(rows, vectors=hidden_vectors(x, self._directions, self._activation))

    def _laid_out(self, row: IntArray, steps: int) -> tuple[HiddenRows, IntArray]:
        """Rows of 0 for each ``row`` with an active feature, and their places among all.

        The other rows of a step are one row, its last.
        """
        batch, d = self._config.batch, self._directions.shape[1]
        step = row // batch
        per_step = np.bincount(step, minlength=steps)
        first = starts_of(per_step + 1)
        shares = np.full(first[-1], 1 / batch, np.float32)
        shares[first[1:] - 1] = (batch - per_step) / batch
        vectors = np.zeros((first[-1], d), np.float32)
        return HiddenRows(vectors, shares, first), np.arange(len(row)) + step


def _positions(random: np.random.Generator, total: int, probability: float) -> IntArray:
    """The positions, below ``total``, of events that happen with a probability at each."""
    expected = total * probability
    size = int(expected + 6 * np.sqrt(expected) + 16)
    scale, last, below = -1 / np.log1p(-probability), -1, size
    parts = []
    while below == size:
        part = np.empty(size, np.int64)
        below = add_gaps(random.standard_exponential(size), scale, last, total, part)
        last = int(part[-1])
        parts.append(part[:below])
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
