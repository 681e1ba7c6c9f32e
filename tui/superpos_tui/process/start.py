"""From the first moment to the exit code.

Whatever happens before the command line is read (its import takes a moment) ends as well-mannered
as what happens after.
"""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from superpos_tui.process.streams import guard_streams, output_failure

INTERRUPTED = 130


def start() -> NoReturn:
    """Do what the command line asks for, and exit."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    guard_streams()
    try:
        code = _run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(_with_what_is_lost(code))


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """End at once: there is nothing to restore yet, and what an import raises may be lost."""
    os._exit(INTERRUPTED)


def _run() -> int:
    """The command line's exit code; what no part of the program could cope with takes one line.

    Python's development mode (``-X dev``) shows it in full.
    """
    try:
        from superpos_tui.process.surroundings import settle

        settle()
        from superpos_tui.command_line.cli import run

        return run()
    except (ImportError, MemoryError, OSError, RecursionError) as error:
        if sys.flags.dev_mode:
            raise
        sys.stderr.write(f"superpos-tui: {_explained(error)}\n")
        return 1


def _explained(error: BaseException) -> str:
    match error:
        case MemoryError():
            return "there is not enough memory; choose smaller sizes, or fewer lanes"
        case ImportError():
            return f"a library cannot be loaded ({error}); installing superpos-tui again may help"
        case OSError(strerror=str(reason), filename=filename):
            return reason if filename is None else f"{filename}: {reason}"
    return f"{type(error).__name__}: {error}"


def _with_what_is_lost(code: int) -> int:
    """The exit code; 1 where all went well, but for what standard output could not take."""
    failure = output_failure()
    if failure is None:
        return code
    sys.stderr.write(f"superpos-tui: standard output: {failure.strerror or failure}\n")
    return code or 1
