"""Copying: to the clipboard where there may be one, by hand where there is none."""

import pytest
from tests.tui.running import running, until, until_finished
from textual.widgets import Static

from superpos_tui.dialogs.by_hand import MAX_LINES, ByHandDialog, lined_up
from superpos_tui.process.terminal import why_no_clipboard


async def test_the_numbers_of_the_focused_panel_are_copied_and_shown_the_second_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        copied: list[str] = []
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        await pilot.press("tab", "Y")
        await until(pilot, lambda: bool(copied))
        assert copied[0].startswith("step\t")
        (notice,) = app._notifications
        assert "loss: " in notice.message
        assert "Y again shows it" in notice.message
        await pilot.press("Y")
        await until(pilot, lambda: isinstance(app.screen, ByHandDialog))
        assert len(copied) == 1
        await pilot.press("Y")
        await until(pilot, lambda: not app.desk.has_dialog)
        await pilot.press("y")
        await until(pilot, lambda: len(copied) == 2)
        assert copied[1].startswith("superpos-tui ")


async def test_without_a_clipboard_the_text_is_shown_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "Apple_Terminal")
    monkeypatch.delenv("TMUX", raising=False)
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, ByHandDialog))
        shown = app.screen.query_one(Static)
        assert "superpos-tui " in str(shown.render())
        assert "macOS" in str(app.screen.query_one("VerticalScroll").border_title)


@pytest.mark.parametrize(
    ("environment", "has_clipboard"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "linux"}, False),
        ({"TERM": "screen", "STY": "1.pts"}, False),
        ({"TERM": "screen", "TMUX": "/tmp/x"}, True),
        ({"TERM": "xterm", "VTE_VERSION": "7200"}, False),
        ({"TERM": "tmux", "TMUX": "/tmp/x", "VTE_VERSION": "7200"}, True),
        ({"TERM": "xterm", "TERM_PROGRAM": "Apple_Terminal"}, False),
    ],
)
def test_which_terminals_are_known_to_have_none(
    environment: dict[str, str], has_clipboard: bool
) -> None:
    assert (why_no_clipboard(environment) == "") is has_clipboard


def test_tabs_become_columns_and_a_long_text_is_cut() -> None:
    assert lined_up("a\tb\nccc\td\n") == "a    b\nccc  d"
    assert lined_up("") == ""
    long = lined_up("x\n" * (MAX_LINES + 7))
    assert long.endswith("… 7 more lines: e exports them")
    assert len(long.splitlines()) == MAX_LINES + 1
