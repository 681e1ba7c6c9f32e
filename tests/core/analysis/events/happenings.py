"""Weights and losses with planted events, and the events found in them."""

import math

import numpy as np
from tests.core.polytopes import (
    DIGON,
    direct_sum,
    regular_polygon,
)

from superpos_core.analysis.events.event import Event
from superpos_core.analysis.events.log import events_of_lane
from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossHistory
from superpos_core.record.timeline import next_step_to_keep

Steps = list[int]


def kept_steps(last: int) -> Steps:
    steps = [0]
    while (step := next_step_to_keep(steps[-1])) <= last:
        steps.append(step)
    return steps


STEPS = kept_steps(10_000)
TIMES = np.arange(1, 10_001, dtype=np.float64)
PENTAGON = regular_polygon(5)
TWO_DIGONS = direct_sum(DIGON, DIGON)
NO_LOSSES = np.empty(0)


def from_weights(encoders: FloatArray, steps: Steps = STEPS) -> tuple[Event, ...]:
    """The events found in the weights alone."""
    return events_of_lane(0, steps, encoders, [], NO_LOSSES)


def from_norms(*norms: FloatArray | list[float]) -> list[tuple[int, str]]:
    """The events of features in dedicated dimensions, one moment per step."""
    encoders = np.stack([np.diag(at_once) for at_once in np.array(norms).T]).astype(np.float32)
    found = from_weights(encoders, list(range(len(encoders))))
    return [(e.step, e.text) for e in found if e.kind in ("represented", "lost")]


def from_losses(losses: FloatArray) -> tuple[Event, ...]:
    """The events found in the losses alone, one per step, as the trainer keeps them."""
    history = LossHistory(1)
    history.append(losses[:, None].astype(np.float32))
    curve = history.full
    return events_of_lane(0, [], np.empty((0, 0, 0)), curve.steps, curve.mean[0])


def noise(seed: int, size: int | tuple[int, ...]) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(size)


def staged(*stages: tuple[int, FloatArray], size: float = 0.005, seed: int = 0) -> FloatArray:
    """Encoders at ``STEPS``: each stage's weights from its step on, with a little noise."""
    encoders = np.empty((len(STEPS), *stages[0][1].shape))
    for step, weights in stages:
        encoders[np.array(STEPS) >= step] = weights
    encoders += size * noise(seed, encoders.shape)
    return encoders.astype(np.float32)


def chance(features: int, hidden: int, seed: int = 0) -> FloatArray:
    return math.sqrt(2 / (features + hidden)) * noise(seed, (features, hidden))


def jumps(events: tuple[Event, ...]) -> list[tuple[int, str]]:
    return [(event.step, event.text) for event in events if event.kind == "dimensionality"]
