"""Checks of a state before an engine continues from it."""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from numpy.typing import NDArray

from superpos_core.engine import EngineState
from superpos_core.task.models import MODELS
from superpos_core.task.parameters import Parameters


def models_to_load(
    state: EngineState, joined: Iterable[str], known: Container[str] = MODELS
) -> list[str]:
    """The models, or other ``known`` things, that have joined, and any others in the state."""
    in_state = (name.split("/")[0] for name in state)
    return [model for model in dict.fromkeys([*joined, *in_state]) if model in known]


def check_start(own: Parameters, given: Parameters) -> None:
    """Raise ``ValueError`` unless the arrays of ``given`` can replace those of ``own``."""
    shapes, others = (
        {name: array.shape for name, array in each.arrays.items()} for each in (own, given)
    )
    if shapes != others:
        raise ValueError(f"parameters of shapes {others} in place of {shapes}")


def check_state(own: Mapping[str, NDArray[Any]], state: EngineState) -> None:
    """Raise ``ValueError`` unless the arrays of ``state`` can replace those of ``own``."""
    if own.keys() != state.keys():
        raise ValueError("the state does not match this config: its arrays have other names")
    for name, array in own.items():
        if array.shape != state[name].shape or array.dtype != state[name].dtype:
            raise ValueError(
                f"the state does not match this config: {name} has another shape or dtype"
            )
