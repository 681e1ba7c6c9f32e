"""Textual's driver for Unix terminals, made steady: signals neither double nor revive it.

Textual starts its application mode at every SIGCONT, also when it has not stopped before, and when
it is about to end. What it then keeps as the settings to restore are its own, and a second thread
reads the keys, for ever where the terminal is gone: a kernel sends SIGCONT together with SIGHUP.
Here the mode is on or off, whatever comes, and stopping and going on are one piece of code.
"""

import os
import select
import signal
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from textual import constants
from textual.drivers.linux_driver import (
    KITTY_DISAMBIGUATE_ESCAPE_CODES,
    KITTY_REPORT_ALL_KEYS,
    KITTY_REPORT_ASSOCIATED_TEXT,
    LinuxDriver,
)

from superpos_tui.process.console_glyphs import CONSOLE_GLYPHS
from superpos_tui.process.signals import HANG_UP

if TYPE_CHECKING:
    from superpos_tui.process.steady_app import SteadyApp

PATIENCE_SECONDS = 5.0
"""Until a terminal at the end of a slow line takes the few bytes that restore it."""
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
    # Those that are pushed on a stack: off it first, as they may be there already.
)
"""What Textual sets at its start, for a terminal that somebody else has used since."""


class TerminalDriver(LinuxDriver):
    """Takes the terminal, gives it back, and stops and goes on as a shell expects."""

    def __init__(self, app: "SteadyApp", **options: Any) -> None:
        self._may_stop = signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN
        super().__init__(app, **options)
        self._glyphs = CONSOLE_GLYPHS if os.environ.get("TERM") == "linux" else None
        self._leaving = app.leaving
        self._is_on = False
        self._has_been_on = False
        self._heard: int | None = None  # the last of SIGTSTP and SIGCONT, until it is obeyed
        self._is_coming_back = False
        self._own_settings: list[Any] | None = None
        # In place of Textual's. They only take note: the loop acts, between two other things.
        signal.signal(signal.SIGTSTP, self._hear_stop if self._may_stop else signal.SIG_IGN)
        signal.signal(signal.SIGCONT, self._hear_continue)

    @property
    def can_suspend(self) -> bool:
        """Not where our parent ignores SIGTSTP: it knows of nobody who would continue us."""
        return self._may_stop

    # ── on and off ────────────────────────────────────────────────────────────────────────────

    def start_application_mode(self) -> None:
        """Take the terminal, if it is not taken; in the background, once it is given to us."""
        if self._is_on or not self._wait_for_the_foreground():
            return
        self._heard = None
        self._must_signal_resume = self._has_been_on
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # It does not begin where the terminal has gone away.
        self._is_on = self._has_been_on = self._can_write
        with suppress(termios.error):  # the terminal has gone away
            self._own_settings = termios.tcgetattr(self.fileno)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was, if it is taken."""
        if self._is_on:
            with _settings_can_be_changed():
                super().stop_application_mode()
            if not self._can_write:
                self.restore_at_once()
            self._is_on = False

    def disable_input(self) -> None:
        """Read no more, if anything is read: Textual disables it once more at its end."""
        if self._is_on:
            super().disable_input()

    def write(self, data: str) -> None:
        """Write as long as the terminal is taken: there is no place for it else."""
        if self._can_write:
            super().write(data if self._glyphs is None else data.translate(self._glyphs))

    @property
    def _can_write(self) -> bool:
        return self._writer_thread is not None and self._writer_thread.is_alive()

    def restore_at_once(self, last_words: str = "") -> None:
        """Give the terminal back, from any thread, where the usual way is stuck or broken."""
        if not self._is_on or self._file is None:
            return
        try:
            if self.attrs_before is not None:
                with _settings_can_be_changed():
                    termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            output = self._file.fileno()
            # It may be busy with the last frame, or take nothing at all, as after ctrl+s.
            if select.select([], [output], [], PATIENCE_SECONDS)[1]:
                os.write(output, (USUAL_MODES + last_words).encode())
        except (OSError, ValueError, termios.error):
            return  # the terminal is gone, and with it what was to be restored

    def _run_input_thread(self) -> None:
        """Let an error end this thread, as any other: what happens then is said in one place."""
        self.run_input_thread()

    # ── stopping and going on ─────────────────────────────────────────────────────────────────

    def stop_process(self, with_group: bool = False) -> None:
        """Give the terminal back and stop; take it again when somebody continues us.

        ``with_group`` stops what runs in the same job of a shell, too, as ctrl+z does elsewhere.
        """
        self._heard = None
        self._stop_process(with_group)

    def _stop_process(self, with_group: bool = False) -> None:
        was_on = self._is_on
        if was_on:
            self.suspend_application_mode()
        if self._heard != signal.SIGCONT:  # that took a moment
            self._let_it_stop_us(signal.SIGTSTP, with_group)
        if was_on:
            self.start_application_mode()

    def _hear_stop(self, number: int, frame: FrameType | None) -> None:
        # Of signals that have come together Python answers the one with the lower number first. A
        # SIGCONT of just now was most likely sent later, and nobody will send another one.
        if not self._is_coming_back:
            self._heard = number
            self._loop.call_soon_threadsafe(self._stop_if_still_asked_to)

    def _stop_if_still_asked_to(self) -> None:
        if self._heard == signal.SIGTSTP and not self._leaving.is_asked:
            self._stop_process()

    def _hear_continue(self, number: int, frame: FrameType | None) -> None:
        self._heard = number
        self._is_coming_back = True
        self._loop.call_soon_threadsafe(self._come_back_if_away)

    def _come_back_if_away(self) -> None:
        """SIGSTOP gives no time to give the terminal back: whoever used it left it otherwise.

        Perhaps nobody did, and we have never been away: what is typed meanwhile is still for us. So
        the terminal is not given back in between, where ctrl+q means something else.
        """
        self._is_coming_back = False
        if self._heard == signal.SIGCONT and self._is_on and self._wait_for_the_foreground():
            self._heard = None
            self._take_again()

    def _take_again(self) -> None:
        with suppress(termios.error):  # it has gone away: the watch for signals sees that too
            if self._own_settings is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self._own_settings)
        self.write(OUR_MODES)
        if self._in_band_window_resize:
            self._enable_in_band_window_resize()
        self.flush()
        self._app.post_message(self.SignalResume())

    def _wait_for_the_foreground(self) -> bool:
        """Stop as long as another job has the terminal; false if it will never be ours."""
        while self._is_in_background and not self._leaving.is_asked:
            self._heard = None
            self._let_it_stop_us(signal.SIGTTOU)
            if self._heard != signal.SIGCONT:
                # No shell is there any more that could put us into the foreground.
                self._app.exit(return_code=HANG_UP)
        return not self._leaving.is_asked

    @property
    def _is_in_background(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) != os.getpgrp()
        except OSError:  # not the terminal of our session: nobody can stop us at it
            return False

    def _let_it_stop_us(self, number: signal.Signals, with_group: bool = False) -> None:
        """Do what a signal does by default; the kernel spares those whom nobody could continue.

        Where somebody continues us on the way there, who would not do it again, it does not stop us
        alone: SIGCONT removes a signal that waits to be delivered.
        """
        before = signal.signal(number, signal.SIG_DFL)
        if with_group:
            os.killpg(0, number)
        else:
            blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
            # To this thread. SIGCONT of before is heard when the call returns.
            signal.pthread_kill(threading.get_ident(), number)
            if self._heard == signal.SIGCONT:
                signal.signal(number, signal.SIG_IGN)  # which removes it, too
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(number, before)


@contextmanager
def _settings_can_be_changed() -> Iterator[None]:
    """Be allowed to restore the terminal from the background too, in place of being stopped."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
