"""An app that can be asked to leave: all that the terminal driver knows about the program."""

from textual.app import App

from superpos_tui.process.signals import Leaving


class LeavingApp(App[None]):
    """Once ``leaving`` is requested, nothing stops, resumes or delays the app any more."""

    leaving: Leaving
