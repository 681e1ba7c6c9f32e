"""Comparing with the linear model: one key, from any view."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.snapshots import finished
from tests.tui.running import SMALL, panel, running, text_of, until, until_finished
from tests.tui.views.compare.compared import DEDICATED, DIGON, comparing
from textual.content import Content

from superpos_core.record.lanes import LanesRecord
from superpos_core.training.commands import Command
from superpos_tui.process.opened_run import OpenedFile
from superpos_tui.selection import Focus
from superpos_tui.views.compare.panel import PANEL
from superpos_tui.views.registry import VIEWS

ALONE = replace(SMALL, models=("tied",))


async def test_o_joins_the_linear_model_and_shows_it_beside_the_other() -> None:
    async with running(config=ALONE) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("right", "o")
        assert app.selection.view == "compare"
        await until(pilot, lambda: app.watched.config.models == ("tied", "linear"))
        await until_finished(app, pilot)
        assert app.selection.focus == Focus("tied", 1)
        await until(pilot, lambda: "reference: linear S 0.7" in text_of(app, "compare-compare"))
        assert "now: tied S 0.7" in text_of(app, "compare-compare")


async def test_until_the_linear_model_has_joined_the_view_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = list[Command]()

    def hold(command: Command) -> bool:
        held.append(command)
        return True

    async with running(config=ALONE) as (app, pilot):
        await until_finished(app, pilot)
        submit = app.watched.submit
        monkeypatch.setattr(app.watched, "submit", hold)
        await pilot.press("7")
        await until(pilot, lambda: "reference: tied" in text_of(app, "compare-compare"))
        await pilot.press("o")
        for name in VIEWS["compare"].panels_for(LanesRecord):
            text = " ".join(text_of(app, f"compare-{name}").split())
            assert text == "the linear model joins: it will be here in a moment"
        submit(*held)
        await until(pilot, lambda: "reference: linear" in text_of(app, "compare-compare"))


async def test_o_replaces_a_pin_and_turns_from_the_linear_model_to_another() -> None:
    both = replace(SMALL, models=("tied", "linear"))
    async with running(config=both) as (app, pilot):
        await until_finished(app, pilot)
        app.selecting_actions.select_model("linear")
        await pilot.press("7", "p", "right", "o")
        await until(pilot, lambda: "reference: linear S 0.7" in text_of(app, "compare-compare"))
        assert app.selection.focus.model == "tied"


async def test_alone_the_linear_model_has_nothing_to_be_compared_with() -> None:
    async with running(config=replace(SMALL, models=("linear",)), notifications=True) as (
        app,
        pilot,
    ):
        await until_finished(app, pilot)
        await pilot.press("o")
        await until(pilot, lambda: bool(app._notifications))
        assert app.watched.config.models == ("linear",)
        assert "m adds one" in next(iter(app._notifications)).message


async def test_a_run_that_does_not_train_here_says_why_none_joins() -> None:
    opened = OpenedFile(finished(), Path("x"))
    async with running(source=opened, notifications=True) as (app, pilot):
        await until(pilot, lambda: app.watched.snapshot is not None)
        before = app.watched.config.models
        assert "linear" not in before
        await pilot.press("o")
        await until(pilot, lambda: bool(app._notifications))
        assert app.watched.config.models == before


async def test_the_border_offers_it() -> None:
    async with running(config=ALONE) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("7")
        compared = panel(app, "compare", "compare")

        def border() -> str:
            return Content.from_markup(compared.border_title or "").plain

        await until(pilot, lambda: "o with the linear model" in border())
        assert "W·Wᵀ compared" in border()


def test_it_is_not_offered_once_it_is_there() -> None:
    models = ("tied", "linear")
    encoders = [DEDICATED, DIGON]
    assert PANEL.offers(comparing(encoders, Focus("tied", 0)))
    assert not PANEL.offers(comparing(encoders, Focus("tied", 0), models=models))
    assert not PANEL.offers(comparing(encoders, Focus("linear", 0), models=models))
