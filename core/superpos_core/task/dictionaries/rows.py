"""The rows that dictionaries train on: hidden vectors, each with its share of a batch.

Equal rows of a step are stored once, with the share of all of them: rows without an active feature
always, and all rows if features are binary and few. So a batch costs what is different in it. Rows
are drawn in chunks of steps that depend on nothing but the config, and all engines read the same
ones: see ``engine/dictionaries``.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from superpos_core.activations import ACTIVATIONS, Activation
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.dictionaries.directions import OF_MODEL
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named
from superpos_core.task.structured import all_patterns

CHUNK_STEPS, CHUNK_NUMBERS = 128, 1 << 17
"""Maximum steps drawn at once, and roughly the maximum numbers in their rows: what a lane keeps."""
COUNTED_STEPS, COUNTED_NUMBERS = 512, 1 << 13
"""The same for rows that are counted, of which only the shares differ between steps."""
DENSE = 0.3
"""The probability of an active feature above which every entry of a row is drawn."""
FEW = 32
"""Features up to which the vectors of sparse rows are summed from active entries alone."""
MAX_PATTERN_FEATURES = 8
"""Maximum binary features whose 2ⁿ rows are counted rather than drawn."""
PRODUCT, LEAST_ROWS = 1 << 17, 16
"""Multiplications of one matrix product, half as many as OpenBLAS gives to several threads, but at
least so many rows."""
PURPOSE = "hidden rows"


@dataclass(frozen=True)
class HiddenRows:
    """The rows of some consecutive steps of one lane.

    ``vectors`` (rows, d) are hidden vectors and ``shares`` (rows,) how large a part of the batch
    each is; both float32. Those of step s are at ``first[s]`` … ``first[s + 1]``, and their shares
    sum to 1. ``first`` has shape (steps + 1,), int64. If ``repeated``, every step has the same
    vectors, with other shares, and ``vectors`` holds them once.
    """

    vectors: FloatArray
    shares: FloatArray
    first: IntArray
    repeated: bool = False

    @property
    def steps(self) -> int:
        """The number of steps."""
        return len(self.first) - 1

    def between(self, start: int, stop: int) -> "HiddenRows":
        """The rows of the steps ``start`` … ``stop`` of these."""
        begin, end = int(self.first[start]), int(self.first[stop])
        first = self.first[start : stop + 1] - begin
        vectors = self.vectors if self.repeated else self.vectors[begin:end]
        return HiddenRows(vectors, self.shares[begin:end], first, self.repeated)

    @staticmethod
    def joined(parts: Sequence["HiddenRows"]) -> "HiddenRows":
        """The steps of all parts, one after the other."""
        if len(parts) == 1:
            return parts[0]
        counts = np.concatenate([np.diff(part.first) for part in parts])
        shares = np.concatenate([part.shares for part in parts])
        if parts[0].repeated:
            return HiddenRows(parts[0].vectors, shares, starts_of(counts), True)
        return HiddenRows(
            np.concatenate([part.vectors for part in parts]), shares, starts_of(counts)
        )


class Rows(Protocol):
    """The rows of one lane, for any step, in any order; the same for the same step."""

    def of_steps(self, first: int, count: int) -> HiddenRows:
        """The rows of ``count`` steps from step ``first``, counted from 0."""

    def chunk_at(self, step: int) -> tuple[int, HiddenRows]:
        """The rows of some steps with ``step`` among them, and the first of these steps."""


class RowsInChunks(ABC):
    """The rows of one lane, for any step, in any order, which are drawn for many steps at once."""

    def __init__(self, steps: int) -> None:
        """``steps``: of a chunk."""
        self._chunk_steps = steps
        self._chunk: tuple[int, HiddenRows] | None = None

    @abstractmethod
    def drawn(self, number: int) -> HiddenRows:
        """The rows of chunk ``number``, which depend on nothing else."""

    def of_steps(self, first: int, count: int) -> HiddenRows:
        """The rows of ``count`` steps from step ``first``, counted from 0."""
        parts, step = [], first
        while step < first + count:
            begin, chunk = self.chunk_at(step)
            stop = min(begin + chunk.steps, first + count)
            parts.append(chunk.between(step - begin, stop - begin))
            step = stop
        return HiddenRows.joined(parts)

    def chunk_at(self, step: int) -> tuple[int, HiddenRows]:
        """The rows that are drawn together with those of ``step``, and the first step of them."""
        number = step // self._chunk_steps
        begin = number * self._chunk_steps
        if self._chunk is None or self._chunk[0] != begin:
            self._chunk = begin, self.drawn(number)
        return self._chunk


def expected_rows(config: ExperimentConfig, lane: Lane) -> float:
    """Roughly the number of different rows in a step of ``lane``."""
    patterns = patterns_of(config, lane)
    if patterns is not None:
        return len(patterns[0])
    if distribution_named(config.distribution).has_independent_features:
        return 1 + config.batch * float(1 - (1 - config.feature_probability(lane)).prod())
    return config.batch


def are_sparse(config: ExperimentConfig, lane: Lane) -> bool:
    """Whether only the active entries of rows are drawn, by the gaps between them."""
    distribution = distribution_named(config.distribution)
    is_simple = distribution.has_independent_features and not distribution.unit_norm
    return is_simple and bool(config.feature_probability(lane).max() < DENSE)


def steps_drawn_together(config: ExperimentConfig, lane: Lane) -> int:
    """How many steps of rows a lane draws, and keeps, at once."""
    rows = expected_rows(config, lane)
    if patterns_of(config, lane) is not None:
        return int(np.clip(COUNTED_NUMBERS / rows, 1, COUNTED_STEPS))
    of_entries = 0 if are_sparse(config, lane) and config.features <= FEW else config.features
    of_row = config.hidden + 1 + of_entries
    return int(np.clip(CHUNK_NUMBERS / (rows * of_row), 1, CHUNK_STEPS))


def numbers_in_store(config: ExperimentConfig, lane: Lane) -> float:
    """Roughly how many numbers the rows of a chunk consist of."""
    rows, steps = expected_rows(config, lane), steps_drawn_together(config, lane)
    if patterns_of(config, lane) is not None:
        return rows * (config.hidden + steps)
    return rows * steps * (config.hidden + 1)


def hidden_activation(config: ExperimentConfig) -> Activation:
    """The activation of the hidden layer that dictionaries read; the identity without a model."""
    if config.directions != OF_MODEL:
        return ACTIVATIONS["identity"]
    return model_named(config.models[0]).hidden


def hidden_vectors(x: FloatArray, directions: FloatArray, activation: Activation) -> FloatArray:
    """The hidden vectors (rows, d), float32, of rows x (rows, n).

    In products that are too small for BLAS to divide among threads, so that their number changes
    nothing.
    """
    hidden = np.empty((len(x), directions.shape[1]), np.float32)
    rows = max(PRODUCT // directions.size, LEAST_ROWS)
    for begin in range(0, len(x), rows):
        np.matmul(x[begin : begin + rows], directions, out=hidden[begin : begin + rows])
    found: FloatArray = activation(hidden)
    return found.astype(np.float32, copy=False)


def patterns_of(config: ExperimentConfig, lane: Lane) -> tuple[FloatArray, FloatArray] | None:
    """All rows of few binary features, (patterns, n), and their probabilities, (patterns,).

    ``None`` if features are not binary, too many, or depend on something else.
    """
    distribution = distribution_named(config.distribution)
    n = config.features
    if distribution.values != "binary" or n > MAX_PATTERN_FEATURES or distribution.unit_norm:
        return None
    probability = config.feature_probability(lane)
    if distribution.source is not None:
        of_source = distribution.source.patterns
        return None if of_source is None else of_source(n, config.structure, probability)
    if not distribution.has_independent_features:
        return None
    patterns = all_patterns(n)
    chances = np.where(patterns > 0, probability, 1 - probability).prod(axis=1)
    return patterns, chances / chances.sum()


def starts_of(counts: IntArray) -> IntArray:
    """Where each of some groups of these sizes begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
