"""Engines: what advances the lanes. One protocol, several engines, chosen by name."""

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.task.parameters import Parameters

EngineState = Mapping[str, NDArray[Any]]
"""Everything that training needs to go on, as flat named arrays."""


class Engine(Protocol):
    """Trains the lanes of a config, model by model; the lanes of one model advance in lockstep.

    The same config gives the same numbers, whatever else trains beside a lane.
    """

    @property
    def name(self) -> str:
        """The engine's name, as the command line takes it."""

    @property
    def device(self) -> str:
        """Where it runs, such as ``cpu`` or ``cuda:0``."""

    def join(self, model: str) -> None:
        """Add the lanes of ``model`` at step 0; raises ``InvalidValue`` for an unknown model."""

    def advance(self, steps: Mapping[str, int]) -> dict[str, FloatArray]:
        """Take exactly so many steps of each model named.

        Returns the losses of every step, shape (steps, lanes): the mean over batch and features.
        """

    def parameters(self, model: str) -> Parameters:
        """The parameters of a model's lanes now, as copies with a leading lane axis."""

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that training needs to go on from here, as flat named arrays."""

    def load_state(self, state: EngineState) -> None:
        """Go on from a ``state`` of the same config; raises ``ValueError`` if it is not one."""

    def close(self) -> None:
        """Give back threads and memory."""
