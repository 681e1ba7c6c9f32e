"""What happened in a run, found by rules in the timeline of one lane and in its losses.

What was found in the beginning of a run is found again in the whole run, at the same step, as long
as the same moments are kept. Losses are merged as a run grows, which moves their events a little.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_norms
from superpos_core.record.snapshot import Cohort
from superpos_core.record.timeline import dimensionality_of_each, feature_vectors_over

LOST_NORM = 0.4
"""A represented feature is lost when ‖W_i‖ falls below this: hovering at 0.5 makes no news."""

PLATEAUS = tuple(Fraction(share) for share in ("1", "3/4", "2/3", "1/2", "2/5", "3/8"))
"""The dimensionality of the paper's regular shapes ("The Geometry of Superposition")."""

PLATEAU_TOLERANCE = 0.04
"""By how much D_i may miss the fraction that it stays at."""

PLATEAU_MOMENTS = 6
"""D_i has to stay for so many moments: a quarter of a decade in training."""

PLATEAU_DRIFT = 0.03
"""By how much D_i may move while it stays; on its way to elsewhere it moves more."""

BEGUN = 0.5
"""Training has begun when W has moved by this share of its norm at step 0."""

LEVEL_WIDTHS = (0.1, 0.2, 0.4, 0.8)
"""How long the loss looks for levels, in units of ln(step): 0.1 is a tenth of the steps so far."""

LEVEL_POINTS = 3
"""A level needs so many points of the loss curve, twice."""

LEAST_FALL = 0.03
"""The loss falls a level when it loses at least this share, beyond what the levels slope."""

LEVEL_FLATNESS = 2 / 3
"""How much of a fall must be left when the slopes of both levels are taken off."""

SIGNIFICANCE = 6.0
"""A fall counts when it is so many standard errors large."""

SMALLEST_LOSS = 1e-30


@dataclass(frozen=True)
class Event:
    """Something that happened to one lane, and where: ``feature`` only if it happened to one."""

    step: int
    lane: int
    kind: str
    feature: int | None
    text: str


@dataclass(frozen=True)
class Trace:
    """What is known of one lane, up to where it diverged; everything in it is finite.

    Shapes: ``steps`` (moments,), ``vectors`` (moments, n, m), ``loss_steps`` and ``losses``
    (points,).
    """

    steps: IntArray
    vectors: FloatArray
    loss_steps: IntArray
    losses: FloatArray
    diverged_at: int | None = None

    @cached_property
    def norms(self) -> FloatArray:
        """‖W_i‖, shape (moments, n)."""
        return feature_norms(self.vectors)

    @cached_property
    def dimensionality(self) -> FloatArray:
        """D_i, shape (moments, n)."""
        return dimensionality_of_each(self.vectors)


Finding = tuple[int, int | None, str]
"""The step, the feature if there is one, and the text."""


@dataclass(frozen=True)
class Rule:
    """Finds all events of one kind."""

    kind: str
    summary: str
    find: Callable[[Trace], Iterable[Finding]]


def events_of_lane(
    lane: int,
    timeline_steps: Sequence[int] | IntArray,
    vectors: FloatArray,
    loss_steps: Sequence[int] | IntArray,
    losses: FloatArray,
) -> tuple[Event, ...]:
    """All events of one lane, sorted by step; those of one step in the order of ``RULES``.

    ``vectors`` are its feature vectors at ``timeline_steps``, shape (moments, n, m); ``losses``
    its mean losses at ``loss_steps``, shape (points,). Steps ascend. ``lane`` is only noted in the
    events.
    """
    trace = _trace(np.asarray(timeline_steps), vectors, np.asarray(loss_steps), losses)
    events = [
        Event(step, lane, rule.kind, feature, text)
        for rule in RULES.values()
        for step, feature, text in rule.find(trace)
    ]
    return tuple(sorted(events, key=lambda event: event.step))


def events_of_lanes(cohort: Cohort, lanes: Iterable[int]) -> list[Event]:
    """What happened to these lanes of a model so far, in the order of steps."""
    timeline, losses = cohort.timeline, cohort.losses
    found = [
        event
        for lane in lanes
        for event in events_of_lane(
            lane,
            timeline.steps,
            feature_vectors_over(timeline, cohort.model, lane),
            losses.steps,
            losses.mean[lane],
        )
    ]
    return sorted(found, key=lambda event: event.step)


def _trace(steps: IntArray, vectors: FloatArray, loss_steps: IntArray, losses: FloatArray) -> Trace:
    """The trace, cut off where the first loss or weight is not finite."""
    broken = np.concatenate(
        [steps[~np.isfinite(vectors).all(axis=(1, 2))], loss_steps[~np.isfinite(losses)]]
    )
    if not broken.size:
        return Trace(steps, vectors, loss_steps, losses)
    end = int(broken.min())
    moments, points = np.searchsorted(steps, end), np.searchsorted(loss_steps, end)
    return Trace(steps[:moments], vectors[:moments], loss_steps[:points], losses[:points], end)


# ── features ──────────────────────────────────────────────────────────────────────────────────


def _find_represented(trace: Trace) -> Iterator[Finding]:
    state = _represented_over(trace.norms)
    for moment, feature in np.argwhere(state[1:] & ~state[:-1]).tolist():
        yield int(trace.steps[moment + 1]), feature, f"feature {feature} represented"


def _find_lost(trace: Trace) -> Iterator[Finding]:
    state = _represented_over(trace.norms)
    for moment, feature in np.argwhere(state[:-1] & ~state[1:]).tolist():
        yield int(trace.steps[moment + 1]), feature, f"feature {feature} lost"


def _represented_over(norms: FloatArray) -> BoolArray:
    """Which features are represented, shape (moments, n): between the two norms as before."""
    decided = (norms > REPRESENTED_NORM) | (norms < LOST_NORM)
    decided[:1] = True
    moments = np.arange(len(norms))[:, None]
    last_decided = np.maximum.accumulate(np.where(decided, moments, 0), axis=0)
    state: BoolArray = np.take_along_axis(norms > REPRESENTED_NORM, last_decided, axis=0)
    return state


# ── feature dimensionality ────────────────────────────────────────────────────────────────────


def _find_dimensionality_jumps(trace: Trace) -> Iterator[Finding]:
    """Follow every feature from one plateau to the next; plateaus are known by their place."""
    begins = _first_moment_of_training(trace)
    shown = np.where(trace.norms > REPRESENTED_NORM, trace.dimensionality, np.nan)[begins:]
    if len(shown) < PLATEAU_MOMENTS:
        return
    windows = sliding_window_view(shown, PLATEAU_MOMENTS, axis=0)
    least, greatest = windows.min(axis=-1), windows.max(axis=-1)
    within = _within_tolerance(least, greatest)
    nearest = _nearest_plateau(least, greatest, within)
    features = np.arange(shown.shape[1])
    held = np.full(shown.shape[1], -1)
    for moment in range(len(windows)):
        settled = nearest[moment]
        has_left = (held < 0) | ~within[moment, features, held]
        changed = (settled >= 0) & has_left
        for feature in np.flatnonzero(changed & (held >= 0)).tolist():
            jump = f"{PLATEAUS[held[feature]]} → {PLATEAUS[settled[feature]]}"
            yield int(trace.steps[begins + moment]), feature, f"feature {feature}: D {jump}"
        held = np.where(changed, settled, held)


def _first_moment_of_training(trace: Trace) -> int:
    """Before it, the weights are where chance has put them, and so is D_i.

    What does not begin at step 0 has been trained before.
    """
    if not trace.steps.size or trace.steps[0] > 0:
        return 0
    weights = trace.vectors.reshape(len(trace.steps), -1)
    with np.errstate(all="ignore"):
        moved = np.linalg.norm(weights - weights[0], axis=1)
        has_begun = moved > BEGUN * np.linalg.norm(weights[0])
    return int(has_begun.argmax()) if has_begun.any() else len(has_begun)


def _within_tolerance(least: FloatArray, greatest: FloatArray) -> BoolArray:
    """Whether D_i stayed near each plateau: (windows, n) → (windows, n, plateaus)."""
    centres = np.array(PLATEAUS, dtype=np.float64)
    above = least[..., None] >= centres - PLATEAU_TOLERANCE
    near: BoolArray = above & (greatest[..., None] <= centres + PLATEAU_TOLERANCE)
    return near


def _nearest_plateau(least: FloatArray, greatest: FloatArray, within: BoolArray) -> IntArray:
    """The plateau that D_i stayed at, or −1; shape (windows, n)."""
    centres = np.array(PLATEAUS, dtype=np.float64)
    middle = (least + greatest) / 2
    nearest = np.abs(middle[..., None] - centres).argmin(axis=-1)
    near = np.take_along_axis(within, nearest[..., None], axis=-1)
    return np.where(near[..., 0] & (greatest - least <= PLATEAU_DRIFT), nearest, -1)


# ── loss ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Fall:
    """A fall of ln(loss) between two levels: around which ln(step), and within how much of it."""

    centre: float
    width: float
    before: float
    after: float
    clearness: float

    def is_part_of(self, other: "_Fall") -> bool:
        return abs(self.centre - other.centre) < self.width + other.width


def _find_loss_falls(trace: Trace) -> Iterator[Finding]:
    """Short levels first: what they cannot tell from the noise is left to longer ones."""
    if len(trace.losses) < 4 * LEVEL_POINTS:
        return
    curve = _LogCurve.of(trace)
    falls: list[_Fall] = []
    for width in LEVEL_WIDTHS:
        for fall in sorted(_falls_between_levels(curve, width), key=lambda f: -f.clearness):
            if not any(fall.is_part_of(known) for known in falls):
                falls.append(fall)
    for fall in falls:
        before, after = _distinct(float(np.exp(fall.before)), float(np.exp(fall.after)))
        yield curve.step_of(fall), None, f"loss falls a level: {before} → {after}"


def _distinct(before: float, after: float) -> tuple[str, str]:
    """Two losses, with one decimal or, where that makes them look the same, with two."""
    short = f"{before:.1e}", f"{after:.1e}"
    return short if short[0] != short[1] else (f"{before:.2e}", f"{after:.2e}")


@dataclass(frozen=True)
class _LogCurve:
    """ln(loss) against ln(step), with running sums from which any window's mean follows.

    ``values`` are measured from ``origin``, so that their squares keep their digits.
    """

    steps: IntArray
    times: FloatArray
    values: FloatArray
    origin: float
    noise: float
    sums: FloatArray
    squares: FloatArray

    @classmethod
    def of(cls, trace: Trace) -> "_LogCurve":
        logs = np.log(np.maximum(trace.losses.astype(np.float64), SMALLEST_LOSS))
        origin = float(logs.mean())
        values = logs - origin
        # Second differences cancel trends, and their median does not see a few jumps; for normal
        # noise of deviation σ it is 0.6745·√6·σ.
        noise = float(np.median(np.abs(np.diff(values, 2)))) / (0.6745 * np.sqrt(6))
        # A point stands for the steps since the one before it: it lies in the middle of them.
        steps = (np.append(0, trace.loss_steps[:-1]) + 1 + trace.loss_steps) // 2
        sums, squares = (np.append(0, np.cumsum(v)) for v in (values, values**2))
        return cls(steps, np.log(np.maximum(steps, 1)), values, origin, noise, sums, squares)

    def level(self, begins: FloatArray, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The mean between two times and its squared standard error; NaN with too few points."""
        first = np.searchsorted(self.times, begins, side="right")
        end = np.searchsorted(self.times, ends, side="right")
        count = np.where(end - first >= LEVEL_POINTS, end - first, np.nan)
        mean = (self.sums[end] - self.sums[first]) / count
        spread = (self.squares[end] - self.squares[first]) / count - mean**2
        variance = np.maximum(spread * count / (count - 1), self.noise**2)
        return mean, variance / count

    def step_of(self, fall: _Fall) -> int:
        """The step at which half of the fall has happened."""
        edges = [fall.centre - fall.width / 2, fall.centre + fall.width / 2]
        first, end = np.searchsorted(self.times, edges, side="right")
        middle = (fall.before + fall.after) / 2 - self.origin
        above = int(np.count_nonzero(self.values[first:end] > middle))
        return int(self.steps[min(first + above, len(self.steps) - 1)])


def _falls_between_levels(curve: _LogCurve, width: float) -> list[_Fall]:
    """Falls between levels of 2·``width`` each that take ``width`` or less, in ln(step).

    Each level is looked at in two halves. How they differ shows its slope, and that is taken off
    the fall: then nothing is left of a power law, and less than nothing of a decay that slows down.
    What the loss falls from, it must itself have come down to by as much again: where training
    begins is no level.
    """
    spacing = width / 8
    reach = 2.5 * width
    # Multiples of the spacing, so that the places do not move with the ends of the curve.
    centres = spacing * np.arange(
        np.ceil((curve.times[0] + reach) / spacing), (curve.times[-1] - reach) / spacing
    )
    edges = [centres + half * width / 2 for half in (-5, -3, -1, 1, 3, 5)]
    halves = [curve.level(edges[k], edges[k + 1]) for k in (0, 1, 3, 4)]
    early, before, after, late = (mean for mean, _ in halves)
    of_early, of_before, of_after, of_late = (squared_error for _, squared_error in halves)
    fall = before - after
    clearness = fall - np.abs(early - before) - np.abs(after - late)
    # Where it matters clearness is 2·before − 2·after − early + late.
    error = np.sqrt(4 * of_before + 4 * of_after + of_early + of_late)
    found = (
        (clearness >= LEAST_FALL)
        & (clearness >= LEVEL_FLATNESS * fall)
        & (clearness >= SIGNIFICANCE * error)
        & (curve.values[0] - before >= fall)
    )
    return [
        _Fall(
            centre=float(centres[k]),
            width=width,
            before=float(before[k]) + curve.origin,
            after=float(after[k]) + curve.origin,
            clearness=float(clearness[k]),
        )
        for k in np.flatnonzero(found)
    ]


# ── divergence ────────────────────────────────────────────────────────────────────────────────


def _find_divergence(trace: Trace) -> Iterator[Finding]:
    if trace.diverged_at is not None:
        yield trace.diverged_at, None, "diverged"


RULES: dict[str, Rule] = {
    rule.kind: rule
    for rule in (
        Rule("represented", "the norm of a feature rises above 0.5", _find_represented),
        Rule("lost", "the norm of a represented feature falls below 0.4", _find_lost),
        Rule(
            "dimensionality",
            "D of a feature goes from the fraction of one regular shape to that of another",
            _find_dimensionality_jumps,
        ),
        Rule("loss", "the loss falls from one level to another", _find_loss_falls),
        Rule("diverged", "a loss or a weight is not finite", _find_divergence),
    )
}
