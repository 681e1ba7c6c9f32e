"""Logarithmic axes: their limits and ticks."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from superpos_core.figures.tools.log_axes import (
    log_limits,
    log_ticks,
    loss_axis,
    short,
    step_axis,
    steps_from,
)


def test_steps_are_labelled_at_powers_of_ten() -> None:
    assert [short(step) for step in (1, 10, 100, 1000, 20_000, 3_000_000)] == [
        *("1", "10", "100", "1k", "20k", "3M")
    ]
    axes = Figure().add_subplot()
    step_axis(axes, 0, 20_000)
    assert axes.get_xlim() == (1, 20_000)
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        *("1", "10", "100", "1k", "10k")
    ]
    assert steps_from(np.array([0, 20_000])) == 10
    assert steps_from(np.array([0])) == steps_from(np.array([], dtype=int)) == 1


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.5, 0.6], "linear"),
        ([0.001, 0.6], "log"),
        ([1e-3, 1e250], "log"),
        ([np.nan, 0.0, np.inf], "linear"),
        ([], "linear"),
    ],
)
def test_losses_over_a_wide_range_have_a_logarithmic_axis(values: list[float], scale: str) -> None:
    axes = Figure().add_subplot()
    loss_axis(axes, [np.array(values)])
    low, high = axes.get_ylim()
    assert axes.get_yscale() == scale
    assert 0 < low < high
    shown = [value for value in values if np.isfinite(value) and value > 0]
    assert all(low < value < high for value in shown)


@pytest.mark.parametrize(
    ("ends", "labels"),
    [((0.4, 6.0), ["×0.5", "×1", "×2", "×5"]), ((0.5, 2000.0), ["×1", "×10", "×100", "×1000"])],
)
def test_ticks_are_round_numbers_or_over_many_decades_powers_of_ten(
    ends: tuple[float, float], labels: list[str]
) -> None:
    axes = Figure().add_subplot()
    axes.set(xscale="log", xlim=ends)
    log_ticks(axes.xaxis, "×{x:g}")
    shown = [
        label.get_text()
        for tick, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
        if ends[0] <= tick <= ends[1]
    ]
    assert shown == labels
    assert not len(axes.xaxis.get_minorticklocs())


def test_limits_include_all_values_with_margins_and_span_a_minimum_factor() -> None:
    low, high = log_limits(np.array([2.0, np.nan, -1.0, 200.0]), 2)
    assert 1 < low < 2
    assert 200 < high < 400
    low, high = log_limits(np.array([1.0, 1.01]), 2)
    assert low < 1
    assert high > 2
