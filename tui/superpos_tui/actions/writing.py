"""Writing files: an export of the current moment, and a film of all moments."""

from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

from textual.worker import get_current_worker

from superpos_core.errors import InvalidValue
from superpos_core.figures.drawing import one_line
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
        files = count(1)

        def on_folder(folder: Path) -> None:
            text = f"writing figures, numbers and weights to\n{folder}"
            self._desk.app.call_later(self._desk.notify, text, "export")

        def on_file() -> None:
            _end_if_cancelled()
            self._show_progress(f"export: {next(files):>2} files")

        def write() -> str:
            from superpos_tui.actions.export_now import export_now

            written = export_now(scene, view, Path.cwd(), self._formats, on_file, on_folder)
            if written.missing:
                raise Incomplete("\n".join([*written.missing, written.text]))
            return written.text

        self._in_a_thread("export", write)

    def film(self) -> None:
        """Write the timeline of the open view as an animated GIF."""
        scene, view = self._desk.scene_of_group(), VIEWS[self._desk.current.selection.view]
        if scene is None:
            return
        self._desk.notify("drawing every moment, up to 60 of them", title="film", timeout=4)

        def on_frame(done: int, of: int) -> None:
            _end_if_cancelled()
            self._show_progress(f"film: {done:>{len(str(of))}} of {of} frames")

        def write() -> str:
            from superpos_tui.actions.export_now import film_now

            return str(film_now(scene, view, Path.cwd(), on_frame, self._film_width))

        self._in_a_thread("film", write)

    def _show_progress(self, text: str) -> None:
        """Show how far the work is, from any thread; nothing once it is done."""
        self._desk.app.call_later(self._desk.screen.show_work, text)

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
                app.call_from_thread(self._desk.notify, result, title=title, timeout=10)
            finally:
                self._show_progress("")

        app.run_worker(run, thread=True, group=title, exclusive=True, exit_on_error=False)


def _end_if_cancelled() -> None:
    if get_current_worker().is_cancelled:
        raise Cancelled


class Cancelled(Exception):
    """The program is ending, and so is this export."""


class Incomplete(Exception):
    """Part of the export is missing; the message says what, and what was written."""
