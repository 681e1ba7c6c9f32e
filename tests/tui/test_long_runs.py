"""A long run that is kept nowhere is not thrown away unasked, and can be brought back."""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from tests.core.snapshots import finished
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import SMALL, running, text_of, until, until_finished
from textual.pilot import Pilot

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.journal import Journal
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.confirm import ConfirmDialog
from superpos_tui.process.opened_run import OpenedFile
from superpos_tui.settings.start import Settings


@pytest.fixture
def every_run_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("superpos_tui.process.watched_run.LONG_SECONDS", -1.0)


def is_asking(app: SuperposApp) -> bool:
    return isinstance(app.screen, ConfirmDialog)


async def asked(app: SuperposApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: is_asking(app))


def generation(app: SuperposApp) -> int:
    return -1 if app.watched.snapshot is None else app.watched.snapshot.generation


def steps_of(app: SuperposApp, name: str) -> float:
    """The steps that the experiment of this name has taken; 0 if another one is shown."""
    snapshot = app.watched.snapshot
    is_shown = snapshot is not None and snapshot.record.config.name == name
    return snapshot.record.steps_done if snapshot is not None and is_shown else 0


@pytest.mark.usefixtures("every_run_is_long")
async def test_a_key_asks_and_esc_keeps_the_run() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        snapshot = app.watched.snapshot
        for key, answer in (("r", "escape"), ("R", "n"), ("G", "escape")):
            await pilot.press(key)
            await asked(app, pilot)
            assert app.screen.children[0].size.height < 8, "a small box"
            await pilot.press(answer)
            await until(pilot, lambda: not is_asking(app))
            assert app.watched.snapshot is snapshot
            assert app.desk.screen.tour_stop is None
        await pilot.press("r")
        await asked(app, pilot)
        await pilot.press("y")
        await until(pilot, lambda: generation(app) == 1 and not app.desk.has_dialog)


@pytest.mark.usefixtures("every_run_is_long")
async def test_the_gallery_the_form_and_the_dials_ask_once_something_was_chosen() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        for keys in (("x", "enter"), ("F", "enter"), ("d", "R")):
            await pilot.press(keys[0])
            await until(pilot, lambda: app.desk.has_dialog)
            assert not is_asking(app)
            await pilot.press(keys[1])
            await asked(app, pilot)
            await pilot.press("escape")
            await until(pilot, lambda: not app.desk.has_dialog)
        assert generation(app) == 0


@pytest.mark.usefixtures("every_run_is_long")
@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+c", 130)])
async def test_quitting_asks_and_the_same_key_again_quits(key: str, code: int) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press(key)
        await asked(app, pilot)
        await pilot.press("escape")
        await until(pilot, lambda: not is_asking(app))
        await pilot.press(key)
        await asked(app, pilot)
        await pilot.press("enter" if key == "q" else key)
        await until(pilot, lambda: app.leaving.is_requested)
    assert app.return_code == code


async def test_a_short_run_is_left_unasked() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("r")
        await until(pilot, lambda: generation(app) == 1)
        assert not app.desk.has_dialog
        await pilot.press("q")
        await until(pilot, lambda: app.leaving.is_requested)
    assert app.return_code == 0


@pytest.mark.usefixtures("every_run_is_long")
async def test_a_run_that_is_kept_is_left_unasked() -> None:
    settings = Settings(
        Trial(SMALL), lambda config, on_news: ScriptedEngine(config), journal=Journal()
    )
    app = SuperposApp(settings)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.watched.snapshot is not None)
        await pilot.press("r")
        await until(pilot, lambda: generation(app) == 1)
        assert not app.desk.has_dialog
        await pilot.press("q")
        await until(pilot, lambda: app.leaving.is_requested)
    assert app.return_code == 0


@pytest.mark.usefixtures("every_run_is_long")
async def test_a_run_that_was_opened_is_left_unasked() -> None:
    async with running(source=OpenedFile(finished(), Path("x"))) as (app, pilot):
        await until(pilot, lambda: app.watched.snapshot is not None)
        await pilot.press("q")
        await until(pilot, lambda: app.leaving.is_requested)
    assert app.return_code == 0


# ── bringing back ─────────────────────────────────────────────────────────────────────────────


async def test_choosing_the_experiment_that_was_left_last_brings_its_run_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("superpos_core.training.way_back.LONG_SECONDS", 0.0)
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        app.experiments.choose("intro")
        await until(pilot, lambda: steps_of(app, "intro") > 0)
        app.experiments.choose("pentagon")
        await until(pilot, lambda: steps_of(app, "pentagon") > 0)
        left = app.watched.left
        assert left is not None
        before = max(timeline.steps[-1] for timeline in left.timelines.values())
        app.experiments.choose("intro")
        await until(pilot, lambda: app.watched.snapshot is not None)
        assert app.watched.snapshot is not None
        record = app.watched.snapshot.record
        assert record.config.name == "intro"
        assert record.steps_done >= before > 0
        left = app.watched.left
        assert left is not None
        assert left.config.name == "pentagon", "which can be brought back in turn"


@pytest.mark.parametrize("has_begun", [False, True])
async def test_only_to_a_run_that_has_begun_it_is_said_how_to_return(has_begun: bool) -> None:
    async with running(notifications=True) as (app, pilot):
        await until_finished(app, pilot)
        app.experiments.start("intro")
        if has_begun:
            await until(pilot, lambda: generation(app) == 1)
        else:
            wait_without_a_frame(lambda: app.watched.left is not None)
        await app.run_action("undo")
        await pilot.pause()
        (said,) = (each.message for each in app._notifications if each.title == "brought back")
        assert said.startswith("twenty, seed 0")
        assert ("returns to the other run" in said) is has_begun


def wait_without_a_frame(condition: Callable[[], bool]) -> None:
    """Wait for another thread, while the app, which runs in this one, cannot look."""
    deadline = monotonic() + 10
    while not condition():
        assert monotonic() < deadline
        sleep(0.001)


async def test_as_long_as_the_previous_run_is_in_a_step_u_says_that_none_has_begun() -> None:
    held, released = Event(), Event()

    def hold(steps: Mapping[str, int]) -> None:
        held.set()
        assert released.wait(10)

    def slow(config: ExperimentConfig) -> ScriptedEngine:
        return ScriptedEngine(config, before_advance=hold)

    async with running(make_engine=slow, notifications=True) as (app, pilot):
        try:
            await until(pilot, held.is_set)
            app.experiments.start("intro")
            await pilot.press("u")
            said = {each.title: each.message for each in app._notifications}
            assert said["nothing to undo"] == "this run has not begun"
        finally:
            released.set()


async def test_u_brings_the_run_back_with_its_record_and_its_timeline() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        assert app.watched.snapshot is not None
        before = app.watched.snapshot.record
        app.experiments.start("intro")
        await until(pilot, lambda: app.watched.config.name == "intro")
        await until(pilot, lambda: generation(app) == 1)
        await pilot.press("u")
        await until(pilot, lambda: generation(app) == 2)
        back = app.watched.snapshot.record
        assert (back.config, back.steps_done) == (before.config, before.steps_done)
        assert app.watched.experiment is not None
        assert app.watched.experiment.name == "twenty"
        scene = app.scene
        assert scene is not None
        assert len(scene.cohort.timeline.moments) > 3
        await pilot.press("u")
        await until(pilot, lambda: app.watched.config.name == "intro" and generation(app) == 3)


@pytest.mark.parametrize("key", ["u", "backspace"])
async def test_one_comes_back_to_the_view_and_the_setting_that_were_left(key: str) -> None:
    """Also from an experiment that was opened by mistake; the header and esc name the key."""
    async with running(notifications=True) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("2", "right")
        assert app.selection.focus.setting == 1
        app.experiments.start("intro")
        await until(pilot, lambda: app.watched.config.name == "intro" and generation(app) == 1)
        assert app.selection.view != "sweep"
        await until(pilot, lambda: "u back to twenty" in header(app))
        assert any("u goes back" in each.message for each in app._notifications)
        await pilot.press("escape")
        await until(
            pilot, lambda: any("back to twenty" in each.message for each in app._notifications)
        )
        await pilot.press(key)
        await until(pilot, lambda: generation(app) == 2)
        assert (app.selection.view, app.selection.focus.setting) == ("sweep", 1)
        await until(pilot, lambda: "u back to intro" in header(app))


def header(app: SuperposApp) -> str:
    return text_of(app, "status")


async def test_u_comes_back_from_a_run_that_was_opened() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        opened = finished()
        app.desk.watch((Trial(opened.config), OpenedFile(opened, Path("x"))))
        await until(pilot, lambda: app.watched.life is not None)
        await until(pilot, lambda: app.watched.left is not None)
        await pilot.press("u")
        await until_finished(app, pilot)
        assert app.watched.life is None
        assert app.watched.config == SMALL
        assert app.watched.left is None


async def test_there_is_nothing_to_bring_back_at_first_and_it_is_said_once() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        for _ in range(3):
            await pilot.press("u")
            await until(pilot, lambda: bool(app._notifications))
        assert [each.title for each in app._notifications] == ["nothing to undo"]
        assert generation(app) == 0
