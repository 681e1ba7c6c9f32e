"""How many colours the program uses, and the escape codes that it then emits."""

import re

import pytest
from rich.color import ColorSystem
from rich.style import Style

from superpos_core.errors import InvalidValue
from superpos_tui.command_line import cli
from superpos_tui.command_line.request import request_from
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.shades import Depth
from superpos_tui.process.environment import choose_colours, prepare_for_textual

TRUECOLOR, OVER_SSH = {"COLORTERM": "truecolor"}, {"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}
FORCED = {"TEXTUAL_COLOR_SYSTEM": "truecolor"}


@pytest.mark.parametrize(
    ("depth", "variables", "system", "refuses"),
    [
        ("auto", TRUECOLOR, None, False),
        ("auto", TRUECOLOR | OVER_SSH, "256", False),
        ("auto", OVER_SSH, None, False),
        ("auto", TRUECOLOR | OVER_SSH | FORCED, "truecolor", False),
        ("auto", {"NO_COLOR": "1"}, None, True),
        ("truecolor", OVER_SSH, "truecolor", False),
        ("256", TRUECOLOR | FORCED, "256", False),
        ("16", {"NO_COLOR": "1"}, "standard", False),
        ("none", TRUECOLOR, None, True),
    ],
)
def test_a_typed_depth_counts_and_ssh_gets_256(
    depth: str, variables: dict[str, str], system: str | None, refuses: bool
) -> None:
    environment = dict(variables)
    prepare_for_textual(environment)
    choose_colours(depth, environment)
    assert environment.get("TEXTUAL_COLOR_SYSTEM") == system
    assert ("NO_COLOR" in environment) is refuses


def test_both_spellings_are_known_and_a_wrong_depth_names_the_right_ones() -> None:
    for option in ("--colour", "--color"):
        context = cli.command.make_context("superpos-tui", [option, "256"])
        assert request_from(context.params).colour == "256"
    context = cli.command.make_context("superpos-tui", ["--colour", "many"])
    with pytest.raises(
        InvalidValue, match=r"^colour many: .* choose auto, truecolor, 256, 16 or none$"
    ):
        request_from(context.params)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize(
    ("depth", "system", "code"),
    [
        ("truecolor", ColorSystem.TRUECOLOR, r"\x1b\[38;2;\d+;\d+;\d+m"),
        ("256", ColorSystem.EIGHT_BIT, r"\x1b\[38;5;\d+m"),
        ("16", ColorSystem.STANDARD, r"\x1b\[(3|9)\dm"),
    ],
)
def test_the_escape_codes_of_every_ink(
    depth: Depth, system: ColorSystem, code: str, dark: bool
) -> None:
    colours = Palette(depth, dark).colours
    assert len(colours) > 400
    for colour in colours.values():
        emitted = Style(color=colour).render("x", color_system=system)
        assert re.fullmatch(code + r"x\x1b\[0m", emitted)
