"""Five equal features in a plane, trained on the real engine, and what distinguishes two runs.

Unless stated otherwise, the bounds of its tests are about twice as wide as the ranges measured over
seeds 0 to 159: of the best restart in twenty groups of eight, or of single lanes.
"""

import numpy as np

from superpos_core.geometry.components import geometry_of
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters

PENTAGON = "1 pentagon"
TWO_DIGONS = "2 digons · 1 ignored"

PLANE = ExperimentConfig(
    "plane",
    features=5,
    hidden=2,
    models=("tied",),
    importance=1.0,
    sparsities=(0.95,),
    restarts=8,
)
"""Five equal features in two hidden dimensions, as in "The Geometry of Superposition"."""


def geometry_in(cohort: Cohort, lane: int) -> str:
    return geometry_of(cohort.parameters.encoder[lane]).text


def assert_same_cohorts(one: Cohort, other: Cohort) -> None:
    """Parameters, timelines and recent losses are the same bit for bit."""
    assert one.lanes == other.lanes
    assert one.step == other.step
    assert_same_parameters(one.parameters, other.parameters)
    assert_same_moments(one.timeline, other.timeline)
    np.testing.assert_array_equal(one.recent_losses.mean, other.recent_losses.mean)
    np.testing.assert_array_equal(one.losses.steps, other.losses.steps)
    # The rounding of means over many steps depends on how the steps were sliced.
    np.testing.assert_allclose(one.losses.mean, other.losses.mean, rtol=1e-6)


def assert_same_moments(one: Timeline, other: Timeline) -> None:
    assert one.steps.tolist() == other.steps.tolist()
    for ours, others in zip(one.moments, other.moments, strict=True):
        assert_same_parameters(ours.parameters, others.parameters)


def assert_same_parameters(one: Parameters, other: Parameters) -> None:
    np.testing.assert_array_equal(one.encoder, other.encoder)
    np.testing.assert_array_equal(one.decoder, other.decoder)
    np.testing.assert_array_equal(one.bias, other.bias)


def tied(snapshot: Snapshot) -> Cohort:
    return snapshot.record_as(LanesRecord).cohorts["tied"]
