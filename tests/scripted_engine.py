"""An engine and a clock that tests control; they act at once and import no torch."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.engine.states import check_start, check_state, models_to_load
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.initialization import stacked_initial_parameters
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters

# (lane, step counted from 1) → the loss of that step.
Loss = Callable[[Lane, int], float]


def falling_loss(lane: Lane, step: int) -> float:
    """A loss that falls from 0.05, lower for sparser lanes, and never repeats."""
    return 0.05 * (lane.density + 0.01) / (1 + step / 100)


class ManualClock:
    """A clock that only moves when a test lets time pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_time(self, seconds: float) -> None:
        """Let this much time pass."""
        self.now += seconds


class ScriptedEngine:
    """Implements the ``Engine`` protocol without learning anything.

    Weights move from a lane's real initial values at step 0 to the identity on the first m features
    at the last step, so that pictures of them change and are reproducible. ``loss`` makes up the
    losses, possibly NaN. ``before_advance`` is called with the arguments of each ``advance``: it
    may raise, wait, or move a clock. ``advanced``, ``joined`` and ``times_closed`` record the calls
    of the engine.
    """

    name = "scripted"
    device = "cpu"

    def __init__(
        self,
        config: ExperimentConfig,
        loss: Loss = falling_loss,
        before_advance: Callable[[Mapping[str, int]], None] = lambda steps: None,
    ) -> None:
        self.config = config
        self.advanced: list[dict[str, int]] = []
        self.joined: list[str] = []
        self.times_closed = 0
        self._loss = loss
        self._before_advance = before_advance
        self._steps = dict.fromkeys(config.models, 0)
        self._given: dict[str, Parameters] = {}

    def join(self, model: str) -> None:
        """Add the lanes of ``model`` at step 0."""
        self.joined.append(model_named(model).name)
        self._steps[model] = 0

    def start_from(self, model: str, parameters: Parameters) -> None:
        """Move from these weights, instead of the initial ones, to the identity."""
        check_start(self.parameters(model), parameters)
        self._given[model] = parameters

    def advance(self, steps: Mapping[str, int]) -> dict[str, FloatArray]:
        """Count the steps; the losses are made up."""
        self.advanced.append(dict(steps))
        self._before_advance(steps)
        return {model: self._take(model, count) for model, count in steps.items()}

    def _take(self, model: str, count: int) -> FloatArray:
        lanes = self.config.lanes_of(model)
        first = self._steps[model] + 1
        self._steps[model] += count
        steps = range(first, first + count)
        losses = [[self._loss(lane, step) for lane in lanes] for step in steps]
        return np.array(losses, dtype=np.float32).reshape(count, len(lanes))

    def parameters(self, model: str) -> Parameters:
        """Weights between the initial ones and the identity."""
        lanes = self.config.lanes_of(model)
        start = self._given.get(model) or stacked_initial_parameters(self.config, lanes)
        share = np.float32(self._steps[model] / self.config.steps)
        whole = np.eye(self.config.features, self.config.hidden, dtype=np.float32)
        identity = np.stack(
            [np.where(np.arange(len(whole.T)) < self.config.hidden_of(lane), whole, 0)
             for lane in lanes]
        )  # fmt: skip
        goals = {
            "encoder": identity,
            "decoder": identity.swapaxes(1, 2),
            "bias": np.linspace(-0.2, 0.5, self.config.features, dtype=np.float32),
        }
        return Parameters(
            **{
                name: initial + share * (goals.get(name, initial) - initial)
                for name, initial in start.arrays.items()
            }
        )

    def state(self) -> dict[str, NDArray[Any]]:
        """The step of each model, the engine's only state."""
        return {f"{model}/step": np.array(step) for model, step in self._steps.items()}

    def load_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Continue from a ``state``; raises ``ValueError`` if it is not one of this config."""
        models = models_to_load(state, self._steps)
        check_state({f"{model}/step": np.array(0) for model in models}, state)
        self._steps = {model: int(state[f"{model}/step"]) for model in models}

    def close(self) -> None:
        """Count the calls."""
        self.times_closed += 1
