"""The hands: cursor, probe, dials, undo, form, timeline, events, commands; a scripted engine."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from tests.tui.running import SMALL, STEPS, running, text_of, until, until_finished
from textual.widgets import Input, OptionList

from superpos_core.engine.choice import EngineChoice
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_tui.app import SuperposApp
from superpos_tui.bars.tabs import ViewTabs, place_tabs
from superpos_tui.dialogs.dials import DialsDialog
from superpos_tui.dialogs.events import EventsDialog
from superpos_tui.dialogs.form import FormDialog
from superpos_tui.looking import Focus, Looking, Selection
from superpos_tui.settings.dials import dials_of
from superpos_tui.settings.recreating import command_for
from superpos_tui.views.compare.state import CompareState
from superpos_tui.views.probe.state import ProbeState
from superpos_tui.views.registry import VIEWS

RESTARTS = replace(SMALL, restarts=3)


def selected(app: SuperposApp) -> Selection | None:
    return app.looking.options.selection


def step_looked_at(app: SuperposApp) -> int | None:
    return app.looking.focus.step


# ── views ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(200, 60), (120, 40), (80, 24), (60, 20), (40, 12)])
@pytest.mark.sampled(2)
async def test_every_view_shows_its_panels_at_every_size(size: tuple[int, int]) -> None:
    async with running(size=size) as (app, pilot):
        await until_finished(app, pilot)
        for view in VIEWS.values():
            await pilot.press(view.key)
            await pilot.pause()
            assert app.looking.view == view.name
            shown = [
                name
                for name in view.panels
                if app.query_one(f"#{view.name}-{name}").region.area > 0
            ]
            assert shown == list(view.panels) if size[0] >= 80 else len(shown) == 1
            for name in shown:
                region = app.query_one(f"#{view.name}-{name}").region
                assert app.screen.region.contains_region(region)
                assert text_of(app, f"{view.name}-{name}").strip()


async def test_tabs_open_views_by_a_click() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        tabs = app.query_one(ViewTabs)
        for span, view in place_tabs(app.looking.view, tabs.size.width):
            await pilot.click(tabs, offset=(span.start, 0))
            await pilot.pause()
            assert app.looking.view == view.name


async def test_restarts_are_looked_at_one_after_the_other_best_first() -> None:
    async with running(config=RESTARTS) as (app, pilot):
        await until_finished(app, pilot)
        assert "seed 1 of 3 (best)" in text_of(app, "status")
        await pilot.press("s")
        assert "seed 2 of 3" in text_of(app, "status")
        await pilot.press("s", "s")
        assert app.looking.focus.rank == 0


# ── pointing ──────────────────────────────────────────────────────────────────────────────────


async def test_the_cursor_moves_and_the_inspector_tells_what_it_points_at() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("down", "down", "greater_than_sign")
        assert selected(app) == Selection(1, 1)
        await pilot.pause()
        assert "feature  1" in text_of(app, "inspector")
        assert "[1, 1]" in text_of(app, "inspector")
        await pilot.press("escape")
        assert selected(app) is None
        assert not app.query_one("#inspector").display


async def test_a_click_in_the_matrix_selects_an_entry_and_one_in_the_strip_a_setting() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.click("#live-matrix", offset=(20, 6))
        assert app.looking.options.selection is not None
        strip = app.query_one("#live-strip")
        await pilot.click("#live-strip", offset=(strip.size.width - 16, 3))
        assert app.looking.focus.setting == len(SMALL.sparsities) - 1


async def test_the_probe_switches_features_and_sets_their_values() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("6", "down", "down", "enter")
        assert app.looking.options.of(ProbeState).value_of(1) == 1
        await pilot.press("shift+left", "shift+left")
        assert app.looking.options.of(ProbeState).value_of(1) == pytest.approx(0.8)
        await pilot.press("a")
        assert app.looking.options.of(ProbeState).attack > 0
        await pilot.press("enter")
        assert app.looking.options.of(ProbeState).value_of(1) == 0
        await pilot.press("backspace")
        assert app.looking.options.of(ProbeState).values == ()


async def test_a_pinned_lane_is_compared_with_what_is_looked_at_next() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("p", "right", "7")
        await pilot.pause()
        assert app.looking.options.of(CompareState).reference == Focus("tied", 0, step=STEPS)
        text = text_of(app, "compare-compare")
        assert "tied S 0 " in text
        assert "tied S 0.7" in text


# ── dials, undo, form ─────────────────────────────────────────────────────────────────────────


async def turn(app: SuperposApp, pilot: object, *keys: str) -> None:
    await pilot.press("d", *keys, "escape")  # type: ignore[attr-defined]


async def test_a_dial_is_turned_on_the_same_weights_and_undone() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await turn(app, pilot, "right", "right")
        await until(pilot, lambda: app.watched.config.sparsities[0] == pytest.approx(0.4))
        await until_finished(app, pilot)
        assert app.watched.snapshot is not None
        assert app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].step == 2 * STEPS
        assert [
            mark.step for mark in app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].marks
        ] == [STEPS]
        await pilot.press("u")
        await until(pilot, lambda: app.watched.config.sparsities[0] == 0)
        assert app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].step == STEPS


@pytest.mark.parametrize("place", range(len(dials_of(ExperimentConfig))))
@pytest.mark.sampled(4)
async def test_every_dial_turns_both_ways(place: int) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        dial = dials_of(ExperimentConfig)[place]
        before = dial.read(app.watched.config, 0)
        await turn(app, pilot, *["down"] * place, "right")
        await turn(app, pilot, *["down"] * place, "left", "left", "left")
        await until(pilot, lambda: app.watched.config.steps >= 2 * STEPS)
        if dial.stops[0] < before:
            await until(pilot, lambda: dial.read(app.watched.config, 0) < before)
        assert app.watched.source.failure is None


async def test_the_dials_can_start_again() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("d", "down", "left", "R")
        await until(
            pilot, lambda: app.watched.snapshot is not None and app.watched.snapshot.generation == 1
        )
        assert app.watched.config.importance == 0.6
        assert not isinstance(app.screen, DialsDialog)


async def test_the_form_checks_what_is_typed_and_starts_again_with_it() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("F")
        assert isinstance(app.screen, FormDialog)
        features = app.screen.query_one("#field-features", Input)
        features.value = "no number"
        await pilot.pause()
        assert "not a whole number" in str(app.screen.query_one("#verdict").render())
        await pilot.press("enter")
        assert isinstance(app.screen, FormDialog), "what cannot be trained is not begun"
        features.value = "7"
        app.screen.query_one("#field-sparsities", Input).value = "0.5"
        await pilot.press("enter")
        await until(pilot, lambda: app.watched.config.features == 7)
        assert app.watched.config.sparsities == (0.5,)
        assert app.looking.focus.setting == 0
        await until_finished(app, pilot)


async def test_the_form_can_be_left_without_a_change() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("F", "escape")
        await pilot.pause()
        assert app.watched.config == SMALL


# ── time ──────────────────────────────────────────────────────────────────────────────────────


async def test_scrubbing_shows_what_was_and_leaves_training_untouched() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("t")
        await pilot.pause()
        end = text_of(app, "live-norms")
        await pilot.press("home")
        assert step_looked_at(app) == 0
        assert text_of(app, "live-norms") != end
        assert "then step" in text_of(app, "timeline")
        await pilot.press("right")
        assert step_looked_at(app) == 1
        await pilot.press("left", "left", "end")
        assert step_looked_at(app) is None
        assert text_of(app, "live-norms") == end
        await pilot.press("left")
        assert step_looked_at(app) == STEPS
        await pilot.press("escape")
        assert (app.looking.focus.step, app.stage.timeline_is_open) == (None, False)
        assert app.watched.snapshot is not None
        assert app.watched.snapshot.record_as(LanesRecord).cohorts["tied"].step == STEPS


async def test_with_the_timeline_closed_the_arrows_choose_the_sparsity() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("t", "left", "t", "right")
        assert (app.looking.focus.setting, app.looking.focus.step) == (1, None)


async def test_replay_runs_through_the_moments_to_now(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(config=replace(SMALL, steps=12)) as (app, pilot):
        await until_finished(app, pilot)
        seen: list[int | None] = []
        look = app.gaze.look

        def see(looking: Looking) -> None:
            seen.append(looking.focus.step)
            look(looking)

        monkeypatch.setattr(app.gaze, "look", see)
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
        await pilot.click("#timeline", offset=(10, 0))
        assert app.looking.focus.step == 0


async def test_events_are_listed_and_enter_goes_to_one() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("w")
        assert isinstance(app.screen, EventsDialog)
        events = app.screen.query_one(OptionList)
        assert events.option_count > 0, "weights that glide to the identity represent features"
        await pilot.press("home", "enter")
        await pilot.pause()
        assert app.stage.timeline_is_open
        assert app.looking.focus.step is not None


async def test_a_film_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    config = ExperimentConfig("tiny", features=3, hidden=2, models=("tied",), sparsities=(0.5,),
                              steps=5)  # fmt: skip
    async with running(config=config) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("g")
        path = tmp_path / "superpos-tiny-0-step-5" / "film-gram-tied.gif"
        await until(pilot, path.exists)
        await app.workers.wait_for_complete()
    with Image.open(path) as film:
        assert getattr(film, "n_frames", 1) == 6


# ── commands ──────────────────────────────────────────────────────────────────────────────────


def test_the_command_line_says_what_is_not_by_default() -> None:
    from superpos_core.experiments import experiment_named

    config = experiment_named("twenty").config
    assert command_for(config, "live", Focus("tied")) == "superpos-tui"
    changed = replace(config, sparsities=(0.5, 0.9), learning_rate=0.01, seed=3)
    assert command_for(changed, "geometry", Focus("tied", 1)) == (
        "superpos-tui --sparsity 0.5,0.9 --seed 3 --learning-rate 0.01"
        " --view geometry --focus tied,1"
    )
    engine = EngineChoice("torch", "cpu", threads=1)
    assert command_for(config, "live", Focus("tied"), engine) == (
        "superpos-tui --engine torch --threads 1"
    )
    assert command_for(config, "live", Focus("tied"), EngineChoice(device="cuda:1")) == (
        "superpos-tui --device cuda:1"
    )


async def test_the_palette_offers_every_view_model_sparsity_experiment_and_theme() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        titles = [command.title for command in app.get_system_commands(app.screen)]
        for word in ("model linear", "sparsity S 0.99", "experiment twenty", "theme paper"):
            assert word in titles
        for view in VIEWS.values():
            assert f"{view.summary} ({view.key})" in titles
        await pilot.press("ctrl+p")
        await pilot.press(*"theme paper", "enter")
        await until(pilot, lambda: app.theme == "paper")
