"""Adding a sparsity: the dialog, the restart, and where it is offered."""

from dataclasses import replace

import pytest
from tests.tui.bars.test_header import waiting
from tests.tui.running import SMALL, panel, running, until, until_finished
from textual.content import Content
from textual.widgets import Input, Static

from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_core.task.config import LANES
from superpos_core.task.setting_names import depends_on_sparsity, setting_name
from superpos_tui.app import SuperposApp
from superpos_tui.bars.controls import controls_of
from superpos_tui.bars.keys import place_keys
from superpos_tui.dialogs.add_sparsity import AddSparsityDialog, add_typed
from superpos_tui.dialogs.confirm import ConfirmDialog
from superpos_tui.keys import table_of_keys
from superpos_tui.selection import Focus
from superpos_tui.views.panel_view import PanelView
from superpos_tui.views.registry import VIEWS

SWEPT = replace(SMALL, sparsities=(0.5, 0.9), sweep="last-importance", sweep_values=(1.0, 2.0))


@pytest.mark.parametrize("typed", ["0.95", ".95", " +0.95 "])
def test_a_typed_sparsity_takes_its_place(typed: str) -> None:
    added = add_typed(SMALL, typed)
    assert added.config == replace(SMALL, sparsities=(0, 0.7, 0.9, 0.95, 0.99, 0.999))
    assert added.sparsity == 0.95


def test_several_are_added_at_once_and_those_that_are_there_once() -> None:
    added = add_typed(SMALL, "0.9,0.95,0.5")
    assert list(added.config.sparsities) == [0, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999]
    assert added.sparsity == 0.95
    assert add_typed(SMALL, "0.9").config == SMALL


@pytest.mark.parametrize("typed", ["1", "-0.1", "x", ""])
def test_what_is_no_sparsity_is_refused(typed: str) -> None:
    with pytest.raises(InvalidValue):
        add_typed(SMALL, typed)


def verdict(app: SuperposApp) -> str:
    return str(app.screen.query_one("#verdict", Static).content)


def field(app: SuperposApp) -> Input:
    return app.screen.query_one(Input)


async def test_a_adds_it_and_shows_it() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, AddSparsityDialog))
        assert "0,0.7,0.9" in verdict(app)
        await pilot.press(*"1.5", "enter")
        assert "0 <= S < 1" in verdict(app)
        assert app.desk.has_dialog, "an invalid value is not taken"
        field(app).value = ""
        await pilot.press(*".95")
        await until(pilot, lambda: "12 lanes" in verdict(app))
        await pilot.press("enter")
        await until(pilot, lambda: 0.95 in app.watched.config.sparsities)
        await until_finished(app, pilot)
        scene = app.scene
        assert scene is not None
        assert scene.setting.sparsity == 0.95


async def test_one_that_is_there_is_shown_without_a_restart() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("A", *"0.99", "enter")
        await until(pilot, lambda: app.selection.focus.setting == 3)
        assert app.watched.snapshot is not None
        assert app.watched.snapshot.generation == 0


@pytest.mark.parametrize("name", ["twenty", "pentagon", "noise", "scaling-weak", "k-gons", "phase"])
def test_it_is_offered_where_the_data_depend_on_sparsity_and_nowhere_else(name: str) -> None:
    """In the footer, in the rail, and in the border of the strip; then it makes new settings."""
    config, is_offered = EXPERIMENTS[name].config, name not in ("k-gons", "phase")
    spans = place_keys(table_of_keys(VIEWS.values()), 300, False, "live", config=config)
    assert ("add_sparsity" in {key.action for _, key in spans}) is is_offered
    status = replace(waiting("twenty"), config=config, focus=Focus(config.models[0]))
    rail = controls_of(status, {"add_sparsity": "A"}, rows=50)
    assert any(control.action == "add_sparsity" for control in rail) is is_offered
    if config.kind == LANES:
        assert depends_on_sparsity(config) is is_offered
    if is_offered:
        added = add_typed(config, "0.321").config
        names = {setting_name(added, setting) for setting in added.settings}
        assert len(names) == len(added.settings) > len(config.settings)


async def test_where_data_do_not_depend_on_it_the_key_says_so() -> None:
    one_hot = replace(SMALL, distribution="one-hot", sparsities=(0.0,))
    async with running(config=one_hot) as (app, pilot):
        await until_finished(app, pilot)
        assert "A" not in border_of(panel(app, "strip")).split(" · ")[1:]
        await pilot.press("A")
        assert not app.desk.has_dialog
        assert "does not depend on S" in next(iter(app._notifications)).message


async def test_in_a_sweep_the_swept_value_stays_in_focus() -> None:
    async with running(config=SWEPT) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("right", "A", *"0.7", "enter")
        await until(pilot, lambda: app.watched.config.sparsities == (0.5, 0.7, 0.9))
        assert app.selection.focus.setting == 3, "0.7 and the second value"
        await until_finished(app, pilot)


async def test_a_long_run_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("superpos_tui.process.watched_run.LONG_SECONDS", -1.0)
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("A", *"0.95", "enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("escape")
        await until(pilot, lambda: not app.desk.has_dialog)
        assert app.watched.config == SMALL


def border_of(panel_view: PanelView) -> str:
    """What the upper border says."""
    return Content.from_markup(panel_view.border_title or "").plain


async def test_the_strip_offers_it_and_the_panel_in_focus_explains_itself() -> None:
    """In the borders, where a click does the same as the key."""
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        strip, matrix = panel(app, "strip"), panel(app, "matrix")
        await until(pilot, lambda: "A adds one" in border_of(strip))
        assert "i explains · tab next panel" in border_of(matrix)
        assert "i explains" not in border_of(strip)
        await pilot.press("shift+tab")
        await until(pilot, lambda: "i explains · tab next panel" in border_of(strip))
        assert "i explains" not in border_of(matrix)
        region, place = strip.region, border_of(strip).index("A adds one")
        await pilot.click(offset=(region.x + 3 + place, region.y))
        await until(pilot, lambda: isinstance(app.screen, AddSparsityDialog))


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=str)
async def test_the_way_to_the_next_panel_is_on_the_screen(size: tuple[int, int]) -> None:
    """It was named in the help alone."""
    async with running(size=size) as (app, pilot):
        await until_finished(app, pilot)
        for view in VIEWS.values():
            app.widgets.show_view(view.name)
            await pilot.pause()
            front = app.widgets.front_panel
            if len(view.panels) > 1 and front.title:
                await until(pilot, lambda: " · tab" in border_of(app.widgets.front_panel))
            else:
                assert " · tab" not in border_of(front)
