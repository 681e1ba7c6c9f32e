"""The scratch memory of a thread: all rows of a step, in blocks of sixteen.

A block holds sixteen rows of some units (dimensions or latents), unit after unit:
block[unit][row]. Between blocks there is room for an odd number of units, because the same unit of
all blocks would otherwise fall into few sets of the cache.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.dictionaries.layout import GATED, Objective, Size
from superpos_core.engine.fused.dictionaries.products import TILE
from superpos_core.engine.fused.layout import Floats
from superpos_core.engine.fused.pointers import advanced, as_words, pointer_to
from superpos_core.engine.fused.simd import VECTOR_WIDTH
from superpos_core.engine.fused.workspace import aligned_memory

SUMS = 5
"""The sums over rows that are kept of each latent: see ``Workspace.sums``."""
BIAS_SUM, SECOND_SUM, THIRD_SUM, ACTIVITY_SUM, ALIVE_SUM = range(SUMS)


class Workspace(NamedTuple):
    """Scratch memory of one thread."""

    hidden: Any
    """[block][dimension][row]: h"""
    centred: Any
    """[block][dimension][row]: h − b_dec"""
    share: Any
    """[block][row]"""
    count: Any
    """[block][row], uint32: how often a row occurs in the batch"""
    before: Any
    """[block][latent][row]: pre-activations, then the derivatives with respect to them"""
    active: Any
    """[block][latent][row]: activations f"""
    gate: Any
    """[block][latent][row]: ReLU of the gate, in gated dictionaries"""
    error: Any
    """[part][block][dimension][row]: derivatives with respect to outputs; see ``parts_of``"""
    rows: Any
    """[block][row][dimension]: h, if rows of dimensions are wide"""
    error_rows: Any
    """[part][block][row][dimension]: as ``error``, likewise"""
    pulled: Any
    """[2][latent][row]: derivatives with respect to activations, and the gate, of one block"""
    sums: Any
    """[latent][sum][element]: derivatives with respect to each latent's vectors, the mean of what
    the penalty weighs with ‖d‖, and the share of rows on which it is active"""
    square: Any
    """[latent]: ‖d‖²"""
    norm: Any
    """[latent]: λ·‖d‖, or 0 without such a penalty"""
    grown: Any
    """[latent]: exp of the vector that is trained as a logarithm, if any"""
    loss: Any
    """[element]"""
    gradient: Any
    """[parameter]"""
    threshold: Any
    """[1]: the smallest activation of the step, or −1 without any"""
    products: Any
    """[latent of a tile][dimension][element]: parts of sums over rows; what pads rows is 0"""
    turned: Any
    """[dimension][row]: sixteen dimensions of one block"""
    nothing: Any
    """[element]: zeros"""


@compiled
def parts_of(objective: Objective) -> int:
    """The number of reconstructions: one for each prefix, and that of the gate."""
    return 2 if objective.activation == GATED else objective.prefixes.size


class Memory:
    """Scratch memory, which grows with the rows of a step."""

    def __init__(self, size: Size, parts: int) -> None:
        self._size = size
        self._parts = parts
        self._blocks = 0
        self._floats = aligned_memory(0)

    def for_rows(self, rows: int) -> tuple[Floats, int]:
        """The memory for steps of at most this many rows, and how many blocks it has.

        There is one row more, which BatchTopK may need.
        """
        blocks = rows // VECTOR_WIDTH + 1
        if blocks > self._blocks:
            self._blocks = blocks
            self._floats = aligned_memory(_floats_for(self._size, self._parts, blocks))
        return self._floats, self._blocks


def _floats_for(size: Size, parts: int, blocks: int) -> int:
    of_rows = (2 + parts) * size.hidden_block
    if size.wide:
        of_rows += (1 + parts) * VECTOR_WIDTH * size.row
    of_block = of_rows + 2 * VECTOR_WIDTH + 3 * size.latent_block
    of_latent = (SUMS + 2) * VECTOR_WIDTH + 3
    once = (3 + VECTOR_WIDTH + TILE * size.row) * VECTOR_WIDTH + size.parameter_count
    return blocks * of_block + of_latent * size.latents + once


@compiled
def workspace_in(size: Size, blocks: int, parts: int, memory: Floats) -> Workspace:
    """Divide the memory among the arrays; all that vectors are loaded from begin at whole ones."""
    of_hidden, of_latents = blocks * size.hidden_block, blocks * size.latent_block
    rows = blocks * VECTOR_WIDTH
    of_rows = rows * size.row if size.wide else 0
    hidden = pointer_to(memory, 0)
    centred = advanced(hidden, of_hidden)
    share = advanced(centred, of_hidden)
    count = advanced(share, rows)
    before = advanced(count, rows)
    active = advanced(before, of_latents)
    gate = advanced(active, of_latents)
    error = advanced(gate, of_latents)
    rows_of_hidden = advanced(error, parts * of_hidden)
    error_rows = advanced(rows_of_hidden, of_rows)
    pulled = advanced(error_rows, parts * of_rows)
    sums = advanced(pulled, 2 * VECTOR_WIDTH * size.latents)
    loss = advanced(sums, SUMS * VECTOR_WIDTH * size.latents)
    gradient = advanced(loss, VECTOR_WIDTH)
    threshold = advanced(gradient, size.parameter_count)
    products = advanced(threshold, VECTOR_WIDTH)
    turned = advanced(products, TILE * size.row * VECTOR_WIDTH)
    nothing = advanced(turned, VECTOR_WIDTH * VECTOR_WIDTH)
    square = advanced(nothing, VECTOR_WIDTH)
    norm = advanced(square, size.latents)
    grown = advanced(norm, size.latents)
    return Workspace(
        hidden,
        centred,
        share,
        as_words(count),
        before,
        active,
        gate,
        error,
        rows_of_hidden,
        error_rows,
        pulled,
        sums,
        square,
        norm,
        grown,
        loss,
        gradient,
        threshold,
        products,
        turned,
        nothing,
    )
