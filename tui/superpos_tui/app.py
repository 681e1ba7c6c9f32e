"""The app: the instrument with all that can be done to it."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from superpos_tui.actions.pointing import PointingActions
from superpos_tui.actions.screen import ScreenActions
from superpos_tui.instrument import Settings
from superpos_tui.keys import KEYS

__all__ = ["Settings", "SuperposApp"]


class SuperposApp(PointingActions, ScreenActions):
    """A live instrument for toy models of superposition."""

    TITLE = "superpos-tui"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Textual's own screen binds tab, so ours must come first.
        *(
            Binding(key.keys, key.action, key.label, show=False, priority="tab" in key.keys)
            for key in KEYS
        ),
        Binding("ctrl+c", "interrupt", "quit", show=False, priority=True),
    ]
