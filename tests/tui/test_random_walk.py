"""Short random walks through every experiment; `python3 tests/walk` walks as far as requested."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.tui.running import running
from tests.walk.walker import Walk

from superpos_core.experiments import EXPERIMENTS, experiment_named
from superpos_core.record.lanes import LanesRecord
from superpos_core.training.dials import MAX_BRANCHES

ACTIONS = 50
SMALL = replace(
    experiment_named("twenty").config, features=6, hidden=2, importance=0.9, steps=60, restarts=2
)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.sampled(16)
async def test_the_instrument_survives_any_walk(
    experiment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where it exports to
    walk = Walk(experiment, seed=0, actions=ACTIONS)
    try:
        await walk.take()
    except Exception as fault:
        fault.add_note(" · ".join(walk.story))
        raise
    assert walk.story


@pytest.mark.thorough
async def test_memory_stays_bounded_however_often_dials_are_turned() -> None:
    async with running(config=SMALL) as (app, pilot):
        sizes_seen = []
        for turn in range(30):
            await pilot.press("d", "right" if turn % 2 else "left", "escape")
            if turn % 10 == 9:
                assert app.watched.snapshot is not None
                cohort = app.watched.snapshot.record_as(LanesRecord).cohorts["tied"]
                sizes_seen.append((cohort.losses.mean.nbytes, len(cohort.timeline.moments)))
        assert app.watched.snapshot is not None
        assert app.watched.snapshot.undoable <= MAX_BRANCHES
        assert max(size for size, _ in sizes_seen) <= 1024 * 4 * len(app.watched.config.lanes)
        assert max(moments for _, moments in sizes_seen) < 200
