"""The command that recreates a run, and the command palette."""

from dataclasses import replace

import pytest
from tests.tui.running import running, until, until_finished
from textual.command import Command, CommandList

from superpos_core.engine.choice import EngineChoice
from superpos_tui.app import SuperposApp
from superpos_tui.keys import FOOTER, LIST_OF_RUNS, WITH_OPEN_TIMELINE
from superpos_tui.selection import Focus
from superpos_tui.settings.recreating import command_for


def test_the_command_line_names_only_what_differs_from_the_defaults() -> None:
    from superpos_core.experiments import experiment_named

    config = experiment_named("twenty").config
    assert command_for(config, "live", Focus("tied", 2)) == "superpos-tui"
    changed = replace(config, sparsities=(0.5, 0.9), learning_rate=0.01, seed=3)
    assert command_for(changed, "geometry", Focus("tied", 1)) == (
        "superpos-tui --sparsity 0.5,0.9 --seed 3 --learning-rate 0.01"
        " --view geometry --focus tied,1"
    )
    engine = EngineChoice("torch", "cpu", threads=1)
    assert command_for(config, "live", Focus("tied", 2), engine) == (
        "superpos-tui --engine torch --threads 1"
    )
    assert command_for(config, "live", Focus("tied", 2), EngineChoice(device="cuda:1")) == (
        "superpos-tui --device cuda:1"
    )


def offered(app: SuperposApp) -> list[str]:
    """The titles that the open command palette lists."""
    commands = app.screen.query_one(CommandList)
    hits = [option.hit for option in commands.options if isinstance(option, Command)]
    return [str(hit.text) for hit in hits]


async def test_the_open_palette_offers_everything_that_can_be_done() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "theme paper" in offered(app))
        titles = offered(app)
        for word in ("model linear", "sparsity S 0.99", "experiment twenty", "theme paper"):
            assert word in titles
        for key in app.keys:
            is_at_hand = key not in WITH_OPEN_TIMELINE and (not key.exclusive or key.view == "live")
            is_listed = f"{key.description} ({key.shown})" in titles
            is_of_use = key.action not in ("command_palette", LIST_OF_RUNS.action)
            assert is_listed == (is_at_hand and is_of_use), key
        await pilot.press(*"theme pap", "enter")
        await until(pilot, lambda: app.theme == "paper")


async def test_the_palette_does_what_is_chosen_in_it() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("ctrl+p", *"close the t")
        await until(pilot, lambda: len(offered(app)) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: app.widgets.timeline_is_open)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "theme paper" in offered(app))
        assert "timeline: next moment (→)" in offered(app), "the timeline is open now"


async def test_the_palette_lists_the_most_used_commands_first() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "theme paper" in offered(app))
        actions = {f"{key.description} ({key.shown})": key.action_name for key in app.keys}
        shown = [actions.get(title) for title in offered(app)]
        footer = [action for action in FOOTER if action != "runs"]
        assert list(dict.fromkeys(shown))[: len(footer)] == footer


@pytest.mark.parametrize(
    ("typed", "action"),
    [
        ("add sparsity", "add_sparsity"),
        ("pentagon", "experiment pentagon"),
        ("compare with linear", "compare_with_linear"),
        ("png", "export"),
        ("undo", "undo"),
        ("colours", "panel_help"),
        ("phase diagram", "view"),
        ("change n", "form"),
    ],
)
@pytest.mark.sampled(3)
async def test_the_words_that_one_would_type_find_the_command_first(
    typed: str, action: str
) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        actions = {f"{key.description} ({key.shown})": key.action_name for key in app.keys}
        everything = len(list(app.get_system_commands(app.screen)))
        await pilot.press("ctrl+p", *typed)
        await until(pilot, lambda: 0 < len(offered(app)) < everything)
        await until(pilot, lambda: actions.get(offered(app)[0], offered(app)[0]) == action)
        first = offered(app)[0]
        assert actions.get(first, first) == action
