"""Vectors of sixteen 32-bit numbers for numba: the vocabulary of the kernel.

Numba leaves vectorisation to LLVM's heuristics, which is too unreliable for the training kernel.
These types map one to one to LLVM vectors: one AVX-512 register, two of AVX2 or four of NEON,
depending on the machine. Arithmetic reads as usual (``a * b + c``); everything else is a small
named function that can only be used in ``@njit`` code.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import (
    intrinsic,
    lower_builtin,
    models,
    register_model,
    type_callable,
)

VECTOR_WIDTH = 16
"""Numbers in a vector."""

# What annotations of compiled functions call these things; no type checker can know more of them.
Floats16 = Any
Words16 = Any
Mask16 = Any
Tile = Any
"""A tuple of vectors; see tiles.py."""


class Vector(types.Type):
    """Numba's type of a vector; only the three instances below exist."""

    def __init__(self, name: str, element: ir.Type) -> None:
        self.llvm = ir.VectorType(element, VECTOR_WIDTH)
        super().__init__(name=name)

    @property
    def key(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Callable[[str], Vector], tuple[str]]:
        return _vector_named, (self.name,)


def _vector_named(name: str) -> Vector:
    return {vector.name: vector for vector in (floats, words, mask)}[name]


floats = Vector("floats16", ir.FloatType())
"""Sixteen float32."""
words = Vector("words16", ir.IntType(32))
"""Sixteen uint32, arithmetic modulo 2**32."""
mask = Vector("mask16", ir.IntType(1))
"""Sixteen truth values."""


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, vector: Vector) -> None:
        super().__init__(manager, vector, vector.llvm)


# Arithmetic ----------------------------------------------------------------------------------


def _define_operator(
    symbol: Callable[..., Any], operand: Vector, result: Vector, emit: Callable[..., Any]
) -> None:
    @type_callable(symbol)
    def type_operator(context: Any) -> Any:
        def typer(left: types.Type, right: types.Type) -> types.Type | None:
            return result if left == operand and right == operand else None

        return typer

    @lower_builtin(symbol, operand, operand)
    def lower_operator(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return emit(builder, *operands)


for _symbol, _operand, _result, _emit in (
    (operator.add, floats, floats, ir.IRBuilder.fadd),
    (operator.sub, floats, floats, ir.IRBuilder.fsub),
    (operator.mul, floats, floats, ir.IRBuilder.fmul),
    (operator.truediv, floats, floats, ir.IRBuilder.fdiv),
    (operator.add, words, words, ir.IRBuilder.add),
    (operator.xor, words, words, ir.IRBuilder.xor),
    (operator.and_, mask, mask, ir.IRBuilder.and_),
    (operator.or_, mask, mask, ir.IRBuilder.or_),
    # Ordered comparison: false if either side is NaN.
    (operator.le, floats, mask, lambda b, x, y: b.fcmp_ordered("<=", x, y)),
    (operator.lt, floats, mask, lambda b, x, y: b.fcmp_ordered("<", x, y)),
    (operator.le, words, mask, lambda b, x, y: b.icmp_unsigned("<=", x, y)),
    (operator.lt, words, mask, lambda b, x, y: b.icmp_unsigned("<", x, y)),
):
    _define_operator(_symbol, _operand, _result, _emit)


def splat(builder: Any, scalar: Any) -> Any:
    """The IR of a vector that holds `scalar` sixteen times."""
    vector_type = ir.VectorType(scalar.type, VECTOR_WIDTH)
    seed = builder.insert_element(
        ir.Constant(vector_type, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
    )
    first_everywhere = ir.Constant(ir.VectorType(ir.IntType(32), VECTOR_WIDTH), [0] * VECTOR_WIDTH)
    return builder.shuffle_vector(seed, ir.Constant(vector_type, ir.Undefined), first_everywhere)


def call_llvm(builder: Any, name: str, result: Any, arguments: list[Any]) -> Any:
    """Call one of LLVM's own functions, e.g. ``llvm.fmuladd.v16f32``."""
    signature = ir.FunctionType(result, [argument.type for argument in arguments])
    function = cgutils.get_or_insert_function(builder.module, signature, name)
    return builder.call(function, arguments)


def multiply_add(builder: Any, x: Any, y: Any, z: Any) -> Any:
    """The IR of x * y + z."""
    return call_llvm(builder, "llvm.fmuladd.v16f32", floats.llvm, [x, y, z])


@intrinsic
def fused_multiply_add(typing_context, x, y, z):
    """x * y + z."""

    def emit(context, builder, signature, arguments):
        return multiply_add(builder, *arguments)

    return floats(floats, floats, floats), emit


def _elementwise(name: str) -> Any:
    """One of LLVM's functions of one number, on vectors."""

    @intrinsic
    def function(typing_context, x):
        def emit(context, builder, signature, arguments):
            return call_llvm(builder, f"llvm.{name}.v16f32", floats.llvm, list(arguments))

        return floats(floats), emit

    return function


square_root = _elementwise("sqrt")
absolute = _elementwise("fabs")
rounded = _elementwise("rint")
logarithm = _elementwise("log")


# Bits ----------------------------------------------------------------------------------------


@intrinsic(prefer_literal=True)
def shift_left(typing_context, x, bits):
    count = bits.literal_value

    def emit(context, builder, signature, arguments):
        return builder.shl(arguments[0], ir.Constant(words.llvm, [count] * VECTOR_WIDTH))

    return words(words, bits), emit


@intrinsic(prefer_literal=True)
def rotate_left(typing_context, x, bits):
    count = bits.literal_value

    def emit(context, builder, signature, arguments):
        x, _ = arguments
        return builder.or_(
            builder.shl(x, ir.Constant(words.llvm, [count] * VECTOR_WIDTH)),
            builder.lshr(x, ir.Constant(words.llvm, [32 - count] * VECTOR_WIDTH)),
        )

    return words(words, bits), emit


@intrinsic
def to_floats(typing_context, x):
    """uint32 rounded to float32."""

    def emit(context, builder, signature, arguments):
        return builder.uitofp(arguments[0], floats.llvm)

    return floats(words), emit


@intrinsic
def power_of_two(typing_context, exponent):
    """2**exponent for whole numbers from -126 to 127, by setting the exponent bits."""

    def emit(context, builder, signature, arguments):
        # Saturating: NaN becomes 0; a plain conversion would be undefined.
        whole = call_llvm(builder, "llvm.fptosi.sat.v16i32.v16f32", words.llvm, list(arguments))
        biased = builder.add(whole, ir.Constant(words.llvm, [127] * VECTOR_WIDTH))
        bits = builder.shl(biased, ir.Constant(words.llvm, [23] * VECTOR_WIDTH))
        return builder.bitcast(bits, floats.llvm)

    return floats(floats), emit


# Making and choosing -------------------------------------------------------------------------


@intrinsic
def broadcast(typing_context, scalar):
    """A vector that holds the scalar (float32 or uint32) sixteen times."""
    result = {types.float32: floats, types.uint32: words}.get(scalar)
    if result is None:
        return None

    def emit(context, builder, signature, arguments):
        return splat(builder, arguments[0])

    return result(scalar), emit


@intrinsic
def zeros(typing_context):
    def emit(context, builder, signature, arguments):
        return ir.Constant(floats.llvm, [0.0] * VECTOR_WIDTH)

    return floats(), emit


@intrinsic
def nowhere(typing_context):
    """The mask that is false everywhere."""

    def emit(context, builder, signature, arguments):
        return ir.Constant(mask.llvm, [0] * VECTOR_WIDTH)

    return mask(), emit


@intrinsic
def anywhere(typing_context, x):
    """1 where the mask is true anywhere, otherwise 0."""

    def emit(context, builder, signature, arguments):
        bits = builder.bitcast(arguments[0], ir.IntType(VECTOR_WIDTH))
        found = builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))
        return builder.zext(found, ir.IntType(64))

    return types.int64(mask), emit


@intrinsic
def first_elements(typing_context, count):
    """The mask that is true in the first `count` elements."""

    def emit(context, builder, signature, arguments):
        count = builder.trunc(arguments[0], ir.IntType(32))
        element_numbers = ir.Constant(words.llvm, list(range(VECTOR_WIDTH)))
        return builder.icmp_signed("<", element_numbers, splat(builder, count))

    return mask(types.int64), emit


@intrinsic
def choose(typing_context, condition, where_true, where_false):
    if where_true != where_false:
        return None

    def emit(context, builder, signature, arguments):
        return builder.select(*arguments)

    return where_true(mask, where_true, where_true), emit
