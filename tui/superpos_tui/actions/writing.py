"""Writing files: an export of the current moment, and a film of all moments."""

from collections.abc import Callable, Mapping
from pathlib import Path

from textual.worker import get_current_worker

from superpos_core.errors import InvalidValue
from superpos_core.figures.drawing import one_line
from superpos_tui.actions.export_now import export_now, film_now
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.views.registry import VIEWS


class WritingActions:
    """Write files in the background, into folders below the current one."""

    def __init__(self, desk: Desk, formats: tuple[str, ...], film_width: int | None) -> None:
        self._desk = desk
        self._formats = formats
        self._film_width = film_width
        self.named: Mapping[str, Action] = {"export": self.export, "film": self.film}

    def export(self) -> None:
        """Export figures, numbers and weights of the current moment."""
        scene, view = self._desk.current.scene, VIEWS[self._desk.current.selection.view]
        if scene is None:
            waiting_for = self._desk.watched.waiting_for
            self._desk.refuse(f"nothing to export yet: {waiting_for}")
            return
        self._desk.notify("writing figures, numbers and weights", title="export")

        def write() -> str:
            written = export_now(scene, view, Path.cwd(), self._formats, _end_if_cancelled)
            result = f"{written.files} files in {written.folder}"
            if written.missing:
                raise Incomplete("\n".join([*written.missing, result]))
            return result

        self._in_a_thread("export", write)

    def film(self) -> None:
        """Write the timeline of the open view as an animated GIF."""
        scene, view = self._desk.scene_of_lane(), VIEWS[self._desk.current.selection.view]
        if scene is None:
            return
        self._desk.notify("drawing every moment; this takes a few seconds", title="film", timeout=4)

        def write() -> str:
            width = self._film_width
            path = film_now(scene, view, Path.cwd(), lambda done, of: _end_if_cancelled(), width)
            return str(path)

        self._in_a_thread("film", write)

    def _in_a_thread(self, title: str, write: Callable[[], str]) -> None:
        """Write in a thread, and report the result."""
        app = self._desk.app

        def run() -> None:
            try:
                result = write()
            except Cancelled:
                return
            except Exception as error:
                # Whatever it is, it ended the request, and nothing else would report it.
                is_plain = isinstance(error, InvalidValue | OSError | Incomplete)
                reason = str(error) if is_plain else one_line(error)
                app.call_from_thread(
                    app.notify, reason, title=f"{title} failed", severity="error", timeout=10,
                    markup=False,
                )  # fmt: skip
            else:
                app.call_from_thread(self._desk.notify, result, title=title, timeout=6)

        app.run_worker(run, thread=True, group=title, exclusive=True, exit_on_error=False)


def _end_if_cancelled() -> None:
    if get_current_worker().is_cancelled:
        raise Cancelled


class Cancelled(Exception):
    """The program is ending, and so is this export."""


class Incomplete(Exception):
    """Part of the export is missing; the message says what, and what was written."""
