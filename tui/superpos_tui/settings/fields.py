"""The settings of an experiment as text: for the command line, the form and the copied command.

A setting that people can change is one more entry in ``FIELDS``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from superpos_core.errors import known_name
from superpos_core.experiments import check_trainable
from superpos_core.task.config import ExperimentConfig, check_distinct
from superpos_core.task.data import DISTRIBUTIONS
from superpos_core.task.models import MODELS
from superpos_core.task.optimisers import OPTIMISERS
from superpos_core.task.schedules import SCHEDULES
from superpos_core.task.starts import STARTS
from superpos_core.task.sweeps import SWEEPS
from superpos_tui.settings.numbers_typed import number, whole_number


@dataclass(frozen=True)
class Field:
    """One setting: its name in the config, its option, and how it is read and written.

    ``parse`` raises ``InvalidValue`` for a text that is no such value; whether the value suits is
    for the config to say.
    """

    name: str
    option: str
    metavar: str
    help: str
    group: str
    parse: Callable[[str, str], Any]
    show: Callable[[Any], str] = str

    @property
    def is_list(self) -> bool:
        """Whether it takes several values, separated by commas."""
        return self.show is _with_commas

    def read(self, text: str) -> Any:
        """The value that a text means."""
        return self.parse(self.option, text.strip())


def _name_of(known: Iterable[str]) -> Callable[[str, str], str]:
    def parse(option: str, text: str) -> str:
        return known_name(option, text, known)

    return parse


def _names_of(known: Iterable[str]) -> Callable[[str, str], tuple[str, ...]]:
    def parse(option: str, text: str) -> tuple[str, ...]:
        return tuple(known_name(option, item, known) for item in listed(text))

    return parse


def _numbers(option: str, text: str) -> tuple[float, ...]:
    values = tuple(number(option, item) for item in listed(text))
    if values:
        check_distinct(option, values)
    return values


def listed(text: str) -> tuple[str, ...]:
    """The items of a list with commas."""
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _exact(value: float) -> str:
    """As short as can be read back to the same number."""
    return repr(float(value)).removesuffix(".0")


def _with_commas(values: tuple[Any, ...]) -> str:
    return ",".join(value if isinstance(value, str) else _exact(value) for value in values)


FIELDS: tuple[Field, ...] = (
    Field("models", "model", "NAMES", f"Models, separated by commas: {', '.join(MODELS)}.",
          "Experiment", _names_of(MODELS), _with_commas),
    Field("sparsities", "sparsity", "S,…", "Sparsities, separated by commas: 0 <= S < 1.",
          "Experiment", _numbers, _with_commas),
    Field("features", "features", "N", "Number of features n.", "Experiment", whole_number),
    Field("hidden", "hidden", "M", "Number of hidden dimensions m.", "Experiment", whole_number),
    Field("importance", "importance", "R", "Importance I_i = R^i of feature i; 1 is uniform.",
          "Experiment", number, _exact),
    Field("distribution", "distribution", "NAME",
          f"What the data are like: {', '.join(DISTRIBUTIONS)}.", "Experiment",
          _name_of(DISTRIBUTIONS)),
    Field("set_size", "set-size", "N", "Features in a set, where the data have sets.",
          "Experiment", whole_number),
    Field("dataset_size", "dataset-size", "T",
          "Fixed rows to train on; 0 draws fresh ones at every step.", "Experiment", whole_number),
    Field("sweep", "sweep", "NAME",
          f"What takes several values besides S: {', '.join(SWEEPS)}.", "Experiment",
          _name_of(SWEEPS)),
    Field("sweep_values", "sweep-values", "X,…", "The factors that it takes.", "Experiment",
          _numbers, _with_commas),
    Field("restarts", "restarts", "K", "Seeds for each setting; the best by loss is shown.",
          "Training", whole_number),
    Field("seed", "seed", "N", "The first seed of weights and data.", "Training", whole_number),
    Field("steps", "steps", "N", "Training steps.", "Training", whole_number),
    Field("batch", "batch", "N", "Fresh samples a step and lane.", "Training", whole_number),
    Field("optimiser", "optimiser", "NAME",
          f"What moves the weights: {', '.join(OPTIMISERS)}.", "Training", _name_of(OPTIMISERS)),
    Field("momentum", "momentum", "X", "The momentum of sgd.", "Training", number, _exact),
    Field("learning_rate", "learning-rate", "X", "The optimiser's learning rate.", "Training",
          number, _exact),
    Field("learning_rate_schedule", "learning-rate-schedule", "NAME",
          f"How the learning rate falls: {', '.join(SCHEDULES)}.", "Training", _name_of(SCHEDULES)),
    Field("warm_up", "warm-up", "N", "Steps in which the learning rate rises from 0.",
          "Training", whole_number),
    Field("weight_decay", "weight-decay", "X", "The optimiser's weight decay.", "Training",
          number, _exact),
    Field("hidden_penalty", "hidden-penalty", "X",
          "L1 penalty on hidden activations; it removes superposition.", "Training", number,
          _exact),
    Field("initial", "initial", "NAME",
          f"What training begins from: {', '.join(STARTS)}.", "Training", _name_of(STARTS)),
    Field("initial_scale", "initial-scale", "X", "The initial weights, times this.", "Training",
          number, _exact),
)  # fmt: skip


def config_with(config: ExperimentConfig, typed: Mapping[str, str]) -> ExperimentConfig:
    """The config with some settings as typed, by name.

    Raises ``InvalidValue`` for what cannot be used, and for what the experiment cannot train.
    """
    values = {field.name: field.read(typed[field.name]) for field in FIELDS if field.name in typed}
    changed = replace(config, **values)
    check_trainable(changed)
    return changed


def as_texts(config: ExperimentConfig) -> dict[str, str]:
    """Every setting as it would be typed."""
    return {field.name: field.show(getattr(config, field.name)) for field in FIELDS}
