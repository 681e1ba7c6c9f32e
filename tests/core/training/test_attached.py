"""A dictionary of one lane of a run reads that lane's directions, at its density."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from tests.core.snapshots import SMALL, trained
from tests.scripted_dictionaries import scripted_engines

from superpos_core.engine import Engine
from superpos_core.engine.given_start import GivenStart
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.attached import attached_to
from superpos_core.training.run import train

SWEPT = replace(SMALL, sweep="first-density", sweep_values=(0.5, 1.0), restarts=2)
OF_DIMENSIONS = replace(SMALL, hidden=3, sweep="hidden", sweep_values=(2.0, 3.0))


def _started(start: GivenStart, config: ExperimentConfig) -> Engine:
    return start.begin(scripted_engines(config), config)


@pytest.mark.parametrize("config", [SMALL, SWEPT, OF_DIMENSIONS])
def test_it_reads_the_directions_of_that_lane(config: ExperimentConfig) -> None:
    record = trained(config)
    model = config.models[0]
    for index, lane in enumerate(record.cohorts[model].lanes):
        attached, start = attached_to(record, model, index)
        attached = replace(attached, steps=3)
        make = partial(_started, start)
        read = train(attached, engine=make).record_as(DictionaryRecord)
        own = record.cohorts[model].parameters.take(index).encoder
        np.testing.assert_array_equal(read.directions, own[None])
        (of_dictionary,) = read.lanes
        assert (of_dictionary.sparsity, of_dictionary.seed) == (lane.sparsity, lane.seed)
        assert attached.feature_probability(of_dictionary) == pytest.approx(
            config.feature_probability(lane)
        )
