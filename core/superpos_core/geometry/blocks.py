"""Downsampling by the strongest entry of each block, so that no strong entry is lost.

W·Wᵀ of n features has n² entries, more than a screen can show. For many features it is never held
as a whole, but computed and reduced tile by tile.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry import measures
from superpos_core.strips import strips
from superpos_core.task.parameters import Parameters

TILE_ENTRIES = 1 << 17
"""Maximum entries of a tile, unless a single block has more: small enough for caches."""

MANY_ENTRIES = 256
"""From this size of a block on, finding its highest and its lowest entry first is faster."""

Part = tuple[range, range]
"""Consecutive rows and columns of a matrix."""


def whole(parameters: Parameters) -> Part:
    """All rows and columns of the gram."""
    features = range(parameters.bias.size)
    return features, features


@dataclass(frozen=True)
class GramChange:
    """The difference of two grams: the strongest change of each block, and ‖G − G′‖_F."""

    strongest: FloatArray
    distance: float


@dataclass(frozen=True)
class MergedEntries:
    """What a block of entries that is drawn as one hides.

    The strongest one with its row and column, and √(mean of squares) of all of them: NaN or
    infinite if an entry is.
    """

    row: int
    column: int
    strongest: float
    typical: float


def strongest_of_blocks(values: FloatArray, block: int, columns: int | None = None) -> FloatArray:
    """The entry of largest magnitude in each block × block square, with its sign.

    Blocks are ``columns`` wide if given; those at the ends may be smaller.
    """
    across = block if columns is None else columns
    if block == across == 1:
        return values
    rows = -(-values.shape[0] // block) * block
    cols = -(-values.shape[1] // across) * across
    padded = np.zeros((rows, cols), dtype=values.dtype)
    padded[: values.shape[0], : values.shape[1]] = values
    blocks = padded.reshape(rows // block, block, cols // across, across)
    flat = blocks.swapaxes(1, 2).reshape(rows // block, cols // across, block * across)
    if flat.shape[-1] < MANY_ENTRIES:
        return _first_strongest(flat)
    highest, lowest = flat.max(axis=-1), flat.min(axis=-1)
    strongest: FloatArray = np.where(highest > -lowest, highest, lowest)
    is_open = ~(highest > -lowest) & ~(highest < -lowest)  # tied, or NaN
    strongest[is_open] = _first_strongest(flat[is_open])
    return strongest


def _first_strongest(entries: FloatArray) -> FloatArray:
    """The first of the strongest entries along the last axis; NaN counts as infinite."""
    strongest = np.argmax(np.where(np.isnan(entries), np.inf, np.abs(entries)), axis=-1)
    return np.take_along_axis(entries, strongest[..., None], axis=-1)[..., 0]


def greatest_in_blocks(values: FloatArray, block: int) -> IntArray:
    """The index of the greatest of every ``block`` consecutive entries, or of a NaN among them.

    The last block may be shorter.
    """
    padded = np.concatenate([values, np.full(-values.size % block, -np.inf)])
    blocks = padded.reshape(-1, block)
    greatest: IntArray = blocks.argmax(axis=1) + block * np.arange(len(blocks))
    return greatest


def strongest_of_gram(parameters: Parameters, block: int, part: Part | None = None) -> FloatArray:
    """``strongest_of_blocks`` of the gram, shape (n, n), of one lane, or only of a part of it."""
    return np.concatenate(
        [
            np.concatenate(
                [
                    strongest_of_blocks(measures.gram_part(parameters, rows, columns), block)
                    for columns in tiles
                ],
                axis=1,
            )
            for rows, tiles in _tiles(part or whole(parameters), block)
        ]
    )


def gram_change(
    before: Parameters, now: Parameters, block: int, part: Part | None = None
) -> GramChange:
    """The change from the gram of one lane to that of another with as many features.

    With a ``part``, that of this part.
    """
    strongest, squares = [], 0.0
    for rows, tiles in _tiles(part or whole(now), block):
        row = []
        for columns in tiles:
            first = measures.gram_part(before, rows, columns)
            second = measures.gram_part(now, rows, columns)
            with np.errstate(all="ignore"):
                row.append(strongest_of_blocks(second - first, block))
                distance = float(measures.gram_distance(second, first))
                squares += distance * distance
        strongest.append(np.concatenate(row, axis=1))
    return GramChange(np.concatenate(strongest), float(np.sqrt(squares)))


def merged_entries(parameters: Parameters, part: Part) -> MergedEntries:
    """A part of one lane's gram that has at least one entry, in numbers; computed as a whole."""
    rows, columns = part
    entries = measures.gram_part(
        parameters, slice(rows.start, rows.stop), slice(columns.start, columns.stop)
    ).astype(np.float64)
    with np.errstate(all="ignore"):
        sizes = np.where(np.isnan(entries), np.inf, np.abs(entries))
        typical = float(np.sqrt(np.mean(np.square(entries))))
    down, across = divmod(int(np.argmax(sizes)), len(columns))
    strongest = float(entries[down, across])
    return MergedEntries(rows.start + down, columns.start + across, strongest, typical)


def _tiles(part: Part, block: int) -> Iterator[tuple[slice, list[slice]]]:
    """Rows of tiles that do not cut a block, each with the columns of its tiles."""
    rows, columns = part
    for down in strips(-(-len(rows) // block), block * len(columns), TILE_ENTRIES):
        taken = _entries(rows, down, block)
        height = (taken.stop - taken.start) * block
        across = strips(-(-len(columns) // block), height, TILE_ENTRIES)
        yield taken, [_entries(columns, each, block) for each in across]


def _entries(indices: range, blocks: slice, block: int) -> slice:
    """The entries of some blocks of consecutive indices; the last block may be smaller."""
    start, stop = (indices.start + each * block for each in (blocks.start, blocks.stop))
    return slice(start, min(stop, indices.stop))
