"""Exact integrals over [0, 1] of functions that are polynomials between known kinks."""

from functools import cache

import numpy as np

from superpos_core.arrays import FloatArray


def kink(slope: FloatArray, offset: FloatArray) -> FloatArray:
    """The t where slope·t + offset changes sign, clipped to [0, 1]; 0 if it never does."""
    with np.errstate(all="ignore"):
        root = np.where(slope == 0, 0, -offset / np.where(slope == 0, 1, slope))
    return np.clip(root, 0, 1)


def nodes_between(kinks: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Gauss–Legendre nodes and weights on the pieces of [0, 1] between ``kinks``, shape (…, k).

    Both have shape (…, (k + 1)·count). Exact for polynomials of degree 2·count − 1 on each piece.
    """
    ends = [np.zeros_like(kinks[..., :1]), np.sort(kinks, axis=-1), np.ones_like(kinks[..., :1])]
    edges = np.concatenate(ends, axis=-1)
    left, width = edges[..., :-1, None], np.diff(edges, axis=-1)[..., None]
    nodes, weights = _gauss_legendre(count)
    shape = (*kinks.shape[:-1], (kinks.shape[-1] + 1) * count)
    return (left + width * nodes).reshape(shape), (width * weights).reshape(shape)


@cache
def _gauss_legendre(count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (nodes + 1) / 2, weights / 2
