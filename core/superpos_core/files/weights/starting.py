"""Training from the weights of a file: what to train, and the weights at step 0."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from superpos_core.engine.given_start import GivenStart
from superpos_core.errors import InvalidValue
from superpos_core.files.weights.opening import FROM, open_weights
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.record import Record
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of

PREFIX = "from "
"""What the name of a run begins with that started from the weights of another one."""
DEMANDED = ("sparsities", "models")
"""What training cannot do without, and what no default can stand in for."""


def training_from(
    path: Path, layout: str | None, options: Mapping[str, str]
) -> tuple[ExperimentConfig, GivenStart]:
    """The config and the start of a run that trains the weights in a file further.

    ``options`` are typed options by field; of a run of this program they replace its own ones.
    Dictionaries read the weights as they are, unless ``options`` say that the models train further
    before. Raises ``InvalidValue`` as ``open_weights`` does, for what holds no models, and if
    nobody says how sparse the data are or what the model is.
    """
    record = open_weights(path, layout, options, option=FROM, is_to_train=True).record
    config, start = training_of(record, name=str(path))
    if "model_steps" not in options:
        config = replace(config, model_steps=0)
    return config, start


def training_of(record: Record, name: str) -> tuple[ExperimentConfig, GivenStart]:
    """The same of a record that has been opened; ``name`` is its name in messages."""
    if not isinstance(record, LanesRecord):
        reason = f"a {record.title} is not a model to start from"
        raise InvalidValue(FROM, name, reason, "the weights of models")
    for each in options_of(ExperimentConfig):
        if each.field in DEMANDED and each.field in record.unknown:
            reason = "training needs it, and the file does not tell"
            raise InvalidValue(each.name, "''", reason, f"--{each.name} {each.metavar}")
    return start_of(record)


def start_of(record: LanesRecord) -> tuple[ExperimentConfig, GivenStart]:
    """The config and the start of a run that trains the weights of a record further.

    What is unknown in the config has to be filled in by whoever trains it.
    """
    name = f"{PREFIX}{record.config.name.removeprefix(PREFIX)}"
    parameters = {model: cohort.parameters for model, cohort in record.cohorts.items()}
    return replace(record.config, name=name), GivenStart(name, parameters)
