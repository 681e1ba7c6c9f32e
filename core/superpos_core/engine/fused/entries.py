"""Learning from given rows of which hardly anything is not zero, with few hidden units.

The rows are never laid out. Almost every target is 0, so one pass compares all outputs with 0; it
keeps a feature's weights and gradients in registers while it goes through a block of rows. What is
not zero, an *entry*, is then put right one by one: it is a handful in each row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import overload

from superpos_core.engine.fused.activations import activate_output, pull_back_output, target_of
from superpos_core.engine.fused.gradients import clear
from superpos_core.engine.fused.panel import activate_hidden_units, pull_back_hidden_units
from superpos_core.engine.fused.rows import RowReader, row_number
from superpos_core.engine.fused.simd import (
    COMPILED,
    INLINED,
    LANES,
    Pointer,
    broadcast,
    compiled,
    first_of,
    fused_multiply_add,
    load,
    load_broadcast,
    store,
    zeros,
)
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.tiles import (
    PANEL_ROWS,
    PANEL_VECTORS,
    add_scaled_row,
    add_to_gradient,
    add_units_times,
    hidden_tile,
    one_feature_zeros,
    row_of_weights,
    weighted_units,
)
from superpos_core.engine.fused.workspace import Size, Workspace


def entries_suffice(specialisation: Any, size: Any) -> Any:
    """Whether sparse rows need not be laid out: they are given, and one tile holds all hidden
    units (compiled code only).
    """
    raise NotImplementedError("compiled code only")


@overload(entries_suffice, jit_options=INLINED, strict=False)
def _entries_suffice(specialisation, size):
    if specialisation.sampling is None:
        return lambda specialisation, size: size.padded_hidden == hidden_tile(specialisation)
    return lambda specialisation, size: False


def learn_from_entries(
    specialisation: Any, size: Any, work: Any, encoder: Any, decoder: Any, bias: Any, reader: Any,
    step: Any, left: Any, panels: Any,
) -> Any:  # fmt: skip
    """Add up the gradients of a block: the first of the `left` rows that are still to be computed
    (compiled code only).
    """
    raise NotImplementedError("compiled code only")


@overload(learn_from_entries, jit_options=COMPILED, strict=False)
def _learn_from_entries(
    specialisation, size, work, encoder, decoder, bias, reader, step, left, panels
):
    if specialisation.sampling is None:
        return _learn_from_given_entries
    return lambda specialisation, size, work, encoder, decoder, bias, reader, step, left, panels: (
        None
    )


def _learn_from_given_entries(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    encoder: Pointer,
    decoder: Pointer,
    bias: Pointer,
    reader: RowReader,
    step: int,
    left: int,
    panels: int,
) -> None:
    units = panels * size.padded_hidden * PANEL_ROWS
    clear(work.hidden, units)
    clear(work.hidden_error, units)
    rows = min(left, panels * PANEL_ROWS)
    for row in range(rows):
        place, stored = _place_of(size, row), row_number(reader, step, left - row)
        for entry in range(reader.first[stored], reader.first[stored + 1]):
            weights = np.int64(reader.feature[entry]) * size.padded_hidden
            for k in range(size.padded_hidden):
                work.hidden[place + k * PANEL_ROWS] += reader.value[entry] * encoder[weights + k]
    activate_hidden_units(specialisation, work, 0, units)
    _compare_with_zero(specialisation, size, work, decoder, bias, panels)
    for row in range(rows):
        place, stored = _place_of(size, row), row_number(reader, step, left - row)
        for entry in range(reader.first[stored], reader.first[stored + 1]):
            feature, value = np.int64(reader.feature[entry]), reader.value[entry]
            _compare_with_entry(specialisation, size, work, decoder, bias, place, feature, value)
    pull_back_hidden_units(specialisation, work, 0, units)
    for row in range(rows):
        place, stored = _place_of(size, row), row_number(reader, step, left - row)
        for entry in range(reader.first[stored], reader.first[stored + 1]):
            feature, value = np.int64(reader.feature[entry]), reader.value[entry]
            gradient = feature * size.padded_hidden * LANES
            for k in range(size.padded_hidden):
                error = work.hidden_error[place + k * PANEL_ROWS]
                work.encoder_gradient[gradient + k * LANES] += value * error


@compiled
def _place_of(size: Size, row: int) -> int:
    """Where a row of the block has its first hidden unit."""
    return row // PANEL_ROWS * size.padded_hidden * PANEL_ROWS + row % PANEL_ROWS


@compiled
def _compare_with_zero(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    decoder: Pointer,
    bias: Pointer,
    panels: int,
) -> None:
    """Loss, gradients of decoder and bias, and hidden errors, as if every target were 0."""
    loss = load(work.loss, 0)
    for feature in range(size.features):
        weights = row_of_weights(specialisation, decoder, feature * size.padded_hidden)
        offset = load_broadcast(bias, feature)
        weight = load_broadcast(work.weight, feature)
        decoder_gradient = one_feature_zeros(specialisation)
        bias_gradient = load(work.bias_gradient, feature * LANES)
        for panel in range(panels):
            for vector in range(PANEL_VECTORS):
                place = panel * size.padded_hidden * PANEL_ROWS + vector * LANES
                z = weighted_units(offset, weights, work.hidden, place)
                output = activate_output(specialisation, z)
                weighted = weight * output
                loss = fused_multiply_add(weighted, output, loss)
                error = pull_back_output(specialisation, z, output, weighted)
                bias_gradient = bias_gradient + error
                decoder_gradient = add_units_times(decoder_gradient, work.hidden, place, error)
                add_scaled_row(work.hidden_error, place, weights, error)
        store(work.bias_gradient, feature * LANES, bias_gradient)
        row = size.padded_hidden * LANES
        add_to_gradient(specialisation, decoder_gradient, work.decoder_gradient, feature * row, row)
    store(work.loss, 0, loss)


@compiled
def _compare_with_entry(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    decoder: Pointer,
    bias: Pointer,
    place: int,
    feature: int,
    value: float,
) -> None:
    """Put right what the pass above did to the one output whose target is not 0."""
    weights = feature * size.padded_hidden
    sum_ = bias[feature]
    for k in range(size.padded_hidden):
        sum_ += work.hidden[place + k * PANEL_ROWS] * decoder[weights + k]
    z = broadcast(np.float32(sum_))
    output = activate_output(specialisation, z)
    target = target_of(specialisation, broadcast(np.float32(value)))
    # (ŷ − t)² − ŷ² = −t·(2ŷ − t), and its derivative by ŷ is −2t; half of that, as everywhere.
    weighted = zeros() - load_broadcast(work.weight, feature) * target
    excess = output + output - target
    work.loss[0] += first_of(weighted * excess)
    error = first_of(pull_back_output(specialisation, z, output, weighted))
    work.bias_gradient[feature * LANES] += error
    for k in range(size.padded_hidden):
        gradient = (weights + k) * LANES
        work.decoder_gradient[gradient] += error * work.hidden[place + k * PANEL_ROWS]
        work.hidden_error[place + k * PANEL_ROWS] += error * decoder[weights + k]
