"""The job that fills phase maps: what it trains, in which order, and what it publishes."""

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from tests.core.phase_maps import phase_config
from tests.core.training.map_rig import CONFIG, FULL, WATCH, Rig, assert_same, map_of

from superpos_core.analysis.phase_agreement import agreement
from superpos_core.engine.fused.engine import FusedEngine
from superpos_core.record.phase_grid import Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.lanes import Lane
from superpos_core.training.loop import SLICE_SECONDS
from superpos_core.training.pacing import Pace
from superpos_core.training.phase_maps import RANKING_SHARE
from superpos_core.training.run import loop_for

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
    assert rig.clock.now == pytest.approx(WATCH.seconds, abs=0.1)
    filled = [map_of(snapshot).share_filled for snapshot in rig.published]
    steps = 4 * CONFIG.steps
    first = next(when for when, share in zip(at, filled, strict=True) if share > 0)
    assert first == pytest.approx(WATCH.elapsed_at(CONFIG.steps, steps), abs=0.1)
