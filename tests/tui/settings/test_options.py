"""One more option is one more field: help, form, dials and the copied command follow."""

from dataclasses import dataclass, replace

import click
import pytest
from click.testing import CliRunner
from textual.app import App
from textual.widgets import Input, Label, Static

from superpos_core.errors import InvalidValue
from superpos_core.experiments import Experiment, Trial
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import DialSpec, option
from superpos_core.task.values import Number
from superpos_tui.command_line.help_text import GroupedCommand, config_options
from superpos_tui.dialogs.form import FormDialog
from superpos_tui.selection import first_focus
from superpos_tui.settings.dials import changes, dials_of
from superpos_tui.settings.recreating import command_for
from superpos_tui.settings.typed import as_texts, config_with


@dataclass(frozen=True, kw_only=True)
class Warmer(ExperimentConfig):
    """A config with one more option."""

    temperature: float = option(
        1.0,
        help="How warm it is.",
        heading="Training",
        takes=Number(above=0, most=9),
        metavar="T",
        dial=DialSpec("temperature T", "of everything", (0.5, 1.0, 2.0)),
    )


WARMER = Warmer(name="warmer", steps=5)


def test_it_is_in_the_help_text() -> None:
    @click.command(cls=GroupedCommand)
    @config_options("Training", Warmer)
    def command() -> None:
        """Do nothing."""

    lines = CliRunner().invoke(command, ["--help"]).output.splitlines()
    assert ["--temperature", "T", "How", "warm", "it", "is."] in [line.split() for line in lines]
    assert "Training:" in lines


def test_it_is_parsed_and_checked() -> None:
    assert config_with(WARMER, {"temperature": " 2.5 "}) == replace(WARMER, temperature=2.5)
    assert as_texts(WARMER)["temperature"] == "1"
    with pytest.raises(InvalidValue, match=r"temperature 10\.0: out of range"):
        config_with(WARMER, {"temperature": "10"})
    with pytest.raises(InvalidValue, match="temperature warm: it is not a number"):
        config_with(WARMER, {"temperature": "warm"})


def test_it_is_a_dial() -> None:
    dial = next(dial for dial in dials_of(Warmer) if dial.name == "temperature T")
    warmer = dial.turned(WARMER, 0, 1)
    assert warmer == replace(WARMER, temperature=2.0)
    assert changes(WARMER, warmer, 0) == "temperature T 1 → 2"


def test_it_is_in_the_copied_command() -> None:
    experiment = Experiment("Warmth", "Later", "It is warm.", WARMER)
    focus, config = first_focus(Trial(WARMER, experiment)), replace(WARMER, temperature=3.0)
    assert "--temperature 3" in command_for(config, "live", focus, experiment=experiment)
    assert "--temperature" not in command_for(WARMER, "live", focus, experiment=experiment)


async def test_it_is_in_the_form() -> None:
    app = App[None]()
    async with app.run_test(size=(90, 50)) as pilot:
        form = FormDialog(WARMER)
        await app.push_screen(form)
        assert "temperature" in [str(label.content) for label in form.query(Label)]
        typed = form.query_one("#field-temperature", Input)
        typed.focus()
        typed.value = "12"
        await pilot.pause()
        assert "temperature 12.0: out of range" in str(form.query_one("#verdict", Static).content)
        typed.value = "3"
        await pilot.pause()
        assert "How warm it is." in str(form.query_one("#about", Static).content)
