"""The losses of a run on disk: rows appended as the run goes on."""

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from superpos_core.files import storage

LossRow = tuple[int, Mapping[str, float]]
"""A step, and losses by the names of columns; the other columns stay empty."""
STEP = "step"

MIN_ROWS = 1000
"""At any time a run has at least this many rows, or one per step."""


def next_row_after(step: int) -> int:
    """The step whose row follows that of ``step``: the next one, later the one 0.1 % further.

    That makes up to 2,800 rows per decade, more than a terminal or a page has columns. A writer may
    add rows between them, since each row stands for all steps since the previous one.
    """
    return step + max(step // MIN_ROWS, 1)


class LossFile:
    """Appends to the losses of a run; the file is created with its header by the first rows.

    ``names`` are those of its columns after ``step``. Only one writer may append.
    """

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._path = path
        self._names = tuple(names)

    def append(self, rows: Iterable[LossRow]) -> None:
        """Append rows in rising steps; numbers have the nine digits that distinguish any float32.

        Raises ``storage.WriteError``; nothing of the rows is in the file then. A last line that was
        torn, when the program that wrote it was killed, is removed.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for step, losses in rows:
            found = (losses.get(name) for name in self._names)
            writer.writerow([step, *("" if loss is None else f"{loss:.9g}" for loss in found)])
        if not text.getvalue():
            return
        if not self._path.exists():
            storage.write_bytes(self._path, self._header + text.getvalue().encode())
            return
        try:
            _append_whole(self._path, text.getvalue().encode())
        except OSError as error:
            raise storage.WriteError(self._path, error) from error

    def keep_up_to(self, step: int) -> None:
        """Drop all rows after ``step``, to go on from there; raises ``storage.WriteError``."""
        if not self._path.exists():
            return
        try:
            lines = self._path.read_bytes().split(b"\n")[1:-1]  # what follows the last is torn
        except OSError as error:
            raise storage.WriteError(self._path, error) from error
        kept = [line + b"\n" for line in lines if _is_up_to(step, line)]
        storage.write_bytes(self._path, self._header + b"".join(kept))

    @property
    def _header(self) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow([STEP, *self._names])
        return text.getvalue().encode()


def _is_up_to(step: int, line: bytes) -> bool:
    """Whether a line is a row of this step or an earlier one."""
    cell = line.partition(b",")[0]
    return cell.isdigit() and int(cell) <= step


def _append_whole(path: Path, content: bytes) -> None:
    """Append ``content``, or leave the file as it was; a torn last line is removed first.

    Readers see a prefix of the file at any time, so half of a row, which would read as another
    number once a line follows, is taken back.
    """
    with path.open("r+b", buffering=0) as file:
        end = _end_of_last_line(file.fileno())
        try:
            file.truncate(end)
            file.seek(end)
            written = 0
            while written < len(content):
                written += os.write(file.fileno(), content[written:])
        except OSError:
            file.truncate(end)
            raise


def _end_of_last_line(file: int) -> int:
    """The size of an open file without its last line if that is torn."""
    size = os.fstat(file).st_size
    block = 1 << 16
    end = size
    while end > 0:
        start = max(end - block, 0)
        os.lseek(file, start, os.SEEK_SET)
        newline = os.read(file, end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
