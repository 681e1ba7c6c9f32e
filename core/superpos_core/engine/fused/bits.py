"""Bits of masks and of whole numbers."""

from __future__ import annotations

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from superpos_core.engine.fused.simd import VECTOR_WIDTH, call_llvm, mask


@intrinsic
def bits_of(typing_context, x):
    """An int64 whose bit e is 1 where element e of the mask is true."""

    def emit(context, builder, signature, arguments):
        bits = builder.bitcast(arguments[0], ir.IntType(VECTOR_WIDTH))
        return builder.zext(bits, ir.IntType(64))

    return types.int64(mask), emit


@intrinsic
def lowest_bit(typing_context, number):
    """The position of the lowest 1 of an int64 that is not 0."""

    def emit(context, builder, signature, arguments):
        return call_llvm(builder, "llvm.cttz.i64", ir.IntType(64), [arguments[0], ir.IntType(1)(1)])

    return types.int64(types.int64), emit
