"""The grid: what is varied."""

import math
from dataclasses import dataclass

from superpos_core.errors import InvalidValue
from superpos_core.task.lanes import Lane, Setting, lanes_at, settings_of
from superpos_core.task.models import MODELS
from superpos_core.task.options import DialSpec, Options, option
from superpos_core.task.sweeps import SWEEPS, sweep_named
from superpos_core.task.values import Count, Name, Names, Numbers, WholeNumber

MAX_RESTARTS = 100_000
MAX_SEED = 2**63 - 1
MAX_SPARSITY = 0.99999
"""Draws have 24 bits: at this sparsity the share of active features is still accurate to 1 %."""
DENSITY_STOPS = (1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.015, 0.01,
                 0.007, 0.005, 0.003, 0.002, 0.001, 0.0005, 0.0002, 0.0001)  # fmt: skip


def _check_sparsity(sparsity: float) -> None:
    if sparsity == 1:
        reason = "S = 1 leaves every feature 0"
        raise InvalidValue("sparsity", sparsity, reason, "0 <= S < 1, such as 0.999")
    if not (math.isfinite(sparsity) and 0 <= sparsity < 1):
        reason = "S is a probability"
        raise InvalidValue("sparsity", sparsity, reason, "0 <= S < 1, such as 0 or 0.9")
    if sparsity > MAX_SPARSITY:
        reason = "too close to 1 to draw"
        raise InvalidValue("sparsity", sparsity, reason, f"S <= {MAX_SPARSITY}")


@dataclass(frozen=True, kw_only=True)
class Grid(Options):
    """Models, settings and restarts. Raises ``InvalidValue`` for an invalid value.

    Every model trains at every setting: each of ``sparsities`` combined with each of
    ``sweep_values``, if there is a sweep. Each setting trains ``restarts`` seeds: ``seed``,
    ``seed`` + 1 and so on.
    """

    models: tuple[str, ...] = option(
        ("tied", "untied"),
        name="model",
        help=f"Models, separated by commas: {', '.join(MODELS)}.",
        heading="Experiment",
        takes=Names(MODELS),
        leads=True,
    )
    sparsities: tuple[float, ...] = option(
        (0.0, 0.7, 0.9, 0.99, 0.999),
        name="sparsity",
        help="Sparsities, separated by commas: 0 <= S < 1.",
        heading="Experiment",
        takes=Numbers(_check_sparsity),
        metavar="S,…",
        leads=True,
        dial=DialSpec(
            "sparsity S",
            "of the current setting",
            tuple(round(1 - density, 6) for density in DENSITY_STOPS),
        ),
    )
    sweep: str = option(
        "none",
        help=f"What to sweep besides sparsity: {', '.join(SWEEPS)}.",
        heading="Experiment",
        takes=Name(SWEEPS),
    )
    sweep_values: tuple[float, ...] = option(
        (),
        help="Values to sweep over: factors, or for hidden the m themselves.",
        heading="Experiment",
        takes=Numbers(may_be_none=True),
    )
    restarts: int = option(
        1,
        help="Seeds per setting; the best by loss is shown.",
        heading="Training",
        takes=Count(most=MAX_RESTARTS),
        metavar="K",
    )
    seed: int = option(
        0,
        help="The first seed of weights and data.",
        heading="Training",
        takes=WholeNumber(0, MAX_SEED, "a whole number from 0 to 2**63 - 1"),
    )

    def check_together(self) -> None:
        super().check_together()
        sweep_named(self.sweep).check(self.sweep_values)

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings, ordered by sparsity, then by swept value."""
        return settings_of(self.sparsities, self.sweep_values, self.sweep)

    def lanes_of(self, model: str) -> tuple[Lane, ...]:
        """The lanes of one model, ordered by setting, then by restart."""
        return lanes_at(self.settings, model, self.seed, self.restarts)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All lanes, model by model."""
        return tuple(lane for model in self.models for lane in self.lanes_of(model))
