"""Lanes, settings and restarts: their order, their names, their seeds and their ranking."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scripted_engine import ScriptedEngine

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.files.export import export
from superpos_core.record.history import LossCurve
from superpos_core.record.lane_names import exact, exact_lane_names, lane_labels
from superpos_core.record.lanes import Cohort
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters
from superpos_core.training.run import train

SWEEP = ExperimentConfig(
    "test",
    features=3,
    hidden=2,
    models=("tied",),
    sparsities=(0.5, 0.9),
    importance=0.5,
    seed=4,
    restarts=2,
    sweep="last-importance",
    sweep_values=(0.1, 10.0),
)


def test_lanes_are_ordered_by_setting_then_restart() -> None:
    lanes = SWEEP.lanes_of("tied")
    assert [(lane.sparsity, lane.swept, lane.seed) for lane in lanes] == [
        (0.5, 0.1, 4), (0.5, 0.1, 5), (0.5, 10, 4), (0.5, 10, 5),
        (0.9, 0.1, 4), (0.9, 0.1, 5), (0.9, 10, 4), (0.9, 10, 5),
    ]  # fmt: skip
    assert len(lanes) == len(SWEEP.settings) * SWEEP.restarts


def test_a_restart_equals_a_single_lane_with_its_seed() -> None:
    alone = replace(SWEEP, seed=5, restarts=1)
    assert alone.lanes_of("tied")[0] == SWEEP.lanes_of("tied")[1]


def test_a_sweep_of_importance_scales_the_last_feature_only() -> None:
    lane = Lane("tied", 0.5, 0, swept=10.0)
    np.testing.assert_array_equal(SWEEP.importance_of(lane), [1, 0.5, 2.5])
    np.testing.assert_array_equal(SWEEP.feature_probability(lane), 0.5)


def test_a_sweep_of_density_scales_feature_0_up_to_1() -> None:
    config = replace(SWEEP, sweep="first-density", sweep_values=(0.5, 4.0))
    rarer, denser = Lane("tied", 0.5, 0, swept=0.5), Lane("tied", 0.5, 0, swept=4.0)
    np.testing.assert_array_equal(config.feature_probability(rarer), [0.25, 0.5, 0.5])
    np.testing.assert_array_equal(config.feature_probability(denser), [1, 0.5, 0.5])
    np.testing.assert_array_equal(config.importance_of(rarer), [1, 0.5, 0.25])


@pytest.mark.parametrize(
    "changes",
    [
        {"sweep": "last-importence"},
        {"sweep_values": ()},
        {"sweep_values": (1.0, -2.0)},
        {"sweep_values": (float("nan"),)},
        {"sweep": "none"},
        {"restarts": 0},
    ],
)
def test_an_invalid_sweep_is_rejected(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        replace(SWEEP, **changes)  # type: ignore[arg-type]


def test_lanes_of_another_swept_value_draw_other_data() -> None:
    ours, others = (
        Lane("tied", 0.5, 0, 1.0).random("data"),
        Lane("tied", 0.5, 0, 2.0).random("data"),
    )
    assert not np.any(ours.random(1000) == others.random(1000))


def test_labels_say_as_much_as_tells_lanes_apart() -> None:
    assert lane_labels([Lane("tied", 0.9, 0)]) == ["tied S=0.9"]
    assert lane_labels(SWEEP.lanes_of("tied"))[:2] == [
        "tied S=0.5 ×0.1 seed 4",
        "tied S=0.5 ×0.1 seed 5",
    ]


@given(
    st.lists(
        st.builds(
            Lane,
            st.just("tied"),
            st.floats(0, 0.999999),
            st.integers(0, 3),
            st.none() | st.floats(0.01, 100),
        ),
        max_size=12,
    )
)
def test_no_two_lanes_share_a_name_not_even_equal_ones(lanes: list[Lane]) -> None:
    assert len(set(exact_lane_names(lanes))) == len(lanes)


@given(st.floats(0, 0.999999))
def test_exact_numbers_can_be_read_back(value: float) -> None:
    assert float(exact(value)) == value


def cohort_with_losses(losses: FloatArray) -> Cohort:
    """Two settings of two restarts each, with these recent losses, shape (4, steps)."""
    lanes = replace(SWEEP, sweep="none", sweep_values=()).lanes_of("tied")
    steps = np.arange(1, losses.shape[1] + 1)
    curve = LossCurve(steps, losses, losses, losses)
    weights = Parameters(encoder=np.zeros((4, 3, 2)), bias=np.zeros((4, 3)))
    return Cohort(lanes, losses.shape[1], weights, curve, curve, restarts=2)


def test_restarts_are_ranked_by_recent_loss_and_diverged_ones_come_last() -> None:
    cohort = cohort_with_losses(np.array([[2.0, 2.0], [1.0, 1.0], [np.nan, 0.0], [5.0, 5.0]]))
    assert cohort.ranked(0) == [1, 0]
    assert cohort.ranked(1) == [3, 2]
    assert [[cohort.lane_at(setting, rank) for rank in (0, 1)] for setting in (0, 1)] == [
        cohort.ranked(0),
        cohort.ranked(1),
    ]
    with pytest.raises(IndexError):
        cohort.ranked(2)


def test_before_the_first_step_restarts_keep_their_order() -> None:
    cohort = cohort_with_losses(np.zeros((4, 0)))
    assert cohort.ranked(1) == [2, 3]
    assert cohort.lane_at(1) == 2


def test_the_best_of_a_cohort_is_one_lane_a_setting() -> None:
    cohort = cohort_with_losses(np.array([[2.0, 2.0], [1.0, 1.0], [np.nan, 0.0], [5.0, 5.0]]))
    best = cohort.best()
    assert best.lanes == (cohort.lanes[1], cohort.lanes[3])
    assert (best.restarts, best.parameters.encoder.shape) == (1, (2, 3, 2))
    np.testing.assert_array_equal(best.losses.mean, [[1, 1], [5, 5]])
    assert best.best() is best


def test_a_run_with_restarts_is_drawn_and_written(tmp_path: Path) -> None:
    config = replace(SWEEP, models=("tied", "untied"), steps=20)
    snapshot = train(config, engine=ScriptedEngine)
    files = list(export(snapshot, tmp_path, ["svg"], 1.0))
    assert {"gram-tied.svg", "geometry-untied.svg", "loss.svg"} <= {path.name for path in files}
