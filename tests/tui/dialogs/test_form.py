"""The form validates its input and restarts with it; a scripted engine."""

import pytest
from tests.tui.running import SMALL, running, until, until_finished
from textual.widgets import Input

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import Option, options_of
from superpos_core.task.values import Name
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.form import FormDialog, next_name
from superpos_tui.settings.typed import with_added


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


# ── adding to a list ──────────────────────────────────────────────────────────────────────────────

SPARSITIES = next(each for each in options_of(ExperimentConfig) if each.field == "sparsities")
MODELS = next(each for each in options_of(ExperimentConfig) if each.field == "models")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("+0.95", "0,0.9,0.95,0.99"),
        ("0,0.9,0.99+0.95", "0,0.9,0.95,0.99"),
        ("0,0.9,0.99,0.95", "0,0.9,0.99,0.95"),  # as typed
        ("+0.95,0.5", "0,0.5,0.9,0.95,0.99"),
        ("0.9,0+0.5", "0.9,0,0.5"),  # not in order before either
        ("1e+1", "1e+1"),
        ("+no number", "0,0.9,0.99,no number"),
        ("0.5", "0.5"),
        ("", ""),
    ],
)
def test_a_plus_adds_to_a_list(typed: str, meant: str) -> None:
    assert with_added(SPARSITIES.takes, "0,0.9,0.99", typed) == meant


def test_names_are_added_at_the_end_and_single_values_never() -> None:
    assert with_added(MODELS.takes, "tied,untied", "+linear") == "tied,untied,linear"
    features = next(each for each in options_of(ExperimentConfig) if each.field == "features")
    assert with_added(features.takes, "20", "+5") == "+5"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.sampled(2)
async def test_one_more_sparsity_is_typed_and_the_verdict_is_always_in_sight(
    size: tuple[int, int],
) -> None:
    async with running(size=size) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("F")
        app.screen.query_one("#field-sparsities", Input).focus()
        await pilot.press(*"+0.95")
        await pilot.pause()
        assert "sparsity 0,0.7,0.9,0.95,0.99,0.999" in said(app, "verdict")
        assert "12 lanes (2 models × 6 settings) from step 0" in said(app, "verdict")
        assert app.screen.query_one("#label-sparsities").has_class("-changed")
        for name in ("features", "initial_scale"):
            app.screen.query_one(f"#field-{name}", Input).focus()
            await pilot.pause()
            for line in ("about", "verdict"):
                region = app.screen.query_one(f"#{line}").region
                assert region.bottom <= size[1] - 1
                assert said(app, line)
        await pilot.press("enter")
        await until(pilot, lambda: 0.95 in app.watched.config.sparsities)
        await until_finished(app, pilot)


def said(app: SuperposApp, line: str) -> str:
    return str(app.screen.query_one(f"#{line}").render())


# ── one of several names ──────────────────────────────────────────────────────────────────────────


async def test_names_are_chosen_with_the_arrows_or_typed() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("F")
        field = app.screen.query_one("#field-optimiser", Input)
        field.focus()
        await pilot.press("right")
        assert field.value == "sgd"
        await pilot.press("right", "left", "left")
        assert field.value == "adamw"
        field.value = "adamv"
        await pilot.pause()
        assert "did you mean adamw?" in said(app, "verdict")


def test_the_arrows_go_through_all_names_and_round() -> None:
    names = ("a", "b", "c")
    assert [next_name(names, each, 1) for each in names] == ["b", "c", "a"]
    assert [next_name(names, each, -1) for each in names] == ["c", "a", "b"]


@pytest.mark.parametrize("option", options_of(ExperimentConfig), ids=lambda each: each.name)
def test_the_choices_of_a_name_are_in_its_help(option: Option) -> None:
    if isinstance(option.takes, Name):
        for name in option.takes.known:
            assert name in option.help
