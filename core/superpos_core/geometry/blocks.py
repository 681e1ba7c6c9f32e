"""Downsampling by the strongest entry of each block, so that no strong entry is lost.

W·Wᵀ of n features has n² entries, more than a screen can show. For many features it is never held
as a whole, but computed and reduced tile by tile.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry import measures
from superpos_core.strips import strips
from superpos_core.task.parameters import Parameters

TILE_ENTRIES = 1 << 17
"""Maximum entries of a tile, unless a single block has more: small enough for caches."""


@dataclass(frozen=True)
class GramChange:
    """The difference of two grams: the strongest change of each block, and ‖G − G′‖_F."""

    strongest: FloatArray
    distance: float


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
    flat = blocks.swapaxes(1, 2).reshape(rows // block, cols // across, -1)
    strongest = np.argmax(np.where(np.isnan(flat), np.inf, np.abs(flat)), axis=-1)
    return np.take_along_axis(flat, strongest[..., None], axis=-1)[..., 0]


def greatest_of_blocks(values: FloatArray, block: int) -> FloatArray:
    """The maximum of every ``block`` consecutive entries; the last block may be shorter."""
    padded = np.concatenate([values, np.full(-values.size % block, -np.inf)])
    greatest: FloatArray = padded.reshape(-1, block).max(axis=1)
    return greatest


def strongest_of_gram(parameters: Parameters, block: int) -> FloatArray:
    """``strongest_of_blocks`` of the gram, shape (n, n), of one lane."""
    return np.concatenate(
        [
            np.concatenate(
                [
                    strongest_of_blocks(measures.gram_part(parameters, rows, columns), block)
                    for columns in tiles
                ],
                axis=1,
            )
            for rows, tiles in _tiles(parameters.bias.size, block)
        ]
    )


def gram_change(before: Parameters, now: Parameters, block: int) -> GramChange:
    """The change from the gram of one lane to that of another with as many features."""
    strongest, squares = [], 0.0
    for rows, tiles in _tiles(now.bias.size, block):
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


def _tiles(features: int, block: int) -> Iterator[tuple[slice, list[slice]]]:
    """Rows of tiles that do not cut a block, each with the columns of its tiles."""
    blocks = -(-features // block)
    for down in strips(blocks, block * features, TILE_ENTRIES):
        rows = slice(down.start * block, min(down.stop * block, features))
        height = (rows.stop - rows.start) * block
        across = strips(blocks, height, TILE_ENTRIES)
        yield rows, [slice(c.start * block, min(c.stop * block, features)) for c in across]
