"""Unexpected errors are reported in one line, and the run continues."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import SMALL, running, text_of, until, until_finished
from textual.events import Key
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import OptionList

from superpos_core.experiments import Trial, experiment_named
from superpos_core.task.config import ExperimentConfig
from superpos_tui.app import SuperposApp
from superpos_tui.selection import Change, Cursor, Focus, MoveCursor, SelectSetting, SelectStep
from superpos_tui.views.compare.state import CompareState
from superpos_tui.views.panel_view import PanelView
from superpos_tui.views.phase.state import PointAtCell
from superpos_tui.views.probe.state import ProbeState, Switch
from superpos_tui.views.registry import VIEWS

PHASE = replace(
    experiment_named("phase").config,
    sparsities=(0.0, 0.5, 0.9),
    sweep_values=(0.5, 1.0, 2.0),
    restarts=1,
    steps=20,
)


def notices(app: SuperposApp) -> list[str]:
    """The texts of the notices on the screen."""
    return [notice.message for notice in app._notifications]


def at_once(app: SuperposApp, *keys: str) -> None:
    """Press keys faster than the app can handle them."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


async def fault(app: SuperposApp, pilot: Pilot[None]) -> str:
    """The only fault so far; it is then cleared."""
    await until(pilot, lambda: bool(app.faults))
    (error,) = app.faults
    app.faults.clear()
    return str(error)


# ── the last line of defence ──────────────────────────────────────────────────────────────────


def failing(*_: object) -> None:
    raise RuntimeError("a handler that fails")


async def test_a_failing_action_is_reported_and_the_next_key_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        monkeypatch.setitem(app.actions, "next_loss_scale", failing)
        await pilot.press("l")
        assert await fault(app, pilot) == "a handler that fails"
        assert any(line.startswith("RuntimeError: a handler that fails") for line in notices(app))
        await pilot.press("2")
        assert app.selection.view == "sweep"


@pytest.mark.parametrize("view_id", ["status", "tabs", "live-matrix"])
@pytest.mark.sampled(3)
async def test_a_widget_whose_handler_fails_keeps_working(
    view_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        widget = app.screen_stack[0].query_one(f"#{view_id}", Widget)
        widget.call_later(failing)
        assert await fault(app, pilot) == "a handler that fails"
        calls: list[int] = []
        widget.call_later(calls.append, 1)
        await until(pilot, lambda: calls == [1])


async def test_a_repeated_fault_is_reported_once() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        for _ in range(50):
            app.call_later(failing)
        await until(pilot, lambda: len(app.faults) == 50)
        app.faults.clear()
        assert sum(line.startswith("RuntimeError: a handler") for line in notices(app)) == 1


# ── events for what is gone ───────────────────────────────────────────────────────────────────


@pytest.mark.thorough
async def test_views_change_faster_than_the_focus_follows() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        for _ in range(5):
            at_once(app, *["v"] * 40)
            await pilot.pause()
        for view in VIEWS.values():
            app.desk.show_view(view.name)
            assert app.widgets.front_panel.panel_name in view.panels


@pytest.mark.parametrize("key", ["question_mark", "x", "w", "F", "d", "ctrl+p"])
@pytest.mark.sampled(6)
async def test_closing_a_dialog_twice_closes_nothing_else(key: str) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press(key)
        assert len(app.screen_stack) == 2
        at_once(app, "escape", "escape", "escape", "enter", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


@pytest.mark.parametrize("key", ["d", "x", "w", "F", "ctrl+p", "question_mark"])
@pytest.mark.sampled(8)  # the help last: to wrap all of it in six columns takes seconds
async def test_a_screen_too_small_to_show_accepts_only_keys_that_close_it(
    key: str,
) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press(key)
        await pilot.resize_terminal(6, 4)
        await pilot.press("pageup", "pagedown", "end", "home", "enter", "v", "down")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("v")
        assert app.selection.view == "live"
        await pilot.resize_terminal(120, 40)
        await pilot.press("v")
        assert app.selection.view == "sweep"


# ── choices made in the previous run ──────────────────────────────────────────────────────────


async def test_a_new_run_keeps_the_choices_that_it_can() -> None:
    config = replace(SMALL, restarts=3)
    async with running(config=config) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("m", "right", "right", "right", "s", "s", "p", "t", "left", "left")
        await pilot.press(*["down"] * 9, "greater_than_sign", "7", "8", "6", "enter", "1")
        assert app.selection.focus == Focus("untied", 3, 2, app.selection.focus.step)
        smaller = replace(
            config, models=("linear",), sparsities=(0.5, 0.9), features=4, hidden=2, restarts=1
        )
        app.desk.start(Trial(smaller))
        assert app.selection.focus == Focus("linear", 1, 0, None)
        assert app.selection.options.cursor is None
        assert app.selection.options.of(CompareState).reference is None
        assert app.selection.options.of(ProbeState).values == ()
        await until_finished(app, pilot)
        assert app.watched.config == smaller
        assert "linear" in text_of(app, "status")


async def test_a_snapshot_of_the_previous_run_is_not_shown_for_the_new_one() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        before = app.watched.source.latest
        app.desk.start(Trial(replace(SMALL, features=4, hidden=2, name="twenty")))
        assert app.watched.source.latest is None or app.watched.source.latest is not before
        await until(pilot, lambda: app.watched.snapshot is not None)
        assert app.watched.config.features == 4


# ── impossible requests are refused in one line ───────────────────────────────────────────────

Act = Callable[[Pilot[None]], object]


@pytest.mark.parametrize("keys", ["w", "p", "t", "g", "j", "m", "]", "s", "a", "N", "P", "X"])
@pytest.mark.sampled(4)
async def test_a_phase_map_refuses_what_it_lacks_in_one_line(keys: str) -> None:
    async with running(config=PHASE) as (app, pilot):
        await until(pilot, lambda: app.watched.snapshot is not None)
        await pilot.press("6")
        before = list(notices(app))
        await pilot.press(*keys)
        assert len(notices(app)) > len(before)
        assert len(app.screen_stack) == 1
        assert not app.widgets.timeline_is_open


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.sampled(8)
async def test_a_phase_map_is_exported_from_every_view(
    view: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(config=PHASE) as (app, pilot):
        await until(pilot, lambda: app.watched.state == "finished")
        app.desk.show_view(view)
        await pilot.press("e")
        await until(pilot, lambda: any("files in" in text for text in notices(app)))
    assert list(tmp_path.glob("*/summary.json"))


@pytest.mark.parametrize("key", ["space", "n", "f", "m"])
async def test_commands_for_a_failed_worker_are_refused_in_one_line(key: str) -> None:
    async with running(make_engine=failing_engine) as (app, pilot):
        await until(pilot, lambda: app.watched.state == "failed")
        await pilot.press("escape")
        models = 2 if key == "m" else 1  # the first two train from the start
        await pilot.press(*[key] * models)
        assert any("training has stopped" in text for text in notices(app))


@pytest.mark.parametrize("key", ["r", "R"])
async def test_a_failed_worker_is_restarted(key: str) -> None:
    async with running(make_engine=failing_engine) as (app, pilot):
        await until(pilot, lambda: app.watched.state == "failed")
        await pilot.press("escape")
        dead = app.watched.source
        await pilot.press(key)
        assert app.watched.source is not dead
        await until(pilot, lambda: app.watched.state == "failed")
        await pilot.press("escape")


def failing_engine(config: ExperimentConfig) -> ScriptedEngine:
    def fail(steps: object) -> None:
        raise RuntimeError("the engine gave up")

    return ScriptedEngine(config, before_advance=fail)


# ── lists that are not laid out yet ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("opens", ["ctrl+p", "x", "w"])
@pytest.mark.parametrize("key", ["pageup", "pagedown"])
@pytest.mark.sampled(3)
async def test_pages_are_turned_before_a_list_is_laid_out(opens: str, key: str) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press(opens)
        await until(pilot, lambda: len(app.screen_stack) == 2)
        (options,) = app.screen.query(OptionList)
        await until(pilot, lambda: options.option_count > 0)
        options.highlighted = 0
        options.display = False
        await until(pilot, lambda: not options.scrollable_content_region.width)
        options.replace_option_prompt_at_index(0, "one")
        await pilot.press(key)
        assert list(app.faults) == []
        options.display = True
        await until(pilot, lambda: bool(options.scrollable_content_region.width))
        options.focus()
        await pilot.press("pagedown")
        assert options.highlighted or options.option_count == 1


# ── events of a run that has ended ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    [
        MoveCursor(Cursor(19, 3)),
        MoveCursor(Cursor(0, 19)),
        SelectSetting(9),
        SelectStep(5),
        PointAtCell((9, 9)),
        Switch(19),
    ],
    ids=["feature", "other feature", "setting", "step", "cell", "switch"],
)
@pytest.mark.sampled(6)
async def test_a_click_may_arrive_after_its_run_has_ended(change: Change) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("j")
        fewer = replace(SMALL, features=5, hidden=2, sparsities=(0.9,), restarts=1)
        app.desk.start(Trial(fewer))
        panel_view = app.screen_stack[0].query_one("#live-matrix", PanelView)
        panel_view.post_message(PanelView.Pointed(change))
        await until_finished(app, pilot)
        for view in VIEWS.values():
            await pilot.press(view.key)
        assert list(app.faults) == []
        assert app.selection.options.cursor is None or app.selection.options.cursor.other < 5
