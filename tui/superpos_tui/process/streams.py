"""Standard streams that never end a run: closed, full, unread or in a narrow encoding.

The run matters more than its messages. A character that the encoding lacks is replaced by ``?``; a
closed stream accepts and discards everything; a stream that fails (no reader, device full) receives
nothing more.
"""

import codecs
import errno
import io
import os
import sys
from typing import TextIO

REPLACED = "superpos-tui.replaced"
"""The name of our codec error handler."""
INPUT, OUTPUT, ERROR_OUTPUT = 0, 1, 2


def guard_streams() -> None:
    """Replace ``sys.stdin``, ``sys.stdout`` and ``sys.stderr`` by streams that never fail."""
    codecs.register_error(REPLACED, _replace)
    for descriptor in (INPUT, OUTPUT, ERROR_OUTPUT):
        _occupy(descriptor)
    if sys.stdin is None:
        sys.stdin = open(INPUT, encoding="utf-8", closefd=False)  # noqa: SIM115  it stays open
    sys.stdout = _guarded(sys.stdout, OUTPUT)
    sys.stderr = _guarded(sys.stderr, ERROR_OUTPUT)


def output_failure() -> OSError | None:
    """Why output was lost; ``None`` if all was written or the reader has left."""
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    failure = raw.failure if isinstance(raw, _Unfailing) else None
    return None if isinstance(failure, BrokenPipeError) else failure


class _Unfailing(io.FileIO):
    """Accepts all output; ``failure`` is why it has been discarded from some point on."""

    failure: OSError | None = None

    def write(self, data: "io.ReadableBuffer") -> int:  # type: ignore[name-defined]
        """Write, or remember why that failed."""
        content = memoryview(data).cast("B")
        try:
            while (written := super().write(content)) is None:
                _wait_until_writable(self.fileno())  # another process made it non-blocking
        except OSError as error:
            self.failure = error
            point_nowhere(self.fileno())
            return len(content)
        return written


def point_nowhere(descriptor: int) -> None:
    """Redirect a descriptor to the null device, also in processes started from here."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
    os.set_inheritable(descriptor, True)


def _occupy(descriptor: int) -> None:
    """Make sure a descriptor is open: otherwise the next opened file would receive its output."""
    try:
        os.fstat(descriptor)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        point_nowhere(descriptor)


def _guarded(stream: TextIO | None, descriptor: int) -> TextIO:
    if os.name == "nt" and isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=REPLACED)  # a console there is more than a descriptor
        return stream
    if stream is not None:
        stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Unfailing(descriptor, "w", closefd=False)),
        encoding=stream.encoding if stream is not None else "utf-8",
        errors=REPLACED,
        line_buffering=descriptor == ERROR_OUTPUT or getattr(stream, "line_buffering", False),
        write_through=getattr(stream, "write_through", False),
    )


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace one character: by the raw byte of an undecodable file name, or else by ``?``."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    code = ord(error.object[error.start])
    is_a_byte = 0xDC80 <= code <= 0xDCFF and not error.encoding.startswith("utf-16")
    return (bytes([code - 0xDC00]) if is_a_byte else "?"), error.start + 1


def _wait_until_writable(descriptor: int) -> None:
    import select

    select.select([], [descriptor], [])
