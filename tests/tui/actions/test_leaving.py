"""The key that leaves a model out of the run again."""

from dataclasses import replace

import pytest
from tests.tui.running import SMALL, running, text_of, until, until_finished

from superpos_core.task.models import MODELS
from superpos_tui.app import SuperposApp
from superpos_tui.bars.keys import place_keys
from superpos_tui.dialogs.confirm import ConfirmDialog
from superpos_tui.keys import table_of_keys
from superpos_tui.selection import Focus
from superpos_tui.views.compare.state import CompareState
from superpos_tui.views.registry import VIEWS


def notices(app: SuperposApp) -> str:
    return "\n".join(f"{each.title}: {each.message}" for each in app._notifications)


async def test_a_model_that_joined_can_be_left_out_and_joins_again() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        began = app.watched.config.models
        await app.run_action("model('linear')")
        await until(pilot, lambda: app.watched.config.models == (*began, "linear"))
        assert "D leaves it out again" in notices(app)
        await pilot.press("D")
        await until(pilot, lambda: app.watched.config.models == began)
        assert app.selection.focus.model == began[-1]
        assert " linear  " not in text_of(app, "status").splitlines()[0]
        assert "m lets it join again, from step 0" in notices(app)
        await app.run_action("model('linear')")
        await until(pilot, lambda: app.watched.config.models == (*began, "linear"))
        await until_finished(app, pilot)


async def test_the_only_model_stays_and_one_of_several_that_has_trained_for_long_is_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        for left in range(len(SMALL.models) - 1, 0, -1):
            await pilot.press("D")
            await until(pilot, lambda left=left: len(app.watched.config.models) == left)  # type: ignore[misc]
        await pilot.press("D")
        assert "the only model that trains: m joins another" in notices(app)
        await app.run_action("model('linear')")
        await until(pilot, lambda: app.scene is not None and len(app.watched.config.models) == 2)
        monkeypatch.setattr("superpos_tui.actions.selecting.LONG_SECONDS", -1.0)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("escape")
        assert len(app.watched.config.models) == 2


def test_what_has_left_is_not_compared_with_any_more() -> None:
    state = CompareState(reference=Focus("linear", 1))
    assert state.without("linear") == CompareState()
    assert state.without("tied") == state


def test_the_footer_offers_it_only_where_another_model_trains() -> None:
    keys = table_of_keys(VIEWS.values())
    for models, is_offered in ((("tied",), False), (tuple(MODELS)[:2], True)):
        config = replace(SMALL, models=models)
        spans = place_keys(keys, 300, one_panel=False, view="live", config=config)
        assert any(key.action == "leave_model" for _, key in spans) is is_offered
