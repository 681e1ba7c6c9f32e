"""The figure of the loss: its curves, gaps, optima and labels."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Annotation
from tests.core.figures.drawn import drawn, texts
from tests.core.snapshots import SMALL, trained, with_losses

from superpos_core.figures.tools.placing import spread
from superpos_core.task.data import DISTRIBUTIONS, sample
from superpos_core.theory import linear_optimum


def test_the_loss_has_one_curve_per_lane_and_one_linear_optimum_per_sparsity() -> None:
    record = trained()
    axes = drawn(record, "loss").axes[0]
    curves, optima = axes.lines[:4], axes.lines[4:]
    assert len({line.get_linestyle() for line in curves}) == 2
    assert len({line.get_color() for line in curves}) == 2
    expected = [
        linear_optimum(SMALL.feature_importance, SMALL.feature_probability(lane), 2) / 5
        for lane in SMALL.lanes_of("tied")
    ]
    np.testing.assert_allclose([np.asarray(line.get_ydata())[0] for line in optima], expected)
    assert (axes.get_yscale(), axes.get_ylabel()) == ("log", "mean loss")


@pytest.mark.parametrize("distribution", ["uniform", "signed", "exponential"])
def test_the_linear_optimum_depends_on_the_distribution(distribution: str) -> None:
    """By hand: the loss of the least important features is their variance."""
    config = replace(SMALL, models=("tied",), distribution=distribution)
    axes = drawn(with_losses(config, np.full((1, 2), 0.1)), "loss").axes[0]
    found = [float(np.asarray(line.get_ydata())[0]) for line in axes.lines[2:]]
    random = np.random.default_rng(0)
    expected = []
    for lane in config.lanes:
        x = sample(DISTRIBUTIONS[distribution], random, 1 << 17, config.feature_probability(lane))
        expected.append(np.sort(config.importance_of(lane) * x.var(axis=0))[:3].sum() / 5)
    np.testing.assert_allclose(found, expected, rtol=0.05)


@pytest.mark.parametrize("change", [{"distribution": "one-hot"}, {"dataset_size": 20}])
def test_there_is_no_linear_optimum_without_a_closed_form(change: dict[str, Any]) -> None:
    config = replace(SMALL, models=("tied",), **change)
    figure = drawn(with_losses(config, np.full((1, 2), 0.1)), "loss")
    assert len(figure.axes[0].lines) == 2
    assert "linear optimum" not in str([legend.texts for legend in figure.legends])


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"sparsities": (0.0, 0.5, 0.9)}, ("S = 0", "S = 0.5", "S = 0.9")),
        (
            {
                "sparsities": (0.9,),
                "dataset_size": 20,
                "sweep": "dataset-size",
                "sweep_values": (0.1, 0.5, 1.0),
            },
            ("T = 2", "T = 10", "T = 20"),
        ),
    ],
)
@pytest.mark.parametrize("restarts", [1, 3])
def test_labels_stand_at_the_ends_of_their_curves(
    change: dict[str, Any], names: tuple[str, ...], restarts: int
) -> None:
    """The other restarts have lower and higher losses at first, and higher ones at the end."""
    ends = np.array([1e-2, 1e-4, 1e-3])
    config = replace(SMALL, models=("tied",), restarts=restarts, **change)
    losses = np.full((300, 3 * restarts), 30.0)
    losses[:, ::restarts] = ends
    losses[:50] = np.repeat([1e-7, 1.0, 1e2], restarts)
    axes = drawn(with_losses(config, losses), "loss").axes[0]
    at = axes.transAxes.inverted().transform(axes.transData.transform([(300, end) for end in ends]))
    labels = {text.get_text(): text for text in axes.texts if isinstance(text, Annotation)}
    assert set(labels) == set(names)
    for name, curve, (_, height) in zip(names, axes.lines, at, strict=False):
        assert labels[name].xy[1] == pytest.approx(height, abs=1e-6)
        assert labels[name].get_color() == curve.get_color()


def test_the_axis_covers_only_what_is_drawn() -> None:
    """Of several restarts, the best of each setting."""
    config = replace(SMALL, models=("tied",), restarts=2, distribution="one-hot")
    losses = np.tile([1e-3, 1e3, 2e-3, 1e-9], (200, 1))
    losses[-100:, 3] = 1.0  # it ends as the worse one
    low, high = drawn(with_losses(config, losses), "loss").axes[0].get_ylim()
    assert 1e-4 < low < 1e-3
    assert 2e-3 < high < 1e-2


def test_many_labels_do_not_overlap_or_leave_the_page() -> None:
    config = replace(
        SMALL,
        models=("tied",),
        sparsities=(0.93, 0.99999),
        sweep="last-importance",
        sweep_values=tuple(2.0**k for k in range(11)),
    )
    figure = drawn(with_losses(config, np.full((9, 22), 0.1)), "loss")
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) == 22
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    for below, above in pairwise(sorted(boxes, key=lambda box: box.y0)):
        assert below.y1 <= above.y0


def test_non_finite_losses_are_gaps_and_do_not_affect_their_neighbours() -> None:
    losses = np.full((200, 2), 0.01)
    losses[50:60, 0] = np.nan
    losses[90, 1] = np.inf
    figure = drawn(with_losses(SMALL, losses), "loss")
    first, second = (np.asarray(line.get_ydata()) for line in figure.axes[0].lines[:2])
    assert np.flatnonzero(np.isnan(first)).tolist() == list(range(50, 60))
    assert np.flatnonzero(np.isnan(second)).tolist() == [90]
    np.testing.assert_allclose(first[np.isfinite(first)], 0.01, rtol=1e-6)
    assert any("Gaps: not finite" in text for text in texts(figure))


@settings(max_examples=200)
@given(st.lists(st.floats(-2, 3), min_size=1, max_size=30), st.floats(0.01, 0.5))
def test_labels_are_spread_in_order_and_inside_the_axis(
    heights: list[float], spacing: float
) -> None:
    placed = spread(heights, spacing)
    least = min(spacing, 1 / max(len(heights) - 1, 1))
    ordered = sorted(placed)
    assert all(b - a >= least - 1e-6 for a, b in pairwise(ordered))
    assert ordered[0] >= -1e-6
    assert ordered[-1] <= 1 + 1e-6
    for i, j in pairwise(range(len(heights))):
        if heights[i] != heights[j]:
            assert (placed[i] < placed[j]) == (heights[i] < heights[j])


def test_labels_with_enough_room_do_not_move() -> None:
    assert spread([0.2, 0.9, 0.5], 0.1) == [0.2, 0.9, 0.5]
