"""Small matrices whose entries are vectors: of sixteen rows, or of sixteen dictionaries."""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from superpos_core.engine.fused.compilation import compiled, inlined
from superpos_core.engine.fused.pointers import Pointer, advanced, load, store, vector_pointer
from superpos_core.engine.fused.simd import VECTOR_WIDTH, Floats16, floats, multiply_add


class Matrix(NamedTuple):
    """Where the entries are, and how far rows and columns are apart, in floats."""

    entries: Pointer
    row: int
    column: int


@inlined
def matrix_at(entries: Pointer, columns: int) -> Matrix:
    """A matrix of so many columns, row after row."""
    return Matrix(entries, columns * VECTOR_WIDTH, VECTOR_WIDTH)


@inlined
def transposed(matrix: Matrix) -> Matrix:
    """The same entries, with rows and columns exchanged."""
    return Matrix(matrix.entries, matrix.column, matrix.row)


@inlined
def part_of(matrix: Matrix, row: int, column: int) -> Matrix:
    """The matrix from this entry on."""
    start = row * matrix.row + column * matrix.column
    return Matrix(advanced(matrix.entries, start), matrix.row, matrix.column)


@inlined
def entry(matrix: Matrix, row: int, column: int) -> Floats16:
    return load(matrix.entries, row * matrix.row + column * matrix.column)


@inlined
def set_entry(matrix: Matrix, row: int, column: int, value: Floats16) -> None:
    store(matrix.entries, row * matrix.row + column * matrix.column, value)


@inlined
def repeated(entry: Pointer) -> Matrix:
    """The matrix of any size all of whose entries are this one."""
    return Matrix(entry, 0, 0)


@inlined
def copy(source: Matrix, rows: int, columns: int, target: Matrix) -> None:
    """target = source."""
    for row in range(rows):
        for column in range(columns):
            set_entry(target, row, column, entry(source, row, column))


# Products -------------------------------------------------------------------------------------


def _tile_of(rows: int, columns: int) -> tuple[Any, Any, Any]:
    """Loading, adding to, and storing a tile of sums, a tuple that LLVM keeps in registers."""
    tile_type = types.UniTuple(floats, rows * columns)  # type: ignore[attr-defined]

    def places(builder: Any, pointer: Any, row: Any, column: Any) -> list[Any]:
        """Pointers to all entries, row after row."""
        starts = [builder.gep(pointer, [each]) for each in _multiples(builder, row, rows)]
        return [place for start in starts for place in _entries(builder, start, column, columns)]

    @intrinsic
    def load_tile(typing_context, pointer, row, column):
        def emit(context, builder, signature, arguments):
            found = [builder.load(place, align=4) for place in places(builder, *arguments)]
            return context.make_tuple(builder, tile_type, found)

        return tile_type(pointer, types.intp, types.intp), emit

    @intrinsic
    def add_outer(typing_context, tile, left, left_row, right, right_column):
        """tile[r, c] + left[r]·right[c]."""

        def emit(context, builder, signature, arguments):
            tile, left, left_row, right, right_column = arguments
            lefts = _entries(builder, left, left_row, rows)
            rights = _entries(builder, right, right_column, columns)
            factors = product(*([builder.load(place, align=4) for place in each]
                                for each in (lefts, rights)))  # fmt: skip
            sums = [
                multiply_add(builder, one, other, builder.extract_value(tile, number))
                for number, (one, other) in enumerate(factors)
            ]
            return context.make_tuple(builder, tile_type, sums)

        return tile_type(tile, left, types.intp, right, types.intp), emit

    @intrinsic
    def store_tile(typing_context, tile, pointer, row, column):
        def emit(context, builder, signature, arguments):
            tile, *where = arguments
            for number, place in enumerate(places(builder, *where)):
                builder.store(builder.extract_value(tile, number), place, align=4)
            return context.get_dummy_value()

        return types.void(tile, pointer, types.intp, types.intp), emit

    return load_tile, add_outer, store_tile


def _multiples(builder: Any, stride: Any, count: int) -> list[Any]:
    return [builder.mul(stride, ir.Constant(stride.type, number)) for number in range(count)]


def _entries(builder: Any, pointer: Any, stride: Any, count: int) -> list[Any]:
    """Pointers to so many vectors."""
    indices = _multiples(builder, stride, count)
    return [vector_pointer(builder, pointer, index, 0, floats) for index in indices]


def _product_of(rows: int, columns: int) -> Any:
    """A function that sets one tile of a product."""
    load_tile, add_outer, store_tile = _tile_of(rows, columns)

    @compiled
    def set_tile(sums: Matrix, start: Matrix, left: Matrix, right: Matrix, count: int) -> None:
        tile = load_tile(start.entries, start.row, start.column)
        for index in range(count):
            factor = advanced(left.entries, index * left.column)
            other = advanced(right.entries, index * right.row)
            tile = add_outer(tile, factor, left.row, other, right.column)
        store_tile(tile, sums.entries, sums.row, sums.column)

    return set_tile


@inlined
def _next_tile(left: int) -> int:
    """How many of the rows or columns that are left come next: fives if nothing else is left."""
    if left % 5 == 0:
        return 5
    return 4 if left >= 4 else 1


def _in_columns(rows: int) -> Any:
    """A function that sets so many rows of a product, tile by tile."""
    five, four, one = (_product_of(rows, columns) for columns in (5, 4, 1))

    @compiled
    def set_rows(
        sums: Matrix, start: Matrix, columns: int, left: Matrix, right: Matrix, count: int
    ) -> None:
        column = 0
        while column < columns:
            tile = _next_tile(columns - column)
            of_sums, of_start = part_of(sums, 0, column), part_of(start, 0, column)
            of_right = part_of(right, 0, column)
            if tile == 5:
                five(of_sums, of_start, left, of_right, count)
            elif tile == 4:
                four(of_sums, of_start, left, of_right, count)
            else:
                one(of_sums, of_start, left, of_right, count)
            column += tile

    return set_rows


_set_five, _set_four, _set_one = (_in_columns(rows) for rows in (5, 4, 1))


@compiled
def set_product(
    sums: Matrix, start: Matrix, rows: int, columns: int, left: Matrix, right: Matrix, count: int
) -> None:
    """sums = start + left @ right, of shapes (rows, count) and (count, columns)."""
    row = 0
    while row < rows:
        tile = _next_tile(rows - row)
        of_sums, of_start = part_of(sums, row, 0), part_of(start, row, 0)
        of_left = part_of(left, row, 0)
        if tile == 5:
            _set_five(of_sums, of_start, columns, of_left, right, count)
        elif tile == 4:
            _set_four(of_sums, of_start, columns, of_left, right, count)
        else:
            _set_one(of_sums, of_start, columns, of_left, right, count)
        row += tile
