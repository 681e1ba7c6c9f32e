"""Sums over the sixteen numbers of vectors."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from superpos_core.engine.fused.simd import VECTOR_WIDTH, floats


@intrinsic
def sum_of(typing_context, x):
    """The sum over the sixteen, as a float32 (pairwise, so in one fixed order)."""

    def emit(context, builder, signature, arguments):
        (vector,) = arguments
        width = VECTOR_WIDTH
        while width > 1:
            width //= 2
            lower = ir.Constant(ir.VectorType(ir.IntType(32), width), list(range(width)))
            upper = ir.Constant(ir.VectorType(ir.IntType(32), width), list(range(width, 2 * width)))
            vector = builder.fadd(
                builder.shuffle_vector(vector, vector, lower),
                builder.shuffle_vector(vector, vector, upper),
            )
        return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))

    return types.float32(floats), emit


@intrinsic
def sums_of_each(typing_context, pointer):
    """The sums over each of the sixteen vectors from a pointer on, in the order of ``sum_of``."""

    def emit(context, builder, signature, arguments):
        first = builder.bitcast(arguments[0], floats.llvm.as_pointer())
        vectors = [
            builder.load(builder.gep(first, [ir.Constant(ir.IntType(64), number)]), align=4)
            for number in range(VECTOR_WIDTH)
        ]
        width = VECTOR_WIDTH  # of the parts that are still to be summed
        while width > 1:
            width //= 2
            vectors = [
                _sums_of_halves(builder, one, other, width)
                for one, other in zip(vectors[::2], vectors[1::2], strict=True)
            ]
        return vectors[0]

    return floats(pointer), emit


def _sums_of_halves(builder: Any, one: Any, other: Any, width: int) -> Any:
    """The sums of the two halves, of this width, of each part of ``one`` and then of ``other``."""
    lower = [
        part + element
        for vector in (0, VECTOR_WIDTH)
        for part in range(vector, vector + VECTOR_WIDTH, 2 * width)
        for element in range(width)
    ]
    halves = [
        builder.shuffle_vector(
            one, other, ir.Constant(ir.VectorType(ir.IntType(32), VECTOR_WIDTH), places)
        )
        for places in (lower, [place + width for place in lower])
    ]
    return builder.fadd(*halves)
