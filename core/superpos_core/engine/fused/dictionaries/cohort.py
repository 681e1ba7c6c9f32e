"""The lanes of one kind, trained by the kernel in the threads that also draw their rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.dictionaries.engine import LanesOfKind, Progress
from superpos_core.engine.dictionaries.forms import Arrays, as_trained
from superpos_core.engine.dictionaries.resampling import Trained, is_resampled, replace_silent
from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.dictionaries.chunks import Chunks, Numbers
from superpos_core.engine.fused.dictionaries.trainers import trainer_of
from superpos_core.engine.fused.threads import Piece
from superpos_core.engine.news import News
from superpos_core.task.schedules import schedule_named

PIECES = 32
"""Maximum pieces of work of a cohort."""
MANY_STEPS = 64
"""Steps for which a call of the kernel costs little."""


class FusedDictionaries:
    """The lanes of one kind."""

    def __init__(self, given: LanesOfKind) -> None:
        self._given = given
        self._chunks = Chunks(given.rows)
        self._trainer = trainer_of(given, self._chunks)
        self._layout, self._states = self._trainer.layout, self._trainer.states
        self.start_from(as_trained(given.config, given.kind, given.start))

    def compile(self, on_news: News) -> None:
        """Compile the kernel or load it from the cache, by a call that trains no lane.

        The first rows are drawn, because that may be done by compiled code too.
        """
        no_lanes, nothing = np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
        progress = Progress(nothing, nothing)

        def first_call() -> None:
            self._chunks.prepare(np.arange(1), self._steps_taken)
            self._trainer.take_steps(no_lanes, 0, np.zeros(0), progress, 0)

        KERNELS.first_call(first_call, on_news)

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
        lanes, config = len(self._given.lanes), self._given.config
        shape = lanes, steps
        progress = Progress(np.empty(shape, np.float32), np.empty(shape, np.float32))
        rates = schedule_named(config.learning_rate_schedule).rates(
            config.learning_rate, self._steps_taken, steps, config.steps, config.warm_up
        )
        together = self._trainer.together
        groups = -(-lanes // together) if steps else 0
        bounds = together * np.linspace(0, groups, min(PIECES, groups) + 1, dtype=np.int64)
        shares = [np.arange(begin, min(end, lanes)) for begin, end in pairwise(bounds.tolist())]
        pieces = [
            Piece(float(len(share) * steps), partial(self._train, share, rates, progress))
            for share in shares
        ]
        return Progress(progress.losses.T, progress.active.T), pieces

    @property
    def _steps_taken(self) -> int:
        return int(self._states.steps_taken[0])

    def _train(
        self, lanes: Numbers, rates: NDArray[np.float64], progress: Progress, thread: int
    ) -> None:
        """Train each group by itself, so that its rows stay in the cache, unless steps are few."""
        for group in self._groups(lanes) if len(rates) >= MANY_STEPS else [lanes]:
            begun = int(self._states.steps_taken[group[0]])
            step, end = begun, begun + len(rates)
            while step < end:
                stop = self._prepare(group, step, end)
                now = rates[step - begun : stop - begun]
                self._trainer.take_steps(group, step - begun, now, progress, thread)
                step = stop

    def _prepare(self, lanes: Numbers, step: int, end: int) -> int:
        """Resample if it is time, and provide rows; returns the step up to which they are there."""
        config = self._given.config
        if is_resampled(config, step):
            for lane in lanes.tolist():
                replace_silent(self._given, lane, self._trained(lane), step)
        self._chunks.prepare(lanes, step)
        stop = min(end, self._chunks.end(lanes))
        every = config.resample_every
        return min(stop, step + every - step % every) if every else stop

    def _groups(self, lanes: Numbers) -> list[Numbers]:
        """The lanes that the kernel trains together."""
        together = self._trainer.together
        return [lanes[begin : begin + together] for begin in range(0, len(lanes), together)]

    def _trained(self, lane: int) -> Trained:
        states = self._states
        moments = (states.first_moment, states.second_moment)
        return Trained(
            self._layout.named(states.parameters[lane]),
            tuple(self._layout.named(moment[lane]) for moment in moments),
            states.activity[lane],
        )
