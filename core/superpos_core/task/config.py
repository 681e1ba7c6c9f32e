"""The config of an experiment, frozen and validated: the single description of what to train."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.dictionaries.directions import DIRECTIONS
from superpos_core.task.dictionaries.options import DICTIONARIES, DictionaryOptions
from superpos_core.task.grid import Grid
from superpos_core.task.lanes import Lane, Setting
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Padding
from superpos_core.task.recipe import NOISE, PENALTY, Recipe
from superpos_core.task.starts import start_named
from superpos_core.task.sweeps import sweep_named
from superpos_core.task.task import Task
from superpos_core.version import version

LANES = "lanes"
"""The kind of job that trains all lanes side by side."""

FIRST_IN_FILES = (
    "name", "features", "hidden", "models", "sparsities", "importance", "distribution", "set_size",
    "dataset_size", "batch", "steps", "learning_rate", "learning_rate_schedule", "warm_up",
    "optimiser", "momentum", "weight_decay", "hidden_penalty", "initial", "initial_scale", "seed",
    "restarts", "sweep", "sweep_values",
)  # fmt: skip
"""The order of names in files, on which the identity of a run depends; newer ones follow."""


# The order of the bases determines the order of the fields: those of the last base come first.
@dataclass(frozen=True)
class ExperimentConfig(DictionaryOptions, Recipe, Grid, Task):
    """A named experiment's task, grid, recipe and dictionaries in one.

    Raises ``InvalidValue`` for an invalid value. Every field except ``name`` is keyword-only, has a
    default, and is described in the part it belongs to.
    """

    name: str
    kind: str = field(default=LANES, kw_only=True)
    """The kind of job that trains it, and of the resulting record."""

    def check_together(self) -> None:
        super().check_together()
        for field_name, value in (("name", self.name), ("kind", self.kind)):
            if not isinstance(value, str):
                raise InvalidValue(field_name, value, "it is not a name", "some text")
        self._check_swept_hidden()
        for hidden in self.hidden_values:
            start_named(self.initial).check(self.features, hidden)
        self._check_swept_datasets()
        self._check_swept_penalties()
        self._check_swept_noise()
        if self.kind == DICTIONARIES:
            DIRECTIONS[self.directions].check(self.features, self.hidden)

    @property
    def groups(self) -> tuple[str, ...]:
        """What trains in lockstep: the kinds of dictionary of a run of them, or else the models."""
        return self.dictionaries if self.kind == DICTIONARIES else self.models

    @property
    def has_lanes(self) -> bool:
        """Whether it trains one lane for each setting and seed: a phase diagram has cells."""
        return self.kind in (LANES, DICTIONARIES)

    def hidden_of(self, lane: Lane | Setting) -> int:
        """m of a lane or setting: the swept value if m is swept, and ``hidden`` otherwise."""
        return self.hidden_at(lane.swept)

    def hidden_at(self, swept: float | None) -> int:
        """The same for a value of the sweep, or ``None`` without a sweep."""
        if swept is None or not sweep_named(self.sweep).sets_hidden:
            return self.hidden
        return int(swept)

    @property
    def hidden_values(self) -> tuple[int, ...]:
        """All m in the run, in ascending order."""
        return tuple(sorted({self.hidden_at(swept) for swept in self.sweep_values or (None,)}))

    def padding_of(self, lanes: Sequence[Lane]) -> Padding | None:
        """How lanes of one model share arrays; ``None`` if every m is ``hidden``."""
        if self.hidden_values == (self.hidden,):
            return None
        axes = {each.name: each.hidden_axes for each in model_named(lanes[0].model).trained}
        return Padding.of(self.hidden, [self.hidden_of(lane) for lane in lanes], axes)

    def importance_of(self, lane: Lane) -> FloatArray:
        """The importance of each feature in ``lane``, shape (n,), float64."""
        importance = self.feature_importance
        if lane.swept is not None:
            sweep_named(self.sweep).scale_importance(importance, lane.swept)
        return importance

    def feature_probability(self, lane: Lane) -> FloatArray:
        """The probability that each feature of ``lane`` is active, shape (n,), float64."""
        probability = lane.density * self.feature_frequency
        if lane.swept is not None:
            sweep_named(self.sweep).scale_probability(probability, lane.swept)
        return probability

    def dataset_size_of(self, lane: Lane) -> int:
        """The number of rows in the dataset of ``lane``; 0 if data are fresh at every step."""
        return self.dataset_size_at(lane.swept)

    def dataset_size_at(self, swept: float | None) -> int:
        """The same for a value of the sweep, or ``None`` without a sweep."""
        if swept is None or not sweep_named(self.sweep).scales_dataset:
            return self.dataset_size
        return max(round(self.dataset_size * swept), 1)

    def hidden_penalty_of(self, lane: Lane) -> float:
        """λ of ``lane``: ``hidden_penalty`` after any sweep."""
        return self.hidden_penalty_at(lane.swept)

    def hidden_penalty_at(self, swept: float | None) -> float:
        """The same for a value of the sweep, or ``None`` without a sweep."""
        if swept is None or not sweep_named(self.sweep).scales_penalty:
            return self.hidden_penalty
        return self.hidden_penalty * swept

    def _check_swept_hidden(self) -> None:
        """``hidden`` is the size of the arrays that all lanes share."""
        largest = self.hidden_values[-1]
        if self.hidden != largest:
            reason = "it is swept, and stands for its largest value"
            raise InvalidValue("hidden", self.hidden, reason, f"{largest}, or leave it out")

    def hidden_noise_of(self, lane: Lane) -> float:
        """σ of ``lane``: ``hidden_noise`` after any sweep."""
        return self.hidden_noise_at(lane.swept)

    def hidden_noise_at(self, swept: float | None) -> float:
        """The same for a value of the sweep, or ``None`` without a sweep."""
        if swept is None or not sweep_named(self.sweep).scales_noise:
            return self.hidden_noise
        return self.hidden_noise * swept

    def active_latents_of(self, lane: Lane) -> float:
        """k of the dictionary in ``lane``: ``active_latents`` after any sweep."""
        return self.active_latents * self._latent_activity(lane)

    def latent_penalty_of(self, lane: Lane) -> float:
        """λ of the dictionary in ``lane``: ``latent_penalty`` after any sweep."""
        return self.latent_penalty / self._latent_activity(lane)

    def _latent_activity(self, lane: Lane) -> float:
        if lane.swept is None or not sweep_named(self.sweep).scales_activity:
            return 1.0
        return lane.swept

    def _check_swept_datasets(self) -> None:
        if not sweep_named(self.sweep).scales_dataset:
            return
        if self.dataset_size == 0:
            reason = "data are fresh at every step"
            raise InvalidValue("dataset-size", 0, reason, "a number of rows above 0")
        for value in self.sweep_values:
            self.check_rows(self.dataset_size_at(value))

    def _check_swept_penalties(self) -> None:
        if not sweep_named(self.sweep).scales_penalty:
            return
        if self.hidden_penalty == 0:
            raise InvalidValue("hidden-penalty", 0, "every factor of it is 0", "a number above 0")
        for value in self.sweep_values:
            PENALTY.check("hidden-penalty", self.hidden_penalty_at(value))

    def _check_swept_noise(self) -> None:
        if not sweep_named(self.sweep).scales_noise:
            return
        if self.hidden_noise == 0:
            raise InvalidValue("hidden-noise", 0, "every factor of it is 0", "a number above 0")
        for value in self.sweep_values:
            NOISE.check("hidden-noise", self.hidden_noise_at(value))

    def as_dict(self) -> dict[str, Any]:
        """All fields as JSON values; ``from_dict`` reads them back."""
        values = asdict(self)
        return {name: values[name] for name in dict.fromkeys((*FIRST_IN_FILES, *values))}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The config from the result of ``as_dict``, also after JSON turned its tuples into lists.

        Missing fields take their defaults. Raises ``InvalidValue`` for an unknown name, for example
        from a newer version, and for an invalid value.
        """
        known = {each.name for each in fields(cls)}
        for name, value in values.items():
            if name not in known:
                reason = f"superpos-tui {version()} has no such option"
                raise InvalidValue(name, value, reason, "the version that wrote it, or a newer one")
        if "name" not in values:
            raise InvalidValue("name", "''", "it is missing", "the name of the experiment")
        return cls(**{name: _as_tuple(value) for name, value in values.items()})


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
