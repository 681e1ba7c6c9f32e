"""The arrays that models and dictionaries train, looked up by name.

Models and kinds of dictionary have distinct names, so that whoever only keeps, writes or reads
arrays need not know which of the two it is.
"""

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.models import TrainedArray, model_named


def trained_arrays(name: str) -> tuple[TrainedArray, ...]:
    """The arrays of a model or a kind of dictionary; raises ``InvalidValue`` for another name."""
    return KINDS[name].trained if name in KINDS else model_named(name).trained


def array_shapes(config: ExperimentConfig, name: str) -> dict[str, tuple[int, ...]]:
    """The shape of each array in one lane, by its name in ``Parameters``."""
    sizes = config.features, config.hidden, config.latents
    return {each.name: each.shape(*sizes) for each in trained_arrays(name)}
