"""Turning sixteen vectors of sixteen numbers, in registers."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from superpos_core.engine.fused.pointers import vector_pointer
from superpos_core.engine.fused.simd import VECTOR_WIDTH, floats


@intrinsic
def transpose(typing_context, source, source_stride, target, target_stride):
    """target[j·target_stride + i] = source[i·source_stride + j], for i, j = 0 … 15."""

    def emit(context, builder, signature, arguments):
        source, source_stride, target, target_stride = arguments
        rows = [
            builder.load(_row(builder, source, source_stride, number), align=4)
            for number in range(VECTOR_WIDTH)
        ]
        step = VECTOR_WIDTH // 2
        while step > 0:
            for number in range(VECTOR_WIDTH):
                if not number & step:
                    pair = rows[number], rows[number + step]
                    rows[number], rows[number + step] = _with_blocks_swapped(builder, *pair, step)
            step //= 2
        for number, row in enumerate(rows):
            builder.store(row, _row(builder, target, target_stride, number), align=4)
        return context.get_dummy_value()

    return types.void(source, types.intp, target, types.intp), emit


def _row(builder: Any, pointer: Any, stride: Any, number: int) -> Any:
    index = builder.mul(stride, ir.Constant(stride.type, number))
    return vector_pointer(builder, pointer, index, 0, floats)


def _with_blocks_swapped(builder: Any, upper: Any, lower: Any, step: int) -> tuple[Any, Any]:
    """Two rows ``step`` apart, with the blocks beside the diagonal swapped."""
    elements = range(VECTOR_WIDTH)
    of_upper = [e if not e & step else VECTOR_WIDTH + e - step for e in elements]
    of_lower = [e + step if not e & step else VECTOR_WIDTH + e for e in elements]
    chosen = (
        ir.Constant(ir.VectorType(ir.IntType(32), VECTOR_WIDTH), places)
        for places in (of_upper, of_lower)
    )
    new_upper, new_lower = (builder.shuffle_vector(upper, lower, places) for places in chosen)
    return new_upper, new_lower
