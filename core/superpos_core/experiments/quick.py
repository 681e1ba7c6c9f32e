"""Quick runs: options that override an experiment's own, so that it finishes in seconds."""

from dataclasses import dataclass, replace
from typing import Any, Self

from superpos_core.task.config import ExperimentConfig


@dataclass(frozen=True, kw_only=True)
class Quick:
    """The options of a quick run; ``None`` keeps the experiment's own value."""

    steps: int | None = None
    batch: int | None = None
    learning_rate: float | None = None
    learning_rate_schedule: str | None = None
    warm_up: int | None = None
    restarts: int | None = None
    sparsities: tuple[float, ...] | None = None
    sweep_values: tuple[float, ...] | None = None
    features: int | None = None
    hidden: int | None = None

    @classmethod
    def cosine(cls, steps: int, batch: int | None = None) -> Self:
        """Fewer steps at a high rate that falls to 0: most experiments still show the same."""
        return cls(steps=steps, batch=batch, learning_rate=5e-3, learning_rate_schedule="cosine")

    @property
    def changes(self) -> dict[str, Any]:
        """The overridden options by field name."""
        return {name: value for name, value in vars(self).items() if value is not None}

    def applied_to(self, config: ExperimentConfig) -> ExperimentConfig:
        """The config of a quick run of the experiment with this config."""
        return replace(config, **self.changes)

    def is_applied_to(self, config: ExperimentConfig) -> bool:
        """Whether ``config`` is a quick run's; a ``Quick`` without changes has no quick run."""
        changes = self.changes.items()
        return bool(changes) and all(getattr(config, name) == value for name, value in changes)
