"""Checks: what an experiment should show, said in advance and asked of the trained weights.

A check has words for what is expected and a pure function that looks at a snapshot. Its verdict
holds both, what was expected and what was seen, whether they agree or not. A run that was given
other settings may hold nothing that a check asks for; then its verdict says so, and is neither a
pass nor a miss.

Where an experiment restarts a setting from several seeds, a check looks at the restart with the
least recent loss.

A check should exclude what it claims to exclude. Counts of features and angles between them come
out right by chance, or in weights of any length, so checks of them can ask for a loss, and those of
shapes ask for lengths. Bounds are farther apart than losses over a sample scatter.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from superpos_core.analysis.evaluation import evaluate
from superpos_core.arrays import FloatArray
from superpos_core.geometry import measures
from superpos_core.geometry.components import geometry_of
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.record.snapshot import Cohort, Snapshot
from superpos_core.task.config import ExperimentConfig, Lane, Setting, density_of
from superpos_core.task.models import Model, Parameters, model_named

EVALUATION_ROWS = 1 << 17
"""Rows of fresh data behind every loss that a check asks for."""
SAME = 1e-3
"""Densities and factors that differ by less than this share are the same setting."""
LONGEST = 2.0
"""No feature of a model that works is longer: a regular hexagon's have norm 1.32."""
LARGEST_RATIO = 0.8
"""What falls is this share, at most, of what it was before: several times sampling noise."""


class NothingToSee(LookupError):
    """The run holds nothing that the check is about; the message says what is not there.

    It was trained with other settings, or no feature is of the kind that is asked about: what is
    said of all members of an empty set says nothing.
    """


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
    def norms(self) -> FloatArray:
        """‖W_i‖ of each feature, shape (n,)."""
        return measures.feature_norms(self.vectors)

    @cached_property
    def loss_over_linear(self) -> float:
        """L / L_linear over fresh data."""
        return evaluate(self.config, self.lane, self.parameters, EVALUATION_ROWS).loss_over_linear

    @property
    def all_represented(self) -> bool:
        """Whether every feature is represented, and none is longer than ``LONGEST``."""
        norms = self.norms
        return bool(np.all((norms > measures.REPRESENTED_NORM) & (norms <= LONGEST)))

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
    loss_up_to: float = math.inf,
) -> Check:
    """That a quantity lies in [low, high] at one setting, and L / L_linear is not above a bound."""
    allowed = _Range(quantity, low, high, loss_up_to)

    def look(run: Snapshot) -> Seen:
        return allowed.look([trained_at(run, model, sparsity, swept)])

    name = f"{quantity.name}, {model} {_place_text(sparsity, swept)}"
    return Check(name, allowed.text, look)


def number_everywhere(
    quantity: Quantity,
    low: float,
    high: float,
    *,
    model: str = "tied",
    loss_up_to: float = math.inf,
) -> Check:
    """The same of every setting; what is seen are its extremes."""
    allowed = _Range(quantity, low, high, loss_up_to)

    def look(run: Snapshot) -> Seen:
        return allowed.look(all_trained(run, model))

    return Check(f"{quantity.name}, {model} at every setting", allowed.text, look)


@dataclass(frozen=True)
class _Range:
    """What a quantity may be, and how large L / L_linear may be beside it."""

    quantity: Quantity
    low: float
    high: float
    loss_up_to: float

    @property
    def text(self) -> str:
        """Such as "9 to 14, L / L_linear at most 0.28"."""
        expected = self.quantity.show_range(self.low, self.high)
        if math.isinf(self.loss_up_to):
            return expected
        bound = LOSS_OVER_LINEAR.show_range(-math.inf, self.loss_up_to)
        return f"{expected}, {LOSS_OVER_LINEAR.name} {bound}"

    def look(self, lanes: Sequence[Trained]) -> Seen:
        """Whether all lanes are within the bounds; losses are only computed where asked for."""
        values = [self.quantity.of(trained) for trained in lanes]
        passed = all(self.low <= value <= self.high for value in values)
        text = self.quantity.show_range(float(np.min(values)), float(np.max(values)))
        if math.isinf(self.loss_up_to):
            return Seen(text, passed)
        worst = float(np.max([trained.loss_over_linear for trained in lanes]))
        text += f", {LOSS_OVER_LINEAR.name} {LOSS_OVER_LINEAR.show(worst)}"
        return Seen(text, passed and worst <= self.loss_up_to)


def falls_with_sparsity(
    quantity: Quantity,
    sparsities: tuple[float, ...],
    *,
    model: str = "tied",
    first_up_to: float = math.inf,
) -> Check:
    """That a quantity falls by a fifth or more at each of ``sparsities``, which rise.

    The first is at most ``first_up_to``, so that what begins anywhere is not said to fall.
    """

    def look(run: Snapshot) -> Seen:
        values = [quantity.of(trained_at(run, model, sparsity)) for sparsity in sparsities]
        falls = all(after <= LARGEST_RATIO * before for before, after in pairwise(values))
        seen = " → ".join(quantity.show(value) for value in values)
        return Seen(seen, falls and values[0] <= first_up_to)

    settings = ", ".join(f"{sparsity:g}" for sparsity in sparsities)
    start = "" if math.isinf(first_up_to) else f", from {quantity.show(first_up_to)} at most"
    return Check(
        f"{quantity.name}, {model}, along S = {settings}",
        f"each at most {LARGEST_RATIO:g} times the one before{start}",
        look,
    )


def geometry_at(
    *texts: str,
    model: str = "tied",
    sparsity: float,
    swept: float | None = None,
    ignored: tuple[int, ...] | None = None,
) -> Check:
    """That the features lie as one of ``texts`` says, in the words of ``Geometry.text``.

    Angles alone do not make a solution: no feature may be longer than ``LONGEST``. Where they are
    given, exactly the features ``ignored`` are.
    """

    def look(run: Snapshot) -> Seen:
        trained = trained_at(run, model, sparsity, swept)
        geometry = geometry_of(trained.vectors)
        longest = float(np.max(trained.norms))
        passed = geometry.text in texts and longest <= LONGEST
        seen = (
            geometry.text if longest <= LONGEST else f"{geometry.text}, ‖W_i‖ up to {longest:.1f}"
        )
        if ignored is None:
            return Seen(seen, passed)
        return Seen(
            seen + _which_are_ignored(geometry.ignored), passed and geometry.ignored == ignored
        )

    name = f"geometry, {model} {_place_text(sparsity, swept)}"
    which = "" if ignored is None else _which_are_ignored(ignored)
    return Check(name, f"{' or '.join(texts)}{which}, ‖W_i‖ at most {LONGEST:g}", look)


def _which_are_ignored(features: tuple[int, ...]) -> str:
    """Such as " (2, 3, 4)"; nothing where no feature is ignored."""
    return f" ({', '.join(map(str, features))})" if features else ""


REPRESENTED = Quantity(
    "features represented", lambda trained: int(measures.represented(trained.vectors)), digits=0
)
LOSS_OVER_LINEAR = Quantity("L / L_linear", lambda trained: trained.loss_over_linear)
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
    """The lane as checks see it; kept with the snapshot, so that no loss is computed twice."""
    kept, lane = run.measured.setdefault(Trained, {}), cohort.lanes[index]
    if lane not in kept:
        kept[lane] = Trained(run.config, lane, cohort.parameters.lane(index))
    trained: Trained = kept[lane]
    return trained


def _finite(trained: Trained) -> Trained:
    parameters = trained.parameters
    for weights in (parameters.encoder, parameters.decoder, parameters.bias):
        if not np.isfinite(weights).all():
            raise NotFinite("weights that are not finite")
    return trained
