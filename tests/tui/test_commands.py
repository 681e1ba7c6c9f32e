"""The command that recreates a run, and the command palette."""

from dataclasses import replace

from tests.tui.running import running, until, until_finished

from superpos_core.engine.choice import EngineChoice
from superpos_tui.selection import Focus
from superpos_tui.settings.recreating import command_for
from superpos_tui.views.registry import VIEWS


def test_the_command_line_names_only_what_differs_from_the_defaults() -> None:
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
