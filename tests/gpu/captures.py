"""Steps replayed from a CUDA graph against the same steps taken one by one.

On the CPU, which has no graphs, ``tests/recorded_step.py`` provides the replay.
"""

import threading
from collections.abc import Iterator

from tests.engine_variants import STEPS
from tests.gpu.conformance import FEW, VARIANTS
from tests.gpu.engines import (
    Recordings,
    assert_alike,
    assert_equal_states,
    differing,
    engine_on,
    every,
    recording_allowed,
    unrecorded,
)
from tests.gpu.parts import Finding, Target, checked

from superpos_core.task.config import ExperimentConfig


def check(target: Target) -> Iterator[Finding]:
    """Check every variant, then the number of graphs, and other threads."""
    steps = 3 if target.tiny else STEPS
    with recording_allowed(target):
        for name, config in {"fresh rows": FEW, **VARIANTS}.items():
            yield checked(name, _against_single_steps, target, config, steps)
        yield checked("graphs", _count, target)
        yield checked("in other threads", _in_threads, target, steps)


def _against_single_steps(target: Target, config: ExperimentConfig, steps: int) -> str:
    recordings = Recordings(target.device)
    replayed = engine_on(target, config, recordings)
    single = engine_on(target, config, unrecorded)
    seen = assert_alike(config, replayed, single, 1, steps - 1)
    assert recordings.made == len(config.models), f"{recordings.made} graphs"
    return seen if differing(replayed.state(), single.state()) else "bit for bit"


def _count(target: Target) -> str:
    """There is one graph per model, made when the model first trains."""
    recordings = Recordings(target.device)
    engine = engine_on(target, FEW, recordings)
    counts = [recordings.made]
    engine.advance({"tied": 2, "mlp": 2})
    counts.append(recordings.made)
    saved = engine.state()
    engine.advance({"tied": 2, "mlp": 2})
    engine.load_state(saved)
    assert_equal_states(engine.state(), saved)
    engine.advance({"tied": 1})
    counts.append(recordings.made)
    engine.join("linear")
    engine.advance({"tied": 1, "linear": 1})
    counts.append(recordings.made)
    assert counts == [0, 2, 2, 3], f"{counts}"
    return "2 for two models, 2 after a state is loaded, 3 after a model has joined"


def _in_threads(target: Target, steps: int) -> str:
    """As sessions do: make, use and drop an engine in one thread, then another in the next."""
    expected = engine_on(target, FEW, Recordings(target.device))
    expected.advance(every(FEW, steps))
    states = []

    def work() -> None:
        engine = engine_on(target, FEW, Recordings(target.device))
        engine.advance(every(FEW, steps - 1))
        engine.advance(every(FEW, 1))
        states.append(engine.state())
        engine.close()

    for _ in range(2):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert len(states) == 2, f"{2 - len(states)} of 2 threads failed"
    for state in states:
        assert_equal_states(state, expected.state())
    return "bit for bit"
