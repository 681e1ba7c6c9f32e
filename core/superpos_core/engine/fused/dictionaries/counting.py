"""How often each pattern occurs in a batch: multinomial counts, exact in distribution.

They are a chain of binomial counts, of each pattern among the rows that are left. A binomial count
of n trials is the sum of independent ones of 2ʲ trials, one for each bit of n; those are drawn from
alias tables (Walker 1977; Vose 1991), by one random number each. Compared with numpy's chain, whose
every count is drawn by rejection, this takes a fifth of the time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.bits import lowest_bit
from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.layout import Floats
from superpos_core.engine.fused.pointers import Pointer, pointer_to

TOP_LEVEL = 12
"""The largest table is of 2¹² trials; more trials take it several times."""
PLACES = 3 * (TOP_LEVEL + 1)
"""Numbers of a pattern in ``CountTables.places``."""
DEVIATIONS, MORE = 9, 30
"""How far a table reaches from the mean, in standard deviations and further counts: what is left
out has a probability below 1e-17."""
GOLDEN, MIX_1, MIX_2 = (
    np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
"""The constants of splitmix64."""
BITS_11, BITS_27, BITS_30, BITS_31 = (np.uint64(each) for each in (11, 27, 30, 31))


class CountTables(NamedTuple):
    """The tables of all patterns but the last, which gets the rows that are left."""

    top: NDArray[np.int64]
    """(patterns − 1,): the highest level of each"""
    places: NDArray[np.int64]
    """(patterns − 1, levels, 3): of a table, where its entries begin, how many they are, and the
    count of the first"""
    chance: NDArray[np.float64]
    """(entries,): that an entry's own count is taken"""
    other: NDArray[np.int64]
    """(entries,): the entry whose count is taken otherwise"""


@lru_cache(maxsize=16)
def tables_of(probabilities: tuple[float, ...], batch: int) -> CountTables:
    """The tables for batches of patterns with these probabilities, which sum to 1.

    The most probable comes first, so that few rows are left for the others.
    """
    chances = np.array(probabilities)
    # Summed from the rarest, so that no small remainder is a difference of large numbers.
    left = np.cumsum(chances[::-1])[::-1][:-1]
    among_left = np.divide(chances[:-1], left, out=np.zeros_like(left), where=left > 0)
    among_left = np.minimum(among_left, 1.0)
    most = np.minimum(batch * left + DEVIATIONS * np.sqrt(batch * left) + MORE, batch)
    top = np.minimum(np.log2(most).astype(np.int64), TOP_LEVEL)
    least, size = _supports(among_left, top)
    begin = (np.cumsum(size) - size.ravel()).reshape(size.shape)
    places = np.stack([begin, size, least], axis=-1)
    tables = CountTables(top, places, np.zeros(size.sum()), np.zeros(size.sum(), np.int64))
    fill_tables(tables, among_left, np.zeros(size.max(initial=0), np.int64))
    return tables


def _supports(
    probability: NDArray[np.float64], top: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The least count of each table, and how many counts it has; both (patterns − 1, levels)."""
    levels = np.arange(TOP_LEVEL + 1)
    trials = 1 << levels
    mean = trials * probability[:, None]
    deviation = np.sqrt(mean * (1 - probability[:, None]))
    reach = np.where(deviation > 0, DEVIATIONS * deviation + MORE, 0)
    least = np.maximum(mean - reach, 0).astype(np.int64)
    most = np.minimum((mean + reach).astype(np.int64), trials)
    return least, np.where(levels <= top[:, None], most - least + 1, 0)


@KERNELS.jit
def fill_tables(
    tables: CountTables, probability: NDArray[np.float64], waiting: NDArray[np.int64]
) -> None:
    """Fill in chances and others; ``waiting`` is memory for the entries of the largest table."""
    memory = pointer_to(waiting, 0)
    for pattern in range(probability.size):
        for level in range(tables.top[pattern] + 1):
            begin, size, least = tables.places[pattern, level]
            chances, others = pointer_to(tables.chance, begin), pointer_to(tables.other, begin)
            _set_binomial_chances(1 << level, probability[pattern], least, chances, size)
            _fill_up(chances, others, memory, size)


@compiled
def _set_binomial_chances(
    trials: int, probability: float, least: int, chances: Pointer, size: int
) -> None:
    """The probabilities, float64, of counts from ``least`` on, scaled to a mean of 1.

    Each is its neighbour's times their ratio, from the most probable one in both directions.
    """
    odds = probability / (1.0 - probability)
    centre = min(max(int((trials + 1) * probability) - least, 0), size - 1)
    chances[centre] = 1.0
    total = 1.0
    for index in range(centre + 1, size):
        count = least + index
        chances[index] = chances[index - 1] * odds * (trials - count + 1) / count
        total += chances[index]
    for index in range(centre - 1, -1, -1):
        count = least + index
        chances[index] = chances[index + 1] * (count + 1) / (odds * (trials - count))
        total += chances[index]
    for index in range(size):
        chances[index] *= size / total


@compiled
def _fill_up(chances: Pointer, others: Pointer, places: Pointer, size: int) -> None:
    """Let a part of another entry fill up each to 1, which makes an alias table (Vose 1991)."""
    small, large = 0, size
    for index in range(size):
        others[index] = index
        if chances[index] < 1.0:
            places[small] = index
            small += 1
        else:
            large -= 1
            places[large] = index
    while small > 0 and large < size:
        small -= 1
        poor, rich = places[small], places[large]
        others[poor] = rich
        chances[rich] -= 1.0 - chances[poor]
        if chances[rich] < 1.0:
            large += 1
            places[small] = rich
            small += 1
    # But for rounding, those that are left over are 1; they are their own others.


@compiled
def _uniform(number: np.uint64) -> float:
    """A float64 in [0, 1): splitmix64's output for the state ``number``."""
    x = (number ^ (number >> BITS_30)) * MIX_1
    x = (x ^ (x >> BITS_27)) * MIX_2
    x = x ^ (x >> BITS_31)
    return np.float64(x >> BITS_11) * 2.0**-53


@KERNELS.jit
def draw_shares(tables: CountTables, batch: int, seed: np.uint64, shares: Floats) -> None:
    """Fill shares (steps, patterns), float32: how large a part of the batch each pattern is."""
    state = np.uint64(seed)
    last = shares.shape[1] - 1
    chances, others = pointer_to(tables.chance, 0), pointer_to(tables.other, 0)
    for step in range(shares.shape[0]):
        left = batch
        for pattern in range(last):
            of_pattern = pointer_to(tables.places, pattern * PLACES)
            trials, count, top = left, 0, tables.top[pattern]
            while trials > 0:
                level = min(lowest_bit(trials), top)
                trials -= 1 << level
                begin, size = of_pattern[3 * level], of_pattern[3 * level + 1]
                state += GOLDEN
                place = _uniform(state) * size
                index = np.int64(place)
                other = others[begin + index]
                is_own = np.int64(place - index < chances[begin + index])
                count += of_pattern[3 * level + 2] + other + is_own * (index - other)
            shares[step, pattern] = count / batch
            left -= count
        shares[step, last] = left / batch
