"""Matrix products on blocks, one tile of sums at a time, kept in registers.

A *block* holds BLOCK_ROWS samples of some units (features or hidden units), unit after unit:
block[unit][row]. One unit of a block is BLOCK_VECTORS vectors. A *tile* is the sums for a few
units, BLOCK_VECTORS vectors each; in numba a tuple of vectors, which LLVM keeps in registers. The
type of the tile or of the specialisation determines its number of units.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from superpos_core.engine.fused.compilation import inlined
from superpos_core.engine.fused.pointers import Pointer, vector_pointer
from superpos_core.engine.fused.simd import VECTOR_WIDTH, Tile, floats, multiply_add, splat
from superpos_core.engine.fused.specialisation import WIDE_REGISTERS

BLOCK_VECTORS = 2 if WIDE_REGISTERS else 1
BLOCK_ROWS = BLOCK_VECTORS * VECTOR_WIDTH


def _load(builder, pointer, index, offset):
    return builder.load(vector_pointer(builder, pointer, index, offset, floats), align=4)


def _tile_of_zeros(count_of):
    @intrinsic
    def tile_of_zeros(typing_context, specialisation):
        tile = types.UniTuple(floats, count_of(specialisation))  # type: ignore[attr-defined]

        def emit(context, builder, signature, arguments):
            zero = ir.Constant(floats.llvm, [0.0] * VECTOR_WIDTH)
            return context.make_tuple(builder, tile, [zero] * tile.count)

        return tile(specialisation), emit

    return tile_of_zeros


def _constant(of):
    """A constant of the specialisation, as a function for compiled code."""

    @intrinsic
    def constant(typing_context, specialisation):
        def emit(context, builder, signature, arguments):
            return context.get_constant(types.intp, of(specialisation))

        return types.intp(specialisation), emit

    return constant


feature_tile = _constant(lambda s: s.tiles.features)
hidden_tile = _constant(lambda s: s.tiles.hidden)
gradient_tile = _constant(lambda s: s.tiles.gradient_features)


hidden_zeros = _tile_of_zeros(lambda s: s.tiles.hidden * BLOCK_VECTORS)
feature_zeros = _tile_of_zeros(lambda s: s.tiles.features * BLOCK_VECTORS)
gradient_zeros = _tile_of_zeros(lambda s: s.tiles.gradient_features * s.tiles.hidden)
one_feature_zeros = _tile_of_zeros(lambda s: s.tiles.hidden)


@intrinsic
def add_weighted_unit(
    typing_context, tile, block, unit_index, weights, weight_index, weight_stride
):
    """tile[t] + block[unit] * weights[weight_index + t * weight_stride], for every t."""

    def emit(context, builder, signature, arguments):
        tile, block, unit_index, weights, weight_index, weight_stride = arguments
        tile_type = signature.args[0]
        unit = [_load(builder, block, unit_index, v * VECTOR_WIDTH) for v in range(BLOCK_VECTORS)]
        sums = []
        for t in range(tile_type.count // BLOCK_VECTORS):
            position = builder.add(
                weight_index, builder.mul(weight_stride, ir.Constant(weight_stride.type, t))
            )
            weight = splat(builder, builder.load(builder.gep(weights, [position])))
            for v, values in enumerate(unit):
                previous = builder.extract_value(tile, t * BLOCK_VECTORS + v)
                sums.append(multiply_add(builder, values, weight, previous))
        return context.make_tuple(builder, tile_type, sums)

    arguments = (tile, block, types.intp, weights, types.intp, types.intp)
    return tile(*arguments), emit


@intrinsic
def load_tile(typing_context, tile, block, unit_index):
    """The units of a tile, which are consecutive in the block; `tile` tells their number."""

    def emit(context, builder, signature, arguments):
        _, block, unit_index = arguments
        vectors = [_load(builder, block, unit_index, v * VECTOR_WIDTH) for v in range(tile.count)]
        return context.make_tuple(builder, tile, vectors)

    return tile(tile, block, types.intp), emit


@intrinsic
def store_tile(typing_context, tile, block, unit_index):
    """Write the units of a tile, which are consecutive in the block."""

    def emit(context, builder, signature, arguments):
        tile, block, unit_index = arguments
        for v in range(signature.args[0].count):
            pointer = vector_pointer(builder, block, unit_index, v * VECTOR_WIDTH, floats)
            builder.store(builder.extract_value(tile, v), pointer, align=4)
        return context.get_dummy_value()

    return types.void(tile, block, types.intp), emit


@inlined
def weighted_sums(
    tile: Tile,
    block: Pointer,
    block_start: int,
    units: int,
    weights: Pointer,
    start: int,
    unit_stride: int,
    tile_stride: int,
) -> Tile:
    """tile[t] += Σ_unit block[unit] * weights[start + unit * unit_stride + t * tile_stride]."""
    for unit in range(units):
        tile = add_weighted_unit(
            tile,
            block,
            block_start + unit * BLOCK_ROWS,
            weights,
            start + unit * unit_stride,
            tile_stride,
        )
    return tile


@inlined
def weighted_sums_of(
    tile: Tile,
    block: Pointer,
    chosen: Pointer,
    count: int,
    weights: Pointer,
    start: int,
    unit_stride: int,
) -> Tile:
    """`weighted_sums` of the chosen units only, for consecutive weights."""
    for position in range(count):
        unit = np.int64(chosen[position])
        tile = add_weighted_unit(
            tile, block, unit * BLOCK_ROWS, weights, start + unit * unit_stride, 1
        )
    return tile


# Few hidden units: a row of weights and a feature's gradient are tiles of one vector per unit.


@intrinsic
def row_of_weights(typing_context, specialisation, weights, index):
    """weights[index + k] for every k of the hidden tile, each broadcast to a vector."""
    row = types.UniTuple(floats, specialisation.tiles.hidden)  # type: ignore[attr-defined]

    def emit(context, builder, signature, arguments):
        _, weights, index = arguments
        indices = [builder.add(index, ir.Constant(index.type, k)) for k in range(row.count)]
        vectors = [splat(builder, builder.load(builder.gep(weights, [each]))) for each in indices]
        return context.make_tuple(builder, row, vectors)

    return row(specialisation, weights, types.intp), emit


@intrinsic
def weighted_units(typing_context, start, row, block, index):
    """start + Σ_k row[k] * block[k], sixteen rows of each unit k from the index on."""

    def emit(context, builder, signature, arguments):
        total, row, block, index = arguments
        for k in range(signature.args[1].count):
            unit = _load(builder, block, index, k * BLOCK_ROWS)
            total = multiply_add(builder, builder.extract_value(row, k), unit, total)
        return total

    return floats(floats, row, block, types.intp), emit


@intrinsic
def add_units_times(typing_context, tile, block, index, factor):
    """tile[k] + block[k] * factor, sixteen rows of each unit k from the index on."""

    def emit(context, builder, signature, arguments):
        tile, block, index, factor = arguments
        sums = [
            multiply_add(
                builder,
                _load(builder, block, index, k * BLOCK_ROWS),
                factor,
                builder.extract_value(tile, k),
            )
            for k in range(signature.args[0].count)
        ]
        return context.make_tuple(builder, signature.args[0], sums)

    return tile(tile, block, types.intp, floats), emit


@intrinsic
def add_scaled_row(typing_context, block, index, row, factor):
    """block[k] += row[k] * factor, sixteen rows of each unit k from the index on."""

    def emit(context, builder, signature, arguments):
        block, index, row, factor = arguments
        for k in range(signature.args[2].count):
            pointer = vector_pointer(builder, block, index, k * BLOCK_ROWS, floats)
            before = builder.load(pointer, align=4)
            weight = builder.extract_value(row, k)
            builder.store(multiply_add(builder, weight, factor, before), pointer, align=4)
        return context.get_dummy_value()

    return types.void(block, types.intp, row, floats), emit


# Gradients: a tile holds one vector for each (feature, hidden unit), summed at the end of a step.


@intrinsic
def add_outer_products(
    typing_context, specialisation, tile, features, feature_index, hidden, hidden_index
):
    """tile[f, k] + features[f] * hidden[k] for the units from the two indices on, one block."""
    tiles = specialisation.tiles

    def emit(context, builder, signature, arguments):
        _, tile, features, feature_index, hidden, hidden_index = arguments
        tile_type = signature.args[1]
        sums = [builder.extract_value(tile, t) for t in range(tile_type.count)]
        for v in range(BLOCK_VECTORS):
            right = [
                _load(builder, hidden, hidden_index, k * BLOCK_ROWS + v * VECTOR_WIDTH)
                for k in range(tiles.hidden)
            ]
            for f in range(signature.args[1].count // tiles.hidden):
                left = _load(builder, features, feature_index, f * BLOCK_ROWS + v * VECTOR_WIDTH)
                for k, values in enumerate(right):
                    t = f * tiles.hidden + k
                    sums[t] = multiply_add(builder, left, values, sums[t])
        return context.make_tuple(builder, tile_type, sums)

    return tile(specialisation, tile, features, types.intp, hidden, types.intp), emit


@intrinsic
def add_to_gradient(typing_context, specialisation, tile, gradient, index, feature_stride):
    """gradient[index + f * feature_stride + k * VECTOR_WIDTH …] += tile[f, k]."""
    tiles = specialisation.tiles

    def emit(context, builder, signature, arguments):
        _, tile, gradient, index, feature_stride = arguments
        for f in range(signature.args[1].count // tiles.hidden):
            offset = builder.mul(feature_stride, ir.Constant(feature_stride.type, f))
            row = builder.add(index, offset)
            for k in range(tiles.hidden):
                pointer = vector_pointer(builder, gradient, row, k * VECTOR_WIDTH, floats)
                total = builder.fadd(
                    builder.load(pointer, align=4),
                    builder.extract_value(tile, f * tiles.hidden + k),
                )
                builder.store(total, pointer, align=4)
        return context.get_dummy_value()

    return types.void(specialisation, tile, gradient, types.intp, types.intp), emit
