"""The job that fills phase maps: what it trains, in which order, and its commands."""

import math
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from tests.core.phase_maps import TWO_IN_ONE, phase_config
from tests.scripted_engine import Loss, ManualClock, ScriptedEngine, falling_loss

from superpos_core.analysis.phase_agreement import agreement
from superpos_core.engine import Engine
from superpos_core.engine.fused.engine import FusedEngine
from superpos_core.errors import InvalidValue
from superpos_core.record.phase_grid import PHASE_MAP, Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
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
from superpos_core.training.loop import SLICE_SECONDS
from superpos_core.training.pacing import PACES, Pace
from superpos_core.training.phase_maps import RANKING_SHARE
from superpos_core.training.run import loop_for

CONFIG = phase_config(13, 12)
"""Four blocks: every second cell, and the three products of the cells in between."""
FULL, WATCH = PACES["full"], PACES["watch"]


class Rig:
    """A loop with scripted engines, on a clock that only training and waiting move.

    ``on_publish`` sees every snapshot, and may submit commands or set ``stop``.
    """

    def __init__(
        self,
        config: ExperimentConfig = CONFIG,
        pace: Pace = FULL,
        seconds_per_step: float = 0.001,
        loss: Loss = falling_loss,
    ) -> None:
        self.clock = ManualClock()
        self.engines: list[ScriptedEngine] = []
        self.published: list[Snapshot] = []
        self.refusals: list[str] = []
        self.on_publish: Callable[[Snapshot], None] = lambda snapshot: None
        self.stop = threading.Event()
        self._seconds_per_step = seconds_per_step
        self._loss = loss
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("superpos_core.training.loop.queue.Queue", self._make_queue)
            self.loop = loop_for(config, self._make_engine, pace, self.clock)

    def run(self) -> PhaseMap:
        """Train to the end, or until ``stop`` is set; returns the last map."""
        self.loop.run(self.stop, self.publish, until_finished=True, on_refusal=self.refusals.append)
        return self.map

    def submit(self, *commands: Command) -> None:
        for command in commands:
            self.loop.submit(command)

    @property
    def latest(self) -> Snapshot:
        return self.published[-1]

    @property
    def map(self) -> PhaseMap:
        return map_of(self.latest)

    @property
    def steps_taken(self) -> int:
        return sum(steps["tied"] for engine in self.engines for steps in engine.advanced)

    def _make_engine(self, config: ExperimentConfig) -> Engine:
        self.engines.append(ScriptedEngine(config, self._loss, self._take_time))
        return self.engines[-1]

    def _make_queue(self) -> "_CommandQueue":
        return _CommandQueue(self.clock)

    def _take_time(self, steps: Mapping[str, int]) -> None:
        self.clock.pass_time(self._seconds_per_step * steps["tied"])

    def publish(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, and pass it to the test."""
        self.published.append(snapshot)
        assert len(self.published) < 5000, "it never ends"
        self.on_publish(snapshot)


class _CommandQueue(queue.Queue[Command]):
    """A queue on which waiting advances the manual clock instead of taking real time."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock

    def get(self, block: bool = True, timeout: float | None = None) -> Command:
        if block and self.empty():
            assert timeout is not None
            self._clock.pass_time(timeout)
        return super().get(block=False)


def map_of(snapshot: Snapshot) -> PhaseMap:
    return snapshot.record_as(PhaseMap)


def assert_same(one: PhaseMap, other: PhaseMap) -> None:
    ours, others = vars(one), vars(other)
    for name in ("filled", "norm", "superposition", "region", "best_restart", "encoder", "bias"):
        np.testing.assert_array_equal(ours[name], others[name], err_msg=name)


# ── what is trained ───────────────────────────────────────────────────────────────────────────


def test_every_cell_is_trained_to_its_last_step_coarse_to_fine() -> None:
    rig = Rig()
    phase_map = rig.run()
    assert phase_map.filled.all()
    assert rig.latest.phase == "finished"
    assert rig.latest.config == CONFIG
    blocks = list(PhaseGrid(CONFIG).blocks())
    assert len(blocks) == 4
    grid = phase_map.grid
    assert [engine.config for engine in rig.engines] == [grid.config_of(each) for each in blocks]
    for engine in rig.engines:
        assert sum(steps["tied"] for steps in engine.advanced) == CONFIG.steps
        assert engine.times_closed == 1


def test_a_cell_is_the_same_however_the_grid_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    config = phase_config(4, 5)
    grid = PhaseGrid(config)
    engine = FusedEngine(config)
    losses = engine.advance({"tied": config.steps})["tied"].astype(np.float64)
    last = losses[-math.ceil(RANKING_SHARE * config.steps) :].mean(axis=0)
    whole = Block(tuple(range(4)), tuple(range(5)))
    expected = PhaseMap.empty(grid).with_block(whole, engine.parameters("tied"), last)
    engine.close()
    monkeypatch.setattr("superpos_core.record.phase_grid.BLOCK_LANES", 7)
    for pace in (FULL, Pace("test", "a fifth of a second", seconds=0.2)):
        published: list[Snapshot] = []
        loop = loop_for(config, FusedEngine, pace)
        loop.run(threading.Event(), published.append, until_finished=True)
        assert_same(map_of(published[-1]), expected)


def test_the_trained_regions_match_theory() -> None:
    config = replace(phase_config(7, 7), restarts=8, steps=1500)
    published: list[Snapshot] = []
    loop = loop_for(config, FusedEngine)
    loop.run(threading.Event(), published.append, until_finished=True)
    phase_map = map_of(published[-1])
    assert agreement(phase_map) > 0.95
    far = phase_map.grid.far_from_boundaries
    wrong = np.abs(phase_map.norm - phase_map.grid.theory_norm)[far]
    assert np.median(wrong) < 0.05


def test_restarts_are_ranked_by_the_losses_of_the_last_third() -> None:
    def loss(lane: Lane, step: int) -> float:
        late = step > CONFIG.steps * (1 - RANKING_SHARE)
        return float(lane.seed == 1) if late else 100.0 * (lane.seed != 1)

    phase_map = Rig(loss=loss).run()
    assert set(phase_map.best_restart.ravel().tolist()) == {0}
    late_only = Rig(loss=lambda lane, step: -float(lane.seed == 2 and step == CONFIG.steps)).run()
    assert set(late_only.best_restart.ravel().tolist()) == {2}


def test_nan_losses_do_not_stop_training() -> None:
    phase_map = Rig(loss=lambda lane, step: math.nan if lane.seed == 0 else 1.0).run()
    assert set(phase_map.best_restart.ravel().tolist()) == {1}


# ── snapshots ─────────────────────────────────────────────────────────────────────────────────


def test_snapshots_fill_up_and_report_progress() -> None:
    rig = Rig()
    rig.run()
    maps = [map_of(snapshot) for snapshot in rig.published]
    assert maps[0].share_done == 0
    assert not maps[0].filled.any()
    assert rig.published[0].phase == "training"
    shares = [each.share_done for each in maps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert all(each.share_filled <= each.share_done + 1e-12 for each in maps)
    assert len({each.share_filled for each in maps}) == 5
    assert any(0 < each.share_done - each.share_filled < 0.2 for each in maps)


def test_a_slice_takes_about_20_milliseconds() -> None:
    rig = Rig(replace(CONFIG, steps=500))
    rig.run()
    slices = [steps["tied"] for engine in rig.engines for steps in engine.advanced]
    assert max(slices) <= SLICE_SECONDS / 0.001
    assert np.median(slices) >= 0.9 * SLICE_SECONDS / 0.001


def test_a_finished_map_knows_its_average_rate() -> None:
    rig = Rig()
    rig.run()
    assert rig.latest.seconds_training == pytest.approx(0.001 * 4 * CONFIG.steps)
    assert rig.latest.steps_per_second == pytest.approx(1000)
    assert (rig.latest.engine, rig.latest.device) == ("scripted", "cpu")


def test_a_watched_map_takes_its_time_and_starts_slowly() -> None:
    rig = Rig(pace=WATCH, seconds_per_step=1e-5)
    at: list[float] = []
    rig.on_publish = lambda snapshot: at.append(rig.clock.now)
    rig.run()
    assert rig.clock.now == pytest.approx(10, abs=0.1)
    filled = [map_of(snapshot).share_filled for snapshot in rig.published]
    steps = 4 * CONFIG.steps
    first = next(when for when, share in zip(at, filled, strict=True) if share > 0)
    assert first == pytest.approx(WATCH.elapsed_at(CONFIG.steps, steps), abs=0.1)


# ── commands ──────────────────────────────────────────────────────────────────────────────────


def test_pausing_stops_until_resume_and_changes_no_numbers() -> None:
    rig = Rig()
    paused_at: list[int] = []

    def look(snapshot: Snapshot) -> None:
        if snapshot.phase == "paused":
            paused_at.append(rig.steps_taken)
            rig.clock.pass_time(60)
            rig.submit(Resume())
        elif map_of(snapshot).share_done > 0.3 and not paused_at:
            rig.submit(Pause())

    rig.on_publish = look
    phase_map = rig.run()
    assert len(paused_at) == 1
    assert 0 < paused_at[0] < 4 * CONFIG.steps
    assert rig.clock.now > 60
    assert_same(phase_map, Rig().run())


def test_a_single_step_advances_the_block_by_one_and_pauses() -> None:
    rig = Rig()
    rig.submit(SingleStep(), SingleStep())

    def look(snapshot: Snapshot) -> None:
        if snapshot.phase == "paused":
            assert rig.steps_taken == 2
            rig.stop.set()

    rig.on_publish = look
    rig.run()
    assert rig.latest.phase == "paused"
    expected = 2 / CONFIG.steps * 7 * 6 / (13 * 12)
    assert rig.map.share_done == pytest.approx(expected)


def test_single_steps_continue_into_the_next_block_and_stop_at_the_end() -> None:
    rig = Rig(replace(CONFIG, steps=3))
    rig.submit(*[SingleStep()] * 20)
    rig.run()
    assert rig.latest.phase == "finished"
    assert rig.steps_taken == 4 * 3
    assert rig.map.filled.all()


@pytest.mark.parametrize(
    ("command", "config"),
    [
        (Reset(), CONFIG),
        (Reseed(7), replace(CONFIG, seed=7)),
        (Restart(phase_config(3, 4)), phase_config(3, 4)),
        (
            TurnDials(replace(CONFIG, weight_decay=0.1), "weight decay"),
            replace(CONFIG, weight_decay=0.1),
        ),
    ],
)
def test_a_restart_empties_the_map(command: Command, config: ExperimentConfig) -> None:
    rig = Rig()

    def look(snapshot: Snapshot) -> None:
        if snapshot.generation == 0 and map_of(snapshot).share_filled > 0.2:
            rig.submit(command)
            rig.on_publish = expect_nothing

    def expect_nothing(snapshot: Snapshot) -> None:
        assert snapshot.generation == 1
        assert not map_of(snapshot).filled.any()
        rig.on_publish = lambda _: None

    rig.on_publish = look
    phase_map = rig.run()
    assert rig.latest.config == phase_map.grid.config == config
    assert phase_map.filled.all()
    assert all(engine.times_closed == 1 for engine in rig.engines)
    assert_same(phase_map, Rig(config).run())


def test_a_finished_map_waits_for_commands_and_can_restart() -> None:
    rig = Rig()

    def look(snapshot: Snapshot) -> None:
        if snapshot.phase == "finished":
            rig.submit(Reset())
            rig.on_publish = look_again

    def look_again(snapshot: Snapshot) -> None:
        if snapshot.phase == "finished":
            rig.stop.set()

    rig.on_publish = look
    rig.loop.run(rig.stop, rig.publish)
    assert rig.latest.generation == 1
    assert rig.steps_taken == 2 * 4 * CONFIG.steps
    assert rig.map.filled.all()


def test_changing_the_pace_during_training_causes_no_jump() -> None:
    rig = Rig(replace(CONFIG, restarts=1, steps=1000))
    steps = 4 * 1000

    def slow_down(snapshot: Snapshot) -> None:
        if rig.steps_taken > 0.3 * steps:
            begun, taken = rig.clock.now, rig.steps_taken
            rig.submit(SetPace(WATCH))
            rig.on_publish = lambda _: look(begun, taken)

    def look(begun: float, taken: int) -> None:
        passed = rig.clock.now - begun
        if passed > 0.5:
            due = WATCH.elapsed_at(taken, steps) + passed
            assert taken < rig.steps_taken <= WATCH.step_at(due + 0.05, steps)
            rig.stop.set()

    rig.on_publish = slow_down
    rig.run()
    assert 0.3 < rig.map.share_done < 1


def test_undo_and_joining_the_same_model_do_nothing() -> None:
    rig = Rig()
    rig.submit(Undo(), JoinModel("tied"))
    assert_same(rig.run(), Rig().run())


@pytest.mark.parametrize(
    "command",
    [Reseed(-1), Restart(replace(TWO_IN_ONE, importance=0.5))],
)
def test_an_invalid_command_ends_the_run_with_its_reason(command: Command) -> None:
    rig = Rig()
    rig.submit(command)
    with pytest.raises(InvalidValue, match="; choose "):
        rig.run()
    assert [engine.times_closed for engine in rig.engines] == [1]


def test_another_model_cannot_join_a_map_and_training_continues() -> None:
    rig = Rig()
    rig.submit(JoinModel("mlp"))
    assert_same(rig.run(), Rig().run())
    assert rig.refusals == ["mlp cannot join: a phase map trains a single model"]


def test_a_config_that_is_not_a_phase_diagram_is_refused_before_an_engine_is_made() -> None:
    engines: list[ExperimentConfig] = []

    def make(config: ExperimentConfig) -> Engine:
        engines.append(config)
        return ScriptedEngine(config)

    with pytest.raises(InvalidValue, match="sweep none"):
        loop_for(ExperimentConfig("twenty", features=2, hidden=1, kind=PHASE_MAP), make)
    assert engines == []


def test_stopping_closes_the_current_engine() -> None:
    rig = Rig()

    def look(snapshot: Snapshot) -> None:
        if map_of(snapshot).share_filled > 0.3:
            rig.stop.set()

    rig.on_publish = look
    rig.run()
    assert [engine.times_closed for engine in rig.engines] == [1] * len(rig.engines)
    assert 1 < len(rig.engines) < 4 + 1
