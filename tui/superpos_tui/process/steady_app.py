"""An app that ends when it should, stops when it is asked to, and tells what went wrong."""

import sys
import time
from collections import deque
from typing import ClassVar

from rich.console import RenderableType
from textual import on
from textual._context import active_message_pump
from textual.app import App
from textual.dom import DOMNode
from textual.driver import Driver
from textual.worker import Worker, WorkerState

from superpos_tui.process.log_file import log_exception, told_in_a_line
from superpos_tui.process.signals import Leaving
from superpos_tui.process.sturdy import CommandSearch, Sturdy

if sys.platform != "win32":
    from textual.drivers.linux_driver import LinuxDriver

    from superpos_tui.process.driver import TerminalDriver


MOST_FAULTS = 100
"""So many are remembered."""
FAULT_SECONDS = 10.0
"""How long an error stays on the screen; while it does, the same one is not told again."""


def _search_that_failed() -> CommandSearch | None:
    """The search of commands, if what has just failed is a part of it."""
    failed = active_message_pump.get(None)
    nodes = failed.ancestors_with_self if isinstance(failed, DOMNode) else []
    return next((node for node in nodes if isinstance(node, CommandSearch)), None)


class SteadyApp(App[None], Sturdy):
    """What every program in a terminal needs and Textual does otherwise.

    Once it ``has_opened`` no error of a handler ends it: ``faults`` are those that were told
    instead. ``unexpected`` is the error that ended it before, if one did.
    """

    MISSED_IF_LEFT: ClassVar[frozenset[str]] = frozenset()
    """Groups of workers whose work somebody waits for, such as files."""

    def __init__(self, ansi_color: bool | None = None) -> None:
        self.leaving = Leaving()
        self.has_opened = False
        self.faults: deque[BaseException] = deque(maxlen=MOST_FAULTS)
        self._fault_told = ("", -FAULT_SECONDS)
        self.unexpected: BaseException | None = None
        self._missed_if_left: set[Worker[object]] = set()
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
        """End the program, by whatever way; the first to say so sets the exit code."""
        super().exit(result, self.leaving.ask(return_code), message)

    # ── errors ────────────────────────────────────────────────────────────────────────────────

    def tell_error(self, error: BaseException, title: str) -> None:
        """Say what went wrong in a line, and where the log has more."""
        log_exception(error)
        self.faults.append(error)
        line, now = told_in_a_line(error), time.monotonic()
        told_before, at = self._fault_told
        if self.is_running and (line != told_before or now - at > FAULT_SECONDS):
            self._fault_told = line, now
            self.notify(line, title=title, severity="error", timeout=FAULT_SECONDS, markup=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """No thread ends unseen, and none whose work is missed is left without a word."""
        if event.worker.group in self.MISSED_IF_LEFT and event.state is WorkerState.RUNNING:
            self._missed_if_left.add(event.worker)
        else:
            self._missed_if_left.discard(event.worker)
        if event.state is not WorkerState.ERROR or event.worker.error is None:
            return
        if isinstance(event.worker.node, CommandSearch):
            log_exception(event.worker.error)
        else:
            self.tell_error(event.worker.error, f"{event.worker.group} failed")

    @property
    def unfinished(self) -> str:
        """What was being done when the program was left, such as ``export``; empty if nothing."""
        return ", ".join(sorted(worker.group for worker in self._missed_if_left))

    def keep_unexpected(self, error: BaseException) -> None:
        """Log what ends the program; a line tells the first such error afterwards."""
        self.unexpected = self.unexpected or error
        log_exception(error)

    @property
    def last_words(self) -> str:
        """The line that tells what ended the program, if nobody expected it."""
        return "" if self.unexpected is None else told_in_a_line(self.unexpected)

    def _handle_exception(self, error: Exception) -> None:
        """Textual calls this for what a handler raised, and would end.

        Before the first frame there is nothing to go on with, and so it does. On the way out keys
        and timers may find that what they need has gone, and nobody needs to know.
        """
        if not self.has_opened:
            self._end_for(error)
        elif self.leaving.is_asked or not self._screen_stack:
            log_exception(error)
        elif (search := _search_that_failed()) is not None:
            # Textual's own list does not expect clicks and searches to outlive what they are about.
            log_exception(error)
            if search.is_current:
                search.dismiss()
                self.notify("the search of commands was closed; it can be opened again", timeout=4)
        else:
            self.tell_error(error, "this failed; all else goes on")

    def _end_for(self, error: Exception) -> None:
        self.keep_unexpected(error)
        self.leaving.ask(1)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End, in place of first drawing a hundred lines of traceback, which can take seconds."""
        self._close_messages_no_wait()

    # ── the terminal ──────────────────────────────────────────────────────────────────────────

    def get_driver_class(self) -> type[Driver]:
        """Ours in place of Textual's for Unix terminals; others as they are."""
        usual = super().get_driver_class()
        if sys.platform != "win32" and usual is LinuxDriver:
            return TerminalDriver
        return usual

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell and stop, until it says ``fg``."""
        if sys.platform != "win32" and isinstance(self._driver, TerminalDriver):
            self._driver.stop_process(with_group=True)

    def restore_terminal(self) -> None:
        """Restore the terminal, and say what there is to say, where the way out is stuck."""
        if sys.platform != "win32" and isinstance(self._driver, TerminalDriver):
            words = f"superpos-tui: {self.last_words}\r\n" if self.last_words else ""
            self._driver.restore_at_once(words)

    @on(Driver.SignalResume)
    def _repaint_all(self) -> None:
        """After a stop the screen shows nothing, or what somebody else drew."""
        for screen in self.screen_stack:
            screen.refresh(layout=True)
