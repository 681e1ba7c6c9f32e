"""All rules together: in order, in range, and stable as the run continues."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.core.analysis.events.happenings import (
    NO_LOSSES,
    PENTAGON,
    STEPS,
    TWO_DIGONS,
    chance,
    from_weights,
    staged,
)
from tests.core.polytopes import (
    DEDICATED,
    IGNORED,
)

from superpos_core.analysis.events.event import Event
from superpos_core.analysis.events.log import RULES, events_of_lane, events_of_lanes
from superpos_core.analysis.events.trace import FeatureTrace, Finding, Rule
from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import Cohort
from superpos_core.record.timeline import TimelineRecorder
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters

any_float = st.floats(width=32)
runs = st.tuples(st.integers(0, 14), st.integers(1, 5), st.integers(1, 3)).flatmap(
    lambda shape: st.tuples(
        hnp.arrays(np.float32, shape, elements=st.one_of(any_float, st.floats(-1, 1, width=32))),
        st.integers(0, 2000),
    )
)
any_losses = hnp.arrays(
    np.float32, st.integers(0, 60), elements=st.one_of(any_float, st.floats(2**-20, 1, width=32))
)


@given(runs, any_losses, st.integers(1, 1000))
def test_any_weights_and_losses_have_events_in_order_and_in_range(
    run: tuple[FloatArray, int], losses: FloatArray, stride: int
) -> None:
    encoders, first = run
    steps = first + np.arange(len(encoders)) * stride
    loss_steps = stride * np.arange(1, len(losses) + 1)
    events = events_of_lane(3, steps, encoders, loss_steps, losses)
    found = [event.step for event in events]
    assert found == sorted(found)
    for event in events:
        assert 0 <= event.step <= max([*steps.tolist(), *loss_steps.tolist()])
        assert event.lane == 3
        assert event.kind in RULES
        assert event.feature is None or 0 <= event.feature < encoders.shape[1]
        assert event.text
    is_finite = bool(np.isfinite(encoders).all() and np.isfinite(losses).all())
    assert [event.kind for event in events].count("diverged") == (not is_finite)


def wandering(seed: int) -> FloatArray:
    """Noisy weights that move from shape to shape and occasionally stay."""
    random = np.random.default_rng(seed)
    shapes = [np.concatenate([TWO_DIGONS, np.zeros((1, 2))]), PENTAGON, np.eye(5)[:, :2]]
    changes = random.choice(STEPS[1:], size=4, replace=False)
    stages = [(int(step), shapes[random.integers(3)]) for step in sorted(changes)]
    return staged((0, chance(5, 2, seed)), *stages, size=0.02, seed=seed)


@given(st.integers(0, 2**32 - 1), st.integers(0, len(STEPS)))
def test_events_of_features_are_found_again_as_the_run_continues(seed: int, end: int) -> None:
    encoders = wandering(seed)
    early, whole = from_weights(encoders[:end], STEPS[:end]), from_weights(encoders)
    assert set(early) <= set(whole)


@given(st.integers(0, 2**32 - 1))
def test_rotating_the_hidden_space_changes_no_event(seed: int) -> None:
    encoders = wandering(seed).astype(np.float64)
    swapped = encoders[..., ::-1] * [1, -1]
    assert from_weights(swapped) == from_weights(encoders)


def test_the_events_of_several_lanes_are_sorted_by_step() -> None:
    """Three lanes as the trainer records them; the second is not requested."""
    begun = [staged((0, IGNORED), (step, DEDICATED)) for step in (1000, 10, 100)]
    recorder, history = TimelineRecorder(), LossHistory(3)
    history.append(np.ones((STEPS[-1], 3), np.float32))
    for step, *encoders in zip(STEPS, *begun, strict=True):
        newest = Parameters(encoder=np.stack(encoders), bias=np.zeros((3, 1), np.float32))
        recorder.record(step, newest)
    lanes = ExperimentConfig("three", features=1, hidden=1, restarts=3).lanes_of("tied")[:3]
    cohort = Cohort(
        lanes, STEPS[-1], newest, history.full, history.recent, timeline=recorder.view()
    )
    assert events_of_lanes(cohort, [0, 2]) == [
        Event(100, 2, "represented", 0, "feature 0 represented"),
        Event(1000, 0, "represented", 0, "feature 0 represented"),
    ]


def test_a_new_kind_of_event_is_one_more_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    last = Rule[FeatureTrace](
        "last", "the last moment", lambda trace: [Finding(int(trace.steps[-1]), None, "the end")]
    )
    monkeypatch.setitem(RULES, "last", last)
    events = from_weights(staged((0, IGNORED), (100, DEDICATED)))
    assert [(event.step, event.kind) for event in events] == [
        (100, "represented"),
        (10_000, "last"),
    ]


def test_rules_are_registered_under_the_kind_that_they_find() -> None:
    assert all(kind == rule.kind and rule.summary for kind, rule in RULES.items())


def test_steps_may_be_a_list_or_an_array() -> None:
    encoders = staged((0, IGNORED), (100, DEDICATED))
    assert events_of_lane(0, np.array(STEPS), encoders, [], NO_LOSSES) == from_weights(encoders)
