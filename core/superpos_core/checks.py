"""Checks: what an experiment should show, said in advance and asked of the trained weights.

A check has words for what is expected and a pure function that looks at a snapshot. Its verdict
holds both, what was expected and what was seen, whether they agree or not. A run that was given
other settings may hold nothing that a check asks for; then its verdict says so, and is neither a
pass nor a miss.

Where an experiment restarts a setting from several seeds, a check looks at the restart with the
least recent loss.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from superpos_core import measures
from superpos_core.arrays import FloatArray
from superpos_core.config import ExperimentConfig, Lane, Setting, density_of
from superpos_core.evaluation import evaluate
from superpos_core.feature_vectors import feature_vectors
from superpos_core.geometry import geometry_of
from superpos_core.models import Model, Parameters, model_named
from superpos_core.snapshot import Cohort, Snapshot

EVALUATION_ROWS = 1 << 17
"""Rows of fresh data behind every loss that a check asks for."""
SAME = 1e-3
"""Densities and factors that differ by less than this share are the same setting."""


class NothingToSee(LookupError):
    """The run was trained with other settings than the check is about; the message says which."""


class NotFinite(ArithmeticError):
    """The training that a check is about has diverged."""


@dataclass(frozen=True)
class Seen:
    """What a check found, in words, and whether that is what was expected.

    ``passed`` is ``None`` where the run holds nothing that the check is about.
    """

    text: str
    passed: bool | None


@dataclass(frozen=True)
class Check:
    """One expectation. ``look`` depends on nothing but the snapshot, and is deterministic.

    ``look`` may raise ``NothingToSee`` or ``NotFinite``; ``see`` does not.
    """

    name: str
    expected: str
    look: Callable[[Snapshot], Seen]

    def see(self, run: Snapshot) -> Seen:
        """What there is to see in ``run``."""
        try:
            return self.look(run)
        except NothingToSee as nothing:
            return Seen(str(nothing), None)
        except NotFinite as diverged:
            return Seen(str(diverged), False)


@dataclass(frozen=True)
class Verdict:
    """What a check expected of a run and what was seen."""

    check: str
    expected: str
    seen: str
    passed: bool | None

    @property
    def line(self) -> str:
        """Such as "pass: features represented, tied at S = 0: expected 5 / seen 5"."""
        word = {True: "pass", False: "MISS", None: "not seen"}[self.passed]
        seen = self.seen if self.passed is None else f"seen {self.seen}"
        return f"{word}: {self.check}: expected {self.expected} / {seen}"


def verdicts_of(checks: Iterable[Check], run: Snapshot) -> list[Verdict]:
    """The verdict of each check, in order."""
    verdicts = []
    for check in checks:
        seen = check.see(run)
        verdicts.append(Verdict(check.name, check.expected, seen.text, seen.passed))
    return verdicts


def verdicts_as_dicts(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Plain values for JSON: ``check``, ``expected``, ``seen`` and ``passed`` (null: not seen)."""
    return [asdict(verdict) for verdict in verdicts]


@dataclass(frozen=True)
class Trained:
    """The weights of one lane, and what they were trained for."""

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
        """cos of the angle between each two features, shape (n, n); 0 where a norm is 0."""
        weights = self.vectors.astype(np.float64)
        with np.errstate(all="ignore"):
            norms = np.linalg.norm(weights, axis=1, keepdims=True)
            directions = weights / np.where(norms > 0, norms, 1)
            cosines: FloatArray = directions @ directions.T
        return cosines

    @property
    def importance(self) -> FloatArray:
        """The importance of each feature, shape (n,)."""
        return self.config.importance_of(self.lane)


def cohort_of(run: Snapshot, model: str) -> Cohort:
    """The cohort of a model; raises ``NothingToSee`` if it was not trained."""
    if model not in run.cohorts:
        raise NothingToSee(f"the model {model} was not trained")
    return run.cohorts[model]


def restarts_at(
    run: Snapshot, model: str, sparsity: float, swept: float | None = None
) -> list[Trained]:
    """All restarts of a setting, the one with the least recent loss first.

    Raises ``NothingToSee`` if the model was not trained at this setting.
    """
    cohort = cohort_of(run, model)
    places = [
        place
        for place, setting in enumerate(run.config.settings)
        if _is_at(setting, sparsity, swept)
    ]
    if not places:
        raise NothingToSee(f"nothing was trained {_place_text(sparsity, swept)}")
    return [_lane_of(run, cohort, index) for index in cohort.ranked(places[0])]


def trained_at(run: Snapshot, model: str, sparsity: float, swept: float | None = None) -> Trained:
    """The best restart of a setting.

    Raises ``NothingToSee`` as ``restarts_at`` does, and ``NotFinite`` if a weight is not finite.
    """
    return _finite(restarts_at(run, model, sparsity, swept)[0])


def all_trained(run: Snapshot, model: str) -> list[Trained]:
    """The best restart of every setting, in order.

    Raises ``NothingToSee`` for a model that was not trained, and ``NotFinite`` if a weight of any
    of them is not finite.
    """
    cohort = cohort_of(run, model)
    settings = range(len(run.config.settings))
    return [_finite(_lane_of(run, cohort, cohort.ranked(setting)[0])) for setting in settings]


@dataclass(frozen=True)
class Quantity:
    """A number of one lane, with its name and how many digits of it to show."""

    name: str
    of: Callable[[Trained], float]
    digits: int = 2

    def show(self, value: float) -> str:
        """The number as people read it."""
        return f"{value:.{self.digits}f}"

    def show_range(self, low: float, high: float) -> str:
        """Such as "5", "8 to 11", "at least 3.0"."""
        if low == high:
            return self.show(low)
        if low == -math.inf:
            return f"at most {self.show(high)}"
        if high == math.inf:
            return f"at least {self.show(low)}"
        return f"{self.show(low)} to {self.show(high)}"


def number_at(
    quantity: Quantity,
    low: float,
    high: float,
    *,
    model: str = "tied",
    sparsity: float,
    swept: float | None = None,
) -> Check:
    """That a quantity lies in [low, high] at one setting."""

    def look(run: Snapshot) -> Seen:
        value = quantity.of(trained_at(run, model, sparsity, swept))
        return Seen(quantity.show(value), low <= value <= high)

    name = f"{quantity.name}, {model} {_place_text(sparsity, swept)}"
    return Check(name, quantity.show_range(low, high), look)


def number_everywhere(quantity: Quantity, low: float, high: float, *, model: str = "tied") -> Check:
    """That a quantity lies in [low, high] at every setting; what is seen are its extremes."""

    def look(run: Snapshot) -> Seen:
        values = [quantity.of(trained) for trained in all_trained(run, model)]
        passed = all(low <= value <= high for value in values)
        return Seen(quantity.show_range(float(np.min(values)), float(np.max(values))), passed)

    name = f"{quantity.name}, {model} at every setting"
    return Check(name, quantity.show_range(low, high), look)


def falls_with_sparsity(
    quantity: Quantity, sparsities: tuple[float, ...], *, model: str = "tied"
) -> Check:
    """That a quantity is less at each of ``sparsities``, which rise, than at the one before."""

    def look(run: Snapshot) -> Seen:
        values = [quantity.of(trained_at(run, model, sparsity)) for sparsity in sparsities]
        falls = all(after < before for before, after in pairwise(values))
        return Seen(" → ".join(quantity.show(value) for value in values), falls)

    settings = ", ".join(f"{sparsity:g}" for sparsity in sparsities)
    return Check(f"{quantity.name}, {model}", f"it falls along S = {settings}", look)


def geometry_at(
    *texts: str, model: str = "tied", sparsity: float, swept: float | None = None
) -> Check:
    """That the features lie as one of ``texts`` says, in the words of ``Geometry.text``."""

    def look(run: Snapshot) -> Seen:
        text = geometry_of(trained_at(run, model, sparsity, swept).vectors).text
        return Seen(text, text in texts)

    name = f"geometry, {model} {_place_text(sparsity, swept)}"
    return Check(name, " or ".join(texts), look)


def loss_over_linear(trained: Trained) -> float:
    """L / L_linear over fresh data; features are independent."""
    return evaluate(
        trained.config, trained.lane, trained.parameters, EVALUATION_ROWS
    ).loss_over_linear


REPRESENTED = Quantity(
    "features represented", lambda trained: int(measures.represented(trained.vectors)), digits=0
)
LOSS_OVER_LINEAR = Quantity("L / L_linear", loss_over_linear)
SUM_OF_DIMENSIONALITIES = Quantity(
    "Σ D_i", lambda trained: float(np.sum(measures.feature_dimensionality(trained.vectors)))
)
DIMENSIONS_PER_FEATURE = Quantity(
    "D*", lambda trained: float(measures.dimensions_per_feature(trained.vectors))
)


def _is_at(setting: Setting, sparsity: float, swept: float | None) -> bool:
    if not math.isclose(setting.density, density_of(sparsity), rel_tol=SAME):
        return False
    if setting.swept is None or swept is None:
        return setting.swept == swept
    return math.isclose(setting.swept, swept, rel_tol=SAME)


def _place_text(sparsity: float, swept: float | None) -> str:
    return f"at S = {sparsity:g}" + ("" if swept is None else f", factor {swept:g}")


def _lane_of(run: Snapshot, cohort: Cohort, index: int) -> Trained:
    return Trained(run.config, cohort.lanes[index], cohort.parameters.lane(index))


def _finite(trained: Trained) -> Trained:
    parameters = trained.parameters
    for weights in (parameters.encoder, parameters.decoder, parameters.bias):
        if not np.isfinite(weights).all():
            raise NotFinite("weights that are not finite")
    return trained
