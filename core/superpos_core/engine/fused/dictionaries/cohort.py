"""The lanes of one kind, trained by the kernel in the threads that also draw their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.dictionaries.engine import Progress, Task
from superpos_core.engine.dictionaries.forms import Arrays, as_trained
from superpos_core.engine.dictionaries.resampling import Trained, is_resampled, replace_silent
from superpos_core.engine.fused.cache import KERNELS, News
from superpos_core.engine.fused.dictionaries.kernel import train_dictionary
from superpos_core.engine.fused.dictionaries.layout import (
    Layout,
    lane_objective_of,
    objective_of,
)
from superpos_core.engine.fused.dictionaries.workspace import Memory
from superpos_core.engine.fused.layout import Floats, Optimiser
from superpos_core.engine.fused.threads import Piece
from superpos_core.task.dictionaries.rows import HiddenRows
from superpos_core.task.schedules import schedule_named

PIECES = 32
"""Maximum pieces of work of a cohort."""


class FusedDictionaries:
    """The lanes of one kind."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._layout = Layout.of(task.config, task.kind)
        self._objective = objective_of(task.config, task.kind)
        self._lanes = [lane_objective_of(task.config, task.kind, lane) for lane in task.lanes]
        self._states = self._layout.new_states(len(task.lanes))
        self._parts = 2 if task.kind.activation == "gated" else len(self._objective.prefixes)
        self.start_from(as_trained(task.config, task.kind, task.start))

    def compile(self, on_news: News) -> None:
        """Compile the kernel or load it from the cache, by a call that takes no step."""
        nothing = np.zeros(0, np.float32)
        rows = HiddenRows(np.zeros((0, self._task.config.hidden), np.float32), nothing,
                          np.zeros(1, np.int64))  # fmt: skip
        memory = Memory(self._layout.size, self._parts)
        KERNELS.first_call(
            lambda: self._take_steps(0, rows, np.zeros(0), nothing, nothing, memory), on_news
        )

    def arrays(self) -> Arrays:
        """Views of the trained arrays."""
        return self._layout.named(self._states.parameters)

    def start_from(self, arrays: Arrays) -> None:
        """Replace the trained arrays."""
        for name, view in self.arrays().items():
            view[...] = arrays[name]

    def state(self) -> Mapping[str, NDArray[Any]]:
        """All that training changes: views."""
        return self._states._asdict()

    def load_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Replace all of it."""
        for name, array in self.state().items():
            array[...] = state[name]

    def work(self, steps: int) -> tuple[Progress, list[Piece]]:
        """What is to be done for so many steps of every lane, and where the results will be."""
        lanes = len(self._lanes)
        losses, active = (np.empty((lanes, steps), np.float32) for _ in range(2))
        shares = np.array_split(np.arange(lanes), min(PIECES, lanes)) if steps else []
        pieces = [
            Piece(float(len(share) * steps), self._piece(share.tolist(), losses, active))
            for share in shares
        ]
        return Progress(losses.T, active.T), pieces

    def _piece(self, lanes: Sequence[int], losses: Floats, active: Floats) -> Any:
        def train(thread: int) -> None:
            for lane in lanes:
                self._train(lane, losses[lane], active[lane])

        return train

    def _train(self, lane: int, losses: Floats, active: Floats) -> None:
        begun, config = int(self._states.steps[lane]), self._task.config
        memory, rows_of_lane = Memory(self._layout.size, self._parts), self._task.rows[lane]
        for first, count in self._slices(rows_of_lane.chunk_steps, begun, len(losses)):
            if is_resampled(config, first):
                replace_silent(self._task, lane, self._trained(lane), first)
            rates = schedule_named(config.learning_rate_schedule).rates(
                config.learning_rate, first, count, config.steps, config.warm_up
            )
            there = slice(first - begun, first - begun + count)
            rows = rows_of_lane.of_steps(first, count)
            self._take_steps(lane, rows, rates, losses[there], active[there], memory)

    def _slices(self, chunk: int, first: int, count: int) -> Iterator[tuple[int, int]]:
        """First step and number of steps: of one chunk of rows, and up to the next resampling."""
        step, end = first, first + count
        while step < end:
            stop = min(end, step + chunk - step % chunk)
            if every := self._task.config.resample_every:
                stop = min(stop, step + every - step % every)
            yield step, stop - step
            step = stop

    def _trained(self, lane: int) -> Trained:
        states = self._states
        moments = (states.first_moment, states.second_moment)
        return Trained(
            self._layout.named(states.parameters[lane]),
            tuple(self._layout.named(moment[lane]) for moment in moments),
            states.activity[lane],
        )

    def _take_steps(
        self,
        lane: int,
        rows: HiddenRows,
        rates: NDArray[np.float64],
        losses: Floats,
        active: Floats,
        memory: Memory,
    ) -> None:
        floats, blocks = memory.for_rows(int(np.diff(rows.first).max(initial=0)))
        train_dictionary(
            self._layout.size, self._objective, self._lanes[lane], lane, self._states,
            rows.vectors, rows.shares, rows.first, Optimiser(rates, weight_decay=0.0),
            losses, active, floats, blocks,
        )  # fmt: skip
