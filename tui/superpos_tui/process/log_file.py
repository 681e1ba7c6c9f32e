"""The log of this process: output of native code, and tracebacks of errors shown in one line.

It is created in the user's log folder when first needed, and removed at exit if it is empty.
Nothing here ever raises: no one would be left to handle it.
"""

import atexit
import os
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LOGS_KEPT = 10
"""Each process has its own log; this many of the newest are kept."""
LOG_NAMES = "superpos-tui-*.log"


@dataclass(frozen=True)
class _Log:
    descriptor: int
    path: Path | None
    """``None`` if no folder is writable; then log entries are lost."""


_log: _Log | None = None
_opening = threading.Lock()


def log_descriptor() -> int:
    """The file descriptor of the log; it stays open as long as the process lives."""
    return _opened().descriptor


def log_path() -> Path | None:
    """The path of the log, or ``None`` if it could not be written anywhere."""
    return _opened().path


def log_exception(error: BaseException) -> None:
    """Log an error with its traceback, the time and the thread."""
    with suppress(Exception):
        moment = time.strftime("%Y-%m-%d %H:%M:%S")
        head = f"{moment} in thread {threading.current_thread().name}\n"
        text = head + "".join(traceback.format_exception(error)) + "\n"
        os.write(log_descriptor(), text.encode(errors="backslashreplace"))


def error_line(error: BaseException) -> str:
    """The error and the path of its traceback in one line, such as ``KeyError: 'a'; …``."""
    first_line = traceback.format_exception_only(error)[0].splitlines()[0]
    path = log_path()
    return first_line if path is None else f"{first_line}; its traceback is in {path}"


def remove_empty_log() -> None:
    """Remove the log if it is empty; at a normal exit this happens automatically."""
    path = None if _log is None else _log.path
    with suppress(OSError):
        if path is not None and path.stat().st_size == 0:
            path.unlink()


def _opened() -> _Log:
    global _log
    with _opening:
        if _log is None:
            _log = _in_the_users_folder() or _in_a_temporary_folder() or _nowhere()
            atexit.register(remove_empty_log)
        return _log


def _in_the_users_folder() -> _Log | None:
    from superpos_core.machine.user_folders import user_log_folder  # only when needed

    try:
        folder = user_log_folder()
        if folder is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        name = LOG_NAMES.replace("*", f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        log = _Log(os.open(folder / name, flags, 0o600), folder / name)
    except (OSError, KeyError):  # KeyError: the system does not know this user
        return None
    with suppress(OSError):
        for old in sorted(folder.glob(LOG_NAMES))[:-LOGS_KEPT]:
            old.unlink()
    return log


def _in_a_temporary_folder() -> _Log | None:
    prefix, _, suffix = LOG_NAMES.partition("*")
    try:
        descriptor, name = tempfile.mkstemp(suffix, prefix)
    except OSError:
        return None
    return _Log(descriptor, Path(name))


def _nowhere() -> _Log:
    return _Log(os.open(os.devnull, os.O_WRONLY), None)
