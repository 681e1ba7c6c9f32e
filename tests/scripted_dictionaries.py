"""An engine of dictionaries that learns nothing, beside the scripted one for models."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.scripted_engine import ScriptedEngine, falling_loss

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.engine.states import check_state
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.rows import Rows
from superpos_core.task.dictionaries.start import stacked_initial_dictionaries
from superpos_core.task.parameters import Parameters


def scripted_engines(config: ExperimentConfig) -> Engine:
    """The scripted engine for whatever a config trains."""
    return (ScriptedDictionaries if config.kind == DICTIONARIES else ScriptedEngine)(config)


class ScriptedDictionaries:
    """Implements the ``DictionaryEngine`` protocol: all arrays grow by k / 1000 with every step.

    L0 begins at k and falls.
    """

    name = "scripted"
    device = "cpu"

    def __init__(self, config: ExperimentConfig) -> None:
        self.config = config
        self._directions: FloatArray | None = None
        self._steps: dict[str, int] = {}
        self._grown: dict[str, NDArray[np.float64]] = {}
        self._active: dict[str, FloatArray] = {}

    def read(self, directions: FloatArray) -> None:
        """Begin with the config's kinds."""
        if self._directions is not None:
            raise ValueError("read has been called before")
        self._directions = directions
        for kind in self.config.dictionaries:
            self.join(kind)

    def read_rows(self, rows: Sequence[Rows]) -> None:
        """Not needed by any test."""
        raise NotImplementedError

    def join(self, model: str) -> None:
        """Add a kind at step 0."""
        self._steps[model], self._grown[model] = 0, np.zeros(1)

    def start_from(self, model: str, parameters: Parameters) -> None:
        """Not needed by any test."""
        raise NotImplementedError

    def advance(self, steps: Mapping[str, int]) -> dict[str, FloatArray]:
        """Count the steps; the numbers are made up."""
        return {kind: self._take(kind, count) for kind, count in steps.items()}

    def _take(self, kind: str, count: int) -> FloatArray:
        lanes = self.config.lanes_of(kind)
        first = self._steps[kind] + 1
        self._steps[kind] += count
        for _ in range(count):  # one by one, so that slices round alike
            self._grown[kind] += self.config.active_latents / 1000
        steps = range(first, first + count)
        k = self.config.active_latents
        self._active[kind] = np.array(
            [[k + 1 / (lane.seed + step) for lane in lanes] for step in steps], np.float32
        )
        losses = [[falling_loss(lane, step) for lane in lanes] for step in steps]
        return np.array(losses, np.float32)

    def active(self, kind: str) -> FloatArray:
        """L0 of the steps of the last ``advance``."""
        return self._active[kind]

    def parameters(self, model: str) -> Parameters:
        """The initial ones, grown."""
        assert self._directions is not None
        lanes = self.config.lanes_of(model)
        start = stacked_initial_dictionaries(self.config, lanes, self._directions)
        return start.map(lambda array: array + np.float32(self._grown[model][0]))

    def state(self) -> dict[str, NDArray[Any]]:
        """The steps and the growth of each kind."""
        return {
            name: array
            for kind, step in self._steps.items()
            for name, array in (
                (f"{kind}/step", np.array(step)),
                (f"{kind}/grown", self._grown[kind].copy()),
            )
        }

    def load_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Continue from a ``state``."""
        check_state(self.state(), state)
        for kind in self._steps:
            self._steps[kind] = int(state[f"{kind}/step"])
            self._grown[kind] = state[f"{kind}/grown"].copy()

    def close(self) -> None:
        """There is nothing to release."""
