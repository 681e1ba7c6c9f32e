"""The app as a user drives it: every key, every layout, failures; with a scripted engine."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import SMALL, STEPS, panel, running, text_of, until, until_finished
from textual.widgets import Static

from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS
from superpos_tui.app import SuperposApp
from superpos_tui.bars.keys import KeyBar
from superpos_tui.dialogs.failure import FailureDialog
from superpos_tui.dialogs.help import HelpDialog
from superpos_tui.drawing.cells import Cells
from superpos_tui.keys import table_of_keys
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.scene import Scene
from superpos_tui.views.panel_view import SECONDS_AFTER_A_KEY
from superpos_tui.views.registry import VIEWS

KEYS = table_of_keys(VIEWS.values())

LIVE = tuple(VIEWS["live"].panels)
SHORT = replace(SMALL, models=("tied",), sparsities=(0.0, 0.9), steps=40)
"""A run that is soon evaluated, drawn and filmed, for what is written."""


async def test_every_key_is_an_action_of_the_app() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        for key in KEYS:
            assert key.action_name in app.actions or hasattr(app, f"action_{key.action_name}"), key


@pytest.mark.parametrize("name", [key.keys.split(",")[0] for key in KEYS])
@pytest.mark.sampled(4)
async def test_every_key_works_in_every_state(name: str, monkeypatch: pytest.MonkeyPatch,
                                              tmp_path: Path) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    async with running(config=SHORT) as (app, pilot):
        await pilot.press(name)
        await until(pilot, lambda: app.watched.snapshot is not None or not app.is_running)
        if app.is_running:
            await pilot.press(name)
            await pilot.pause()
        assert app.watched.source.failure is None


async def test_panels_show_the_lane_in_focus_and_keys_move_it() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        assert "▐tied▌" in text_of(app, "status")
        assert "▐0▌" in text_of(app, "status")
        before = text_of(app, "live-norms")
        await pilot.press("right")
        assert app.looking.focus.setting == 1
        assert "▐0.7▌" in text_of(app, "status")
        await until(pilot, lambda: "S 0.7 ◀" in text_of(app, "live-loss"))
        await pilot.press("right_square_bracket", "left", "left", "left")
        assert app.looking.focus.setting == 0
        assert text_of(app, "live-norms") == before


async def test_the_ends_of_the_sparsities_are_ends() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press(*["right"] * 9)
        assert app.looking.focus.setting == 4


async def test_a_model_joins_when_it_is_first_looked_at() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        assert app.watched.config.models == ("tied", "untied")
        await pilot.press("m", "m")
        await until(
            pilot, lambda: "linear" in app.watched.config.models and app.watched.state == "finished"
        )
        assert app.looking.focus.model == "linear"
        assert app.watched.snapshot is not None
        assert app.watched.snapshot.record_as(LanesRecord).cohorts["linear"].step == STEPS
        assert app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].step == STEPS
        await pilot.press("M", "M", "M")
        assert app.looking.focus.model == list(MODELS)[-1]


async def test_pause_single_step_and_go_on() -> None:
    turn = threading.Semaphore(0)

    def one_at_a_time(steps: Mapping[str, int]) -> None:
        turn.acquire()

    def make(config: ExperimentConfig) -> ScriptedEngine:
        return ScriptedEngine(config, before_advance=one_at_a_time)

    def step(app: SuperposApp) -> int:
        assert app.watched.snapshot is not None
        return app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].step

    async with running(make_engine=make) as (app, pilot):
        try:
            await until(pilot, lambda: app.watched.snapshot is not None)
            await pilot.press("space")
            turn.release()
            await until(pilot, lambda: app.watched.state == "paused")
            at = step(app)
            await pilot.press("n")
            turn.release()
            await until(pilot, lambda: step(app) == at + 1)
            assert app.watched.state == "paused"
            await pilot.press("space")
            turn.release()
            await until(pilot, lambda: app.watched.state != "paused")
        finally:
            turn.release(10_000)


async def test_reseed_and_reset_start_again() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        first = app.watched.snapshot
        assert first is not None
        await pilot.press("R")
        await until(
            pilot, lambda: app.watched.snapshot is not None and app.watched.snapshot.generation == 1
        )
        assert app.watched.config.seed == first.config.seed
        await pilot.press("r")
        await until(
            pilot, lambda: app.watched.snapshot is not None and app.watched.snapshot.generation == 2
        )
        assert str(app.watched.config.seed) in text_of(app, "status")


async def test_pace_keys() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        seen = [app.watched.pace.name]
        for key in ("f", "f", "minus", "minus", "minus", "plus"):
            await pilot.press(key)
            seen.append(app.watched.pace.name)
        assert seen == ["full", "watch", "full", "watch", "slow", "slow", "watch"]


async def test_logarithmic_and_linear_loss() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        assert str(panel(app, "loss").border_title) == "loss, log scale"
        before = text_of(app, "live-loss")
        await pilot.press("l")
        await until(pilot, lambda: str(panel(app, "loss").border_title) == "loss, linear scale")
        assert text_of(app, "live-loss") != before


async def test_maximise_shows_one_panel_and_back() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("tab", "z")
        await pilot.pause()
        shown = [name for name in LIVE if panel(app, name).display]
        assert shown == ["loss"]
        assert panel(app, "loss").size.width > 100
        await pilot.press("z")
        await pilot.pause()
        assert all(panel(app, name).display for name in LIVE)


async def test_every_theme_and_its_colours() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        seen = {app.theme}
        for _ in THEME_NAMES:
            await pilot.press("T")
            seen.add(app.theme)
            assert panel(app, "matrix").palette.dark == app.current_theme.dark
        assert seen == set(THEME_NAMES)


async def test_help_names_every_key_and_closes() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpDialog)
        await pilot.press("m")
        assert app.looking.focus.model == "tied", "keys belong to the dialog while it is open"
        await pilot.press("escape")
        assert not isinstance(app.screen, HelpDialog)


async def test_quit_ends_the_worker() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0
    thread = app.watched.source.thread
    assert thread is not None
    assert not thread.is_alive()


async def test_export_writes_into_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(config=SHORT) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("e")
        summary = tmp_path / f"superpos-twenty-0-step-{SHORT.steps}" / "summary.json"
        await until(pilot, summary.exists)
        await app.workers.wait_for_complete()
    assert summary.stat().st_size > 0


async def test_a_failing_engine_is_told_and_can_be_tried_again() -> None:
    attempts: list[int] = []

    def make(config: ExperimentConfig) -> ScriptedEngine:
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("the device caught fire")
        return ScriptedEngine(config)

    async with running(make_engine=make) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, FailureDialog))
        await pilot.pause()
        assert app.watched.state == "failed"
        assert "the device caught fire" in str(app.screen.query_one(Static).visual)
        await pilot.press("r")
        await until_finished(app, pilot)
        assert not isinstance(app.screen, FailureDialog)


async def test_a_failure_in_the_middle_keeps_the_last_picture() -> None:
    def fail_later(steps: Mapping[str, int]) -> None:
        if len(engine[0].advanced) > 3:
            raise ValueError("out of memory")

    engine: list[ScriptedEngine] = []

    def make(config: ExperimentConfig) -> ScriptedEngine:
        engine.append(ScriptedEngine(config, before_advance=fail_later))
        return engine[-1]

    async with running(make_engine=make) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, FailureDialog))
        await pilot.press("escape")
        assert app.watched.snapshot is not None
        assert "failed" in text_of(app, "status")
        await pilot.press("right")
        assert app.looking.focus.setting == 1
        await pilot.press("q")
    assert app.watched.source.failure is not None


async def test_losses_that_are_not_finite_are_gaps_and_named() -> None:
    def make(config: ExperimentConfig) -> ScriptedEngine:
        return ScriptedEngine(config, loss=lambda lane, step: float("nan") if step > 100 else 0.01)

    async with running(make_engine=make) as (app, pilot):
        await until_finished(app, pilot)
        assert app.watched.source.failure is None
        await until(pilot, lambda: "S 0 ◀" in text_of(app, "live-loss"))


@pytest.mark.parametrize(
    ("size", "layout", "shown"),
    [
        ((200, 60), "-wide", 4),
        ((120, 40), "-wide", 4),
        ((80, 24), "-medium", 4),
        ((60, 20), "-single", 1),
        ((40, 12), "-single", 1),
    ],
)
async def test_layouts(size: tuple[int, int], layout: str, shown: int) -> None:
    async with running(size=size) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.pause()
        assert app.screen.has_class(layout)
        visible = [panel(app, name) for name in LIVE if panel(app, name).display]
        assert len(visible) == shown
        for view in visible:
            assert view.size.area > 0
            assert app.screen.region.contains_region(view.region)
        assert app.query_one(KeyBar).region.bottom == size[1]


@pytest.mark.parametrize("size", [(1, 1), (20, 6), (39, 40), (120, 11)])
async def test_too_small_a_terminal_says_what_it_needs(size: tuple[int, int]) -> None:
    async with running(size=size) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.pause()
        assert app.screen.has_class("-tiny")
        assert app.query_one("#too-small").display
        assert not panel(app, "matrix").display or panel(app, "matrix").size.area == 0


async def test_resizing_never_loses_training() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        session = app.watched.source
        for size in [(1, 1), (20, 6), (250, 70), (60, 20), (80, 24), (41, 13), (120, 40)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.watched.source is session
            assert app.watched.state == "finished"
        await until(pilot, lambda: "represented" in text_of(app, "live-norms"))


async def test_a_click_focuses_a_panel_and_the_footer_obeys() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.click("#live-norms")
        assert app.focused is panel(app, "norms")
        spans = app.query_one(KeyBar)._spans
        where = next(span for span, key in spans if key.action == "sparser")
        await pilot.click("#keys", offset=(where.start, 0))
        await pilot.pause()
        assert app.looking.focus.setting == 1


async def test_a_snapshot_repaints_only_the_rows_that_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.pause()
        view = panel(app, "matrix")
        refreshed: list[int] = []
        original: Callable[..., object] = view.refresh

        def count(*regions: object, **options: object) -> object:
            refreshed.append(len(regions))
            return original(*regions, **options)

        monkeypatch.setattr(view, "refresh", count)
        app.redraw()
        assert refreshed == []


@pytest.mark.parametrize(("features", "hidden"), [(1, 1), (2, 3), (6, 2), (80, 20), (300, 5)])
async def test_any_size_of_model_is_drawn(features: int, hidden: int) -> None:
    config = replace(SMALL, features=features, hidden=hidden, importance=0.98)
    async with running(size=(80, 24), config=config) as (app, pilot):
        await until_finished(app, pilot)
        assert f"of {features} represented" in text_of(app, "live-norms")


async def test_a_panel_that_is_dear_to_draw_ends_with_the_last_scene(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Scenes come faster than they are drawn, and after the last one nothing comes."""
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.pause(3 * SECONDS_AFTER_A_KEY)  # what the first screen has put off is drawn
        dear, last = panel(app, "loss"), app.scene
        assert dear.panel.seconds_between_draws > 0
        assert last is not None
        before = Scene(last.snapshot, replace(last.focus, setting=3), last.options)
        shown: list[Cells] = []
        monkeypatch.setattr(dear, "show_cells", shown.append)
        for scene in (before, before, last):
            dear.show_scene(scene)
        expected = rows_of(dear.panel.draw(last, *dear.size, dear.palette))
        assert rows_of(dear.panel.draw(before, *dear.size, dear.palette)) != expected
        await until(pilot, lambda: bool(shown) and rows_of(shown[-1]) == expected)


def rows_of(cells: Cells) -> list[object]:
    return [cells.row_key(y) for y in range(cells.height)]
