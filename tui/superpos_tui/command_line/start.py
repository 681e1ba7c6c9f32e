"""From the first moment to the exit code.

Errors and signals before the command line is read (its import takes a moment) are handled as
cleanly as those after.
"""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from superpos_tui.process.interpreter import collect_nothing, collect_seldom
from superpos_tui.process.streams import guard_streams, output_failure

INTERRUPTED = 130


def start() -> NoReturn:
    """Carry out the command line and exit."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    guard_streams()
    try:
        code = _run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(_with_output_failure(code))


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    """End at once: there is nothing to restore yet, and an exception in an import may be lost."""
    os._exit(INTERRUPTED)


def _run() -> int:
    """Run the command line and return its exit code; unhandled errors take one line.

    Python's development mode (``-X dev``) shows them in full.
    """
    try:
        from superpos_tui.process.environment import clean_environment

        clean_environment()
        collect_nothing()
        from superpos_tui.command_line.cli import run

        collect_seldom()
        return run()
    except (ImportError, MemoryError, OSError, RecursionError) as error:
        if sys.flags.dev_mode:
            raise
        sys.stderr.write(f"superpos-tui: {_explained(error)}\n")
        return 1


def _explained(error: BaseException) -> str:
    match error:
        case MemoryError():
            return "not enough memory; choose smaller sizes or fewer lanes"
        case ImportError():
            return f"a library cannot be loaded ({error}); reinstalling superpos-tui may help"
        case OSError(strerror=str(reason), filename=filename):
            return reason if filename is None else f"{filename}: {reason}"
    return f"{type(error).__name__}: {error}"


def _with_output_failure(code: int) -> int:
    """The exit code; 1 if all went well except writing to standard output."""
    failure = output_failure()
    if failure is None:
        return code
    sys.stderr.write(f"superpos-tui: standard output: {failure.strerror or failure}\n")
    return code or 1
