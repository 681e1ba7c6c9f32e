"""Help: every key, by group, and how to read every panel."""

from collections.abc import Collection
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from superpos_tui.dialogs.frame import frame_css
from superpos_tui.keys import GROUP_TITLES
from superpos_tui.process.sturdy import Dialog
from superpos_tui.views.key import Key
from superpos_tui.views.view import View


class HelpDialog(Dialog[None]):
    """Every key, by group, and how to read every panel."""

    DEFAULT_CSS = frame_css("HelpDialog")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,f1", "dismiss", "close"),
    ]

    def __init__(self, keys: Collection[Key], views: Collection[View]) -> None:
        super().__init__()
        self._keys = keys
        self._views = views

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = "keys"
            box.border_subtitle = "esc closes"
            yield Static(help_table(self._keys))
            yield Static(panel_table(self._views))


def help_table(keys: Collection[Key]) -> Table:
    """Every key, by group."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for group, title in GROUP_TITLES.items():
        table.add_row("", Text(title, style="bold"))
        for key in keys:
            if key.group == group:
                table.add_row(key.shown, key.description)
        table.add_row("", "")
    return table


def panel_table(views: Collection[View]) -> Table:
    """What each panel shows, view by view."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    table.add_row("", Text("Panels", style="bold"))
    for panel in (panel for view in views for panel in view.panels.values()):
        table.add_row(panel.name, panel.readings[0])
        if panel.story:
            table.add_row("", Text(panel.story, style="dim"))
        table.add_row("", "")
    return table
