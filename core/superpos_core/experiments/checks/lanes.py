"""The trained lanes that checks observe."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from superpos_core.analysis.evaluation import evaluate
from superpos_core.arrays import FloatArray
from superpos_core.experiments.checks.check import NotApplicable, NotFinite
from superpos_core.geometry import measures
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane, Setting, density_of
from superpos_core.task.models import Model, model_named
from superpos_core.task.parameters import Parameters

CHECKED_ROWS = 1 << 17
"""Rows of fresh data behind every loss that a check computes."""
SAME = 1e-3
"""Relative difference below which two densities or factors are the same setting."""
MAX_NORM = 2.0
"""Maximum ‖W_i‖ in a model that works: the features of a regular hexagon have norm 1.32."""


@dataclass(frozen=True)
class Trained:
    """The weights of one lane with their config."""

    config: ExperimentConfig
    lane: Lane
    parameters: Parameters

    @property
    def model(self) -> Model:
        """The model of the lane."""
        return model_named(self.lane.model)

    @property
    def encoder(self) -> FloatArray:
        """W, or W₁ where there are two; shape (n, m)."""
        return self.parameters.encoder

    @cached_property
    def vectors(self) -> FloatArray:
        """The feature vectors: W, or those of the product W₁·W₂; shape (n, m)."""
        return feature_vectors(self.model, self.parameters)

    @property
    def gram(self) -> FloatArray:
        """W·Wᵀ, shape (n, n)."""
        return measures.gram(self.parameters)

    @property
    def cosines(self) -> FloatArray:
        """cos of the angle between every two features, shape (n, n); 0 where a norm is 0."""
        weights = self.vectors.astype(np.float64)
        with np.errstate(all="ignore"):
            norms = np.linalg.norm(weights, axis=1, keepdims=True)
            directions = weights / np.where(norms > 0, norms, 1)
            cosines: FloatArray = directions @ directions.T
        return cosines

    @property
    def norms(self) -> FloatArray:
        """‖W_i‖ of each feature, shape (n,)."""
        return measures.feature_norms(self.vectors)

    @cached_property
    def loss_over_linear(self) -> float:
        """L / L_linear over fresh data."""
        return evaluate(self.config, self.lane, self.parameters, CHECKED_ROWS).loss_over_linear

    @property
    def all_represented(self) -> bool:
        """Whether every feature is represented, and none is longer than ``MAX_NORM``."""
        norms = self.norms
        return bool(np.all((norms > measures.REPRESENTED_NORM) & (norms <= MAX_NORM)))

    @property
    def importance(self) -> FloatArray:
        """The importance of each feature, shape (n,)."""
        return self.config.importance_of(self.lane)


def cohort_of(run: LanesRecord, model: str) -> Cohort:
    """The cohort of ``model``; raises ``NotApplicable`` if it was not trained."""
    if model not in run.cohorts:
        raise NotApplicable(f"the model {model} was not trained")
    return run.cohorts[model]


def restarts_at(
    run: LanesRecord, model: str, sparsity: float, swept: float | None = None
) -> list[Trained]:
    """All restarts of a setting, in order of recent loss.

    Raises ``NotApplicable`` if the model was not trained at this setting.
    """
    cohort = cohort_of(run, model)
    matching = [
        index
        for index, setting in enumerate(run.config.settings)
        if is_at(setting, density_of(sparsity), swept)
    ]
    if not matching:
        raise NotApplicable(f"nothing was trained {at_text(sparsity, swept)}")
    return [_lane_of(run, cohort, index) for index in cohort.ranked(matching[0])]


def trained_at(
    run: LanesRecord, model: str, sparsity: float, swept: float | None = None
) -> Trained:
    """The best restart of a setting.

    Raises ``NotApplicable`` as ``restarts_at`` does, and ``NotFinite`` if a weight is not finite.
    """
    return _finite(restarts_at(run, model, sparsity, swept)[0])


def all_trained(run: LanesRecord, model: str) -> list[Trained]:
    """The best restart of every setting, in order.

    Raises ``NotApplicable`` for a model that was not trained, and ``NotFinite`` if a weight of any
    of them is not finite.
    """
    cohort = cohort_of(run, model)
    settings = range(len(run.config.settings))
    return [_finite(_lane_of(run, cohort, cohort.ranked(setting)[0])) for setting in settings]


def is_at(setting: Setting | Lane, density: float, swept: float | None) -> bool:
    """Whether it has this density and, in a sweep, this swept value."""
    if not math.isclose(setting.density, density, rel_tol=SAME):
        return False
    if setting.swept is None or swept is None:
        return setting.swept == swept
    return math.isclose(setting.swept, swept, rel_tol=SAME)


def at_text(sparsity: float, swept: float | None) -> str:
    """A setting as text, such as "at S = 0.9, factor 2"."""
    return f"at S = {sparsity:g}" + ("" if swept is None else f", factor {swept:g}")


def _lane_of(run: LanesRecord, cohort: Cohort, index: int) -> Trained:
    """The lane for checks, cached in the record so that no loss is computed twice."""
    kept, lane = run.measured.setdefault(Trained, {}), cohort.lanes[index]
    if lane not in kept:
        kept[lane] = Trained(run.config, lane, cohort.parameters.take(index))
    trained: Trained = kept[lane]
    return trained


def _finite(trained: Trained) -> Trained:
    parameters = trained.parameters
    for weights in (parameters.encoder, parameters.decoder, parameters.bias):
        if not np.isfinite(weights).all():
            raise NotFinite("weights are not finite")
    return trained
