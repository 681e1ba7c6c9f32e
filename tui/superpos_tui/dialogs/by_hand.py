"""Text to be copied by hand, where a terminal takes none from a program."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from superpos_tui.process.sturdy import Dialog

MAX_LINES = 400
"""Maximum lines to show: nobody selects more by hand."""
HOW = "shift (on a Mac fn) and drag selects · esc closes"


class ByHandDialog(Dialog[None]):
    """The text over the whole width, with nothing beside it that would be selected too."""

    DEFAULT_CSS = """
    ByHandDialog { align: center middle; }
    ByHandDialog:enabled > VerticalScroll {
        width: 100%; height: auto; max-height: 100%; background: $surface;
        border-top: solid $accent; border-bottom: solid $accent; scrollbar-size-vertical: 0;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,y,Y", "dismiss(None)")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = self._title
            box.border_subtitle = HOW
            yield Static(Text(lined_up(self._text)))


def lined_up(text: str) -> str:
    """The text as a screen can hold it: tabs become columns, and only so many lines are shown."""
    lines = text.splitlines()
    rows = [line.split("\t") for line in lines[:MAX_LINES]]
    widths = [0] * max(map(len, rows), default=0)
    for row in rows:
        for column, cell in enumerate(row):
            widths[column] = max(widths[column], len(cell))
    shown = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]
    more = len(lines) - len(rows)
    return "\n".join([*shown, *([f"… {more:,} more lines: e exports them"] if more else [])])
