"""A run ends at the first number that is not finite."""

import math

import numpy as np
import pytest
from tests.core.analysis.events.happenings import (
    STEPS,
    TWO_DIGONS,
    from_losses,
    from_weights,
    staged,
)
from tests.core.polytopes import (
    DEDICATED,
    IGNORED,
)

from superpos_core.analysis.events.log import events_of_lane


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_the_first_non_finite_loss_is_divergence(broken: float) -> None:
    losses = np.ones(300)
    losses[249:] = broken
    assert [(e.step, e.kind, e.text) for e in from_losses(losses)] == [
        (250, "diverged", "diverged")
    ]


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_the_first_non_finite_weight_is_divergence(broken: float) -> None:
    encoders = staged((0, TWO_DIGONS))
    encoders[STEPS.index(1000) :, 2, 1] = broken
    (event,) = from_weights(encoders)
    assert (event.step, event.kind, event.feature) == (1000, "diverged", None)


def test_the_first_divergence_counts_and_is_the_last_event() -> None:
    encoders = staged((0, IGNORED), (100, DEDICATED), (3000, IGNORED))
    encoders[STEPS.index(2000) :] = math.nan
    losses = np.ones(10_000)
    losses[1499:] = math.nan
    events = events_of_lane(7, STEPS, encoders, np.arange(1, 10_001), losses)
    assert [(event.step, event.lane, event.text) for event in events] == [
        (100, 7, "feature 0 represented"),
        (1500, 7, "diverged"),
    ]
