"""Features whose dimensionality jumps from the fraction of one regular shape to another."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from superpos_core.analysis.events.trace import FeatureTrace, Finding, Rule
from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.geometry.components import shape_with
from superpos_core.geometry.measures import REPRESENTED_NORM

PLATEAUS = tuple(Fraction(share) for share in ("1", "3/4", "2/3", "1/2", "2/5", "3/8"))
"""The dimensionality of the paper's regular shapes ("The Geometry of Superposition")."""

PLATEAU_TOLERANCE = 0.04
"""Maximum distance of D_i from the fraction of its plateau."""

PLATEAU_MOMENTS = 6
"""Minimum length of a plateau in moments: a quarter of a decade of steps."""

PLATEAU_DRIFT = 0.03
"""Maximum movement of D_i on a plateau; between plateaus it moves more."""

STARTED = 0.5
"""Training has started once W has moved by this share of its norm at step 0."""


def _find_dimensionality_jumps(trace: FeatureTrace) -> Iterator[Finding]:
    """Follow every feature from one plateau to the next; plateaus are identified by index."""
    first_moment = _first_moment_of_training(trace)
    shown = np.where(trace.norms > REPRESENTED_NORM, trace.dimensionality, np.nan)[first_moment:]
    if len(shown) < PLATEAU_MOMENTS:
        return
    windows = sliding_window_view(shown, PLATEAU_MOMENTS, axis=0)
    least, greatest = windows.min(axis=-1), windows.max(axis=-1)
    within = _within_tolerance(least, greatest)
    nearest = _nearest_plateau(least, greatest, within)
    features = np.arange(shown.shape[1])
    held, refused = np.full((2, shown.shape[1]), -1)
    for moment in range(len(windows)):
        settled = nearest[moment]
        has_left = (held < 0) | ~within[moment, features, held]
        refused = np.where(settled == refused, refused, -1)
        changed = (settled >= 0) & has_left & (settled != refused)
        vectors = trace.vectors[first_moment + moment + PLATEAU_MOMENTS - 1]
        for feature in np.flatnonzero(changed).tolist():
            if not _may_have(vectors, feature, PLATEAUS[settled[feature]]):
                changed[feature], refused[feature] = False, settled[feature]
        for feature in np.flatnonzero(changed & (held >= 0)).tolist():
            jump = f"{PLATEAUS[held[feature]]} → {PLATEAUS[settled[feature]]}"
            step = int(trace.steps[first_moment + moment])
            yield Finding(step, feature, f"feature {feature}: D {jump}")
        held = np.where(changed, settled, held)


def _may_have(vectors: FloatArray, feature: int, share: Fraction) -> bool:
    """Whether D_i at this fraction means its shape: not if it is known to be in another one.

    Features of unequal norm share the dimensions of their shape unequally: a digon of norms 1 and
    0.7 has D = 0.67 and 0.33, but is no triangle. ``vectors`` has shape (n, m).
    """
    shape = shape_with(vectors, feature)
    if shape is None or not shape.known:
        return True
    return abs(shape.regular_share - share) <= PLATEAU_TOLERANCE


def _first_moment_of_training(trace: FeatureTrace) -> int:
    """Before this moment the weights, and so D_i, are random.

    A trace that does not start at step 0 has been trained before.
    """
    if not trace.steps.size or trace.steps[0] > 0:
        return 0
    weights = trace.vectors.reshape(len(trace.steps), -1)
    with np.errstate(all="ignore"):
        moved = np.linalg.norm(weights - weights[0], axis=1)
        has_started = moved > STARTED * np.linalg.norm(weights[0])
    return int(has_started.argmax()) if has_started.any() else len(has_started)


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


DIMENSIONALITY = Rule(
    "dimensionality",
    "D of a feature jumps from the fraction of one regular shape to another",
    _find_dimensionality_jumps,
)
