"""Training starts from given weights, after a reset too, and only in the run they are meant for."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.snapshots import SMALL
from tests.scripted_engine import ScriptedEngine

from superpos_core.engine import Engine
from superpos_core.engine.given_start import GivenStart
from superpos_core.errors import InvalidValue
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.initialization import stacked_initial_parameters
from superpos_core.task.parameters import Parameters
from superpos_core.training.run import train

GIVEN = Parameters(encoder=np.full((2, 5, 2), 3, np.float32), bias=np.full((2, 5), 4, np.float32))
START = GivenStart("small", {"tied": GIVEN})


def first_moments(config: ExperimentConfig, start: GivenStart = START) -> dict[str, Parameters]:
    """The parameters at step 0, by model."""

    def make(config: ExperimentConfig) -> Engine:
        return start.begin(ScriptedEngine(config), config)

    record = train(config, engine=make).record_as(LanesRecord)
    return {
        model: cohort.timeline.moments[0].parameters for model, cohort in record.cohorts.items()
    }


def test_the_weights_at_step_0_are_the_given_ones_and_other_models_start_as_usual() -> None:
    found = first_moments(SMALL)
    np.testing.assert_array_equal(found["tied"].encoder, GIVEN.encoder)
    np.testing.assert_array_equal(found["tied"].bias, GIVEN.bias)
    usual = stacked_initial_parameters(SMALL, SMALL.lanes_of("untied"))
    np.testing.assert_array_equal(found["untied"].encoder, usual.encoder)


def test_another_run_starts_as_usual() -> None:
    found = first_moments(replace(SMALL, name="other"))
    assert not (found["tied"].encoder == GIVEN.encoder).any()


@pytest.mark.parametrize("change", [{"features": 6}, {"hidden": 1}, {"sparsities": (0.5,)}])
def test_a_run_of_other_sizes_cannot_start_from_them(change: dict[str, object]) -> None:
    with pytest.raises(InvalidValue, match="the weights to start from have"):
        first_moments(replace(SMALL, **change))  # type: ignore[arg-type]
