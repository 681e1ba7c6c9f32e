"""A long run that is kept nowhere is asked about before it is thrown away."""

from collections.abc import Callable, Mapping

from superpos_tui.desk.desk import Action
from superpos_tui.dialogs.confirm import ConfirmDialog, told
from superpos_tui.process.steady_app import SteadyApp
from superpos_tui.process.watched_run import WatchedRun

Act = Callable[[], None]
INTERRUPTED = 130


class LongRuns:
    """Asks before a run is left for another one, and before the program is left."""

    def __init__(self, app: SteadyApp, watched: WatchedRun, key_back: str) -> None:
        """``key_back`` is the key that brings a run back, as it is shown."""
        self._app = app
        self._watched = watched
        self._key_back = key_back
        self._has_asked = False
        self.named: Mapping[str, Action] = {"interrupt": lambda: self.quit(INTERRUPTED)}

    def ask_before(self, act: Act) -> None:
        """Do what ends the present run, after asking if that would lose much."""
        yes = f"throw it away; {self._key_back} brings it back"
        self._ask("throw this run away?", yes, act)

    def quit(self, code: int = 0) -> None:
        """Leave the program; the second time without a question."""
        if isinstance(self._app.screen, ConfirmDialog):
            self._app.leave(code)
        else:
            self._ask("quit without this run?", "quit", lambda: self._app.leave(code))

    def _ask(self, title: str, yes: str, act: Act) -> None:
        snapshot = self._watched.snapshot
        if snapshot is None or self._has_asked or not self._watched.is_long_and_kept_nowhere:
            act()
            return

        def answer(goes_on: bool | None) -> None:
            if goes_on:
                self._has_asked = True  # what is done may ask in turn
                try:
                    act()
                finally:
                    self._has_asked = False

        question = f"{told(snapshot)}\nIt is kept nowhere."
        self._app.push_screen(ConfirmDialog(title, question, yes, "keep it"), answer)
