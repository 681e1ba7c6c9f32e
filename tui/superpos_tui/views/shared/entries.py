"""Entries of the square product in words, as the line under the panels reads them."""

import math

from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.numbers import fixed, hundredths
from superpos_tui.measures.geometry import (
    dimensionality_of_feature,
    norm_of_feature,
    superposition,
)
from superpos_tui.measures.product import gram_entry, merged_entries
from superpos_tui.scene import Scene

SMALLEST_EFFECT = 0.005
"""Below this an entry reads 0.00."""


def read_cell(scene: Scene, layout: MatrixLayout, x: int, y: int) -> str:
    """What a cell of a laid-out square shows: an entry, a block of them, or the bias.

    If it shows two rows, the lower one in short, too.
    """
    upper, lower = (layout.entries_at(x, y, half) for half in (False, True))
    if upper is None:
        return ""
    line = read_entries(scene, *upper)
    if lower is None or lower == upper:
        return line
    row, column, value = _strongest(scene, *lower)
    place = f"b[{row}]" if column is None else f"[{row}, {column}]"
    return f"{line} · below: {place} = {number(value)}"


def read_entries(scene: Scene, rows: range, columns: range | None) -> str:
    """Some entries, merged if there are several; without columns, those of the bias."""
    if columns is None:
        return _read_bias(scene, rows)
    if len(rows) == len(columns) == 1:
        return read_entry(scene, rows[0], columns[0])
    merged, name = scene.of(merged_entries, rows, columns), scene.model.product
    typical = f"{merged.typical:.2f}" if math.isfinite(merged.typical) else "—"
    return (
        f"{name}[{_span(rows)}, {_span(columns)}], the largest of {len(rows) * len(columns)}: "
        f"[{merged.row}, {merged.column}] = {number(merged.strongest)} · typical size {typical}"
    )


def _strongest(scene: Scene, rows: range, columns: range | None) -> tuple[int, int | None, float]:
    """The strongest of some entries, or of the bias, with its row and column."""
    if columns is not None:
        merged = scene.of(merged_entries, rows, columns)
        return merged.row, merged.column, merged.strongest
    row = max(rows, key=lambda each: _size(float(scene.parameters.bias[each])))
    return row, None, float(scene.parameters.bias[row])


def read_entry(scene: Scene, feature: int, other: int) -> str:
    """Such as ``W·Wᵀ[3, 7] = −0.31 · feature 3 inhibits output 7``."""
    value = scene.of(gram_entry, feature, other)
    effect = _effect(feature, other, value)
    return f"{scene.model.product}[{feature}, {other}] = {number(value)} · {effect}"


def read_feature(scene: Scene, feature: int) -> str:
    """Such as ``feature 7: ‖W_7‖ 0.98 · superposition 0.23 · D 0.50``."""
    norm = scene.of(norm_of_feature, feature)
    shared = float(scene.of(superposition)[feature])
    return (
        f"feature {feature}: ‖{scene.model.vectors_name}_{feature}‖ {plain(norm)} · superposition "
        f"{plain(shared)} · D {plain(scene.of(dimensionality_of_feature, feature))}"
    )


def plain(value: float) -> str:
    """Such as ``0.98``; ``—`` if it is not finite."""
    return fixed(value, 4, 2).strip() if value < 10 else hundredths(value).strip()


def number(value: float) -> str:
    """Such as ``−0.31``: of a fixed width, so that what follows does not jump."""
    return hundredths(value, plus=True)


def _effect(feature: int, other: int, value: float) -> str:
    if not math.isfinite(value):
        return "not finite"
    if feature == other:
        return f"what feature {feature} adds to its own output"
    if abs(value) < SMALLEST_EFFECT:
        return f"feature {feature} leaves output {other} alone"
    return f"feature {feature} {'excites' if value > 0 else 'inhibits'} output {other}"


def _read_bias(scene: Scene, features: range) -> str:
    strongest, _, bias = _strongest(scene, features, None)
    if len(features) > 1:
        of_several = f"b[{_span(features)}], the largest of {len(features)}"
        return f"{of_several}: b[{strongest}] = {number(bias)}"
    return f"b[{strongest}] = {number(bias)} · what output {strongest} gets from no feature"


def _size(value: float) -> float:
    return math.inf if math.isnan(value) else abs(value)


def _span(indices: range) -> str:
    return str(indices[0]) if len(indices) == 1 else f"{indices[0]}–{indices[-1]}"
