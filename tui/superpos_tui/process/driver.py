"""Textual's driver for Unix terminals, made robust: signals neither start it twice nor revive it.

Textual starts its application mode at every SIGCONT, even if it never stopped or is about to exit.
It then saves its own settings as the ones to restore, and a second thread reads the keys, forever
if the terminal is gone: the kernel sends SIGCONT together with SIGHUP. Here the mode is either on
or off, whatever signals arrive, and stopping and resuming share one code path.
"""

import os
import select
import signal
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from textual import constants
from textual.drivers.linux_driver import (
    KITTY_DISAMBIGUATE_ESCAPE_CODES,
    KITTY_REPORT_ALL_KEYS,
    KITTY_REPORT_ASSOCIATED_TEXT,
    LinuxDriver,
)
from textual.events import Key
from textual.message import Message

from superpos_tui.process.console_glyphs import CONSOLE_GLYPHS
from superpos_tui.process.leaving_app import LeavingApp
from superpos_tui.process.signals import HANG_UP

RESTORE_SECONDS = 5.0
"""How long a terminal on a slow line has to accept the few bytes that restore it."""
USUAL_MODES = (
    "\x1b[<u"  # keys
    "\x1b[?2004l\x1b[?7h"  # pasting, wrapping
    "\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1004l"  # mouse, focus
    "\x1b[?1049l\x1b[?25h"  # screen, cursor
)
KITTY_KEYS = KITTY_DISAMBIGUATE_ESCAPE_CODES | KITTY_REPORT_ALL_KEYS | KITTY_REPORT_ASSOCIATED_TEXT
OUR_MODES = (
    "\x1b[?1049h\x1b[?25l"
    "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h\x1b[?1004h"
    "\x1b[?2004h\x1b[?7l" + ("" if constants.DISABLE_KITTY_KEY else f"\x1b[<u\x1b[>{KITTY_KEYS}u")
    # Key modes live on a stack: pop first, as ours may already be there.
)
"""The modes that Textual sets at start, for a terminal that another program has used since."""


class TerminalDriver(LinuxDriver):
    """Takes the terminal, gives it back, and stops and resumes as a shell expects."""

    def __init__(self, app: LeavingApp, **options: Any) -> None:
        self._may_stop = signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN
        super().__init__(app, **options)
        self._glyphs = CONSOLE_GLYPHS if os.environ.get("TERM") == "linux" else None
        self._leaving = app.leaving
        self._pressed = app.pressed
        self._is_on = False
        self._has_been_on = False
        self._heard: int | None = None  # the last of SIGTSTP and SIGCONT, until it is handled
        self._is_coming_back = False
        self._own_settings: list[Any] | None = None
        # These replace Textual's handlers. They only take note; the event loop acts.
        signal.signal(signal.SIGTSTP, self._hear_stop if self._may_stop else signal.SIG_IGN)
        signal.signal(signal.SIGCONT, self._hear_continue)

    @property
    def can_suspend(self) -> bool:
        """False if our parent ignores SIGTSTP: then nothing would ever resume us."""
        return self._may_stop

    # ── taking the terminal and giving it back ────────────────────────────────────────────────

    def start_application_mode(self) -> None:
        """Take the terminal unless it is taken; in the background, wait until it is ours."""
        if self._is_on or not self._wait_for_the_foreground():
            return
        self._heard = None
        self._must_signal_resume = self._has_been_on
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # Without a terminal it does not start.
        self._is_on = self._has_been_on = self._can_write
        with suppress(termios.error):  # the terminal has gone away
            self._own_settings = termios.tcgetattr(self.fileno)

    def stop_application_mode(self) -> None:
        """If the terminal is taken, give it back as it was."""
        if self._is_on:
            with _sigttou_blocked():
                super().stop_application_mode()
            if not self._can_write:
                self.restore_at_once()
            self._is_on = False

    def disable_input(self) -> None:
        """Stop reading, if we are reading: Textual calls this once more at its end."""
        if self._is_on:
            super().disable_input()

    def write(self, data: str) -> None:
        """Write, but only while the terminal is taken."""
        if self._can_write:
            super().write(data if self._glyphs is None else data.translate(self._glyphs))

    @property
    def _can_write(self) -> bool:
        return self._writer_thread is not None and self._writer_thread.is_alive()

    def restore_at_once(self, last_words: str = "") -> None:
        """Give the terminal back, from any thread, when the usual way is stuck or broken."""
        if not self._is_on or self._file is None:
            return
        try:
            if self.attrs_before is not None:
                with _sigttou_blocked():
                    termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            output = self._file.fileno()
            # It may be busy with the last frame, or accept nothing at all, as after ctrl+s.
            if select.select([], [output], [], RESTORE_SECONDS)[1]:
                os.write(output, (USUAL_MODES + last_words).encode())
        except (OSError, ValueError, termios.error):
            return  # the terminal is gone: there is nothing to restore

    def process_message(self, message: Message) -> None:
        """Pass on what has been read, in the thread that reads, and take note of keys."""
        if isinstance(message, Key):
            self._pressed.note()
        super().process_message(message)

    def _run_input_thread(self) -> None:
        """Let an error end this thread like any other: one exception hook handles them all."""
        self.run_input_thread()

    # ── stopping and resuming ─────────────────────────────────────────────────────────────────

    def stop_process(self, with_group: bool = False) -> None:
        """Give the terminal back and stop; take it again when resumed.

        ``with_group`` stops the whole shell job, as ctrl+z does elsewhere.
        """
        self._heard = None
        self._stop_process(with_group)

    def _stop_process(self, with_group: bool = False) -> None:
        was_on = self._is_on
        if was_on:
            self.suspend_application_mode()
        if self._heard != signal.SIGCONT:  # it may have arrived meanwhile
            self._take_default_action(signal.SIGTSTP, with_group)
        if was_on:
            self.start_application_mode()

    def _hear_stop(self, number: int, frame: FrameType | None) -> None:
        # Of signals that arrive together Python handles the lowest number first. A SIGCONT that
        # has just arrived was most likely sent later, and no other will follow.
        if not self._is_coming_back:
            self._heard = number
            self._loop.call_soon_threadsafe(self._stop_if_still_requested)

    def _stop_if_still_requested(self) -> None:
        if self._heard == signal.SIGTSTP and not self._leaving.is_requested:
            self._stop_process()

    def _hear_continue(self, number: int, frame: FrameType | None) -> None:
        self._heard = number
        self._is_coming_back = True
        self._loop.call_soon_threadsafe(self._take_again_if_in_use)

    def _take_again_if_in_use(self) -> None:
        """Set our modes again: SIGSTOP left no time to give the terminal back to its next user.

        Perhaps there was none, and we never stopped: keys typed meanwhile are still for us. So the
        terminal is not given back in between, where ctrl+q would mean something else.
        """
        self._is_coming_back = False
        if self._heard == signal.SIGCONT and self._is_on and self._wait_for_the_foreground():
            self._heard = None
            self._take_again()

    def _take_again(self) -> None:
        with suppress(termios.error):  # it has gone away: the watch thread notices that too
            if self._own_settings is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self._own_settings)
        self.write(OUR_MODES)
        if self._in_band_window_resize:
            self._enable_in_band_window_resize()
        self.flush()
        self._app.post_message(self.SignalResume())

    def _wait_for_the_foreground(self) -> bool:
        """Stop while another job has the terminal; false if it will never be ours."""
        while self._is_in_background and not self._leaving.is_requested:
            self._heard = None
            self._take_default_action(signal.SIGTTOU)
            if self._heard != signal.SIGCONT:
                # No shell is left that could bring us to the foreground.
                self._app.exit(return_code=HANG_UP)
        return not self._leaving.is_requested

    @property
    def _is_in_background(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) != os.getpgrp()
        except OSError:  # not our session's terminal: it has no foreground job
            return False

    def _take_default_action(self, number: signal.Signals, with_group: bool = False) -> None:
        """Let a signal stop us; the kernel spares a process that no shell could resume.

        If SIGCONT arrives on the way, no second one will follow, so the pending stop is dropped
        (unless the whole group stops): SIGCONT removes a stop signal that waits to be delivered.
        """
        before = signal.signal(number, signal.SIG_DFL)
        if with_group:
            os.killpg(0, number)
        else:
            blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
            # To this thread. An earlier SIGCONT has been handled when the call returns.
            signal.pthread_kill(threading.get_ident(), number)
            if self._heard == signal.SIGCONT:
                signal.signal(number, signal.SIG_IGN)  # which drops the pending signal, too
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(number, before)


@contextmanager
def _sigttou_blocked() -> Iterator[None]:
    """Let a background process change the terminal's settings without being stopped for it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
