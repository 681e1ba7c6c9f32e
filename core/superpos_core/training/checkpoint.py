"""A checkpoint: everything that training needs to continue as if it had never stopped."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from superpos_core.engine import Engine
from superpos_core.errors import InvalidValue
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig

ENGINE = "engine"
"""What precedes the names of the engine's own arrays, and the fact that is its name, in a state."""


@dataclass(frozen=True)
class Checkpoint:
    """A job's ``state``, the config that it trained then, and the kept moments up to then.

    ``seconds_training`` is the time that training had taken.
    """

    config: ExperimentConfig
    state: Stored
    timelines: Mapping[str, Timeline] = field(default_factory=dict)
    seconds_training: float = 0.0


def load_engine_state(engine: Engine, state: Stored) -> None:
    """Let ``engine`` continue from a job's state.

    Raises ``InvalidValue`` if another engine made it, and ``ValueError`` if it does not fit.
    """
    trained_by = state.facts[ENGINE]
    if engine.name != trained_by:
        reason = f"the {trained_by} engine trained this run, and draws other random numbers"
        raise InvalidValue("engine", engine.name, reason, str(trained_by))
    engine.load_state(state.under(ENGINE))
