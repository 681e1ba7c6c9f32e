"""What is said about somebody's run, as the config of an experiment, and what nobody said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from superpos_core.errors import InvalidValue, unknown_name
from superpos_core.live.arrays import fetched, taken
from superpos_core.live.parameters import Arrangement
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.grid import Grid
from superpos_core.task.lanes import INSTANCE
from superpos_core.task.models import model_named
from superpos_core.task.options import options_of
from superpos_core.task.recipe import Recipe
from superpos_core.task.task import Task

FROM_ARRAYS = frozenset({"features", "hidden"})
MADE_OF_LANES = frozenset({"restarts", "sweep", "sweep_values"})
KNOWN_IN_THE_END = frozenset({"steps"})
SAID = frozenset({"models", "sparsities", "importance"})
"""The fields that have arguments of other names or forms: model, density, importance."""


@dataclass(frozen=True)
class Given:
    """What is known of a run before it starts; checked, except what depends on its arrays.

    ``densities`` are those of all lanes, or the only one. ``options`` are further fields of an
    ``ExperimentConfig`` by name.
    """

    name: str
    features: int | None = None
    hidden: int | None = None
    densities: tuple[float, ...] = ()
    importance: float | None = None
    model: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def checked(
        cls,
        name: str,
        features: int | None,
        hidden: int | None,
        density: Any,
        importance: Any,
        model: str | None,
        options: Mapping[str, Any],
    ) -> "Given":
        """What the arguments of ``start`` say; raises ``InvalidValue`` for what cannot be."""
        known = further_options()
        for option in options:
            if option not in known:
                raise unknown_name("option", option, known)
        given = cls(
            name, features, hidden, _densities(density), _ratio(importance), model, dict(options)
        )
        given._check()
        return given

    def config(self, of: Arrangement) -> ExperimentConfig:
        """The config of a run with these arrays; raises ``InvalidValue`` if they contradict it."""
        model = self.model or ("tied" if of.tied else "untied")
        if model_named(model).tied != of.tied:
            wanted = "W" if model_named(model).tied else "W1 and W2"
            raise InvalidValue("model", model, f"it has {wanted}", "another model, or log these")
        return ExperimentConfig(
            self.name,
            features=of.features,
            hidden=of.hidden,
            models=(model,),
            **self._grid(of.lanes),
            **self._values,
        )

    def _check(self) -> None:
        """Check every value, and whether they fit together as far as the sizes are known."""
        said = {"features": self.features, "hidden": self.hidden, **self._values}
        for each in options_of(ExperimentConfig):
            if said.get(each.field) is not None:
                each.check(said[each.field])
        tied = self.model is None or model_named(self.model).tied
        if self.features is not None and self.hidden is not None:
            lanes = max(len(self.densities), 1)
            self.config(Arrangement(lanes, self.features, self.hidden, tied, transposed=False))

    @property
    def _values(self) -> dict[str, Any]:
        """The fields of the config that do not depend on the arrays."""
        return {**self.options, "importance": 1.0 if self.importance is None else self.importance}

    def _grid(self, lanes: int) -> dict[str, Any]:
        """The settings of the lanes: instances by number, unless their densities are known.

        Neighbours of equal density are restarts.
        """
        if not self.densities:
            numbers = tuple(float(lane) for lane in range(lanes))
            return {"sparsities": (0.0,), "sweep": INSTANCE, "sweep_values": numbers}
        densities = self.densities * (lanes if len(self.densities) == 1 else 1)
        if len(densities) != lanes:
            value, reason = f"of {len(densities)} lanes", f"the arrays have {lanes}"
            raise InvalidValue("density", value, reason, "one density, or one per lane")
        sparsities = tuple(round(1 - density, 12) for density in densities)
        distinct = tuple(dict.fromkeys(sparsities))
        restarts, rest = divmod(lanes, len(distinct))
        if not rest and sparsities == tuple(s for s in distinct for _ in range(restarts)):
            return {"sparsities": distinct, "restarts": restarts}
        return {"sparsities": sparsities}

    @property
    def unknown(self) -> list[str]:
        """The fields of the config that are placeholders.

        Where a density is given, values are uniform between 0 and 1 unless ``distribution`` is too.
        ``steps`` is not among them: without it a record has neither losses nor moments.
        """
        known = {
            *FROM_ARRAYS,
            *MADE_OF_LANES,
            *KNOWN_IN_THE_END,
            *self.options,
            *(["models"] if self.model else []),
            *(["sparsities", "distribution"] if self.densities else []),
            *([] if self.importance is None else ["importance"]),
        }
        fields = [each.field for each in options_of(ExperimentConfig)]
        return [name for name in fields if name not in known]


def further_options() -> list[str]:
    """The fields of a config that ``start`` takes by their own names."""
    fields = [each.field for part in (Task, Grid, Recipe) for each in options_of(part)]
    return [name for name in fields if name not in FROM_ARRAYS | MADE_OF_LANES | SAID]


def _densities(density: Any) -> tuple[float, ...]:
    """The densities of the lanes; none if nothing is said."""
    if density is None:
        return ()
    values = fetched([taken(density)])[0]
    if values.size != max(values.shape, default=1):
        reason = "it has several axes"
        raise InvalidValue(
            "density", f"of shape {values.shape}", reason, "a number, or one per lane"
        )
    for value in values.flat:
        if not 0 < value <= 1:
            raise InvalidValue("density", value, "it is a probability", "0 < density <= 1")
    return tuple(float(value) for value in values.flat)


def _ratio(importance: Any) -> float | None:
    """R, where feature i has importance R^i: the number itself, or found from all of them."""
    if importance is None:
        return None
    values = fetched([taken(importance)])[0].ravel().astype(np.float64)
    if values.size == 1:
        return Task(features=1, hidden=1, importance=float(values[0])).importance
    ratio = float(values[1]) if values.size else np.nan
    powers = ratio ** np.arange(values.size)
    if not np.allclose(values, powers, rtol=1e-4, atol=1e-6 * powers.max(initial=0)):
        shown = f"of shape {np.shape(importance)}"
        raise InvalidValue("importance", shown, "it is not R^i for any R", "one number, R, or none")
    return ratio
