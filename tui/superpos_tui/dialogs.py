"""The dialogs over the screen: help, and what to do when training has failed."""

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from superpos_tui.keys import GROUP_TITLES, KEYS
from superpos_tui.panels import PANELS
from superpos_tui.sturdy import Dialog

DIALOG_CSS = """
{name} {{ align: center middle; }}
{name} > * {{
    width: 76; max-width: 96%; height: auto; max-height: 96%;
    border: round $accent; background: $surface; padding: 1 2;
}}
"""


class HelpDialog(Dialog[None]):
    """Every key, by group, and how to read every panel."""

    DEFAULT_CSS = DIALOG_CSS.format(name="HelpDialog")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,f1", "dismiss", "close"),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = "keys"
            box.border_subtitle = "esc closes"
            yield Static(help_table())
            yield Static(panel_table())


class FailureDialog(Dialog[str]):
    """Why training stopped, and the ways on: ``retry`` or ``quit``."""

    DEFAULT_CSS = DIALOG_CSS.format(name="FailureDialog").replace("$accent", "$error")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,enter", "choose('retry')", "try again"),
        Binding("q,ctrl+q", "choose('quit')", "quit"),
        Binding("escape", "choose('look')", "look at what there is"),
    ]

    def __init__(self, reason: str) -> None:
        super().__init__()
        self._reason = reason

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "training stopped"
            yield Static(self._text())

    def show_reason(self, reason: str) -> None:
        """Another failure is the one that counts now."""
        self._reason = reason
        for text in self.query(Static):
            text.update(self._text())

    def _text(self) -> Text:
        text = Text(self._reason, style="bold")
        return text.append(
            "\n\nr  start again from step 0\nq  quit\nesc  look at what there is", style="not bold"
        )

    def action_choose(self, choice: str) -> None:
        """Close with the chosen way on."""
        self.dismiss(choice)


def help_table() -> Table:
    """The table of keys, made from ``KEYS``."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for group, title in GROUP_TITLES.items():
        table.add_row("", Text(title, style="bold"))
        for key in KEYS:
            if key.group == group:
                table.add_row(key.shown, key.description)
        table.add_row("", "")
    return table


def panel_table() -> Table:
    """What each panel shows, made from ``PANELS``."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    table.add_row("", Text("Panels", style="bold"))
    for panel in PANELS.values():
        table.add_row(panel.name, panel.readings[0])
        if panel.story:
            table.add_row("", Text(panel.story, style="dim"))
        table.add_row("", "")
    return table
