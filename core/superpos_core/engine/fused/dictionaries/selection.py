"""Which activations stay: the largest of each row, or of the batch.

Activations are not negative, so their bits, read as uint32, have the same order. The smallest
activation to keep is found bit by bit, from the highest.
"""

from __future__ import annotations

import numpy as np

from superpos_core.engine.fused.compilation import compiled, inlined
from superpos_core.engine.fused.dictionaries.layout import Size
from superpos_core.engine.fused.dictionaries.workspace import Workspace
from superpos_core.engine.fused.pointers import Pointer, advanced, as_words, load, store
from superpos_core.engine.fused.simd import (
    VECTOR_WIDTH,
    Words16,
    anywhere,
    broadcast,
    choose,
    zeros,
)

HIGHEST_BIT = 30
"""Of a float32 that is not negative."""
NO_ACTIVATION = (1 << 31) - 1
"""Above the bits of every activation."""


@inlined
def _word(number: int) -> Words16:
    return broadcast(np.uint32(number))


@inlined
def _at_least(size: Size, bits: Pointer, least: Words16) -> Words16:
    """How many latents of each row of a block have at least these bits."""
    found = _word(0)
    for latent in range(size.latents):
        values = load(bits, latent * VECTOR_WIDTH)
        found = found + choose(least <= values, _word(1), _word(0))
    return found


@compiled
def keep_largest_of_rows(size: Size, active: Pointer, kept: int) -> None:
    """Set all but the ``kept`` largest latents of each row of a block to 0; the first win ties."""
    bits, smallest = as_words(active), _word(1)
    there = _at_least(size, bits, smallest)
    wanted = choose(there < _word(kept), there, _word(kept))
    for bit in range(HIGHEST_BIT, -1, -1):
        if anywhere(wanted < there) == 0:
            break
        trial = smallest + _word(1 << bit)
        found = _at_least(size, bits, trial)
        is_enough = wanted <= found
        smallest = choose(is_enough, trial, smallest)
        there = choose(is_enough, found, there)
    taken = _at_least(size, bits, smallest + _word(1))
    for latent in range(size.latents):
        at = latent * VECTOR_WIDTH
        values = load(bits, at)
        is_equal = (smallest <= values) & (values <= smallest)
        is_taken = is_equal & (taken < wanted)
        taken = taken + choose(is_taken, _word(1), _word(0))
        store(active, at, choose(is_taken | (smallest < values), load(active, at), zeros()))


@compiled
def _occurrences(size: Size, work: Workspace, blocks: int, least: int) -> np.int64:
    """How often, in the batch, an activation has at least these bits; ``least`` is above 0."""
    total = np.int64(0)
    bits, trial = as_words(work.active), _word(least)
    found = _word(0)
    for block in range(blocks):
        count = load(work.count, block * VECTOR_WIDTH)
        for latent in range(size.latents):
            values = load(bits, block * size.latent_block + latent * VECTOR_WIDTH)
            found = found + choose(trial <= values, count, _word(0))
    sums = as_words(work.loss)
    store(sums, 0, found)
    for element in range(VECTOR_WIDTH):
        total += np.int64(sums[element])
    return total


@compiled
def keep_largest_of_batch(
    size: Size, work: Workspace, rows: int, blocks: int, batch: int, kept: int
) -> None:
    """Set all but the ``kept`` largest activations of the batch to 0.

    If only some copies of a row may be active, one row is divided into two, the second at the end.
    """
    work.threshold[0] = np.float32(-1.0)
    there = _occurrences(size, work, blocks, 1)
    if there == 0:
        return
    wanted, smallest = min(np.int64(kept), there), 1
    for bit in range(HIGHEST_BIT, -1, -1):
        if there == wanted:
            break
        trial = smallest + (1 << bit)
        found = _occurrences(size, work, blocks, trial)
        if found >= wanted:
            smallest, there = trial, found
    least = _drop_below(size, work, blocks, smallest)
    as_words(work.threshold)[0] = np.uint32(least)
    if there > wanted:
        left = wanted - _occurrences(size, work, blocks, smallest + 1)
        _keep_first_of_equals(size, work, rows, batch, smallest, left)


@compiled
def _drop_below(size: Size, work: Workspace, blocks: int, smallest: int) -> np.int64:
    """Set activations below these bits to 0; returns the bits of the smallest that is left."""
    threshold, none, bits = _word(smallest), _word(NO_ACTIVATION), as_words(work.active)
    least = none
    for block in range(blocks):
        occurs = _word(0) < load(work.count, block * VECTOR_WIDTH)
        for latent in range(size.latents):
            at = block * size.latent_block + latent * VECTOR_WIDTH
            values = load(bits, at)
            is_kept = threshold <= values
            store(work.active, at, choose(is_kept, load(work.active, at), zeros()))
            least = choose(is_kept & occurs & (values < least), values, least)
    scratch, found = as_words(work.loss), np.int64(NO_ACTIVATION)
    store(scratch, 0, least)
    for element in range(VECTOR_WIDTH):
        found = min(found, np.int64(scratch[element]))
    return found


@compiled
def _keep_first_of_equals(
    size: Size, work: Workspace, rows: int, batch: int, smallest: int, left: np.int64
) -> None:
    """Keep ``left`` occurrences of the smallest activation to keep, the first ones by row."""
    bits = as_words(work.active)
    divided_row, divided_latent, left_of_row = -1, -1, np.int64(0)
    for row in range(rows):
        block, element = divmod(row, VECTOR_WIDTH)
        for latent in range(size.latents):
            at = block * size.latent_block + latent * VECTOR_WIDTH + element
            if np.int64(bits[at]) != smallest or work.count[row] == 0:
                continue
            if left == 0:
                work.active[at] = np.float32(0.0)
            elif left < np.int64(work.count[row]):
                divided_row, divided_latent = row, latent
                left_of_row, left = left, np.int64(0)
            else:
                left -= np.int64(work.count[row])
    if divided_row >= 0:
        _divide(size, work, divided_row, divided_latent, rows, batch, left_of_row)


@compiled
def _divide(
    size: Size, work: Workspace, row: int, latent: int, spare: int, batch: int, kept: np.int64
) -> None:
    """Let ``kept`` copies of the row be as it is, and the others, in ``spare``, lack the latent."""
    others = np.int64(work.count[row]) - kept
    work.share[row] = np.float32(kept / batch)
    work.share[spare] = np.float32(others / batch)
    _copy_row(work.centred, size.hidden, size.hidden_block, row, spare)
    if size.wide:
        for dimension in range(size.row):
            work.rows[spare * size.row + dimension] = work.rows[row * size.row + dimension]
    _copy_row(work.active, size.latents, size.latent_block, row, spare)
    block, element = divmod(spare, VECTOR_WIDTH)
    work.active[block * size.latent_block + latent * VECTOR_WIDTH + element] = np.float32(0.0)


@compiled
def _copy_row(blocks: Pointer, units: int, stride: int, row: int, other: int) -> None:
    """Copy a row of some units; ``stride`` is from a block to the next."""
    block, element = divmod(row, VECTOR_WIDTH)
    other_block, other_element = divmod(other, VECTOR_WIDTH)
    source = advanced(blocks, block * stride + element)
    target = advanced(blocks, other_block * stride + other_element)
    for unit in range(units):
        target[unit * VECTOR_WIDTH] = source[unit * VECTOR_WIDTH]
