"""Events are found where they were put, and nowhere else: in noise, in drift, in slow decay."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.core.polytopes import (
    DEDICATED,
    DIGON,
    IGNORED,
    direct_sum,
    regular_polygon,
    regular_simplex,
    square_antiprism,
)

from superpos_core.analysis.events import (
    PLATEAU_MOMENTS,
    PLATEAUS,
    RULES,
    Event,
    Rule,
    events_of_lane,
    events_of_lanes,
)
from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossHistory
from superpos_core.record.snapshot import Cohort
from superpos_core.record.timeline import TimelineRecorder, next_step_to_keep
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters

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
    """What happens in the weights alone."""
    return events_of_lane(0, steps, encoders, [], NO_LOSSES)


def from_norms(*norms: FloatArray | list[float]) -> list[tuple[int, str]]:
    """What happens to features in dimensions of their own, one moment a step."""
    encoders = np.stack([np.diag(at_once) for at_once in np.array(norms).T]).astype(np.float32)
    found = from_weights(encoders, list(range(len(encoders))))
    return [(e.step, e.text) for e in found if e.kind in ("represented", "lost")]


def from_losses(losses: FloatArray) -> tuple[Event, ...]:
    """What happens in the losses alone, one a step, as the trainer keeps them."""
    history = LossHistory(1)
    history.append(losses[:, None].astype(np.float32))
    curve = history.full
    return events_of_lane(0, [], np.empty((0, 0, 0)), curve.steps, curve.mean[0])


def noise(seed: int, size: int | tuple[int, ...]) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(size)


def staged(*stages: tuple[int, FloatArray], size: float = 0.005, seed: int = 0) -> FloatArray:
    """Encoders at ``STEPS``: from each stage's step on its weights, with a little noise."""
    encoders = np.empty((len(STEPS), *stages[0][1].shape))
    for step, weights in stages:
        encoders[np.array(STEPS) >= step] = weights
    encoders += size * noise(seed, encoders.shape)
    return encoders.astype(np.float32)


def chance(features: int, hidden: int, seed: int = 0) -> FloatArray:
    return math.sqrt(2 / (features + hidden)) * noise(seed, (features, hidden))


def jumps(events: tuple[Event, ...]) -> list[tuple[int, str]]:
    return [(event.step, event.text) for event in events if event.kind == "dimensionality"]


# ── features ──────────────────────────────────────────────────────────────────────────────────


def test_a_feature_is_represented_when_its_norm_rises_above_one_half() -> None:
    assert from_norms([0.1, 0.3, 0.49, 0.51, 1.0]) == [(3, "feature 0 represented")]


def test_a_feature_is_lost_when_its_norm_falls_well_below_one_half() -> None:
    assert from_norms([0.6, 0.45, 0.41, 0.39, 0.0]) == [(3, "feature 0 lost")]


def test_what_was_represented_from_the_beginning_is_no_news() -> None:
    assert from_norms([0.9, 1.0, 1.0], [0.1, 0.0, 0.0]) == []


def test_events_name_the_feature_that_they_happen_to() -> None:
    assert from_norms([1, 1, 0, 0, 0], [0, 0, 0, 1, 1], [0, 1, 1, 0, 1]) == [
        (1, "feature 2 represented"),
        (2, "feature 0 lost"),
        (3, "feature 1 represented"),
        (3, "feature 2 lost"),
        (4, "feature 2 represented"),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_hovering_at_one_half_makes_no_more_than_one_event(seed: int) -> None:
    hovering = np.clip(0.5 + 0.03 * noise(seed, 100), 0.41, None)
    assert len(from_norms(hovering)) <= 1
    assert len(from_norms(np.clip(hovering - 0.1, None, 0.49))) <= 1


# ── feature dimensionality ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(5))
def test_digons_that_open_into_a_pentagon_are_reported_feature_by_feature(seed: int) -> None:
    """What the paper's five features in two dimensions do at high sparsity."""
    digons = np.concatenate([TWO_DIGONS, np.zeros((1, 2))])
    events = from_weights(
        staged((0, chance(5, 2, seed)), (100, digons), (1000, PENTAGON), seed=seed)
    )
    assert jumps(events) == [(1000, f"feature {feature}: D 1/2 → 2/5") for feature in range(4)]
    assert (1000, "represented", 4, "feature 4 represented") in [
        (event.step, event.kind, event.feature, event.text) for event in events
    ]


TETRAHEDRON, TRIANGLE = regular_simplex(4), regular_polygon(3)

SHAPES_WITH_A_FRACTION = {
    "1": direct_sum(DEDICATED, np.zeros((7, 2))),
    "3/4": np.concatenate([TETRAHEDRON, np.zeros((4, 3))]),
    "2/3": direct_sum(TRIANGLE, np.zeros((5, 1))),
    "1/2": direct_sum(DIGON, np.zeros((6, 2))),
    "2/5": direct_sum(PENTAGON, np.zeros((3, 1))),
    "3/8": square_antiprism(),
}
"""Eight features in three dimensions, the first of them in a regular shape."""


@pytest.mark.parametrize("before", SHAPES_WITH_A_FRACTION)
@pytest.mark.parametrize("after", SHAPES_WITH_A_FRACTION)
def test_a_jump_is_named_after_the_fractions_of_the_shapes(before: str, after: str) -> None:
    stages = (50, SHAPES_WITH_A_FRACTION[before]), (1000, SHAPES_WITH_A_FRACTION[after])
    events = from_weights(staged((0, chance(8, 3)), *stages, size=0.001))
    of_the_first = [event.text for event in events if event.kind == "dimensionality"][:1]
    # 3/8 lies within the tolerance of 2/5, and the other way round: there one stays.
    told_apart = before != after and {before, after} != {"3/8", "2/5"}
    assert of_the_first == ([f"feature 0: D {before} → {after}"] if told_apart else [])


def test_every_plateau_is_the_fraction_of_a_regular_shape() -> None:
    assert sorted(map(str, PLATEAUS)) == sorted(SHAPES_WITH_A_FRACTION)


def test_where_the_weights_are_by_chance_is_no_plateau() -> None:
    """Two features that begin as a digon, before the rest of W has moved at all."""
    events = from_weights(staged((0, TWO_DIGONS), (1000, np.eye(4)[:, :2] + np.eye(4)[:, 2:])))
    assert jumps(events) == []


def test_what_was_trained_before_the_timeline_begins_is_a_plateau() -> None:
    later = [step for step in STEPS if step >= 100]
    digons = np.concatenate([TWO_DIGONS, np.zeros((1, 2))])
    encoders = staged((0, digons), (1000, PENTAGON))[-len(later) :]
    assert [step for step, _ in jumps(from_weights(encoders, later))] == [1000] * 4


def test_a_stay_of_too_few_moments_is_no_plateau() -> None:
    digons = np.concatenate([TWO_DIGONS, np.zeros((1, 2))])
    place = STEPS.index(1000)
    short = STEPS[place + PLATEAU_MOMENTS - 1]
    longer = STEPS[place + PLATEAU_MOMENTS]
    for left_at, expected in ((short, 0), (longer, 8)):
        visit = staged(
            (0, chance(5, 2)), (100, digons), (1000, PENTAGON), (left_at, digons), size=0
        )
        assert len(jumps(from_weights(visit))) == expected


@pytest.mark.parametrize("seed", range(5))
def test_dimensionality_that_drifts_or_is_noise_does_not_jump(seed: int) -> None:
    """A pair whose angle closes steadily, over the whole run: D goes from 1/2 to 1."""
    angles = np.linspace(np.pi, np.pi / 2, len(STEPS))
    drifting = np.stack([np.stack([np.cos(angles), np.sin(angles)], axis=1)] * 2, axis=1)
    drifting[:, 0] = [1, 0]
    drifting[0] = chance(2, 2, seed)
    # Both ends are flat, as those of a cosine are; look at what lies between.
    inner = slice(PLATEAU_MOMENTS + 10, -PLATEAU_MOMENTS - 10)
    assert jumps(from_weights(drifting[inner], STEPS[inner])) == []
    assert jumps(from_weights(noise(seed, (len(STEPS), 20, 5)) / 3)) == []


def test_only_represented_features_are_said_to_jump() -> None:
    """D does not change with the scale of W, and tiny weights mean nothing."""
    digons = np.concatenate([TWO_DIGONS, np.zeros((1, 2))])
    stages = (100, 0.1 * digons), (1000, 0.1 * PENTAGON)
    assert jumps(from_weights(staged((0, chance(5, 2)), *stages, size=0.0001))) == []


# ── loss ──────────────────────────────────────────────────────────────────────────────────────


def descending(*falls: tuple[float, float, float], start: float = 100.0) -> FloatArray:
    """Losses that come down from ``start`` to 0.1 and then, at each step, by a factor.

    The third number is how long a fall takes, as a share of its step.
    """
    logs = np.log(0.1 + start * np.exp(-TIMES / 10))
    for step, factor, duration in falls:
        logs += math.log(factor) * (1 + np.tanh(2 * (TIMES - step) / (step * duration))) / 2
    return np.exp(logs)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("step", "factor", "duration", "noise_size"),
    [
        (2000, 0.5, 0.001, 0.1),
        (2000, 0.5, 0.2, 0.1),
        (2000, 0.5, 0.5, 0.03),
        (500, 0.3, 0.1, 0.1),
        (6000, 0.94, 0.01, 0.01),
        (1000, 0.9, 0.3, 0.0),
    ],
)
def test_a_fall_between_two_levels_is_found_where_it_is(
    step: int, factor: float, duration: float, noise_size: float, seed: int
) -> None:
    losses = descending((step, factor, duration)) * np.exp(noise_size * noise(seed, TIMES.size))
    (event,) = from_losses(losses)
    assert event.kind == "loss"
    assert event.feature is None
    assert event.step == pytest.approx(step, rel=max(duration / 3, 0.02))
    label, _, sizes = event.text.partition(": ")
    assert label == "loss falls a level"
    before, after = (float(size) for size in sizes.split(" → "))
    assert before == pytest.approx(0.1, rel=0.12)
    assert after == pytest.approx(0.1 * factor, rel=0.12)
    assert after < before


def test_each_of_several_falls_is_reported() -> None:
    falls = [(300, 0.6, 0.05), (1000, 0.5, 0.05), (1500, 0.8, 0.01), (4000, 0.9, 0.1)]
    events = from_losses(descending(*falls) * np.exp(0.01 * noise(0, TIMES.size)))
    assert [e.step for e in events] == pytest.approx([step for step, _, _ in falls], rel=0.05)
    assert [e.text.partition(": ")[2] for e in events] == [
        "1.0e-01 → 6.0e-02",
        "6.0e-02 → 3.0e-02",
        "3.0e-02 → 2.4e-02",
        "2.4e-02 → 2.2e-02",
    ]


def test_a_small_fall_is_told_with_as_many_digits_as_it_needs() -> None:
    (event,) = from_losses(1.14 * descending((3000, 0.96, 0.001)))
    assert event.text == "loss falls a level: 1.14e-01 → 1.09e-01"


DECAYS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "constant": np.ones_like,
    "slow power law": lambda t: t**-0.1,
    "power law": lambda t: t**-0.5,
    "inverse": lambda t: 1 / (1 + t / 300),
    "exponential": lambda t: np.exp(-t / 3000),
    "exponential to a level": lambda t: 0.01 + np.exp(-t / 300),
    "two exponentials": lambda t: 0.9 * np.exp(-t / 50) + 0.1 * np.exp(-t / 3000) + 0.002,
    "stretched exponential": lambda t: np.exp(-((t / 500) ** 0.4)),
    "linear": lambda t: 1 - 0.9 * t / t[-1],
    "rise": lambda t: t**0.3,
    "rise to another level": lambda t: 2 - np.exp(-((t / 1000) ** 4)),
}

NOISES: dict[str, Callable[[np.random.Generator], FloatArray]] = {
    "none": lambda _: np.zeros(TIMES.size),
    "little": lambda random: 0.005 * random.standard_normal(TIMES.size),
    "much": lambda random: 0.3 * random.standard_normal(TIMES.size),
    "heavy-tailed": lambda random: 0.1 * random.standard_t(3, TIMES.size),
    "spikes": lambda random: (
        0.02 * random.standard_normal(TIMES.size) + 1.5 * (random.random(TIMES.size) < 0.002)
    ),
    "growing": lambda random: np.linspace(0, 0.3, TIMES.size) * random.standard_normal(TIMES.size),
}


@pytest.mark.parametrize("noise_name", NOISES)
@pytest.mark.parametrize("decay", DECAYS)
def test_steady_decay_and_noise_are_no_falls(decay: str, noise_name: str) -> None:
    for seed in range(3):
        disturbance = NOISES[noise_name](np.random.default_rng(seed))
        assert from_losses(DECAYS[decay](TIMES) * np.exp(disturbance)) == ()


@pytest.mark.parametrize("length", [1, 2, 11, 12, 13, 40, 200])
def test_a_short_run_of_noise_has_no_falls(length: int) -> None:
    for seed in range(10):
        assert from_losses(np.exp(0.1 * noise(seed, length))) == ()


def test_a_short_rise_is_no_level_to_fall_from() -> None:
    bump = 1 + 2 * ((TIMES > 2000) & (TIMES < 2150))
    assert from_losses(descending() * bump) == ()


def test_a_fall_is_found_at_nearly_the_same_step_as_the_run_goes_on() -> None:
    losses = descending((700, 0.5, 0.05)) * np.exp(0.02 * noise(0, TIMES.size))
    steps = [
        [event.step for event in from_losses(losses[:end])] for end in range(1000, 10_001, 500)
    ]
    assert all(found == [pytest.approx(700, rel=0.03)] for found in steps)


# ── divergence ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_the_first_loss_that_is_not_finite_is_divergence(broken: float) -> None:
    losses = np.ones(300)
    losses[249:] = broken
    assert [(e.step, e.kind, e.text) for e in from_losses(losses)] == [
        (250, "diverged", "diverged")
    ]


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_the_first_weight_that_is_not_finite_is_divergence(broken: float) -> None:
    encoders = staged((0, TWO_DIGONS))
    encoders[STEPS.index(1000) :, 2, 1] = broken
    (event,) = from_weights(encoders)
    assert (event.step, event.kind, event.feature) == (1000, "diverged", None)


def test_whichever_diverges_first_counts_and_nothing_is_said_after_it() -> None:
    encoders = staged((0, IGNORED), (100, DEDICATED), (3000, IGNORED))
    encoders[STEPS.index(2000) :] = math.nan
    losses = np.ones(10_000)
    losses[1499:] = math.nan
    events = events_of_lane(7, STEPS, encoders, np.arange(1, 10_001), losses)
    assert [(event.step, event.lane, event.text) for event in events] == [
        (100, 7, "feature 0 represented"),
        (1500, 7, "diverged"),
    ]


# ── all rules ─────────────────────────────────────────────────────────────────────────────────

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
    """Weights that go from shape to shape, with noise, and now and then stay."""
    random = np.random.default_rng(seed)
    shapes = [np.concatenate([TWO_DIGONS, np.zeros((1, 2))]), PENTAGON, np.eye(5)[:, :2]]
    changes = random.choice(STEPS[1:], size=4, replace=False)
    stages = [(int(step), shapes[random.integers(3)]) for step in sorted(changes)]
    return staged((0, chance(5, 2, seed)), *stages, size=0.02, seed=seed)


@given(st.integers(0, 2**32 - 1), st.integers(0, len(STEPS)))
def test_what_happened_to_features_is_found_again_as_the_run_goes_on(seed: int, end: int) -> None:
    encoders = wandering(seed)
    early, whole = from_weights(encoders[:end], STEPS[:end]), from_weights(encoders)
    assert set(early) <= set(whole)


@given(st.integers(0, 2**32 - 1))
def test_turning_the_hidden_space_changes_no_event(seed: int) -> None:
    encoders = wandering(seed).astype(np.float64)
    swapped = encoders[..., ::-1] * [1, -1]
    assert from_weights(swapped) == from_weights(encoders)


def test_the_events_of_several_lanes_are_told_in_the_order_of_steps() -> None:
    """Three lanes as the trainer records them; the second is not asked for."""
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
    last = Rule("last", "the last moment", lambda trace: [(int(trace.steps[-1]), None, "the end")])
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
