"""How a trained phase diagram agrees with theory: far from its borders, and beside them."""

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.record.phase_map import NO_MATCH, PhaseMap
from superpos_core.theory import exact_loss, optimal_ignored_border

LEAST_NORM = 0.2
"""Of a feature that is not ignored altogether: beyond a border its norm may grow from 0."""


def agreement(phase_map: PhaseMap) -> float:
    """The share of filled cells whose region is theory's, NaN where there are none.

    Cells within 30 % of a border are left out: there the solutions lose almost the same, and the
    true border, with weights and biases optimised, lies a little beside theory's.
    """
    grid = phase_map.grid
    return _share(phase_map.region == grid.theory, phase_map.filled & grid.far_from_borders)


def share_that_loses_little(phase_map: PhaseMap, factor: float) -> float:
    """Of the filled cells within 30 % of a border, those that lose little; NaN if there are none.

    That is at most ``factor`` times the loss of the best of theory's solutions: the best model of
    all loses less than any of these, as biases and lengths are free.
    """
    with np.errstate(invalid="ignore"):
        little = loss_over_theory(phase_map) <= factor
    return _share(little, phase_map.filled & ~phase_map.grid.far_from_borders)


def share_that_ignores_rightly(phase_map: PhaseMap) -> float:
    """Of the filled cells within 30 % of a border, those on the right side of the exact one.

    The last feature of the best restart should be ignored where the best of all models ignores it,
    ``optimal_ignored_border``, and only there. The share is the smaller one of the two sides, so
    that what ignores nothing, or all, has none. NaN if there are no such cells.
    """
    grid = phase_map.grid
    is_kept = np.linalg.norm(phase_map.encoder[..., -1, :], axis=-1) > LEAST_NORM
    to_keep = grid.relative_importances > optimal_ignored_border(grid.densities)[:, None]
    beside = phase_map.filled & ~grid.far_from_borders
    return min(_share(is_kept, beside & to_keep), _share(~is_kept, beside & ~to_keep))


def loss_over_theory(phase_map: PhaseMap) -> FloatArray:
    """The exact loss of each cell's best restart over that of the best of theory's solutions.

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
    """Cells whose best restart is none of theory's solutions, and loses less than each of them.

    Shape (rows, columns). Such are triangles of three features of about equal importance, and, on
    dense data, models between two of the solutions, which change into each other gradually.
    """
    with np.errstate(invalid="ignore"):
        loses_less = loss_over_theory(phase_map) < 1
    better: BoolArray = loses_less & (phase_map.region == NO_MATCH)
    return better


def _share(condition: BoolArray, cells: BoolArray) -> float:
    return float(condition[cells].mean()) if cells.any() else float("nan")
