"""A source that cannot train: a run that has ended and was opened. All of it can be looked at."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.snapshots import finished
from tests.tui.running import panel, running, text_of, until, until_finished

from superpos_core.experiments import EXPERIMENTS
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_tui.app import SuperposApp
from superpos_tui.process.opened_run import REFUSAL, OpenedFile
from superpos_tui.process.session import Session
from superpos_tui.views.registry import VIEWS

CONFIG = ExperimentConfig(
    "opened", features=5, hidden=2, models=("tied",), sparsities=(0.5, 0.9), batch=8, steps=20
)
NEEDS_TRAINING = ("space", "n", "r", "R", "f", "full_stop", "comma", "d", "u", "m", "M")


def opened(snapshot: Snapshot) -> OpenedFile:
    return OpenedFile(snapshot, Path("mine.safetensors"))


def notices(app: SuperposApp) -> list[str]:
    return [notice.message for notice in app._notifications]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return finished(CONFIG)


@pytest.mark.parametrize("key", NEEDS_TRAINING)
@pytest.mark.sampled(4)
async def test_what_needs_training_is_refused_in_a_sentence(key: str, snapshot: Snapshot) -> None:
    async with running(config=CONFIG, source=opened(snapshot)) as (app, pilot):
        await until(pilot, lambda: app.scene is not None)
        await pilot.press(key)
        await pilot.pause()
        assert notices(app) == [REFUSAL]
        assert len(app.screen_stack) == 1
        assert app.watched.snapshot is snapshot


async def test_every_view_shows_it_and_its_timeline_can_be_wound_back(snapshot: Snapshot) -> None:
    async with running(config=CONFIG, source=opened(snapshot)) as (app, pilot):
        await until(pilot, lambda: app.scene is not None)
        for view in VIEWS.values():
            await pilot.press(view.key)
            await pilot.pause()
            for name, each in view.panels.items():
                if issubclass(LanesRecord, each.takes):
                    assert text_of(app, f"{view.name}-{name}").strip()
        await pilot.press("1", "right", "t", "home")
        assert (app.selection.focus.setting, app.selection.focus.step) == (1, 0)
        assert "finished" in text_of(app, "timeline")


async def test_an_experiment_can_be_begun_all_the_same(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    intro = EXPERIMENTS["intro"]
    short = replace(intro, config=replace(intro.config, steps=30, warm_up=0, restarts=2))
    monkeypatch.setitem(EXPERIMENTS, "intro", short)
    async with running(config=CONFIG, source=opened(snapshot)) as (app, pilot):
        await until(pilot, lambda: app.scene is not None)
        app.experiments.start("intro")
        await until_finished(app, pilot)
        assert isinstance(app.watched.source, Session)
        assert app.watched.config == short.config
        assert panel(app, "geometry", "geometry").display
