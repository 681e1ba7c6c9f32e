"""A run whose training loop is somebody else's: what ``superpos_core.live.start`` returns."""

import atexit

# The writer needs it, and may begin when the program ends. An import at that time can make Python
# forget that Ctrl-C was the reason, so that the exit code becomes 1.
import importlib.metadata  # noqa: F401
import os
import shlex
import sys
import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from superpos_core.errors import InvalidValue, in_one_line
from superpos_core.files import storage
from superpos_core.files.run_folder import check_free
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.status_file import RunState, read_status
from superpos_core.live.arrays import taken
from superpos_core.live.folder import FILES, LiveFolder
from superpos_core.live.given import Given
from superpos_core.live.inbox import Inbox, Taken
from superpos_core.live.scribe import Scribe, Trouble, trouble_of
from superpos_core.record.timeline import next_step_to_keep

SECONDS_TO_END = 10.0
"""How long the end of a run waits for a slow disk."""


class LiveRun:
    """Takes what a training loop logs; another thread writes it.

    Once it has started it raises nothing: whatever goes wrong is said in one warning, and training
    goes on. A process forked from this one logs nothing.
    """

    def __init__(self, folder: Path, given: Given, *, overwrite: bool) -> None:
        self.folder = folder
        self._inbox = Inbox()
        begin = partial(LiveFolder, folder, given, overwrite=overwrite)
        self._scribe = Scribe(begin, self._inbox)
        self._troubles = self._scribe.troubles
        self._is_over = False
        self._ahead = 0
        self._keep_from = 0
        self._newest: tuple[int, Any, Any, Any, Any] | None = None
        self._told: set[str] = set()
        self._error_before = _uncaught_error()
        atexit.register(self._at_exit)

    def log(
        self,
        step: int,
        loss: Any = None,
        *,
        W: Any = None,
        b: Any = None,
        W1: Any = None,
        W2: Any = None,
    ) -> None:
        """Log a step; what is due is copied, so the arrays may change afterwards.

        ``loss`` is a number, or one per lane, shape (L,). ``W`` has the shape (n, m) or (m, n), or
        is a stack of L such matrices; ``b`` has the shape (n,) or (L, n). Models with two matrices
        give ``W1`` and ``W2`` instead of ``W``. If neither sizes given at the start nor ``b`` say
        which axis is which, rows of W (and of W1, and columns of W2) are features.

        Losses are averaged over the steps of a row. The weights are copied at the steps of the
        timeline (``next_step_to_keep``), about once a second, and when the run ends. A step before
        the previous one counts as the one after it.
        """
        if self._is_over:
            return
        try:
            step = int(step) + self._ahead
            if step < self._inbox.step:
                step = self._counted_on(step)
            self._inbox.step = step
            if loss is not None:
                self._inbox.add_loss(step, loss)
            if W is not None or W1 is not None:
                self._newest = step, W, W1, W2, b
                if step >= self._keep_from or self._inbox.wants_moment:
                    self._take(kept=step >= self._keep_from)
        except Exception as error:
            self._troubles.append(trouble_of(error))
        if self._troubles:
            self._tell_troubles()

    def finish(self) -> None:
        """End the run: write what is left, and that it is finished."""
        self._end("finished")

    def __repr__(self) -> str:
        step = self._inbox.step
        so_far = f"step {step:,}" if step >= 0 else "nothing logged"
        return f"<live run, {so_far}: superpos-tui {shlex.quote(str(self.folder))}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the run: as finished, failed, or, after ctrl+c, stopped."""
        self._end(*_outcome_of(error))

    def _counted_on(self, step: int) -> int:
        """The step that follows the newest, for one before it: a loop has started again."""
        newest = self._inbox.step
        logged = step - self._ahead
        text = f"step {logged} after step {newest - self._ahead} counts as step {newest + 1}"
        self._troubles.append(Trouble("backwards", text))
        self._ahead = newest + 1 - logged
        return newest + 1

    def _take(self, *, kept: bool) -> None:
        """Copy the newest weights for the other thread."""
        if self._newest is None:
            return
        step, *logged = self._newest
        self._newest = None  # nothing newer is left for the end
        if kept:
            self._keep_from = next_step_to_keep(step)
        arrays = {
            name: taken(array)
            for name, array in zip(("W", "W1", "W2", "b"), logged, strict=True)
            if array is not None
        }
        if not self._inbox.add_moment(Taken(step, arrays, kept=kept)):
            text = "the disk is too slow, and some moments of the timeline are left out"
            self._troubles.append(Trouble("slow", text))
        self._scribe.wake()

    def _end(self, state: RunState, reason: str = "") -> None:
        """End the run, once; whatever goes wrong is said in a warning."""
        if self._is_over:
            return
        self._is_over = True
        atexit.unregister(self._at_exit)
        _open.pop(self.folder, None)
        try:
            self._take(kept=True)
        except Exception as error:
            self._troubles.append(trouble_of(error))
        if not self._scribe.stop(state, reason, SECONDS_TO_END):
            text = f"the disk did not take what was left within {SECONDS_TO_END:g} s"
            self._troubles.append(Trouble("disk", text))
        self._tell_troubles()

    def _at_exit(self) -> None:
        error = _uncaught_error()
        if error is not None and error is not self._error_before:
            self._end(*_outcome_of(error))
        else:
            self._end("stopped" if _is_interactive() else "finished")

    def _tell_troubles(self) -> None:
        """Warn of what went wrong, once of each kind."""
        while self._troubles:
            trouble = self._troubles.popleft()
            if trouble.kind in self._told:
                continue
            self._told.add(trouble.kind)
            text = f"superpos_core.live: {trouble.text}"
            try:
                warnings.warn(text, stacklevel=_frames_here())
            except Warning:
                # Warnings are errors here, but the loop has to go on.
                sys.stderr.write(f"{text}\n")


_open: dict[Path, LiveRun] = {}
"""The runs of this process that are not over, by folder."""


def _leave_to_parent() -> None:
    """Let a forked process, such as one that loads data, log nothing."""
    for run in _open.values():
        run._is_over = True
    _open.clear()


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_leave_to_parent)


def start_in(
    path: str | os.PathLike[str],
    features: int | None,
    hidden: int | None,
    density: Any,
    importance: Any,
    model: str | None,
    options: Mapping[str, Any],
    *,
    overwrite: bool,
) -> LiveRun:
    """What ``superpos_core.live.start`` does."""
    folder = Path(path).expanduser().resolve()
    given = Given.checked(
        folder.name or "live", features, hidden, density, importance, model, options
    )
    storage.prepare_folder(folder, option="path")
    held = Manifest.read(folder)
    if not overwrite and (held is not None or folder in _open):
        raise _taken(folder, held)
    if folder in _open:
        _open[folder]._end("stopped")
    check_free(folder, FILES, overwrite=overwrite, option="path")
    run = _open[folder] = LiveRun(folder, given, overwrite=overwrite)
    return run


def _taken(folder: Path, held: Manifest | None) -> InvalidValue:
    status = read_status(folder)
    facts = [
        *([] if held is None else [held.experiment]),
        *([] if status is None else [f"{status.state} at step {status.step:,}"]),
        *(["this program is still writing it"] if folder in _open else []),
    ]
    reason = f"it already holds a run ({', '.join(facts)})"
    return InvalidValue("path", folder, reason, "another folder, or overwrite=True to replace it")


def _outcome_of(error: BaseException | None) -> tuple[RunState, str]:
    """How a run has ended, and why, by the error that ended it."""
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return "finished", ""
    if isinstance(error, KeyboardInterrupt):
        return "stopped", ""
    return "failed", in_one_line(error)


def _uncaught_error() -> BaseException | None:
    """The last error that Python has reported because nothing caught it."""
    error: BaseException | None = getattr(sys, "last_value", None)
    return error


def _frames_here() -> int:
    """The innermost frames that are those of this file, and the one that has called it."""
    frame = sys._getframe(1)
    count = 1
    while frame.f_back is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
        count += 1
    return count


def _is_interactive() -> bool:
    """Whether statements come one by one, so that the end of the program is not that of a loop."""
    return hasattr(sys, "ps1") or "ipykernel" in sys.modules
