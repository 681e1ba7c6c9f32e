"""Drawing rows with few active features: only active entries are drawn, and grouped into rays.

All rows in which only feature i is active are multiples of one another. They form a *ray*: one
direction, and a *scale* for each of its rows. A row with several active features is a ray of its
own, with scale 1. What a linear hidden layer does to a ray, it does once for all of its rows.

Entries are drawn exactly, without a draw for each feature. Feature i is active where a Poisson
process has points in a cell of length −log(1 − p_i); the cells of all rows, feature after feature,
form one line, on which the gaps between points are exponential. After a point the process goes on
at the end of its cell, because it has no memory.
"""

from __future__ import annotations

from math import log
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.engine.fused.compilation import compiled, folded
from superpos_core.engine.fused.pointers import Pointer, pointer_to, store
from superpos_core.engine.fused.random import (
    STATE_WORDS,
    load_words,
    next_words,
    store_words,
    uniform,
)
from superpos_core.engine.fused.ray_memory import RayWorkspace
from superpos_core.engine.fused.sampling import ALL_DRAWS, value_of
from superpos_core.engine.fused.simd import VECTOR_WIDTH, broadcast, to_floats
from superpos_core.engine.fused.specialisation import Specialisation

CERTAIN = 2.0**-53
"""The least probability of being inactive: a cell has a finite length."""
DEVIATIONS = 12
"""Room for entries beyond the expected number, in standard deviations: never too little."""
NONE = np.uint32(0xFFFFFFFF)


class RayTables(NamedTuple):
    """The sampler's constants for each lane."""

    hazard: NDArray[np.float64]
    """(lanes, features): −log(1 − p)"""

    @classmethod
    def of(cls, probabilities: FloatArray) -> RayTables:
        """For features with these probabilities, (lanes, features)."""
        return cls(-np.log(np.maximum(1.0 - probabilities, CERTAIN)))

    def capacity(self, batch: int) -> int:
        """Entries for which there has to be room."""
        active = -np.expm1(-self.hazard)
        expected = batch * active.sum(axis=1)
        spread = np.sqrt(batch * (active * (1 - active)).sum(axis=1))
        most = int(np.max(expected + DEVIATIONS * spread, initial=0)) + 64
        return min(most, batch * self.hazard.shape[1])

    def expected_rows(self, batch: int) -> NDArray[np.float64]:
        """(lanes,): average number of rows with an active feature."""
        return -batch * np.expm1(-self.hazard.sum(axis=1))

    def expected_rays(self, batch: int) -> NDArray[np.float64]:
        """(lanes,): average number of rays, roughly."""
        empty = np.exp(-self.hazard.sum(axis=1))
        alone = empty[:, None] * np.expm1(self.hazard)
        several = 1 - empty - alone.sum(axis=1)
        return -np.expm1(-batch * alone).sum(axis=1) + batch * np.maximum(several, 0)


class RaySampler(NamedTuple):
    """One lane's table and random state."""

    hazard: Any
    state: Any


@folded
def ray_sampler(tables: RayTables, random: NDArray[np.uint32], lane: int) -> RaySampler:
    return RaySampler(
        pointer_to(tables.hazard, lane * tables.hazard.shape[1]),
        pointer_to(random, lane * STATE_WORDS),
    )


@compiled
def _exponential(state: Pointer) -> float:
    return -log(uniform(state))


@compiled
def _draw_active(
    sampler: RaySampler, work: RayWorkspace, batch: int, features: int, capacity: int
) -> int:
    """Draw which features are active in which rows, by feature; the number of entries."""
    entries = 0
    gap = _exponential(sampler.state)
    for feature in range(features):
        cell = sampler.hazard[feature]
        line = batch * cell
        while gap < line and entries < capacity:
            row = min(int(gap / cell), batch - 1)  # rounding may give the row after the last
            work.entry_row[entries] = row
            work.entry_feature[entries] = feature
            entries += 1
            gap = (row + 1) * cell + _exponential(sampler.state)
        gap -= line
    return entries


@compiled
def _draw_values(
    specialisation: Specialisation, sampler: RaySampler, work: RayWorkspace, entries: int
) -> None:
    s0, s1, s2, s3 = load_words(sampler.state)
    for entry in range(0, entries, VECTOR_WIDTH):
        draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
        fraction = to_floats(draw) * broadcast(ALL_DRAWS)
        store(work.entry_value, entry, value_of(specialisation, fraction))
    store_words(sampler.state, s0, s1, s2, s3)


@folded
def draw_entries(
    specialisation: Specialisation,
    sampler: RaySampler,
    work: RayWorkspace,
    batch: int,
    features: int,
    capacity: int,
) -> int:
    """Draw the active entries of a batch; their number."""
    entries = _draw_active(sampler, work, batch, features, capacity)
    _draw_values(specialisation, sampler, work, entries)
    return entries


@compiled
def group_entries(work: RayWorkspace, batch: int, entries: int) -> tuple[int, int]:
    """Group entries into rays; the number of rays and of rows with an active feature."""
    for each in range(batch):
        work.row_entries[each] = 0
        work.row_part[each] = NONE
    for entry in range(entries):
        work.row_entries[np.int64(work.entry_row[entry])] += np.uint32(1)
    rays, parts, scales = _collect_single(work, entries)
    for entry in range(entries):
        row = np.int64(work.entry_row[entry])
        if work.row_entries[row] == 1:
            continue
        if work.row_part[row] == NONE:
            work.row_part[row] = parts
            work.ray_part[rays], work.ray_scale[rays] = parts, scales
            work.scale[scales] = np.float32(1.0)
            parts += np.int64(work.row_entries[row])
            rays, scales = rays + 1, scales + 1
        part = np.int64(work.row_part[row])
        work.part_feature[part] = work.entry_feature[entry]
        work.part_value[part] = work.entry_value[entry]
        work.row_part[row] = part + 1
    work.ray_part[rays], work.ray_scale[rays] = parts, scales
    return rays, scales


@compiled
def _collect_single(work: RayWorkspace, entries: int) -> tuple[int, int, int]:
    """One ray for each feature that is alone in some rows; the numbers of rays, parts, scales."""
    rays, scales = 0, 0
    newest = np.int64(-1)
    for entry in range(entries):
        if work.row_entries[np.int64(work.entry_row[entry])] > 1:
            continue
        feature = np.int64(work.entry_feature[entry])
        if feature != newest:
            newest = feature
            work.ray_part[rays], work.ray_scale[rays] = rays, scales
            work.part_feature[rays], work.part_value[rays] = feature, np.float32(1.0)
            rays += 1
        work.scale[scales] = work.entry_value[entry]
        scales += 1
    return rays, rays, scales
