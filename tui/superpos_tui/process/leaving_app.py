"""All that the terminal driver knows about the program: it may leave, and keys are waited for."""

from textual.app import App

from superpos_tui.process.pressed_keys import PressedKeys
from superpos_tui.process.signals import Leaving


class LeavingApp(App[None]):
    """Once ``leaving`` is requested, nothing stops, resumes or delays the app any more.

    ``pressed`` are the keys that have been read.
    """

    leaving: Leaving
    pressed: PressedKeys
