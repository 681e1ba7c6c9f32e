"""The app as a user drives it: every key; with a scripted engine."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import SMALL, STEPS, panel, running, text_of, until, until_finished

from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.help import HelpDialog
from superpos_tui.keys import table_of_keys
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.views.registry import VIEWS

KEYS = table_of_keys(VIEWS.values())

LIVE = tuple(VIEWS["live"].panels)
SHORT = replace(SMALL, models=("tied",), sparsities=(0.0, 0.9), steps=40)
"""A run that is quick to evaluate, draw and film."""


async def test_every_key_is_an_action_of_the_app() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        for key in KEYS:
            assert key.action_name in app.actions or hasattr(app, f"action_{key.action_name}"), key


@pytest.mark.parametrize("name", [key.keys.split(",")[0] for key in KEYS])
@pytest.mark.sampled(8)
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
        assert app.selection.focus.setting == 1
        assert "▐0.7▌" in text_of(app, "status")
        await until(pilot, lambda: "S 0.7 ◀" in text_of(app, "live-loss"))
        await pilot.press("right_square_bracket", "left", "left", "left")
        assert app.selection.focus.setting == 0
        assert text_of(app, "live-norms") == before


async def test_sparsities_are_clamped_at_both_ends() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press(*["right"] * 9)
        assert app.selection.focus.setting == 4


async def test_a_model_joins_when_it_is_first_opened() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        assert app.watched.config.models == ("tied", "untied")
        await pilot.press("m", "m")
        await until(
            pilot, lambda: "linear" in app.watched.config.models and app.watched.state == "finished"
        )
        assert app.selection.focus.model == "linear"
        (notice,) = (each.message for each in app._notifications if "joins" in each.title)
        assert notice.startswith(
            "x̂ = x·W·Wᵀ + b\nm next: mlp, relu-hidden, absolute …\nM goes back"
        )
        assert app.watched.snapshot is not None
        assert app.watched.snapshot.record_as(LanesRecord).cohorts["linear"].step == STEPS
        assert app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].step == STEPS
        await pilot.press("M", "M", "M")
        assert app.selection.focus.model == list(MODELS)[-1]


async def test_pause_single_step_and_resume() -> None:
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


async def test_reseed_and_reset_restart() -> None:
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
        for key in ("f", "f", "comma", "comma", "comma", "full_stop"):
            await pilot.press(key)
            seen.append(app.watched.pace.name)
        assert seen == ["full", "watch", "full", "watch", "slow", "slow", "watch"]


async def test_the_scales_of_the_loss() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await until(pilot, title_of_the_loss(app, "training loss, log-log"))
        assert panel(app, "loss").title == "training loss, log-log"
        pictures = {text_of(app, "live-loss")}
        for scale in ("log", "linear"):
            await pilot.press("l")
            await until(pilot, title_of_the_loss(app, f"training loss, {scale}"))
            pictures.add(text_of(app, "live-loss"))
        assert len(pictures) == 3


def title_of_the_loss(app: SuperposApp, title: str) -> Callable[[], bool]:
    return lambda: panel(app, "loss").title == title


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
        assert app.selection.focus.model == "tied", "keys belong to the dialog while it is open"
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
