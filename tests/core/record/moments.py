"""Parameters to record, and recorders that hold some."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.record.timeline import BYTES_LIMIT, Moment, Timeline, TimelineRecorder
from superpos_core.task.parameters import Parameters


def parameters_of(
    lanes: int = 2, features: int = 3, hidden: int = 2, *, tied: bool = True, seed: int = 0
) -> Parameters:
    random = np.random.default_rng(seed)

    def draw(*shape: int) -> FloatArray:
        return random.standard_normal(shape).astype(np.float32)

    free = None if tied else draw(lanes, hidden, features)
    return Parameters(
        encoder=draw(lanes, features, hidden), decoder=free, bias=draw(lanes, features)
    )


def recorded(steps: list[int], bytes_limit: int = BYTES_LIMIT) -> TimelineRecorder:
    recorder = TimelineRecorder(bytes_limit)
    for step in steps:
        recorder.record(step, parameters_of(seed=step))
    return recorder


def steps_of(recorder: TimelineRecorder) -> list[int]:
    return [moment.step for moment in recorder.view().moments]


def at_steps(steps: list[int]) -> Timeline:
    return Timeline(tuple(Moment(step, parameters_of(seed=step)) for step in steps))
