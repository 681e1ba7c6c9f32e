"""What the user looks at: one snapshot, the lane in focus, and the measures that panels draw.

Each measure is computed by core, at most once a snapshot, and only when a visible panel asks.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from superpos_core import measures
from superpos_core.arrays import FloatArray
from superpos_core.config import Lane
from superpos_core.evaluation import loss_over_linear
from superpos_core.models import Model, Parameters, model_named
from superpos_core.snapshot import Cohort, Snapshot

LOSS_WINDOW = 100
"""The status shows the mean loss of so many last steps: one step's loss jumps about."""


@dataclass(frozen=True)
class Focus:
    """Which lane is looked at."""

    model: str
    sparsity: float


@dataclass(frozen=True)
class Options:
    """How panels are to draw: what the user can switch without touching training."""

    log_loss: bool = True


class Scene:
    """A snapshot seen through a focus. The model in focus must be one that trains."""

    def __init__(self, snapshot: Snapshot, focus: Focus, options: Options) -> None:
        self.snapshot = snapshot
        self.focus = focus
        self.options = options

    @property
    def model(self) -> Model:
        """The model in focus."""
        return model_named(self.focus.model)

    @property
    def cohort(self) -> Cohort:
        """The lanes of the model in focus."""
        return self.snapshot.cohorts[self.focus.model]

    @property
    def lane_index(self) -> int:
        """The place of the lane in focus among its model's."""
        return self.cohort.index(self.focus.sparsity)

    @property
    def lane(self) -> Lane:
        """The lane in focus."""
        return self.cohort.lanes[self.lane_index]

    @property
    def parameters(self) -> Parameters:
        """The weights of the lane in focus."""
        return self.cohort.parameters.lane(self.lane_index)

    @cached_property
    def gram(self) -> FloatArray:
        """W·Wᵀ or W₁·W₂, shape (n, n)."""
        return measures.gram(self.parameters)

    @cached_property
    def feature_norms(self) -> FloatArray:
        """‖W_i‖, shape (n,)."""
        return measures.feature_norms(self.parameters.encoder)

    @cached_property
    def superposition(self) -> FloatArray:
        """Σ_{j≠i} (Ŵ_i·W_j)², shape (n,)."""
        return measures.superposition(self.parameters.encoder)

    @cached_property
    def represented(self) -> int:
        """How many features the lane in focus represents."""
        return int(measures.represented(self.parameters.encoder))

    @cached_property
    def dimensions_per_feature(self) -> float:
        """D* of the lane in focus."""
        return float(measures.dimensions_per_feature(self.parameters.encoder))

    @cached_property
    def sum_dimensionality(self) -> float:
        """ΣD_i of the lane in focus: at most m."""
        return float(measures.feature_dimensionality(self.parameters.encoder).sum())

    @cached_property
    def loss(self) -> float:
        """The mean training loss of the last steps of the lane in focus; NaN before the first."""
        recent = self.cohort.recent_losses.mean[self.lane_index, -LOSS_WINDOW:]
        return float(recent.mean()) if recent.size else float("nan")

    @cached_property
    def loss_over_linear(self) -> float:
        """L / L_linear from the training loss; NaN where a linear model could be perfect."""
        config = self.snapshot.config
        return loss_over_linear(config, self.lane, self.loss * config.features)

    @cached_property
    def diverged(self) -> bool:
        """Whether a weight of the lane in focus is no longer finite."""
        return not bool(np.isfinite(self.parameters.encoder).all())
