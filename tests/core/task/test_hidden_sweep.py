"""A sweep over m: each lane has its own, in arrays that all lanes share."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.core.hidden_sweeps import SWEEP, alone, place_of

from superpos_core.analysis.evaluation import linear_optimum_of
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.initialization import initial_parameters, stacked_initial_parameters
from superpos_core.task.parameters import stacked
from superpos_core.task.setting_names import hidden_text


def test_every_lane_has_its_own_m() -> None:
    lanes = SWEEP.lanes_of("tied")
    assert [SWEEP.hidden_of(lane) for lane in lanes] == [1, 2, 3, 5] * 2
    assert (SWEEP.hidden_values, hidden_text(SWEEP)) == ((1, 2, 3, 5), "1…5")
    assert (alone(SWEEP, 3).hidden_values, hidden_text(alone(SWEEP, 3))) == ((3,), "3")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sweep_values": (2.5,)}, "sweep-values 2.5: .*whole numbers from 1, such as 1,2,3"),
        ({"sweep_values": (0.0, 5.0)}, "sweep-values 0.*whole numbers from 1"),
        ({"sweep_values": (float("inf"),)}, "sweep-values inf"),
        ({"sweep_values": ()}, "nothing to sweep over"),
        ({"hidden": 6}, "hidden 6: it is swept, .*; choose 5, or leave it out"),
        ({"hidden": 4}, "hidden 4: .*choose 5"),
        ({"initial": "3-gon"}, "a polygon needs 2 hidden dimensions, not 1"),
    ],
)
def test_other_values_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        replace(SWEEP, **change)


@pytest.mark.parametrize("model", ["tied", "untied"])
@pytest.mark.parametrize("initial", ["independent", "tied"])
def test_a_lane_starts_as_it_does_alone(model: str, initial: str) -> None:
    config = replace(SWEEP, initial=initial)
    together = stacked_initial_parameters(config, config.lanes_of(model))
    assert together.encoder.shape == (8, 8, 5)
    for index, lane in enumerate(config.lanes_of(model)):
        other = alone(config, config.hidden_of(lane))
        same = next(each for each in other.lanes_of(model) if each.sparsity == lane.sparsity)
        expected = initial_parameters(other, same).arrays
        for arrays in (together.take(index).arrays, initial_parameters(config, lane).arrays):
            assert arrays.keys() == expected.keys()
            for name, array in arrays.items():
                np.testing.assert_array_equal(array, expected[name])
        assert not together.encoder[index, :, config.hidden_of(lane) :].any()


def test_chosen_lanes_are_no_wider_than_necessary() -> None:
    together = stacked_initial_parameters(SWEEP, SWEEP.lanes_of("untied"))
    some = together.take([2, 0])
    assert (some.encoder.shape, some.decoder.shape) == ((2, 8, 3), (2, 3, 8))
    assert some.take(1).encoder.shape == (8, 1)
    assert together.take([1, 5]).padding is None
    assert together.map(np.negative).take(1).decoder.shape == (2, 8)
    again = stacked([together.take(lane) for lane in range(8)], together.padding)
    for name, array in together.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], array)


@pytest.mark.parametrize("hidden", [1, 2, 3, 5])
def test_the_linear_optimum_is_that_of_the_lane_s_own_m(hidden: int) -> None:
    """Σ of the n − m smallest I_i·V(p) (Eckart–Young)."""
    lane = SWEEP.lanes_of("tied")[4 + place_of(SWEEP, hidden)]
    variance = 0.1 / 3 - 0.1**2 / 4
    expected = variance * sum(0.9**feature for feature in range(hidden, 8))
    assert linear_optimum_of(SWEEP, lane) == pytest.approx(expected)


def test_other_sweeps_and_lanes_have_no_padding() -> None:
    config = ExperimentConfig("test", sweep="last-importance", sweep_values=(1.0, 2.0))
    assert config.padding_of(config.lanes_of("tied")) is None
    assert stacked_initial_parameters(config, config.lanes_of("tied")).padding is None
