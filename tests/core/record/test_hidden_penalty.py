"""The penalty on the hidden layer: what it adds to a loss, and how it affects the ranking."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from tests.core.phase_maps import phase_config
from tests.scripted_engine import ScriptedEngine

from superpos_core.arrays import FloatArray
from superpos_core.record.hidden_penalty import mean_penalty, penalties_of
from superpos_core.record.history import LossCurve
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.penalties import MAX_ROWS
from superpos_core.record.phase_map import PhaseMap
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.dataset import dataset
from superpos_core.task.initialization import initial_parameters, stacked_initial_parameters
from superpos_core.task.parameters import Parameters
from superpos_core.training.run import train

CONFIG = ExperimentConfig(
    "test",
    features=4,
    hidden=2,
    models=("tied",),
    sparsities=(0.5,),
    hidden_penalty=0.8,
    sweep="hidden-penalty",
    sweep_values=(0.0, 1.0),
    restarts=2,
    steps=3,
)
"""Lanes 0 and 1 without a penalty, 2 and 3 with it."""
SMALL_NORM, LARGE_NORM = np.eye(4, 2), 3 * np.eye(4, 2)


def cohort(encoders: list[FloatArray], losses: list[float]) -> Cohort:
    """Lanes with these weights and losses, each loss held for the last three steps."""
    lanes = CONFIG.lanes_of("tied")
    curve = np.repeat(np.array(losses)[:, None], 3, axis=1)
    history = LossCurve(np.arange(1, 4), curve, curve, curve)
    parameters = Parameters(encoder=np.array(encoders), bias=np.zeros((4, 4)))
    penalties = penalties_of(CONFIG, lanes, parameters)
    return Cohort(lanes, 3, parameters, history, history, restarts=2, penalties=penalties)


def test_the_penalty_of_features_along_the_axes_follows_from_their_means() -> None:
    """E‖h‖₁ = 2·p/2 for two features with one hidden unit each; λ / n of it is added."""
    expected = 0.8 * (2 * 0.5 / 2) / 4
    penalty = mean_penalty(CONFIG, CONFIG.lanes[2], SMALL_NORM, 1 << 16)
    assert penalty == pytest.approx(expected, rel=0.01)
    assert mean_penalty(CONFIG, CONFIG.lanes[0], SMALL_NORM, 1 << 16) == 0


def test_restarts_share_fresh_rows_but_use_their_own_datasets() -> None:
    assert len({mean_penalty(CONFIG, lane, SMALL_NORM, 50) for lane in CONFIG.lanes[2:]}) == 1
    config = replace(CONFIG, dataset_size=20)
    lane = config.lanes[3]
    assert distribution_named(config.distribution).values == "uniform"
    expected = 0.2 * np.abs(dataset(config, lane) @ SMALL_NORM).sum(axis=1).mean()
    assert mean_penalty(config, lane, SMALL_NORM, 50) == pytest.approx(expected, rel=1e-5)


def test_restarts_are_ranked_by_the_loss_with_the_penalty() -> None:
    """The loss alone would rank lanes 0 and 2 first; with the penalty lane 3 precedes 2."""
    made = cohort([LARGE_NORM, SMALL_NORM] * 2, [0.10, 0.11, 0.10, 0.11])
    assert made.ranked(0) == [0, 1]
    assert made.ranked(1) == [3, 2]
    assert [made.lane_at(setting) for setting in (0, 1)] == [0, 3]
    assert made.best().lanes == (made.lanes[0], made.lanes[3])
    np.testing.assert_allclose(made.recent_loss(range(2, 4)), [0.10, 0.11])
    np.testing.assert_allclose(made.recent_objective(range(2)), [0.10, 0.11])
    assert replace(made, penalties=None).ranked(1) == [2, 3]


def test_non_finite_weights_rank_last() -> None:
    broken = np.full((4, 2), np.nan)
    assert cohort([broken, SMALL_NORM, broken, SMALL_NORM], [0.0, 1.0, 0.0, 1.0]).ranked(1) == [
        3,
        2,
    ]


def test_scrubbing_the_timeline_keeps_the_order_of_the_newest_step() -> None:
    record = train(CONFIG, engine=ScriptedEngine).record_as(LanesRecord)
    earlier = record.at_step(0).cohorts["tied"]
    assert earlier.penalties is record.cohorts["tied"].penalties
    assert earlier.ranked(1) == record.cohorts["tied"].ranked(1)


def test_a_run_without_a_penalty_computes_none() -> None:
    plain = replace(CONFIG, hidden_penalty=0.0, sweep="none", sweep_values=())
    record = train(plain, engine=ScriptedEngine).record_as(LanesRecord)
    assert record.cohorts["tied"].penalties is None


def test_pickling_a_record_leaves_its_measures_behind() -> None:
    record = train(CONFIG, engine=ScriptedEngine).record_as(LanesRecord)
    record.measured["a lane"] = {"a number": 1}
    order = record.cohorts["tied"].ranked(1)
    other: LanesRecord = pickle.loads(pickle.dumps(record))
    assert other.measured == {}
    assert other.cohorts["tied"].ranked(1) == order


class StartingPoints(ScriptedEngine):
    """Keeps lanes at their initial weights and gives all of them the same loss."""

    def __init__(self, config: ExperimentConfig) -> None:
        super().__init__(config, loss=lambda lane, step: 0.1)

    def parameters(self, model: str) -> Parameters:
        """The initial parameters, whatever the step."""
        return stacked_initial_parameters(self.config, self.config.lanes_of(model))


def test_a_phase_diagram_ranks_restarts_with_the_penalty_too() -> None:
    """Without it the first of several restarts with equal losses would be the best."""
    config = replace(phase_config(1, 1), restarts=3, hidden_penalty=0.5)
    phase_map = train(config, engine=StartingPoints).record_as(PhaseMap)
    penalties = [
        mean_penalty(config, lane, initial_parameters(config, lane).encoder, MAX_ROWS)
        for lane in config.lanes
    ]
    assert phase_map.best_restart[0, 0] == int(np.argmin(penalties)) > 0
