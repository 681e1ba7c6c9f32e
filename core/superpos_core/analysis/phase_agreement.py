"""The agreement of a trained phase diagram with theory, far from boundaries and beside them."""

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.record.phase_map import NO_MATCH, PhaseMap
from superpos_core.theory import exact_loss, optimal_ignored_boundary

MIN_NORM = 0.2
"""Minimum norm of a feature that is not ignored: beyond a boundary it may grow from 0."""


def agreement(phase_map: PhaseMap) -> float:
    """The share of ``compared`` cells whose region matches theory; NaN if there are none."""
    return _share(phase_map.region == phase_map.grid.theory, compared(phase_map))


def compared(phase_map: PhaseMap) -> BoolArray:
    """The filled cells that count for or against theory, shape (rows, columns).

    Cells within 30 % of a boundary are left out: there the solutions have almost the same loss, and
    the true boundary, with weights and biases optimised, is slightly shifted.
    """
    cells: BoolArray = phase_map.filled & phase_map.grid.far_from_boundaries
    return cells


def share_near_optimal(phase_map: PhaseMap, factor: float) -> float:
    """The share of filled cells within 30 % of a boundary whose loss is near optimal.

    That is at most ``factor`` times the loss of the best theoretical solution: the optimal model
    has a lower loss than any of these, as biases and norms are free. NaN if there are no such
    cells.
    """
    with np.errstate(invalid="ignore"):
        is_near = loss_over_theory(phase_map) <= factor
    return _share(is_near, phase_map.filled & ~phase_map.grid.far_from_boundaries)


def share_correctly_ignored(phase_map: PhaseMap) -> float:
    """The share of filled cells within 30 % of a boundary on the right side of the exact boundary.

    The last feature of the best restart should be ignored where the optimal model ignores it,
    ``optimal_ignored_boundary``, and only there. The share is the smaller one of the two sides:
    ignoring nothing, or everything, scores 0. NaN if there are no such cells.
    """
    grid = phase_map.grid
    is_kept = np.linalg.norm(phase_map.encoder[..., -1, :], axis=-1) > MIN_NORM
    to_keep = grid.relative_importances > optimal_ignored_boundary(grid.densities)[:, None]
    beside = phase_map.filled & ~grid.far_from_boundaries
    return min(_share(is_kept, beside & to_keep), _share(~is_kept, beside & ~to_keep))


def loss_over_theory(phase_map: PhaseMap) -> FloatArray:
    """The exact loss of each cell's best restart over that of the best theoretical solution.

    Shape (rows, columns); NaN where a cell is not filled.
    """
    grid = phase_map.grid
    r, p = np.broadcast_arrays(grid.relative_importances, grid.densities[:, None])
    importance = np.ones((*grid.shape, grid.config.features))
    importance[..., -1] = r
    encoder, bias = phase_map.encoder.astype(np.float64), phase_map.bias.astype(np.float64)
    ratio: FloatArray = exact_loss(encoder, bias, p, importance) / grid.diagram.losses(r, p).min(0)
    return ratio


def better_than_theory(phase_map: PhaseMap) -> BoolArray:
    """Cells whose best restart matches no theoretical solution and has a lower loss than each.

    Shape (rows, columns). Examples are triangles of three about equally important features, and,
    on dense data, models between two solutions, which change into each other gradually.
    """
    with np.errstate(invalid="ignore"):
        loses_less = loss_over_theory(phase_map) < 1
    better: BoolArray = loses_less & (phase_map.region == NO_MATCH)
    return better


def _share(condition: BoolArray, cells: BoolArray) -> float:
    return float(condition[cells].mean()) if cells.any() else float("nan")
