"""Minima of a smooth function of a few variables, from many starting points at once."""

from collections.abc import Callable

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray

Function = Callable[[FloatArray], FloatArray]

_WIDTH = 1e-5
"""Step of the finite differences: variables are of order 1, and values are exact."""
_MAX_ITERATIONS = 50
_NO_PROGRESS = 1e-13
_STEP_SCALES = 2.0 ** np.arange(1, -11, -1)
_FLATTEST = 1e-6
"""Minimum curvature that a step relies on, relative to the largest."""


def minimise(function: Function, start: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The local minima that Newton's method reaches from ``start``, shape (starts, variables).

    ``function`` maps (…, starts, variables) to (…, starts); infinite values mark points that are
    not allowed. Returns the points and their values. Uses the absolute value of negative
    curvatures, so that steps lead downhill, and takes no step uphill.
    """
    points, values = start, function(start)
    each = np.arange(len(start))
    for _ in range(_MAX_ITERATIONS):
        trials = points + _STEP_SCALES[:, None, None] * _newton_step(function, points, values)
        found = np.nan_to_num(function(trials), nan=np.inf, posinf=np.inf)
        best = np.argmin(found, axis=0)
        improved = found[best, each] < values - _NO_PROGRESS
        points = np.where(improved[:, None], trials[best, each], points)
        values = np.where(improved, found[best, each], values)
        if not improved.any():
            break
    return points, values


def _newton_step(function: Function, points: FloatArray, values: FloatArray) -> FloatArray:
    """−|H|⁻¹·g for each point; 0 if a finite difference reaches a point that is not allowed."""
    gradient, hessian = _derivatives(function, points, values)
    finite = np.isfinite(hessian).all(axis=-1) & np.isfinite(gradient)
    usable: BoolArray = np.all(finite, axis=-1)
    gradient = np.where(usable[:, None], gradient, 0)
    hessian = np.where(usable[:, None, None], hessian, np.eye(points.shape[-1]))
    curvature, directions = np.linalg.eigh(hessian)
    steepness = np.abs(curvature)
    floor = np.maximum(_FLATTEST * steepness.max(axis=-1, keepdims=True), np.finfo(float).tiny)
    slope = np.einsum("sij,si->sj", directions, gradient)
    step: FloatArray = -np.einsum("sij,sj->si", directions, slope / np.maximum(steepness, floor))
    return step


def _derivatives(
    function: Function, points: FloatArray, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Gradient, shape (starts, variables), and Hessian, by central differences."""
    variables = points.shape[-1]
    shift = _WIDTH * np.eye(variables)[:, None]
    first, second = np.triu_indices(variables, 1)
    with np.errstate(invalid="ignore"):
        above, below = function(points + shift), function(points - shift)
        mixed = (
            function(points + shift[first] + shift[second])
            - function(points + shift[first] - shift[second])
            - function(points - shift[first] + shift[second])
            + function(points - shift[first] - shift[second])
        )
        hessian = np.empty((len(points), variables, variables))
        diagonal = np.arange(variables)
        hessian[:, diagonal, diagonal] = (above + below - 2 * values).T / _WIDTH**2
        hessian[:, first, second] = hessian[:, second, first] = mixed.T / (4 * _WIDTH**2)
        return (above - below).T / (2 * _WIDTH), hessian
