"""How well a dictionary reconstructs hidden vectors, beside the true directions."""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.dictionaries.rows import TrueRows
from superpos_core.arrays import FloatArray, IntArray

SHORTEST_HIDDEN = 1e-6
"""Length up to which a hidden vector has no relative reconstruction; SAELens uses the same."""
SMALLEST_VARIANCE = 1e-10


@dataclass(frozen=True)
class Reconstruction:
    """How well hidden vectors h are reconstructed, over rows.

    ``error`` is E‖h − ĥ‖², summed over dimensions, and ``variance`` E‖h − E[h]‖². ``shrinkage`` is
    the mean of ‖ĥ‖/‖h‖ over rows with h ≠ 0: 1 without shrinkage, 0 if there are no such rows.
    ``error_of_truth`` is the error of the true directions with as many active features per row as
    the dictionary has active latents.
    """

    error: float
    variance: float
    shrinkage: float
    error_of_truth: float

    @property
    def explained_variance(self) -> float:
        """1 − error/variance, 1 for a perfect dictionary; without variance 1 or 0."""
        if self.variance < SMALLEST_VARIANCE:
            return float(self.error < SMALLEST_VARIANCE)
        return 1 - self.error / self.variance


def reconstruction_of(
    rows: TrueRows, reconstructed: FloatArray, directions: FloatArray, l0: float
) -> Reconstruction:
    """Measure ``reconstructed`` ĥ, shape (rows, d), made with ``l0`` active latents per row."""
    hidden = rows.hidden.astype(np.float64)
    lengths = np.linalg.norm(hidden, axis=1)
    counted = np.where(lengths > SHORTEST_HIDDEN, rows.shares, 0)
    relative = np.linalg.norm(reconstructed, axis=1) / np.maximum(lengths, SHORTEST_HIDDEN)
    return Reconstruction(
        error=_mean_square(rows, hidden - reconstructed),
        variance=_mean_square(rows, hidden - rows.mean(hidden)),
        shrinkage=float(counted @ relative / counted.sum()) if counted.any() else 0.0,
        error_of_truth=error_of_truth(rows, directions, l0),
    )


def error_of_truth(rows: TrueRows, directions: FloatArray, l0: float) -> float:
    """The error of the ground-truth dictionary: the true directions, with the true activations.

    It is as sparse as the dictionary that it is compared with: of all active features, ``l0`` per
    row on average are left, those of largest \\|x_i\\|·‖v_i‖ among all rows, as in BatchTopK. For
    orthogonal features this is the ground-truth SAE of Chanin and Garriga-Alonso 2025, "Sparse but
    Wrong". A dictionary of too small an L0 can have a smaller error, if it mixes features.
    """
    row, feature = np.nonzero(rows.x)
    sizes = np.abs(rows.x[row, feature]) * np.linalg.norm(directions, axis=1)[feature]
    order = np.argsort(-sizes, kind="stable")
    row, feature = row[order], feature[order]
    active = np.cumsum(rows.shares[row])
    kept = int(np.searchsorted(active, l0, side="right"))
    error = _error_of_first(kept, rows, directions, row, feature)
    if kept == len(row):
        return error
    # Of the next entry, which stands for a share of all rows, only a part fits.
    part = (l0 - (active[kept - 1] if kept else 0)) / rows.shares[row[kept]]
    following = _error_of_first(kept + 1, rows, directions, row, feature)
    return error + float(part) * (following - error)


def _error_of_first(
    kept: int, rows: TrueRows, directions: FloatArray, row: IntArray, feature: IntArray
) -> float:
    """The error if only the first ``kept`` of the entries at ``row`` and ``feature`` are left."""
    left = np.zeros(rows.x.shape)
    at = row[:kept], feature[:kept]
    left[at] = rows.x[at]
    return _mean_square(rows, rows.hidden - left @ directions)


def _mean_square(rows: TrueRows, differences: FloatArray) -> float:
    return float(rows.shares @ np.square(differences).sum(axis=1))
