"""Engines advance the lanes: one protocol, several engines, chosen by name."""

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.task.parameters import Parameters

EngineState = Mapping[str, NDArray[Any]]
"""Everything needed to continue training, as flat named arrays."""


class Engine(Protocol):
    """Trains the lanes of a config, model by model; the lanes of one model advance in lockstep.

    The same config gives the same numbers, whatever other lanes train at the same time.
    """

    @property
    def name(self) -> str:
        """The engine's name on the command line."""

    @property
    def device(self) -> str:
        """Where it runs, such as ``cpu`` or ``cuda:0``."""

    def join(self, model: str) -> None:
        """Add the lanes of ``model`` at step 0; raises ``InvalidValue`` for an unknown model."""

    def start_from(self, model: str, parameters: Parameters) -> None:
        """Let a model's lanes, at step 0, start from these parameters; they have a lane axis.

        Raises ``ValueError`` for arrays of other names or shapes than ``parameters`` returns.
        """

    def advance(self, steps: Mapping[str, int]) -> dict[str, FloatArray]:
        """Take exactly this many steps of each named model.

        Returns the losses of every step, shape (steps, lanes): means over batch and features.
        """

    def parameters(self, model: str) -> Parameters:
        """The current parameters of a model's lanes, as copies with a leading lane axis."""

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything needed to continue training from here, as flat named arrays."""

    def load_state(self, state: EngineState) -> None:
        """Continue from a ``state`` of the same config; raises ``ValueError`` if it is not one."""

    def close(self) -> None:
        """Release threads and memory."""
