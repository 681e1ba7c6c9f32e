"""Timeline, replay, events and films; a scripted engine."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.tui.pictures import scene_of
from tests.tui.running import SMALL, STEPS, running, text_of, until, until_finished
from textual.widgets import OptionList

from superpos_core.analysis.events.event import Event
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.events import EventsDialog, at_event, events_of
from superpos_tui.scene import Scene
from superpos_tui.selection import Focus, Selection


def step_looked_at(app: SuperposApp) -> int | None:
    return app.selection.focus.step


async def test_scrubbing_shows_the_past_and_does_not_affect_training() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("t")
        await pilot.pause()
        end = text_of(app, "live-norms")
        await pilot.press("home")
        assert step_looked_at(app) == 0
        assert text_of(app, "live-norms") != end
        assert "◀ looking at step   0" in text_of(app, "timeline")
        await pilot.press("right")
        assert step_looked_at(app) == 1
        await pilot.press("left", "left", "end")
        assert step_looked_at(app) is None
        assert text_of(app, "live-norms") == end
        await pilot.press("left")
        assert step_looked_at(app) == STEPS
        await pilot.press("escape")
        assert (app.selection.focus.step, app.widgets.timeline_is_open) == (None, False)
        assert app.watched.snapshot is not None
        assert app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].step == STEPS


async def test_with_the_timeline_closed_the_arrows_choose_the_sparsity() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("t", "left", "t", "right")
        assert (app.selection.focus.setting, app.selection.focus.step) == (1, None)


async def test_replay_runs_through_the_moments_to_now(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(config=replace(SMALL, steps=12)) as (app, pilot):
        await until_finished(app, pilot)
        seen: list[int | None] = []
        select = app.current.select

        def see(selection: Selection) -> None:
            seen.append(selection.focus.step)
            select(selection)

        monkeypatch.setattr(app.current, "select", see)
        await pilot.press("t", "enter")
        await until(pilot, lambda: None in seen)
        assert app.watched.snapshot is not None
        kept = app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].timeline.steps.tolist()
        assert seen == [*kept, None]


async def test_a_click_on_the_timeline_goes_there() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("t")
        await pilot.pause()
        await pilot.click("#timeline", offset=(15, 0))
        assert app.selection.focus.step == 0


async def test_events_are_listed_and_enter_goes_to_one() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("w")
        assert isinstance(app.screen, EventsDialog)
        events = app.screen.query_one(OptionList)
        assert events.option_count > 0, "weights that glide to the identity represent features"
        await pilot.press("home", "enter")
        await pilot.pause()
        assert app.widgets.timeline_is_open
        assert app.selection.focus.step is not None


async def test_an_event_is_shown_with_its_lane_and_feature() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("w")
        await pilot.press("end", "enter")
        await pilot.pause()
        assert app.scene is not None
        event = events_of(app.scene)[-1]
        assert (event.lane, event.feature) == (1, 8), "neither is in focus before"
        assert app.scene.lane_index == event.lane
        assert app.scene.step == event.step
        assert app.selection.options.cursor is not None
        assert app.selection.options.cursor.feature == event.feature


def test_an_event_of_any_restart_puts_that_restart_in_focus() -> None:
    """Six lanes are three restarts of two settings; in each the middle one has the lowest loss."""
    six = scene_of(np.eye(3, 2), np.array([[3.0, 1.0, 2.0, 3.0, 1.0, 2.0]]))
    before, cohort = six.snapshot.record_as(LanesRecord), replace(six.cohort, restarts=3)
    config = replace(six.config, sparsities=(0.0, 0.5), restarts=3)
    record = replace(before, config=config, cohorts={"tied": cohort})
    scene = Scene(replace(six.snapshot, record=record), six.focus, six.options)
    for lane in range(6):
        shown = at_event(Selection("live", Focus("tied")), scene, Event(0, lane, "", None, ""))
        assert scene.with_focus(shown.focus).lane_index == lane
        assert shown.options.cursor is None


async def test_a_film_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    config = ExperimentConfig("tiny", features=3, hidden=2, models=("tied",), sparsities=(0.5,),
                              steps=5)  # fmt: skip
    async with running(config=config) as (app, pilot):
        await until_finished(app, pilot)
        shown: list[str] = []
        monkeypatch.setattr(app.widgets, "show_work", shown.append)
        await pilot.press("g")
        path = tmp_path / "superpos-tiny-0-step-5" / "film-gram-tied.gif"
        await until(pilot, path.exists)
        await app.workers.wait_for_complete()
        await until(pilot, lambda: shown[-1:] == [""])
    assert shown == [*(f"film: {done} of 6 frames" for done in range(1, 7)), ""]
    with Image.open(path) as film:
        assert getattr(film, "n_frames", 1) == 6
