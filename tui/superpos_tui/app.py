"""The app: the instrument with all that can be done to it."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from superpos_tui.actions.pointing import PointingActions
from superpos_tui.actions.screen import ScreenActions
from superpos_tui.instrument import Settings

__all__ = ["Settings", "SuperposApp"]


class SuperposApp(PointingActions, ScreenActions):
    """A live instrument for toy models of superposition."""

    TITLE = "superpos-tui"
    AWAITED_GROUPS: ClassVar[frozenset[str]] = frozenset({"export", "film"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "next_panel", "panel", show=False, priority=True),
        Binding("shift+tab", "previous_panel", "previous panel", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "stop", show=False, priority=True),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True),
        Binding("ctrl+c", "interrupt", "quit", show=False, priority=True),
    ]
