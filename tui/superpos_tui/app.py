"""The app: the instrument with all that can be done to it."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from superpos_tui.actions.pointing import PointingActions
from superpos_tui.actions.screen import ScreenActions
from superpos_tui.instrument import Settings
from superpos_tui.keys import KEYS

BEFORE_ALL = ("tab", "shift+tab", "ctrl+z")
"""Keys that Textual's screens and fields have uses of their own for."""

__all__ = ["Settings", "SuperposApp"]


class SuperposApp(PointingActions, ScreenActions):
    """A live instrument for toy models of superposition."""

    TITLE = "superpos-tui"
    MISSED_IF_LEFT: ClassVar[frozenset[str]] = frozenset({"export", "film"})
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key.keys, key.action, key.label, show=False, priority=key.shown in BEFORE_ALL)
            for key in KEYS
        ),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True),
        Binding("ctrl+c", "interrupt", "quit", show=False, priority=True),
    ]
