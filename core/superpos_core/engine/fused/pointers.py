"""Memory access through pointers by element index, without bounds checks.

Inside the kernel an array is a bare pointer: numba would otherwise carry seven numbers, and a
reference count, through every call, at a cost of seconds of compilation.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from superpos_core.engine.fused.simd import Vector, floats, splat, words

# For annotations of compiled functions; type checkers cannot know more.
Pointer = Any
"""A pointer to numbers, float32 unless stated otherwise."""


@intrinsic
def pointer_to(typing_context, array, index):
    """Pointer to element `index`, counted flat, of a contiguous array. Keep the array alive."""

    def emit(context, builder, signature, arguments):
        array, index = arguments
        data = context.make_array(signature.args[0])(context, builder, array).data
        return builder.gep(data, [index])

    return types.CPointer(array.dtype)(array, types.intp), emit  # type: ignore[attr-defined]


def _pointer_from_address(element: types.Type) -> Any:
    """A function for compiled code: the pointer to numbers of this type at an address."""
    result = types.CPointer(element)  # type: ignore[attr-defined]

    @intrinsic
    def pointer_at(typing_context, address):
        def emit(context, builder, signature, arguments):
            return builder.inttoptr(arguments[0], context.get_value_type(result))

        return result(types.int64), emit

    return pointer_at


floats_at = _pointer_from_address(types.float32)
integers_at = _pointer_from_address(types.int64)


@intrinsic
def advanced(typing_context, pointer, count):
    """The pointer, `count` elements further."""

    def emit(context, builder, signature, arguments):
        return builder.gep(arguments[0], [arguments[1]])

    return pointer(pointer, types.intp), emit


@intrinsic
def as_words(typing_context, pointer):
    """The same memory, read as uint32."""
    result = types.CPointer(types.uint32)  # type: ignore[attr-defined]

    def emit(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(result))

    return result(pointer), emit


def vector_pointer(builder: Any, pointer: Any, index: Any, offset: int, vector: Vector) -> Any:
    """The IR of a pointer to the vector that starts at element index + offset."""
    position = builder.add(index, ir.Constant(index.type, offset))
    return builder.bitcast(builder.gep(pointer, [position]), vector.llvm.as_pointer())


def _vector_at(pointer: Any) -> Vector | None:
    vectors: dict[Any, Vector] = {types.float32: floats, types.uint32: words}
    return vectors.get(getattr(pointer, "dtype", None))


@intrinsic
def load(typing_context, pointer, index):
    """Elements index … index + 15."""
    result = _vector_at(pointer)
    if result is None:
        return None

    def emit(context, builder, signature, arguments):
        return builder.load(vector_pointer(builder, *arguments, 0, result), align=4)  # type: ignore[call-arg]

    return result(pointer, types.intp), emit


@intrinsic
def store(typing_context, pointer, index, vector):
    """Write elements index … index + 15."""

    def emit(context, builder, signature, arguments):
        pointer, index, value = arguments
        builder.store(value, vector_pointer(builder, pointer, index, 0, vector), align=4)
        return context.get_dummy_value()

    return types.void(pointer, types.intp, vector), emit


@intrinsic
def load_broadcast(typing_context, pointer, index):
    """Element `index`, sixteen times."""
    result = _vector_at(pointer)
    if result is None:
        return None

    def emit(context, builder, signature, arguments):
        return splat(builder, builder.load(builder.gep(arguments[0], [arguments[1]])))

    return result(pointer, types.intp), emit
