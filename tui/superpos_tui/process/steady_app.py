"""An app that ends when it should, stops when asked to, and reports what went wrong."""

import sys
import time
from collections import deque
from typing import ClassVar

from rich.console import RenderableType
from textual import on
from textual._context import active_message_pump
from textual.dom import DOMNode
from textual.driver import Driver
from textual.events import Event, Key
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from superpos_tui.process.leaving_app import LeavingApp
from superpos_tui.process.log_file import error_line, log_exception
from superpos_tui.process.pressed_keys import PressedKeys
from superpos_tui.process.signals import Leaving
from superpos_tui.process.sturdy import CommandSearch, Sturdy
from superpos_tui.process.whole_strips import let_go_of_strips

if sys.platform != "win32":
    from textual.drivers.linux_driver import LinuxDriver

    from superpos_tui.process.driver import TerminalDriver


MAX_FAULTS = 100
"""Maximum number of errors remembered."""
FAULT_SECONDS = 10.0
"""How long an error stays on the screen; meanwhile the same one is not shown again."""


def _failed_search() -> CommandSearch | None:
    """The command palette, if the failing widget is part of it."""
    failed = active_message_pump.get(None)
    nodes = failed.ancestors_with_self if isinstance(failed, DOMNode) else []
    return next((node for node in nodes if isinstance(node, CommandSearch)), None)


class SteadyApp(LeavingApp, Sturdy):
    """What every terminal program needs and Textual does differently.

    Once it ``has_opened``, no error in a handler ends it: ``faults`` are the errors shown instead.
    ``fatal_error`` is the error that ended it before, if any.
    """

    AWAITED_GROUPS: ClassVar[frozenset[str]] = frozenset()
    """Worker groups whose results the user waits for, such as files."""

    def __init__(self, ansi_color: bool | None = None) -> None:
        self.leaving = Leaving()
        self.pressed = PressedKeys()
        self.has_opened = False
        self.faults: deque[BaseException] = deque(maxlen=MAX_FAULTS)
        self._last_reported = ("", -FAULT_SECONDS)
        self.fatal_error: BaseException | None = None
        self._awaited: set[Worker[object]] = set()
        self._pending_resize: Timer | None = None
        let_go_of_strips()
        super().__init__(ansi_color=ansi_color)

    # ── leaving ───────────────────────────────────────────────────────────────────────────────

    def leave(self, return_code: int) -> None:
        """End the program."""
        self.exit(return_code=return_code)

    def exit(
        self,
        result: None = None,
        return_code: int = 0,
        message: RenderableType | None = None,
    ) -> None:
        """End the program; the first call sets the exit code."""
        super().exit(result, self.leaving.request(return_code), message)

    # ── notices ───────────────────────────────────────────────────────────────────────────────

    @property
    def notices(self) -> set[tuple[str, str]]:
        """Titles and texts of the notices that are shown."""
        return {(each.title, each.message) for each in self._notifications}

    # ── errors ────────────────────────────────────────────────────────────────────────────────

    def report_error(self, error: BaseException, title: str) -> None:
        """Log an error, and show it in one line with the path of the log."""
        log_exception(error)
        self.faults.append(error)
        line, now = error_line(error), time.monotonic()
        last_line, at = self._last_reported
        if self.is_running and (line != last_line or now - at > FAULT_SECONDS):
            self._last_reported = line, now
            self.notify(line, title=title, severity="error", timeout=FAULT_SECONDS, markup=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report errors that end a thread, and keep track of the workers that users wait for."""
        if event.worker.group in self.AWAITED_GROUPS and event.state is WorkerState.RUNNING:
            self._awaited.add(event.worker)
        else:
            self._awaited.discard(event.worker)
        if event.state is not WorkerState.ERROR or event.worker.error is None:
            return
        if isinstance(event.worker.node, CommandSearch):
            log_exception(event.worker.error)
        else:
            self.report_error(event.worker.error, f"{event.worker.group} failed")

    @property
    def unfinished(self) -> str:
        """What was in progress when the program was left, such as ``export``; empty if nothing."""
        return ", ".join(sorted(worker.group for worker in self._awaited))

    def keep_fatal_error(self, error: BaseException) -> None:
        """Log an error that ends the program; ``last_words`` reports the first one."""
        self.fatal_error = self.fatal_error or error
        log_exception(error)

    @property
    def last_words(self) -> str:
        """One line about the error that ended the program; empty if none did."""
        return "" if self.fatal_error is None else error_line(self.fatal_error)

    def _handle_exception(self, error: Exception) -> None:
        """Textual calls this when a handler raises, and would end the app.

        Before the first frame there is nothing to keep running, so the app does end. While leaving,
        keys and timers may find that what they need is gone, which concerns no one.
        """
        if not self.has_opened:
            self._end_for(error)
        elif self.leaving.is_requested or not self._screen_stack:
            log_exception(error)
        elif (search := _failed_search()) is not None:
            # Textual's own list does not expect clicks and searches to outlive their widgets.
            log_exception(error)
            if search.is_current:
                search.dismiss()
                self.notify("the command palette was closed; it can be opened again", timeout=4)
        else:
            self.report_error(error, "this failed; everything else continues")

    def _end_for(self, error: Exception) -> None:
        self.keep_fatal_error(error)
        self.leaving.request(1)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End without drawing a hundred lines of traceback, which can take seconds."""
        self._close_messages_no_wait()

    # ── keys ──────────────────────────────────────────────────────────────────────────────────────

    async def on_event(self, event: Event) -> None:
        """Handle an event; a key is answered once it has come back from the widget in focus."""
        await super().on_event(event)
        if isinstance(event, Key) and event.is_forwarded:
            self.pressed.answer()

    def post_display_hook(self) -> None:
        """Textual calls this after each frame."""
        self.pressed.show()

    # ── the terminal ──────────────────────────────────────────────────────────────────────────

    def get_driver_class(self) -> type[Driver]:
        """Our driver for Unix terminals; Textual's for all others."""
        usual = super().get_driver_class()
        if sys.platform != "win32" and usual is LinuxDriver:
            return TerminalDriver
        return usual

    def mend_resizing(self) -> None:
        """Follow the terminal's size if Textual has lost track; call this a few times per second.

        Textual applies a new size by a timer of 8 ms. On a busy machine a timer that starts too
        late skips its only tick, and while it is thought to run no other one is started.
        """
        if self._resize_timer is not None and self._resize_timer is self._pending_resize:
            self._check_resize()
        self._pending_resize = self._resize_timer

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell and stop until ``fg``."""
        if sys.platform != "win32" and isinstance(self._driver, TerminalDriver):
            self._driver.stop_process(with_group=True)

    def restore_terminal(self) -> None:
        """Restore the terminal, with the last words, when leaving the usual way is stuck."""
        if sys.platform != "win32" and isinstance(self._driver, TerminalDriver):
            words = f"superpos-tui: {self.last_words}\r\n" if self.last_words else ""
            self._driver.restore_at_once(words)

    @on(Driver.SignalResume)
    def _repaint_all(self) -> None:
        """Repaint: after a stop the screen is empty, or shows another program's output."""
        for screen in self.screen_stack:
            screen.refresh(layout=True)
