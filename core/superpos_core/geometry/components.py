"""How features are arranged relative to one another: angles, interference and the paper's shapes.

Features that overlap form a shape; different shapes are in orthogonal subspaces, as factors of a
tegum product ("The Geometry of Superposition").
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.errors import InvalidValue
from superpos_core.geometry.measures import (
    REPRESENTED_NORM,
    dimensionality_of_feature,
    feature_dimensionality,
    feature_norms,
)
from superpos_core.geometry.shapes import recognised
from superpos_core.strips import strips

JOINED_OVERLAP = 0.2
"""Minimum |cos| of the angle between two features of the same shape.

Trained shapes in different subspaces overlap by up to about 0.15; the corners of the 4-simplex, the
lowest overlap of the known shapes, by 1/4.
"""

FLAT = 0.04
"""Minimum second moment of a direction that counts as a dimension, relative to the largest.

An antipodal pair that bends by up to 22° still spans only one dimension.
"""

MOST_TOGETHER = 32
"""Maximum size of a shape that is looked for around one feature."""


@dataclass(frozen=True)
class Shape:
    """Features that share dimensions with one another and, up to noise, with no other feature.

    ``known``: whether this is a regular shape; otherwise the name gives only its size and rank.
    """

    name: str
    plural: str
    features: tuple[int, ...]
    rank: int
    dimensionality: float
    """The mean of D_i over its features."""
    known: bool

    @property
    def regular_share(self) -> float:
        """D_i of each feature if all had the same norm: rank / features."""
        return self.rank / len(self.features)


@dataclass(frozen=True)
class Geometry:
    """All features of one encoder: in shapes, ignored, or with weights that are not finite.

    Known shapes come first, sorted by decreasing dimensionality.
    """

    shapes: tuple[Shape, ...]
    ignored: tuple[int, ...]
    not_finite: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """Such as "1 dedicated · 3 digons · 12 ignored"; equal for equal geometries."""
        counts = Counter((shape.name, shape.plural, shape.known) for shape in self.shapes)
        parts = [_counted(*kind, count) for kind, count in counts.items()]
        if self.ignored:
            parts.append(f"{len(self.ignored)} ignored")
        if self.not_finite:
            parts.append(f"{len(self.not_finite)} not finite")
        return " · ".join(parts)


def geometry_of(encoder: FloatArray) -> Geometry:
    """The shapes that the features of ``encoder``, shape (n, m), form.

    Represented features (‖W_i‖ > 0.5) are joined if they overlap; each connected component is a
    shape. Needs the memory of n² bits and some (n, m) arrays.
    """
    weights = encoder.astype(np.float64)
    norms = feature_norms(weights)
    finite = np.isfinite(norms)
    weights[~finite] = 0
    shares = feature_dimensionality(weights)
    represented = np.flatnonzero(finite & (norms > REPRESENTED_NORM))
    directions = weights[represented] / norms[represented, None]
    shapes = [
        _shape(represented[members], directions[members], shares[represented[members]])
        for members in _components(_joined(directions))
    ]
    return Geometry(
        shapes=tuple(sorted(shapes, key=_order)),
        ignored=_as_numbers(np.flatnonzero(norms <= REPRESENTED_NORM)),
        not_finite=_as_numbers(np.flatnonzero(~finite)),
    )


def shape_with(encoder: FloatArray, feature: int) -> Shape | None:
    """The shape of ``geometry_of`` that holds one feature, without finding the others.

    ``None`` for a feature that is not represented, and for one that overlaps, directly or through
    others, with more than ``MOST_TOGETHER`` features. ``encoder`` has shape (n, m).
    """
    weights = encoder.astype(np.float64)
    norms = feature_norms(weights)
    weights[~np.isfinite(norms)] = 0
    represented = np.flatnonzero(np.isfinite(norms) & (norms > REPRESENTED_NORM))
    if feature not in represented:
        return None
    directions = weights[represented] / norms[represented, None]
    reached = represented == feature
    newest = np.flatnonzero(reached)
    while newest.size:
        found = (np.abs(directions[newest] @ directions.T) > JOINED_OVERLAP).any(axis=0) & ~reached
        reached |= found
        if reached.sum() > MOST_TOGETHER:
            return None
        newest = np.flatnonzero(found)
    features = represented[reached]
    shares = np.array([dimensionality_of_feature(weights, each) for each in features.tolist()])
    return _shape(features, directions[reached], shares)


def geometry_shares(encoders: Iterable[FloatArray]) -> list[tuple[str, int]]:
    """The number of encoders, each of shape (n, m), with each geometry; most frequent first."""
    return Counter(geometry_of(encoder).text for encoder in encoders).most_common()


def angle_between(encoder: FloatArray, first: int, second: int) -> float:
    """The angle between two rows of ``encoder``, shape (n, m), in degrees from 0 to 180.

    NaN if a norm is 0 or not finite. Raises ``InvalidValue`` for a feature that does not exist.
    """
    _check_feature(first, len(encoder))
    _check_feature(second, len(encoder))
    return float(angles_to(encoder[second], encoder[[first]])[0])


def angles_to(vector: FloatArray, vectors: FloatArray) -> FloatArray:
    """The angles between a vector, shape (m,), and others, shape (k, m), in degrees from 0 to 180.

    NaN where one of the two is 0 or not finite.
    """
    with np.errstate(all="ignore"):
        a, b = (
            each / np.linalg.norm(each, axis=-1, keepdims=True)
            for each in (vectors.astype(np.float64), vector.astype(np.float64))
        )
        # W. Kahan's formula, which unlike the arc cosine is accurate near 0° and 180°.
        halves = np.arctan2(np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1))
    angles: FloatArray = np.degrees(2 * halves)
    return angles


def strongest_interferers(added: FloatArray, feature: int, count: int) -> list[tuple[int, float]]:
    """The features that interfere most with output ``feature``, with what they add to it.

    ``added``, shape (n,), is column ``feature`` of the gram. Returns at most ``count`` pairs
    (j, W_j·W_i) with j ≠ i, sorted by magnitude. Raises ``InvalidValue`` for a feature that does
    not exist or a count below 0.
    """
    _check_feature(feature, len(added))
    if count < 0:
        raise InvalidValue("count", count, "nothing to list", "0 or more")
    by_size = np.argsort(-np.abs(added), kind="stable")  # NaN comes last
    others = by_size[by_size != feature][:count]
    return [(int(other), float(added[other])) for other in others]


def _joined(directions: FloatArray) -> NDArray[np.uint8]:
    """Which of the unit vectors, shape (k, m), overlap: rows of k bits, shape (k, ⌈k/8⌉)."""
    count = len(directions)
    joined = np.empty((count, -(-count // 8)), np.uint8)
    for strip in strips(count, count):
        overlaps = np.abs(directions[strip] @ directions.T) > JOINED_OVERLAP
        joined[strip] = np.packbits(overlaps, axis=1)
    return joined


def _components(joined: NDArray[np.uint8]) -> Iterator[IntArray]:
    """The connected components of a symmetric graph of k nodes, each in ascending order."""
    left = np.ones(len(joined), bool)
    for start in range(len(joined)):
        if left[start]:
            members = _reachable(joined, start)
            left[members] = False
            yield members


def _reachable(joined: NDArray[np.uint8], start: int) -> IntArray:
    reached = np.zeros(len(joined), bool)
    reached[start] = True
    newest = np.array([start])
    while newest.size:
        bits = np.bitwise_or.reduce(joined[newest], axis=0)
        found = np.unpackbits(bits, count=len(joined)).astype(bool) & ~reached
        reached |= found
        newest = np.flatnonzero(found)
    return np.flatnonzero(reached)


def _shape(features: IntArray, directions: FloatArray, shares: FloatArray) -> Shape:
    """The shape of ``features``, shape (k,), with their directions and D_i."""
    rank = _rank(directions)
    counted = f"{len(features)} feature{'s' * (len(features) > 1)} in {rank}-D"
    names = recognised(directions, rank, shares)
    name, plural = names or (counted, counted)
    return Shape(
        name=name,
        plural=plural,
        features=_as_numbers(features),
        rank=rank,
        dimensionality=float(shares.mean()),
        known=names is not None,
    )


def _rank(directions: FloatArray) -> int:
    """The number of dimensions that the directions, shape (k, m), span up to noise."""
    features, hidden = directions.shape
    moment = directions @ directions.T if features < hidden else directions.T @ directions
    lengths = np.linalg.eigvalsh(moment)
    return int(np.sum(lengths > FLAT * lengths[-1]))


def _order(shape: Shape) -> tuple[bool, float, str, tuple[int, ...]]:
    """Sort key: uses the dimensionality of the regular shape, which noise does not affect."""
    return not shape.known, -shape.rank / len(shape.features), shape.name, shape.features


def _counted(name: str, plural: str, known: bool, count: int) -> str:
    if known:
        return f"{count} {name if count == 1 else plural}"
    return name if count == 1 else f"{count} × {plural}"


def _as_numbers(features: IntArray) -> tuple[int, ...]:
    return tuple(features.tolist())


def _check_feature(feature: int, features: int) -> None:
    if not 0 <= feature < features:
        raise InvalidValue(
            "feature", feature, "there is no such feature", f"a number from 0 to {features - 1}"
        )
