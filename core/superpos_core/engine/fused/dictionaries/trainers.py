"""The kernels that train lanes: one lane after the other, or sixteen at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.dictionaries.counted_rows import CountedRows
from superpos_core.engine.dictionaries.engine import LanesOfKind, Progress
from superpos_core.engine.fused.dictionaries.bundles.kernel import train_bundles
from superpos_core.engine.fused.dictionaries.bundles.memory import Extent, floats_of
from superpos_core.engine.fused.dictionaries.bundles.subspaces import Subspaces
from superpos_core.engine.fused.dictionaries.chunks import Chunks, Numbers
from superpos_core.engine.fused.dictionaries.kernel import train_dictionaries
from superpos_core.engine.fused.dictionaries.layout import (
    Layout,
    States,
    lane_objectives_of,
    objective_of,
)
from superpos_core.engine.fused.dictionaries.workspace import Memory
from superpos_core.engine.fused.layout import Floats, Optimiser
from superpos_core.engine.fused.simd import VECTOR_WIDTH
from superpos_core.engine.fused.workspace import aligned_memory
from superpos_core.task.dictionaries.options import TIED


class Trainer(Protocol):
    """Lanes of one kind in memory, and the kernel that trains them."""

    together: int
    """How many lanes, consecutive ones, it trains best in one call."""
    layout: Layout
    states: States

    def take_steps(
        self,
        lanes: Numbers,
        begun: int,
        rates: NDArray[np.float64],
        progress: Progress,
        thread: int,
    ) -> None:
        """Take a step at each rate, on rows that are there; ``begun`` steps are in ``progress``.

        ``lanes``: whole groups of ``together``, the last of which may lack some.
        """


MANY_LANES = 2 * VECTOR_WIDTH
"""Lanes from which bundles are faster, also if there are several threads and few bundles."""
FEW_LATENTS = 32
"""Latents up to which bundles are faster: their time and memory grow with the square of latents."""


def trainer_of(given: LanesOfKind, chunks: Chunks) -> Trainer:
    """The faster of those that can train the lanes.

    The choice depends on the config alone, never on the number of threads, because the two round
    differently.
    """
    counted = [rows for rows in given.rows if isinstance(rows, CountedRows)]
    is_simple = given.kind.activation == "relu" and given.config.encoder != TIED
    is_faster = len(given.rows) >= MANY_LANES and given.config.latents <= FEW_LATENTS
    if is_simple and is_faster and len(counted) == len(given.rows):
        return Bundles(given, counted, chunks)
    return OneByOne(given, chunks)


class _LanesInMemory:
    """What both kernels read and write."""

    def __init__(self, given: LanesOfKind, chunks: Chunks, *, is_padded: bool) -> None:
        self.layout = Layout.of(given.config, given.kind, is_padded=is_padded)
        self.states = self.layout.new_states(len(given.lanes))
        self._chunks = chunks
        self._objective = objective_of(given.config, given.kind)
        self._own = lane_objectives_of(given.config, given.kind, given.lanes)


class OneByOne(_LanesInMemory):
    """Each lane by itself: every kind, on any rows."""

    together = 1

    def __init__(self, given: LanesOfKind, chunks: Chunks) -> None:
        super().__init__(given, chunks, is_padded=True)
        self._parts = 2 if given.kind.activation == "gated" else len(self._objective.prefixes)
        self._memory: dict[int, Memory] = {}

    def take_steps(
        self,
        lanes: Numbers,
        begun: int,
        rates: NDArray[np.float64],
        progress: Progress,
        thread: int,
    ) -> None:
        """See ``Trainer``."""
        if thread not in self._memory:
            self._memory[thread] = Memory(self.layout.size, self._parts)
        floats, blocks = self._memory[thread].for_rows(self._chunks.most_rows(lanes))
        train_dictionaries(
            self.layout.size, self._objective, lanes, self._own, self.states,
            self._chunks.table, Optimiser(rates, weight_decay=0.0), begun,
            progress.losses, progress.active, floats, blocks,
        )  # fmt: skip


class Bundles(_LanesInMemory):
    """Sixteen lanes at once: ReLU dictionaries with their own encoder, on rows that are counted."""

    together = VECTOR_WIDTH

    def __init__(self, given: LanesOfKind, rows: Sequence[CountedRows], chunks: Chunks) -> None:
        super().__init__(given, chunks, is_padded=False)
        config = given.config
        self._subspaces = Subspaces.of(rows, config.hidden)
        most, coordinates = self._subspaces.coordinates.shape[1:3]
        count = self.layout.size.parameter_count
        self._extent = Extent(config.latents, config.hidden, coordinates - 1, most, count)
        self._memory: dict[int, Floats] = {}

    def take_steps(
        self,
        lanes: Numbers,
        begun: int,
        rates: NDArray[np.float64],
        progress: Progress,
        thread: int,
    ) -> None:
        """See ``Trainer``."""
        if thread not in self._memory:
            self._memory[thread] = aligned_memory(floats_of(self._extent))
        train_bundles(
            self._extent, self.layout.size, self._objective, lanes, self._own, self.states,
            *self._subspaces, self._chunks.table, Optimiser(rates, weight_decay=0.0), begun,
            progress.losses, progress.active, self._memory[thread],
        )  # fmt: skip
