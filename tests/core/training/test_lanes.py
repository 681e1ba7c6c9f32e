"""The trainer, driven by a scripted engine on a clock that only training and waiting move.

A test tells a *story*: a generator that gives commands and yields the condition to wait for before
it goes on. The trainer runs on the test's own thread until the story ends.
"""

import math
import queue
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
from tests.scripted_engine import Loss, ManualClock, ScriptedEngine, falling_loss

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.timeline import next_step_to_keep
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters
from superpos_core.training.commands import (
    Command,
    JoinModel,
    Pause,
    Reseed,
    Reset,
    Restart,
    Resume,
    SetPace,
    SingleStep,
    TurnDials,
    Undo,
)
from superpos_core.training.lanes import MOST_BRANCHES
from superpos_core.training.loop import PUBLISH_SECONDS, SLICE_SECONDS
from superpos_core.training.pacing import PACES, Pace
from superpos_core.training.run import loop_for, train

CONFIG = ExperimentConfig(
    "test", features=4, hidden=2, models=("tied", "mlp"), sparsities=(0.0, 0.9), steps=2000
)
FULL, WATCH = PACES["full"], PACES["watch"]


def kept_steps(last: int) -> list[int]:
    steps = [0]
    while steps[-1] < last:
        steps.append(next_step_to_keep(steps[-1]))
    return steps[1:]


KEPT_STEPS = kept_steps(100_000)


def cohorts_of(snapshot: Snapshot) -> Mapping[str, Cohort]:
    return snapshot.record_as(LanesRecord).cohorts


Condition = Callable[[], bool]
Story = Iterator[Condition]


class Rig:
    """A trainer, the clock it looks at, the engines it made and all that it published."""

    def __init__(
        self,
        config: ExperimentConfig = CONFIG,
        pace: Pace = FULL,
        seconds_per_step: float = 0.001,
        loss: Loss = falling_loss,
    ) -> None:
        self.clock = ManualClock()
        self.seconds_per_step = seconds_per_step
        self.engines: list[ScriptedEngine] = []
        self.published: list[Snapshot] = []
        self.published_at: list[float] = []
        self.refusals: list[str] = []
        self._loss = loss
        self._stop = threading.Event()
        self._story: Story = iter(())
        self._awaited: Condition = lambda: True
        self._looks = 0
        self.commands = _CommandQueue(self)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("superpos_core.training.loop.queue.Queue", lambda: self.commands)
            self.trainer = loop_for(config, self._make_engine, pace, self.clock)

    def play(self, story: Story) -> None:
        """Run the trainer until the story ends."""
        self._story = story
        self.trainer.run(self._stop, self._publish)

    def run_to_the_end(self) -> None:
        """Run the trainer until all lanes are done."""
        self._story = iter([lambda: False])
        self.trainer.run(
            self._stop, self._publish, until_finished=True, on_refusal=self.refusals.append
        )

    def submit(self, *commands: Command) -> None:
        for command in commands:
            self.trainer.submit(command)

    @property
    def latest(self) -> Snapshot:
        return self.published[-1]

    def step(self, model: str = "tied") -> int:
        return cohorts_of(self.latest)[model].step

    def after(self, seconds: float) -> Condition:
        deadline = self.clock.now + seconds
        return lambda: self.clock.now >= deadline

    def phase_is(self, phase: str) -> Condition:
        return lambda: self.latest.phase == phase

    def step_reaches(self, step: int, model: str = "tied") -> Condition:
        return lambda: model in cohorts_of(self.latest) and self.step(model) >= step

    def generation_is(self, generation: int) -> Condition:
        return lambda: self.latest.generation == generation

    def _make_engine(self, config: ExperimentConfig) -> Engine:
        self.engines.append(ScriptedEngine(config, self._loss, self._take_time))
        return self.engines[-1]

    def _take_time(self, steps: Mapping[str, int]) -> None:
        self.clock.pass_time(self.seconds_per_step * max(steps.values()))

    def _publish(self, snapshot: Snapshot) -> None:
        self.published.append(snapshot)
        self.published_at.append(self.clock.now)
        self.look()

    def look(self) -> None:
        """Go on with the story as far as what it waits for has happened."""
        self._looks += 1
        assert self._looks < 20_000, "the story never ends"
        while not self._stop.is_set() and self._awaited():
            following = next(self._story, None)
            if following is None:
                self._stop.set()
            else:
                self._awaited = following


class _CommandQueue:
    """A queue on which waiting takes the clock's time, and no one else's."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._commands: deque[Command] = deque()

    def put(self, command: Command) -> None:
        self._commands.append(command)

    def get(self, block: bool, timeout: float | None) -> Command:
        if block and not self._commands:
            assert timeout is not None
            for _ in range(2):  # a command may come while the trainer waits
                self._rig.clock.pass_time(timeout / 2)
                self._rig.look()
        if not self._commands:
            raise queue.Empty
        return self._commands.popleft()


def arrays_of(snapshot: Snapshot) -> dict[str, FloatArray]:
    """All arrays of a snapshot, but for the steps of its curves."""
    arrays = {}
    for model, cohort in cohorts_of(snapshot).items():
        arrays[f"{model} encoder"] = cohort.parameters.encoder
        arrays[f"{model} decoder"] = cohort.parameters.decoder
        arrays[f"{model} bias"] = cohort.parameters.bias
        for name, curve in (("losses", cohort.losses), ("recent", cohort.recent_losses)):
            arrays[f"{model} {name} mean"] = curve.mean
            arrays[f"{model} {name} low"] = curve.low
            arrays[f"{model} {name} high"] = curve.high
    return arrays


def assert_same_arrays(one: Snapshot, other: Snapshot) -> None:
    ours, others = arrays_of(one), arrays_of(other)
    assert ours.keys() == others.keys()
    for name in ours:
        np.testing.assert_array_equal(ours[name], others[name], err_msg=name)


def undisturbed() -> Snapshot:
    rig = Rig()
    rig.run_to_the_end()
    return rig.latest


# Training to the end


def test_every_model_is_trained_to_its_last_step_and_no_further() -> None:
    rig = Rig()
    rig.run_to_the_end()
    (engine,) = rig.engines
    for model in CONFIG.models:
        assert sum(steps[model] for steps in engine.advanced) == CONFIG.steps
        cohort = cohorts_of(rig.latest)[model]
        assert cohort.step == CONFIG.steps
        assert cohort.lanes == CONFIG.lanes_of(model)
        assert cohort.losses.steps[-1] == CONFIG.steps
        np.testing.assert_array_equal(
            cohort.parameters.encoder[0], np.eye(CONFIG.features, CONFIG.hidden)
        )
    assert rig.latest.phase == "finished"
    assert rig.latest.config == CONFIG
    assert (rig.latest.engine, rig.latest.device) == ("scripted", "cpu")


def test_the_losses_of_a_curve_are_those_of_the_engine() -> None:
    rig = Rig(replace(CONFIG, steps=50))
    rig.run_to_the_end()
    cohort = cohorts_of(rig.latest)["mlp"]
    expected = [
        [falling_loss(lane, step) for step in range(1, 51)] for lane in CONFIG.lanes_of("mlp")
    ]
    np.testing.assert_allclose(cohort.losses.mean, expected, rtol=1e-6)
    np.testing.assert_allclose(cohort.recent_losses.mean, expected, rtol=1e-6)


def test_losses_that_are_not_numbers_do_not_stop_training() -> None:
    rig = Rig(loss=lambda lane, step: math.nan if lane.sparsity == 0 and step > 10 else 1.0)
    rig.run_to_the_end()
    broken, whole = cohorts_of(rig.latest)["tied"].recent_losses.mean
    assert np.isnan(broken).all()
    assert (whole == 1).all()


def test_the_first_picture_is_of_step_0_and_comes_before_any_training() -> None:
    rig = Rig()
    rig.run_to_the_end()
    first = rig.published[0]
    assert (
        first.phase,
        cohorts_of(first)["tied"].step,
        first.steps_per_second,
    ) == ("training", 0, 0)
    assert rig.published_at[0] == 0
    assert cohorts_of(first)["tied"].losses.steps.size == 0


def test_a_trainer_told_to_stop_at_once_takes_no_step_and_closes_its_engine() -> None:
    rig = Rig()
    rig.play(iter(()))
    assert rig.engines[0].advanced == []
    assert rig.engines[0].times_closed == 1


def test_the_engine_is_closed_once_at_the_end() -> None:
    rig = Rig()
    rig.run_to_the_end()
    assert rig.engines[0].times_closed == 1


def test_a_finished_trainer_waits_for_commands() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.phase_is("finished")
        slices, pictures = len(rig.engines[0].advanced), len(rig.published)
        yield rig.after(60)
        assert len(rig.engines[0].advanced) == slices
        assert len(rig.published) == pictures
        rig.submit(Reset())
        yield rig.generation_is(1)
        assert rig.latest.phase == "training"
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.step() == CONFIG.steps


# Slices and pictures


@pytest.mark.parametrize(
    ("seconds_per_step", "least", "most"),
    [(1e-5, 1000, 2000), (1e-4, 100, 200), (4e-3, 3, 5), (0.3, 1, 1)],
)
def test_a_slice_takes_about_20_milliseconds_whatever_a_step_costs(
    seconds_per_step: float, least: int, most: int
) -> None:
    assert SLICE_SECONDS == 0.02
    steps = most * 30
    rig = Rig(replace(CONFIG, steps=steps), seconds_per_step=seconds_per_step)
    rig.run_to_the_end()
    slices = [advanced["tied"] for advanced in rig.engines[0].advanced]
    assert sum(slices) == steps
    assert max(slices) <= most
    # Slices that end at a step whose weights are kept may be shorter.
    ends = np.cumsum(slices).tolist()
    free = [size for size, end in zip(slices, ends, strict=True) if end not in KEPT_STEPS]
    assert free[12:] == [] or min(free[12:-1]) >= least
    assert any(size >= least for size in slices)


def test_the_weights_are_kept_at_the_same_steps_at_any_speed() -> None:
    slow, fast = Rig(seconds_per_step=0.1), Rig(seconds_per_step=1e-5)
    for rig in (slow, fast):
        rig.run_to_the_end()
    timelines = [cohorts_of(rig.latest)["tied"].timeline for rig in (slow, fast)]
    kept = [step for step in (0, *KEPT_STEPS) if step <= CONFIG.steps]
    for timeline in timelines:
        assert timeline.steps.tolist() == kept
    for ours, others in zip(timelines[0].moments, timelines[1].moments, strict=True):
        np.testing.assert_array_equal(ours.parameters.encoder, others.parameters.encoder)
    assert timelines[0].moments[-1].step == CONFIG.steps


def test_slices_shrink_at_once_when_steps_become_slower() -> None:
    rig = Rig(replace(CONFIG, steps=20_000), seconds_per_step=1e-4)
    fast = 0

    def story() -> Story:
        nonlocal fast
        yield rig.step_reaches(10_000)
        fast = len(rig.engines[0].advanced)
        rig.seconds_per_step = 1e-2
        yield rig.step_reaches(rig.step() + 300)

    rig.play(story())
    slow = [steps["tied"] for steps in rig.engines[0].advanced[fast:]]
    assert len(slow) > 20
    assert max(slow[1:]) <= 2


def test_pictures_come_thirty_times_a_second_at_most_and_not_much_less() -> None:
    rig = Rig(replace(CONFIG, steps=20_000))
    rig.run_to_the_end()
    assert rig.clock.now == pytest.approx(20, rel=0.01)
    # Not counted: the picture of the beginning and that of the end.
    between = np.diff(rig.published_at[1:-1])
    assert between.min() >= PUBLISH_SECONDS
    assert between.max() <= PUBLISH_SECONDS + 2 * SLICE_SECONDS
    assert len(rig.published) <= 20 * 30 + 3


def test_pictures_are_in_order() -> None:
    rig = Rig()
    rig.run_to_the_end()
    steps = [cohorts_of(snapshot)["tied"].step for snapshot in rig.published]
    assert steps == sorted(steps)
    assert [snapshot.phase for snapshot in rig.published[:-1]] == ["training"] * (len(steps) - 1)


def test_steps_per_second_counts_the_steps_of_the_last_second() -> None:
    rig = Rig(replace(CONFIG, steps=6000), seconds_per_step=0.001)

    def story() -> Story:
        yield rig.after(2)
        assert rig.latest.steps_per_second == pytest.approx(1000, rel=1e-6)
        rig.seconds_per_step = 0.002
        yield rig.after(1.5)
        assert rig.latest.steps_per_second == pytest.approx(500, rel=1e-6)
        rig.submit(Pause())
        yield rig.after(3)
        assert rig.trainer.snapshot().steps_per_second == 0

    rig.play(story())


def test_a_finished_run_knows_its_average_rate_and_how_long_it_trained_without_its_pauses() -> None:
    rig = Rig(seconds_per_step=0.001)

    def story() -> Story:
        yield rig.step_reaches(1000)
        rig.seconds_per_step = 0.003
        rig.submit(Pause())
        yield rig.after(60)
        rig.submit(Resume())
        yield rig.phase_is("finished")

    rig.play(story())
    fast = sum(steps["tied"] for steps in rig.engines[0].advanced[: _slices_until(rig, 1000)])
    seconds = 0.001 * fast + 0.003 * (CONFIG.steps - fast)
    assert rig.latest.seconds_training == pytest.approx(seconds)
    assert rig.latest.steps_per_second == pytest.approx(CONFIG.steps / seconds)


def _slices_until(rig: Rig, step: int) -> int:
    """How many slices had been taken when a picture first showed this step or a later one."""
    shown = next(
        cohorts_of(s)["tied"].step for s in rig.published if cohorts_of(s)["tied"].step >= step
    )
    taken = np.cumsum([steps["tied"] for steps in rig.engines[0].advanced])
    return int(np.searchsorted(taken, shown)) + 1


def test_steps_per_second_is_known_even_when_a_step_takes_longer_than_one() -> None:
    rig = Rig(replace(CONFIG, steps=20), seconds_per_step=2.0)

    def story() -> Story:
        yield rig.step_reaches(10)
        assert rig.latest.steps_per_second == pytest.approx(0.5, rel=0.1)

    rig.play(story())


# Commands


def test_pause_stands_still_until_resume_and_changes_no_number() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(100)
        rig.submit(Pause())
        yield rig.phase_is("paused")
        paused_at, pictures = rig.step(), len(rig.published)
        yield rig.after(10)
        assert len(rig.published) == pictures
        assert cohorts_of(rig.trainer.snapshot())["tied"].step == paused_at
        rig.submit(Resume())
        yield rig.phase_is("training")
        assert rig.step() == paused_at
        yield rig.phase_is("finished")

    rig.play(story())
    assert_same_arrays(rig.latest, undisturbed())


def test_a_pause_is_obeyed_before_another_slice() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(500)
        slices = len(rig.engines[0].advanced)
        rig.submit(Pause())
        yield rig.phase_is("paused")
        assert len(rig.engines[0].advanced) == slices

    rig.play(story())


def test_a_single_step_is_one_step_of_every_model_and_then_a_pause() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(100)
        rig.submit(Pause())
        yield rig.phase_is("paused")
        begin, pictures = rig.step(), len(rig.published)
        for taken in (1, 2, 3):
            rig.submit(SingleStep())
            yield rig.step_reaches(begin + taken)
            assert rig.latest.phase == "paused"
            assert len(rig.published) == pictures + taken
            assert {cohort.step for cohort in cohorts_of(rig.latest).values()} == {begin + taken}
        yield rig.after(5)
        assert rig.step() == begin + 3
        rig.submit(Resume())
        yield rig.phase_is("finished")

    rig.play(story())
    assert_same_arrays(rig.latest, undisturbed())


def test_a_single_step_pauses_a_run_that_was_going() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(100)
        begin = rig.step()
        rig.submit(SingleStep())
        yield rig.phase_is("paused")
        assert rig.step() == begin + 1

    rig.play(story())


def test_a_single_step_after_the_last_does_nothing() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.phase_is("finished")
        pictures = len(rig.published)
        rig.submit(SingleStep())
        yield lambda: len(rig.published) > pictures
        assert rig.step() == CONFIG.steps
        assert rig.latest.phase == "finished"

    rig.play(story())


def test_commands_are_obeyed_in_order_and_all_before_the_next_slice() -> None:
    rig = Rig()
    rig.submit(SingleStep(), SingleStep(), Reset(), SingleStep(), JoinModel("linear"), SingleStep())

    def story() -> Story:
        yield rig.phase_is("paused")
        assert rig.latest.generation == 1
        assert {model: cohort.step for model, cohort in cohorts_of(rig.latest).items()} == {
            "tied": 2,
            "mlp": 2,
            "linear": 1,
        }

    rig.play(story())
    assert len(rig.published) == 2


def test_reset_begins_again_from_the_same_weights() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(700)
        rig.submit(Reset())
        yield rig.generation_is(1)
        assert_same_arrays(rig.latest, rig.published[0])
        assert rig.step() == 0
        assert rig.latest.config == CONFIG
        yield rig.phase_is("finished")

    rig.play(story())
    assert [engine.times_closed for engine in rig.engines] == [1, 1]
    assert_same_arrays(rig.latest, undisturbed())


def test_reseed_begins_again_from_other_weights() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(700)
        rig.submit(Reseed(5))
        yield rig.generation_is(1)
        assert rig.step() == 0
        assert rig.latest.config == replace(CONFIG, seed=5)
        assert all(lane.seed == 5 for lane in cohorts_of(rig.latest)["tied"].lanes)
        assert not np.any(
            cohorts_of(rig.latest)["tied"].parameters.encoder
            == cohorts_of(rig.published[0])["tied"].parameters.encoder
        )

    rig.play(story())
    assert [engine.config.seed for engine in rig.engines] == [0, 5]


def test_a_reset_after_a_reseed_keeps_the_new_seed() -> None:
    rig = Rig()
    rig.submit(Reseed(5), Reset())

    def story() -> Story:
        yield rig.generation_is(2)
        assert rig.latest.config.seed == 5

    rig.play(story())


def test_generations_count_new_beginnings_and_nothing_else() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(50)
        rig.submit(Pause(), Resume(), SetPace(WATCH), SetPace(FULL), JoinModel("linear"))
        yield rig.step_reaches(50, "linear")
        assert rig.latest.generation == 0
        rig.submit(Reset())
        yield rig.generation_is(1)
        rig.submit(Reseed(3))
        yield rig.generation_is(2)
        yield rig.step_reaches(10)

    rig.play(story())
    generations = [snapshot.generation for snapshot in rig.published]
    assert generations == sorted(generations)


def test_a_model_that_joins_trains_from_step_0_without_disturbing_the_others() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(300)
        rig.submit(JoinModel("linear"))
        yield lambda: "linear" in cohorts_of(rig.latest)
        assert rig.step("linear") == 0
        assert rig.step("tied") >= 300
        assert rig.latest.config.models == ("tied", "mlp", "linear")
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.step("linear") == CONFIG.steps
    assert rig.engines[0].joined == ["linear"]
    reference = arrays_of(undisturbed())
    ours = arrays_of(rig.latest)
    for name, array in reference.items():
        np.testing.assert_array_equal(ours[name], array, err_msg=name)


def test_a_model_that_joins_a_finished_run_wakes_it() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.phase_is("finished")
        slices = len(rig.engines[0].advanced)
        rig.submit(JoinModel("linear"))
        yield rig.phase_is("training")
        yield rig.phase_is("finished")
        assert {tuple(steps) for steps in rig.engines[0].advanced[slices:]} == {("linear",)}

    rig.play(story())
    assert {cohort.step for cohort in cohorts_of(rig.latest).values()} == {CONFIG.steps}


def test_a_model_that_is_there_cannot_join_again() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(100)
        before, pictures = rig.step(), len(rig.published)
        rig.submit(JoinModel("mlp"))
        yield lambda: len(rig.published) > pictures
        assert rig.step("mlp") >= before

    rig.play(story())
    assert rig.engines[0].joined == []


def test_a_model_that_joined_is_still_there_after_a_reset() -> None:
    rig = Rig()
    rig.submit(JoinModel("linear"), Reset())

    def story() -> Story:
        yield rig.generation_is(1)
        yield rig.step_reaches(10, "linear")

    rig.play(story())
    assert rig.engines[1].config.models == ("tied", "mlp", "linear")


def test_a_model_that_joins_a_paused_run_waits_with_it() -> None:
    rig = Rig()
    rig.submit(Pause(), JoinModel("linear"))

    def story() -> Story:
        yield rig.phase_is("paused")
        yield rig.after(5)
        assert cohorts_of(rig.trainer.snapshot())["linear"].step == 0

    rig.play(story())


# Pace


def test_a_watched_run_follows_its_pace() -> None:
    rig = Rig(replace(CONFIG, steps=10_000), WATCH, seconds_per_step=1e-4)

    def story() -> Story:
        for second in (0.5, 1, 2, 4, 6, 8, 9.5):
            yield rig.after(second - rig.clock.now)
            step = cohorts_of(rig.trainer.snapshot())["tied"].step
            # A picture's worth of waiting behind at most, and never ahead.
            assert WATCH.step_at(second - 0.1, 10_000) <= step
            assert step <= WATCH.step_at(rig.clock.now, 10_000)
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.clock.now == pytest.approx(10, abs=0.2)


def test_full_speed_can_be_chosen_and_given_up_without_a_jump() -> None:
    config = replace(CONFIG, steps=10_000)
    rig = Rig(config, WATCH, seconds_per_step=1e-4)

    def story() -> Story:
        yield rig.after(2)
        rig.submit(SetPace(FULL))
        yield rig.step_reaches(5000)
        rig.submit(SetPace(WATCH))
        slow_from, begun = rig.step(), rig.clock.now
        already = WATCH.elapsed_at(slow_from, 10_000)
        yield rig.after(0.5)
        waited = rig.clock.now - begun
        step = cohorts_of(rig.trainer.snapshot())["tied"].step
        assert slow_from < step <= WATCH.step_at(already + waited + 0.05, 10_000)
        rig.submit(SetPace(FULL))
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.clock.now < 4


def test_a_late_model_has_a_pace_of_its_own() -> None:
    rig = Rig(replace(CONFIG, steps=10_000), WATCH, seconds_per_step=1e-4)

    def story() -> Story:
        yield rig.after(7)
        rig.submit(JoinModel("linear"))
        yield rig.after(2)
        cohorts = cohorts_of(rig.trainer.snapshot())
        assert cohorts["linear"].step <= WATCH.step_at(2, 10_000)
        assert cohorts["linear"].step >= WATCH.step_at(1.8, 10_000)
        assert cohorts["tied"].step >= WATCH.step_at(8.8, 10_000)

    rig.play(story())


def steps_after_a_pause_of(rig: Rig, allowed_seconds: float) -> Story:
    yield rig.after(8)
    rig.submit(Pause())
    yield rig.phase_is("paused")
    step = rig.step()
    yield rig.after(5.05)
    rig.submit(Resume())
    yield rig.phase_is("training")
    resumed_at = rig.clock.now
    yield rig.after(0.1)
    passed = rig.clock.now - resumed_at
    due = WATCH.step_at(WATCH.elapsed_at(step, 10_000) + passed + allowed_seconds, 10_000)
    assert cohorts_of(rig.trainer.snapshot())["tied"].step <= due


def test_a_paced_run_does_not_make_up_for_a_pause() -> None:
    rig = Rig(replace(CONFIG, steps=10_000), WATCH, seconds_per_step=1e-6)
    rig.play(steps_after_a_pause_of(rig, allowed_seconds=0.3))


def test_a_paced_run_does_not_make_up_for_the_last_moment_of_a_pause_either() -> None:
    rig = Rig(replace(CONFIG, steps=10_000), WATCH, seconds_per_step=1e-6)
    rig.play(steps_after_a_pause_of(rig, allowed_seconds=0.05))


@pytest.mark.parametrize("stopped_for", [2, 60, 86_400])
def test_a_paced_run_does_not_make_up_for_the_time_that_the_process_was_stopped(
    stopped_for: float,
) -> None:
    rig = Rig(replace(CONFIG, steps=10_000), WATCH, seconds_per_step=1e-6)

    def story() -> Story:
        yield rig.after(5)
        step = rig.step()
        rig.clock.pass_time(stopped_for)
        yield rig.after(0.1)
        due = WATCH.step_at(WATCH.elapsed_at(step, 10_000) + 0.5, 10_000)
        assert step < cohorts_of(rig.trainer.snapshot())["tied"].step <= due
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.clock.now == pytest.approx(10 + stopped_for, abs=0.4)


# Snapshots


def test_the_arrays_of_a_snapshot_cannot_be_written_to() -> None:
    rig = Rig(replace(CONFIG, models=("tied", "untied")))
    rig.run_to_the_end()
    for name, array in arrays_of(rig.latest).items():
        assert not array.flags.writeable, name


def test_the_steps_of_a_curve_cannot_be_written_to() -> None:
    rig = Rig()
    rig.run_to_the_end()
    cohort = cohorts_of(rig.latest)["tied"]
    assert not cohort.losses.steps.flags.writeable
    assert not cohort.recent_losses.steps.flags.writeable


def test_a_snapshot_does_not_change_when_training_goes_on() -> None:
    rig = Rig()
    kept: dict[str, FloatArray] = {}
    early: list[Snapshot] = []

    def story() -> Story:
        yield rig.step_reaches(100)
        early.append(rig.latest)
        kept.update({name: array.copy() for name, array in arrays_of(rig.latest).items()})
        yield rig.phase_is("finished")

    rig.play(story())
    for name, array in arrays_of(early[0]).items():
        np.testing.assert_array_equal(array, kept[name], err_msg=name)
    assert not np.array_equal(kept["tied encoder"], arrays_of(rig.latest)["tied encoder"])


# Dials


DENSER = replace(CONFIG, sparsities=(0.5, 0.9))


def test_a_turned_dial_goes_on_with_the_same_weights_for_a_full_length() -> None:
    rig = Rig()
    turned_at = 0

    def story() -> Story:
        nonlocal turned_at
        yield rig.step_reaches(500)
        rig.submit(TurnDials(DENSER, "S 0 → 0.5"))
        yield lambda: rig.latest.config.sparsities == (0.5, 0.9)
        turned_at = cohorts_of(rig.latest)["tied"].marks[0].step
        yield rig.phase_is("finished")

    rig.play(story())
    assert 500 <= turned_at < 700
    assert [mark.text for mark in cohorts_of(rig.latest)["tied"].marks] == ["S 0 → 0.5"]
    assert rig.step() == rig.latest.config.steps == turned_at + CONFIG.steps
    assert cohorts_of(rig.latest)["tied"].lanes[0].sparsity == 0.5
    assert rig.latest.generation == 0, "the run goes on"
    first, second = rig.engines
    assert sum(steps["tied"] for steps in first.advanced) == turned_at
    assert sum(steps["tied"] for steps in second.advanced) == CONFIG.steps
    assert (first.times_closed, second.times_closed) == (1, 1)


def test_undo_goes_back_to_where_the_dial_was_turned_and_all_goes_on_as_if_it_had_not_been() -> (
    None
):
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(500)
        rig.submit(TurnDials(DENSER, "S 0 → 0.5"))
        yield lambda: rig.latest.undoable == 1 and rig.step() > 900
        rig.submit(Undo())
        yield lambda: rig.latest.undoable == 0
        assert rig.step() < 900
        assert rig.latest.config == CONFIG
        assert cohorts_of(rig.latest)["tied"].marks == ()
        assert cohorts_of(rig.latest)["tied"].timeline.moments[-1].step <= rig.step()
        yield rig.phase_is("finished")

    rig.play(story())
    assert_same_arrays(rig.latest, undisturbed())


def test_undo_without_a_turned_dial_changes_nothing() -> None:
    rig = Rig()
    rig.submit(Undo())
    rig.run_to_the_end()
    assert_same_arrays(rig.latest, undisturbed())


def test_a_model_that_joined_after_a_dial_was_turned_stays_after_undo() -> None:
    rig = Rig(replace(CONFIG, models=("tied",)))

    def story() -> Story:
        yield rig.step_reaches(500)
        rig.submit(TurnDials(replace(DENSER, models=("tied",)), "S"), JoinModel("mlp"))
        yield rig.step_reaches(300, "mlp")
        rig.submit(Undo())
        yield lambda: rig.latest.undoable == 0
        assert rig.latest.config.models == ("tied", "mlp")
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.step("mlp") == CONFIG.steps


def test_dials_of_before_a_model_joined_turn_for_that_model_too() -> None:
    """They may have been on the screen since before: what joined must not be forgotten by it."""
    rig = Rig(replace(CONFIG, models=("tied",)))

    def story() -> Story:
        yield rig.step_reaches(500)
        rig.submit(JoinModel("mlp"), TurnDials(replace(DENSER, models=("tied",)), "S"))
        yield rig.step_reaches(300, "mlp")
        assert rig.latest.config.models == ("tied", "mlp")
        rig.submit(TurnDials(replace(CONFIG, models=("tied",)), "S back"), Undo(), Undo())
        yield lambda: rig.latest.undoable == 0 and rig.latest.config.sparsities == CONFIG.sparsities
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.latest.config.models == ("tied", "mlp")
    assert rig.step("tied") == rig.step("mlp") == CONFIG.steps


@pytest.mark.parametrize(
    "of_another_run",
    [
        replace(DENSER, seed=CONFIG.seed + 1),
        replace(DENSER, features=CONFIG.features + 1),
        replace(DENSER, restarts=2),
        replace(DENSER, sparsities=(0.5, 0.7, 0.9)),
        replace(DENSER, name="another"),
        replace(DENSER, optimiser="sgd"),
    ],
)
def test_dials_of_another_run_are_refused_and_training_goes_on(
    of_another_run: ExperimentConfig,
) -> None:
    """They were turned while a restart was on its way."""
    rig = Rig()
    rig.submit(TurnDials(of_another_run, "S"))
    rig.run_to_the_end()
    assert rig.refusals == ["the dials that were turned are those of another run"]
    assert_same_arrays(rig.latest, undisturbed())
    assert len(rig.engines) == 1


def test_only_so_many_turns_can_be_undone() -> None:
    rig = Rig()
    rig.submit(*[TurnDials(DENSER, "again")] * (MOST_BRANCHES + 3))
    rig.run_to_the_end()
    assert rig.latest.undoable == MOST_BRANCHES
    assert sum(engine.times_closed for engine in rig.engines) == len(rig.engines)


def test_a_restart_begins_again_with_any_other_config() -> None:
    rig = Rig()
    other = ExperimentConfig("other", features=7, hidden=3, models=("linear",), steps=50)

    def story() -> Story:
        yield rig.step_reaches(500)
        rig.submit(Restart(other))
        yield rig.generation_is(1)
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.latest.config == other
    assert cohorts_of(rig.latest)["linear"].parameters.encoder.shape == (5, 7, 3)


# Failures


class BrokenError(Exception):
    pass


def fail(steps: Mapping[str, int]) -> None:
    raise BrokenError("the engine broke")


def test_a_failure_of_the_engine_ends_the_run_and_closes_the_engine() -> None:
    engines: list[ScriptedEngine] = []

    def make(config: ExperimentConfig) -> Engine:
        engines.append(ScriptedEngine(config, before_advance=fail))
        return engines[-1]

    published: list[Snapshot] = []
    with pytest.raises(BrokenError, match="the engine broke"):
        loop_for(CONFIG, make).run(threading.Event(), published.append)
    assert engines[0].times_closed == 1
    assert [cohorts_of(snapshot)["tied"].step for snapshot in published] == [0]


def test_a_failure_of_whoever_looks_on_closes_the_engine_too() -> None:
    engine = ScriptedEngine(CONFIG)

    def refuse(snapshot: Snapshot) -> None:
        raise BrokenError("nobody looks")

    with pytest.raises(BrokenError, match="nobody looks"):
        loop_for(CONFIG, lambda config: engine).run(threading.Event(), refuse)
    assert engine.times_closed == 1


@pytest.mark.parametrize("command", [JoinModel("tide"), Reseed(-1)])
def test_a_command_that_cannot_be_obeyed_ends_the_run_with_its_reason(command: Command) -> None:
    rig = Rig()
    rig.submit(command)
    with pytest.raises(InvalidValue, match="; choose "):
        rig.run_to_the_end()
    assert rig.engines[0].times_closed == 1


# A thread of its own


class Background:
    """A trainer in a thread, as the terminal has it: real clock, real queue."""

    def __init__(self, config: ExperimentConfig, pace: Pace = FULL) -> None:
        self.trainer = loop_for(config, ScriptedEngine, pace)
        self._stop = threading.Event()
        self._snapshots: queue.Queue[Snapshot] = queue.Queue()
        self._thread = threading.Thread(
            target=self.trainer.run, args=(self._stop, self._snapshots.put), daemon=True
        )

    def __enter__(self) -> "Background":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    def interrupt(self, number: signal.Signals, seconds: float) -> None:
        """Let a signal interrupt the thread, which gets the interpreter so much later."""
        interval = sys.getswitchinterval()
        sys.setswitchinterval(10)
        assert self._thread.ident is not None
        signal.pthread_kill(self._thread.ident, number)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            pass
        sys.setswitchinterval(interval)

    def wait_for(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        """The next snapshot that meets it; fails after ten seconds without any."""
        while True:
            snapshot = self._snapshots.get(timeout=10)
            if condition(snapshot):
                return snapshot


def test_commands_from_another_thread_are_obeyed() -> None:
    with Background(replace(CONFIG, steps=10_000_000)) as background:
        submit, wait_for = background.trainer.submit, background.wait_for
        wait_for(lambda snapshot: cohorts_of(snapshot)["tied"].step > 0)
        submit(Pause())
        paused = wait_for(lambda snapshot: snapshot.phase == "paused")
        submit(SingleStep())
        stepped = wait_for(lambda snapshot: True)
        assert cohorts_of(stepped)["tied"].step == cohorts_of(paused)["tied"].step + 1
        submit(Reseed(9))
        reseeded = wait_for(lambda snapshot: snapshot.generation == 1)
        assert (reseeded.config.seed, cohorts_of(reseeded)["tied"].step) == (
            9,
            0,
        )
        submit(Resume())
        wait_for(lambda snapshot: cohorts_of(snapshot)["tied"].step > 0)


@pytest.mark.skipif(sys.platform == "win32", reason="threads get no signals there")
def test_no_signal_makes_it_wait_for_ever() -> None:
    """Such as SIGCONT and SIGWINCH, which the kernel gives to any thread."""
    slow = Pace("so slow that it waits between two steps", "", seconds=100)
    before = signal.signal(signal.SIGCONT, lambda number, frame: None)
    try:
        with Background(replace(CONFIG, steps=10_000), slow) as background:
            background.wait_for(lambda snapshot: cohorts_of(snapshot)["tied"].step > 0)
            for _ in range(20):
                time.sleep(0.003)
                background.interrupt(signal.SIGCONT, seconds=2 * SLICE_SECONDS)
            step = cohorts_of(background.trainer.snapshot())["tied"].step
            later = background.wait_for(lambda snapshot: cohorts_of(snapshot)["tied"].step > step)
            assert later.phase == "training"
    finally:
        signal.signal(signal.SIGCONT, before)


def test_commands_from_many_threads_are_all_obeyed() -> None:
    with Background(replace(CONFIG, steps=10_000_000)) as background:
        background.trainer.submit(Pause())
        before = background.wait_for(lambda snapshot: snapshot.phase == "paused")

        def step_often() -> None:
            for _ in range(25):
                background.trainer.submit(SingleStep())

        threads = [threading.Thread(target=step_often) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wanted = cohorts_of(before)["tied"].step + 100
        background.wait_for(lambda snapshot: cohorts_of(snapshot)["tied"].step == wanted)


def test_a_paused_trainer_stops_when_it_is_told_to() -> None:
    with Background(replace(CONFIG, steps=10_000_000)) as background:
        background.trainer.submit(Pause())
        background.wait_for(lambda snapshot: snapshot.phase == "paused")


# Everything in one call


def test_train_returns_the_last_snapshot_and_tells_of_progress() -> None:
    seen: list[Snapshot] = []
    last = train(CONFIG, on_progress=seen.append, engine=ScriptedEngine)
    assert last is seen[-1]
    assert last.phase == "finished"
    assert {cohort.step for cohort in cohorts_of(last).values()} == {CONFIG.steps}
    assert cohorts_of(seen[0])["tied"].step == 0


def test_train_refuses_a_device_that_is_not_there() -> None:
    with pytest.raises(InvalidValue, match="device tpu: there is no such device"):
        train(CONFIG, engine=EngineChoice(device="tpu").make)


def test_the_scripted_engine_gives_the_same_numbers_after_its_state_is_loaded() -> None:
    first, second = ScriptedEngine(CONFIG), ScriptedEngine(CONFIG)
    first.advance({"tied": 5, "mlp": 7})
    second.load_state(first.state())

    def all_arrays(parameters: Parameters) -> list[FloatArray]:
        return [parameters.encoder, parameters.decoder, parameters.bias]

    for one, other in zip(
        all_arrays(first.parameters("mlp")), all_arrays(second.parameters("mlp")), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(
        first.advance({"tied": 3})["tied"], second.advance({"tied": 3})["tied"]
    )
