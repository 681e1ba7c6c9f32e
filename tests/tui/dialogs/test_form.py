"""The form validates its input and restarts with it; a scripted engine."""

from tests.tui.running import SMALL, running, until, until_finished
from textual.widgets import Input

from superpos_tui.dialogs.form import FormDialog


async def test_the_form_validates_its_input_and_restarts_with_it() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("F")
        assert isinstance(app.screen, FormDialog)
        features = app.screen.query_one("#field-features", Input)
        features.value = "no number"
        await pilot.pause()
        assert "not a whole number" in str(app.screen.query_one("#verdict").render())
        await pilot.press("enter")
        assert isinstance(app.screen, FormDialog), "an invalid config does not start"
        features.value = "7"
        app.screen.query_one("#field-sparsities", Input).value = "0.5"
        await pilot.press("enter")
        await until(pilot, lambda: app.watched.config.features == 7)
        assert app.watched.config.sparsities == (0.5,)
        assert app.selection.focus.setting == 0
        await until_finished(app, pilot)


async def test_the_form_can_be_left_without_a_change() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("F", "escape")
        await pilot.pause()
        assert app.watched.config == SMALL
