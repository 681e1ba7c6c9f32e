"""A terminal for tests: it runs the program in a pseudo-terminal and reads the screen it draws.

Everything waits for a condition with a deadline: a test that sleeps measures the speed of the
machine, not the program.
"""

import fcntl
import os
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import pyte
from tests.end_to_end.program import PROGRAM
from tests.end_to_end.screen import Screen, colours_in, disturbing_modes

PATIENCE = 40.0
"""Seconds to wait for something that should happen soon: test machines are busy."""
PUMP_SECONDS = 0.05
LAST_WORDS_SECONDS = 0.3
"""The kernel may take a moment to deliver the last output of a program."""
MAX_CHUNKS = 50
"""Maximum reads at a time: a program that draws faster must not block the test."""

KEYS = {
    "tab": "\t",
    "space": " ",
    "enter": "\r",
    "escape": "\x1b",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "shift+tab": "\x1b[Z",
    "ctrl+c": "\x03",
    "ctrl+q": "\x11",
    "ctrl+z": "\x1a",
}
"""What a terminal sends for a key; any other key sends its own character."""

# Run in the new process instead of code between fork and exec: make the terminal the controlling
# one, so that closing it hangs up, and with "nohup" ignore the hang-up.
# The test runner may itself ignore signals: in the background, or under nohup.
TAKE_TERMINAL_AND_RUN = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
    signal.signal(number, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_IGN if sys.argv[1] == "nohup" else signal.SIG_DFL)
os.execvp(sys.argv[2], sys.argv[2:])
"""
SHELL = ("/bin/sh", "-i")
PROMPT = re.compile(r"^\[(\d+)\] \$", re.MULTILINE)
"""The prompt of the shell in these tests, with the exit code of its last command."""


class Terminal:
    """The program in a terminal of ``size`` (columns, rows). Use it in a ``with`` statement.

    It runs in ``folder``. ``output`` is every byte that it wrote; ``text`` is what the screen shows
    now. With ``shell`` it runs in a shell with job control. ``runner`` is a command that runs
    another one, such as ``nice``; ``patience`` is how many seconds to wait for something that
    should happen soon.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environment: dict[str, str],
        folder: Path,
        size: tuple[int, int] = (100, 30),
        ignore_hang_up: bool = False,
        shell: bool = False,
        runner: Sequence[str] = (),
        patience: float = PATIENCE,
    ) -> None:
        self.patience = patience
        self.folder = folder
        self.output = bytearray()
        self._screen = Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._master, self._slave = pty.openpty()
        self.is_open = True
        self._set_size(size)
        self._settings_before = termios.tcgetattr(self._slave)
        hang_up = "nohup" if ignore_hang_up else "hang up"
        program = [*runner, sys.executable, *PROGRAM, *arguments]
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                TAKE_TERMINAL_AND_RUN,
                hang_up,
                *(SHELL if shell else program),
            ],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env={**environment, "PS1": "[$?] $ ", "ENV": ""} if shell else environment,
            cwd=folder,
            start_new_session=True,
        )
        self.pid = self.session = self._process.pid
        if shell:
            self.wait_for_prompt()
            self.type(shlex.join(program))
            self.wait_for(lambda: os.tcgetpgrp(self._master) != self._process.pid)
            self.pid = os.tcgetpgrp(self._master)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.state:
            os.kill(self.pid, signal.SIGKILL)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        self.hang_up()

    # ── what is on the screen ─────────────────────────────────────────────────────────────────

    @property
    def rows(self) -> list[str]:
        """The rows of the screen, without colours."""
        return list(self._screen.display)

    @property
    def text(self) -> str:
        """The whole screen, without colours."""
        return "\n".join(self.rows)

    def find(self, pattern: str) -> str:
        """The first group of a pattern on the screen; empty if it is not found."""
        match = re.search(pattern, self.text)
        return match.group(1) if match else ""

    def ground(self, column: int, row: int) -> str:
        """The background colour of a cell, as hexadecimal digits or a name."""
        return str(self._screen.buffer[row][column].bg)

    @property
    def colour_codes(self) -> set[int]:
        """The colours used so far, as SGR numbers: 31 is red, 38 and 48 refer to a palette."""
        return colours_in(bytes(self.output))

    # ── what a user does ──────────────────────────────────────────────────────────────────────

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            assert key in KEYS or len(key) == 1, key
            os.write(self._master, KEYS.get(key, key).encode())

    def type(self, line: str) -> None:
        """Type a line for the shell."""
        os.write(self._master, f"{line}\n".encode())  # \r ends a line only in raw mode

    def click(self, column: int, row: int) -> None:
        """Press and release the left mouse button; columns and rows count from 1."""
        os.write(self._master, f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m".encode())

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the kernel sends the SIGWINCH."""
        self._screen.resize(rows, columns)
        self._set_size((columns, rows))

    def send(self, signal_number: int) -> None:
        """Send the program a signal."""
        os.kill(self.pid, signal_number)

    def hang_up(self) -> None:
        """Close the terminal's window: the program is left without a terminal."""
        if self.is_open:
            self.is_open = False
            os.close(self._master)
            os.close(self._slave)

    # ── waiting ───────────────────────────────────────────────────────────────────────────────

    def wait_for(self, condition: Callable[[], bool], within: float | None = None) -> None:
        """Read output until the condition holds; fail with the screen if it never does."""
        within = within or self.patience
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {within:g} s in vain; the screen:\n{self.text}")
            self.read_output()
            if not self.is_running and not condition():
                self.read_output(LAST_WORDS_SECONDS)
                if condition():
                    return
                raise AssertionError(f"the program has ended; the screen:\n{self.text}")

    def wait_for_text(self, *texts: str, within: float | None = None) -> None:
        """Wait until all these texts are on the screen."""
        self.wait_for(lambda: all(text in self.text for text in texts), within)

    def wait_for_exit(self, within: float = PATIENCE) -> int:
        """The exit code; output is read meanwhile."""
        deadline = time.monotonic() + within
        while self._process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"still running after {within:g} s; the screen:\n{self.text}")
            if self.is_open:
                self.read_output()
            else:
                time.sleep(PUMP_SECONDS)
        if self.is_open:
            self.read_output(LAST_WORDS_SECONDS)
        return self._process.returncode

    def wait_for_prompt(self) -> int:
        """Wait for the shell's prompt; the exit code of its last job, above 128 if stopped.

        Until then the program owns the terminal.
        """
        self.wait_for(lambda: self._is_at_prompt)
        return int(PROMPT.findall(self.text)[-1])

    @property
    def _is_at_prompt(self) -> bool:
        owner = os.tcgetpgrp(self._master)
        return owner == self._process.pid and bool(PROMPT.search(self.text))

    @property
    def is_running(self) -> bool:
        """Whether the program, or the shell that runs it, is still running."""
        return self._process.poll() is None

    @property
    def state(self) -> str:
        """The program's state in Linux's terms, such as S (waiting) or T (stopped).

        It is empty when the program is gone or is a zombie.
        """
        try:
            about = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return ""
        state, _parent, _group, session = about.rpartition(")")[2].split()[:4]
        return state if state != "Z" and int(session) == self.session else ""

    @property
    def has_started(self) -> bool:
        """Whether the program itself runs in its process already."""
        command = Path(f"/proc/{self.pid}/cmdline").read_bytes()
        return TAKE_TERMINAL_AND_RUN.encode() not in command

    @property
    def threads(self) -> int:
        """How many threads the program has."""
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    # ── what is left behind ───────────────────────────────────────────────────────────────────

    @property
    def left_behind(self) -> list[str]:
        """Terminal state that the ended program left behind and that would disturb a shell."""
        wrong = disturbing_modes(bytes(self.output))
        if termios.tcgetattr(self._slave) != self._settings_before:
            wrong.append("the line settings (echo, line editing, signals) have changed")
        return wrong

    def _set_size(self, size: tuple[int, int]) -> None:
        columns, rows = size
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_output(self, wait: float = PUMP_SECONDS) -> None:
        """Read all available output, after a short wait for it, and draw it."""
        for _ in range(MAX_CHUNKS):
            if not select.select([self._master], [], [], wait)[0]:
                return
            chunk = os.read(self._master, 1 << 16)
            self.output += chunk
            self._stream.feed(chunk)
            wait = 0
