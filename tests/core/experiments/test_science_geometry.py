"""Trains five features in a plane and antipodal pairs on the real engine.

Unless stated otherwise, bounds are about twice as wide as the ranges measured over seeds 0 to 159:
of the best restart in twenty groups of eight, or of single lanes.
"""

import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from superpos_core.analysis.events.log import Event, events_of_lanes
from superpos_core.analysis.events.plateaus import PLATEAU_MOMENTS, PLATEAU_TOLERANCE
from superpos_core.analysis.probe import Probe, probe
from superpos_core.arrays import FloatArray
from superpos_core.experiments import experiment_named
from superpos_core.geometry.components import Shape, geometry_of, geometry_shares
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_dimensionality, feature_norms
from superpos_core.record.lanes import Cohort, LanesRecord, Mark
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.timeline import Timeline, feature_dimensionality_over, feature_norms_over
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS, model_named
from superpos_core.task.parameters import Parameters
from superpos_core.theory.polygons import best_polygon
from superpos_core.training.commands import Command, TurnDials, Undo
from superpos_core.training.loop import PUBLISH_SECONDS
from superpos_core.training.run import AUTOMATIC, loop_for, train

TIED = MODELS["tied"]
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


# ── the pentagon ──────────────────────────────────────────────────────────────────────────────

DENSITIES = (0.1, 0.05, 0.01)


@cache
def settled() -> Cohort:
    """Restarts at every density, with a learning rate that falls to 0."""
    sparsities = tuple(1 - density for density in DENSITIES)
    config = replace(PLANE, sparsities=sparsities, learning_rate_schedule="linear")
    return tied(train(config))


def best_at(density: float) -> Parameters:
    """The restart with the lowest loss."""
    best = settled().ranked(DENSITIES.index(density))[0]
    return settled().parameters.take(best)


def turns_between_neighbours(encoder: FloatArray) -> FloatArray:
    """Degrees from each feature in the plane to the next, all the way round."""
    directions = np.sort(np.degrees(np.arctan2(encoder[:, 1], encoder[:, 0])))
    return np.diff(directions, append=directions[0] + 360)


@pytest.mark.parametrize("density", DENSITIES)
def test_the_best_of_eight_restarts_is_a_regular_pentagon(density: float) -> None:
    encoder = best_at(density).encoder
    assert geometry_of(encoder).text == PENTAGON
    np.testing.assert_allclose(feature_dimensionality(encoder), 2 / 5, atol=0.003)
    np.testing.assert_allclose(turns_between_neighbours(encoder), 72, atol=0.4)


@pytest.mark.parametrize("density", DENSITIES)
def test_most_restarts_reach_the_pentagon(density: float) -> None:
    places = settled().lanes_at(DENSITIES.index(density))
    shares = geometry_shares(settled().parameters.encoder[places.start : places.stop])
    assert sum(count for _, count in shares) == PLANE.restarts
    name, count = shares[0]
    assert name == PENTAGON
    assert count > PLANE.restarts / 2


def test_the_sparser_the_data_the_nearer_is_the_pentagon_to_that_of_one_active_feature() -> None:
    """Norms and biases go to those of Chen et al. 2023, in proportion to the density."""
    norms = [float(feature_norms(best_at(density).encoder).mean()) for density in DENSITIES]
    biases = [float(best_at(density).bias.mean()) for density in DENSITIES]
    limit = best_polygon(5)
    for reached, wanted in ((norms, limit.radius), (biases, limit.bias)):
        gaps = [abs(value - wanted) for value in reached]
        assert gaps == sorted(gaps, reverse=True)
        _, at_5_percent, at_1_percent = reached
        at_0 = at_1_percent + (at_1_percent - at_5_percent) * 0.01 / 0.04
        assert at_0 == pytest.approx(wanted, abs=0.008)


# ── dials on the same weights ─────────────────────────────────────────────────────────────────

DENSE = replace(PLANE, sparsities=(0.6,), steps=15_000)
SPARSER = replace(DENSE, sparsities=(0.95,))
SPARSEST = replace(DENSE, sparsities=(0.99,))


class Turned(NamedTuple):
    """Finished training at 1 − S = 0.4, after each change from there, and after each undo."""

    dense: Snapshot
    sparser: Snapshot
    back: Snapshot
    sparsest: Snapshot
    back_again: Snapshot
    continued: Snapshot


@cache
def turned() -> Turned:
    return Turned(
        *ends_of_training(
            DENSE,
            TurnDials(SPARSER, "S 0.6 → 0.95"),
            Undo(),
            TurnDials(SPARSEST, "S 0.6 → 0.99"),
            Undo(),
            TurnDials(DENSE, "nothing"),
        )
    )


def ends_of_training(config: ExperimentConfig, *commands: Command) -> list[Snapshot]:
    """Train to the end, then submit each command and train to the end again."""
    loop, stop = loop_for(config, AUTOMATIC), threading.Event()
    ends: list[Snapshot] = []

    def publish(snapshot: Snapshot) -> None:
        if snapshot.phase != "finished":
            return
        ends.append(snapshot)
        if len(ends) <= len(commands):
            loop.submit(commands[len(ends) - 1])
        else:
            stop.set()

    loop.run(stop, publish)
    return ends


def tied(snapshot: Snapshot) -> Cohort:
    return snapshot.record_as(LanesRecord).cohorts["tied"]


def best_lane() -> int:
    """The restart with the lowest loss before any dial was turned."""
    return tied(turned().dense).ranked(0)[0]


def test_dense_features_form_two_digons_and_one_is_ignored() -> None:
    assert geometry_in(tied(turned().dense), best_lane()) == TWO_DIGONS


def test_digons_survive_where_a_pentagon_would_be_better() -> None:
    """Trained from scratch at 1 − S = 0.05, the loss is half as large."""
    lane, continued = best_lane(), tied(turned().sparser)
    fresh = tied(train(SPARSER))
    best_fresh = fresh.ranked(0)[0]
    assert continued.lanes[lane].density == 0.05
    assert geometry_in(continued, lane) == TWO_DIGONS
    assert geometry_in(fresh, best_fresh) == PENTAGON
    excess = continued.recent_losses.mean[lane].mean() / fresh.recent_losses.mean[best_fresh].mean()
    assert 1.8 < excess < 2.2


def test_digons_become_a_pentagon_when_training_continues_on_much_sparser_data() -> None:
    before, after = tied(turned().dense), tied(turned().sparsest)
    dense = [geometry_in(before, lane) for lane in range(DENSE.restarts)]
    assert TWO_DIGONS in dense
    for lane, shape in enumerate(dense):
        if shape == TWO_DIGONS:
            assert geometry_in(after, lane) == PENTAGON
            np.testing.assert_allclose(
                feature_dimensionality(after.parameters.encoder[lane]), 2 / 5, atol=0.02
            )


def test_a_change_is_marked_at_its_step_and_extends_the_run_by_its_length() -> None:
    for snapshot, config, text in (
        (turned().sparser, SPARSER, "S 0.6 → 0.95"),
        (turned().sparsest, SPARSEST, "S 0.6 → 0.99"),
    ):
        cohort = tied(snapshot)
        assert cohort.marks == (Mark(DENSE.steps, text),)
        assert cohort.step == 2 * DENSE.steps
        assert snapshot.config == replace(config, steps=2 * DENSE.steps)
        assert snapshot.undoable == 1


@pytest.mark.parametrize("undone", ["back", "back_again"])
def test_undo_restores_the_weights_bit_for_bit(undone: str) -> None:
    dense, snapshot = turned().dense, getattr(turned(), undone)
    assert snapshot.config == DENSE
    assert snapshot.undoable == 0
    assert tied(snapshot).marks == ()
    assert_same_cohorts(tied(snapshot), tied(dense))
    assert geometry_in(tied(snapshot), best_lane()) == TWO_DIGONS


def test_training_continues_after_undo_as_if_no_dial_had_been_turned() -> None:
    """Undo restores the optimiser and the data as well as the weights."""
    undisturbed = train(replace(DENSE, steps=2 * DENSE.steps))
    assert_same_cohorts(tied(turned().continued), tied(undisturbed))


# ── events ────────────────────────────────────────────────────────────────────────────────────


def test_the_loss_falls_from_the_level_of_two_digons_when_the_ignored_feature_is_represented() -> (
    None
):
    """In 108 lanes the only drop was at 19,000 to 22,600 steps, 6.5e-4 … 6.8e-4 → 2.0e-4.

    The loss of two pairs and an ignored feature is (V + 2p²/3)/5, V = p/3 − p²/4, for p = 1 − S.
    """
    lane = best_lane()
    before = geometry_of(tied(turned().dense).parameters.encoder[lane])
    after_turning = [
        event
        for event in events_of_lanes(tied(turned().sparsest), [lane])
        if event.step > DENSE.steps
    ]
    assert sorted(event.kind for event in after_turning) == ["loss", "represented"]
    fall, represented = sorted(after_turning, key=lambda event: event.kind)
    assert (represented.feature,) == before.ignored
    assert represented.step == pytest.approx(fall.step, rel=0.15)
    p = 0.01
    level, lower_level = levels_of(fall)
    assert level == pytest.approx((p / 3 - p**2 / 4 + 2 * p**2 / 3) / 5, rel=0.07)
    assert lower_level == pytest.approx(2.0e-4, rel=0.1)


def levels_of(fall: Event) -> tuple[float, float]:
    before, after = fall.text.removeprefix("loss falls a level: ").split(" → ")
    return float(before), float(after)


@cache
def very_sparse() -> Cohort:
    """Sixteen restarts at 1 − S = 0.01, about half of which pass through the digons."""
    return tied(train(replace(PLANE, sparsities=(0.99,), restarts=16)))


def jumps_to_the_pentagon(lane: int) -> list[Event]:
    return [
        event
        for event in events_of_lanes(very_sparse(), [lane])
        if event.kind == "dimensionality" and event.text.endswith("D 1/2 → 2/5")
    ]


def test_a_jump_from_one_half_to_two_fifths_has_a_plateau_on_both_sides() -> None:
    jumps = [jump for lane in range(16) for jump in jumps_to_the_pentagon(lane)]
    assert len(jumps) >= 8
    timeline = very_sparse().timeline
    for jump in jumps:
        shares = feature_dimensionality_over(timeline, TIED, jump.lane)[:, jump.feature]
        earlier, later = shares[timeline.steps < jump.step], shares[timeline.steps >= jump.step]
        assert np.sum(np.abs(earlier - 1 / 2) <= PLATEAU_TOLERANCE) >= PLATEAU_MOMENTS
        np.testing.assert_allclose(later, 2 / 5, atol=PLATEAU_TOLERANCE)


def test_features_jump_from_one_half_to_two_fifths_when_the_loss_falls_a_level() -> None:
    """In seeds 0 to 63 this held in all 27 lanes where at least two features jump."""
    jumping = 0
    for lane in range(16):
        jumps = jumps_to_the_pentagon(lane)
        if len(jumps) < 2:
            continue
        jumping += 1
        assert geometry_in(very_sparse(), lane) == PENTAGON
        events = events_of_lanes(very_sparse(), [lane])
        last_fall = [event for event in events if event.kind == "loss"][-1]
        assert all(0.85 < jump.step / last_fall.step < 1.5 for jump in jumps)
        before, after = levels_of(last_fall)
        assert after < before / 2
    assert jumping >= 4


def test_represented_and_lost_events_add_up_to_the_represented_features() -> None:
    for lane in range(16):
        events = events_of_lanes(very_sparse(), [lane])
        is_represented = feature_norms_over(very_sparse().timeline, TIED, lane) > REPRESENTED_NORM
        for feature in range(PLANE.features):
            kinds = [event.kind for event in events if event.feature == feature]
            gained = kinds.count("represented") - kinds.count("lost")
            assert gained == int(is_represented[-1, feature]) - int(is_represented[0, feature])


# ── a probe of antipodal pairs ────────────────────────────────────────────────────────────────

SEED = replace(
    experiment_named("twenty").config, models=("tied",), sparsities=(0.9,), seed=0, steps=4000
)
EQUAL_SHARES = 0.02
"""Maximum deviation of D_i from 1/2 in a pair that shares its dimension equally."""


@cache
def seed_parameters() -> Parameters:
    return tied(train(SEED)).parameters.take(0)


def digons() -> list[Shape]:
    found = geometry_of(seed_parameters().encoder).shapes
    return [shape for shape in found if shape.name == "digon"]


def equal_digons() -> list[Shape]:
    shares = feature_dimensionality(seed_parameters().encoder)
    return [
        digon
        for digon in digons()
        if np.all(np.abs(shares[list(digon.features)] - 1 / 2) < EQUAL_SHARES)
    ]


def switched_on(*features: int) -> Probe:
    """The probe of a row in which these features are 1 and all others 0."""
    x = np.zeros(SEED.features, dtype=np.float32)
    x[list(features)] = 1
    return probe(model_named("tied"), seed_parameters(), x, SEED.feature_importance)


def each_way(shapes: list[Shape]) -> Iterator[tuple[int, int]]:
    """Every feature of a digon with its antipode."""
    for shape in shapes:
        first, second = shape.features
        yield first, second
        yield second, first


def test_the_seed_experiment_has_antipodal_pairs() -> None:
    assert len(digons()) >= 3
    assert equal_digons()


def test_interference_of_an_active_feature_with_its_antipode_is_negative_and_cut_off() -> None:
    for active, antipode in each_way(digons()):
        seen = switched_on(active)
        assert seen.pre_activation[antipode] < -0.5
        assert seen.cut[antipode] == seen.pre_activation[antipode]
        assert seen.output[antipode] == 0
        assert seen.error[antipode] == 0
        assert seen.loss[antipode] == 0


def test_an_active_feature_of_an_equal_pair_is_reconstructed() -> None:
    for active, _ in each_way(equal_digons()):
        seen = switched_on(active)
        assert seen.output[active] == pytest.approx(1, abs=0.06)
        assert seen.cut[active] == 0


def test_the_two_features_of_an_equal_pair_cancel_each_other_when_both_are_active() -> None:
    for digon in equal_digons():
        seen = switched_on(*digon.features)
        np.testing.assert_allclose(seen.output[list(digon.features)], 0, atol=0.1)


# ── the timeline ──────────────────────────────────────────────────────────────────────────────

SHORT = ExperimentConfig(
    "short", features=6, hidden=3, models=("tied", "untied"), sparsities=(0.0, 0.9),
    restarts=2, batch=256, steps=150,
)  # fmt: skip


def parameters_after(model: str, steps: int) -> Parameters:
    """The parameters of a fresh engine after this many steps in one call."""
    engine = AUTOMATIC(SHORT)
    try:
        if steps:
            engine.advance({model: steps})
        return engine.parameters(model)
    finally:
        engine.close()


@pytest.mark.parametrize("model", SHORT.models)
def test_every_moment_of_the_timeline_equals_training_up_to_its_step(model: str) -> None:
    timeline = train(SHORT).record_as(LanesRecord).cohorts[model].timeline
    assert timeline.steps[0] == 0
    assert timeline.steps[-1] == SHORT.steps
    assert timeline.steps.size > 30
    for moment in timeline.moments:
        assert_same_parameters(moment.parameters, parameters_after(model, moment.step))


def test_further_training_does_not_change_published_snapshots() -> None:
    seen: list[Snapshot] = []
    last = train(SHORT, on_progress=seen.append).record_as(LanesRecord)
    first = seen[0].record_as(LanesRecord)
    for model in SHORT.models:
        assert first.cohorts[model].step == 0
        assert_same_parameters(first.cohorts[model].parameters, parameters_after(model, 0))
        assert_same_parameters(
            first.cohorts[model].timeline.moments[0].parameters,
            last.cohorts[model].timeline.moments[0].parameters,
        )


def test_publishing_every_step_does_not_change_the_numbers() -> None:
    """On a clock that advances one frame per reading, slices are one step and all are published."""
    ticks = itertools.count(step=PUBLISH_SECONDS)
    watched: list[Snapshot] = []
    loop_for(SHORT, AUTOMATIC, clock=lambda: next(ticks)).run(
        threading.Event(), watched.append, until_finished=True
    )
    assert len(watched) >= SHORT.steps
    unwatched = train(SHORT).record_as(LanesRecord)
    last = watched[-1].record_as(LanesRecord)
    for model in SHORT.models:
        assert_same_cohorts(last.cohorts[model], unwatched.cohorts[model])
        assert_same_parameters(last.cohorts[model].parameters, parameters_after(model, SHORT.steps))
