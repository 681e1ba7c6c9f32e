"""The random streams of lanes: they depend on a lane and a purpose, and on nothing else."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.initialization import initial_parameters
from superpos_core.task.lanes import Lane

BASE = Lane("tied", 0.9, 0)


@pytest.mark.parametrize(
    ("lane", "purpose"),
    [
        (BASE, "evaluation"),
        (dataclasses.replace(BASE, model="linear"), "data"),
        (dataclasses.replace(BASE, sparsity=0.99), "data"),
        (dataclasses.replace(BASE, sparsity=float(np.nextafter(0.9, 1))), "data"),
        (dataclasses.replace(BASE, seed=1), "data"),
        (dataclasses.replace(BASE, seed=2**32), "data"),
    ],
    ids=["purpose", "model", "sparsity", "sparsity's last bit", "seed", "seed's high word"],
)
def test_every_part_of_a_stream_s_name_changes_it(lane: Lane, purpose: str) -> None:
    ours, others = BASE.random("data").random(1000), lane.random(purpose).random(1000)
    assert not np.any(ours == others)
    assert abs(np.corrcoef(ours, others)[0, 1]) < 5 / math.sqrt(1000)


def test_the_same_lane_and_purpose_give_the_same_stream() -> None:
    again = Lane("tied", 0.9, 0)
    np.testing.assert_array_equal(BASE.random("data").random(100), again.random("data").random(100))


def test_many_lanes_have_distinct_starts() -> None:
    lanes = [
        Lane(model, sparsity, seed)
        for model, sparsity, seed in itertools.product(
            ("tied", "untied", "linear", "mlp"), (0.0, 0.5, 0.7, 0.9), (0, 1, 2, 2**40)
        )
    ]
    starts = {
        tuple(lane.seed_sequence(purpose).generate_state(2, np.uint64))
        for lane in lanes
        for purpose in ("data", "initial weights", "evaluation")
    }
    assert len(starts) == 3 * len(lanes)


def test_initial_weights_do_not_depend_on_the_other_lanes() -> None:
    alone = ExperimentConfig("alone", models=("tied",), sparsities=(0.9,), seed=3)
    beside = ExperimentConfig("beside", models=("mlp", "tied"), sparsities=(0.0, 0.9), seed=3)
    (lane,) = alone.lanes
    assert lane in beside.lanes
    np.testing.assert_array_equal(
        initial_parameters(alone, lane).encoder, initial_parameters(beside, lane).encoder
    )


def test_equal_lanes_have_equal_streams_even_at_minus_zero() -> None:
    plus, minus = Lane("tied", 0.0, 0), Lane("tied", -0.0, 0)
    assert plus == minus
    np.testing.assert_array_equal(plus.random("data").random(9), minus.random("data").random(9))
