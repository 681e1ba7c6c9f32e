"""What is taken away as files: an export of this moment, and a film of all of them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from textual.worker import get_current_worker

from superpos_core.errors import InvalidValue
from superpos_core.figures.drawing import one_line
from superpos_tui.actions.export_now import export_now, film_now
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.views.registry import VIEWS


class WritingActions:
    """Write files beside everything else, into folders below the current one."""

    def __init__(self, desk: Desk, formats: tuple[str, ...]) -> None:
        self._desk = desk
        self._formats = formats
        self.named: Mapping[str, Action] = {"export": self.export, "film": self.film}

    def export(self) -> None:
        """Write what is looked at as figures, and numbers and weights."""
        scene, view = self._desk.gaze.scene, VIEWS[self._desk.gaze.looking.view]
        if scene is None:
            waiting_for = self._desk.watched.waiting_for
            self._desk.refuse(f"there is nothing to export yet: {waiting_for}")
            return
        self._desk.tell("writing figures, numbers and weights", title="export")

        def write() -> str:
            written = export_now(scene, view, Path.cwd(), self._formats, _end_if_cancelled)
            told = f"{written.files} files in {written.folder}"
            if written.missing:
                raise Incomplete("\n".join([*written.missing, told]))
            return told

        self._in_a_thread("export", write)

    def film(self) -> None:
        """Write the timeline of the view that is open as an animated GIF."""
        scene, view = self._desk.scene_of_lane(), VIEWS[self._desk.gaze.looking.view]
        if scene is None:
            return
        self._desk.tell("drawing every moment; this takes some seconds", title="film", timeout=4)

        def write() -> str:
            return str(film_now(scene, view, Path.cwd(), lambda done, of: _end_if_cancelled()))

        self._in_a_thread("film", write)

    def _in_a_thread(self, title: str, write: Callable[[], str]) -> None:
        """Write, and say how it went."""
        app = self._desk.app

        def run() -> None:
            try:
                told = write()
            except Cancelled:
                return
            except Exception as error:
                # Whatever it is, it ended what was asked for, and nobody else would say so.
                is_plain = isinstance(error, InvalidValue | OSError | Incomplete)
                told = str(error) if is_plain else one_line(error)
                app.call_from_thread(
                    app.notify, told, title=f"{title} failed", severity="error", timeout=10,
                    markup=False,
                )  # fmt: skip
            else:
                app.call_from_thread(self._desk.tell, told, title=title, timeout=6)

        app.run_worker(run, thread=True, group=title, exclusive=True, exit_on_error=False)


def _end_if_cancelled() -> None:
    if get_current_worker().is_cancelled:
        raise Cancelled


class Cancelled(Exception):
    """The program ends, and what is being written with it."""


class Incomplete(Exception):
    """Some of what was asked for is missing; the message says what, and what is there."""
