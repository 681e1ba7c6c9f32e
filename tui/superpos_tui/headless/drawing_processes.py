"""Processes that draw figures: within one process matplotlib uses only one core.

They are plain processes with two pipes each, no shared memory and no semaphores. If one cannot
start or ends early, its figures are drawn in this process instead.
"""

import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO

from superpos_core.errors import reason_of
from superpos_core.figures.drawing import DrawFigures, Drawn, draw_here, draw_one
from superpos_core.record.record import Record

MAX_PROCESSES = 16
"""More would only spend time loading matplotlib: a run has about ten figures."""
OWN_FILES, FILES_PER_PROCESS = 16, 4
"""Files open at a time: the program's own, and those of each process being started."""
PROGRAM = (
    "import sys; sys.path[:] = sys.argv[1:]; "
    "from superpos_core.figures.drawing_process import main; main()"
)

Say = Callable[[str], None]
Pipes = tuple[IO[bytes], IO[bytes]]
"""The pipes to and from a process."""


class ProcessLost(RuntimeError):
    """A process could not start or has ended; the message says which."""


def _process_limit() -> int:
    """How many processes the limit of open files allows."""
    if sys.platform == "win32":
        return MAX_PROCESSES
    from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit

    limit, _ = getrlimit(RLIMIT_NOFILE)
    return MAX_PROCESSES if limit == RLIM_INFINITY else (limit - OWN_FILES) // FILES_PER_PROCESS


@contextmanager
def drawing_processes(count: int, say: Say) -> Iterator[DrawFigures]:
    """A function that draws with up to ``count`` processes; with one, in this process.

    They start when there is something to draw, and end with the block even if still drawing.
    ``say`` is called once if figures are drawn here instead.
    """
    count = min(count, MAX_PROCESSES, _process_limit())
    if count <= 1:
        yield draw_here
        return
    pool = _ProcessPool([_Process() for _ in range(count)], say)
    try:
        yield pool.draw
    finally:
        pool.end()


class _Process:
    """One process, started by its first request."""

    def __init__(self) -> None:
        self._running: subprocess.Popen[bytes] | None = None
        self._is_over = False
        self._lock = threading.Lock()
        """Held while starting or ending the process: two threads do so."""

    def take(self, record: Record, formats: Sequence[str]) -> None:
        """Send the run to draw from; raises ``ProcessLost``."""
        with self._lock:
            if self._running is not None and self._running.poll() is not None:
                self._running = None  # what ended it may be over
        self._send((record, tuple(formats)))

    def draw(self, name: str) -> Drawn:
        """Draw a figure; raises ``ProcessLost``."""
        _, answers = self._send(name)
        try:
            drawn: Drawn = pickle.load(answers)
        except Exception as error:
            # A truncated answer can raise anything.
            raise ProcessLost("a drawing process has ended") from error
        return drawn

    def end(self) -> None:
        """Kill the process: it writes nothing to disk."""
        with self._lock:
            self._is_over = True
            if self._running is not None:
                self._running.kill()
                self._running.wait()

    def close(self) -> None:
        """Close its pipes, once no thread uses them."""
        for pipe in () if self._running is None else _pipes_of(self._running):
            # Unsent data has no reader any more.
            with suppress(OSError):
                pipe.close()

    def _send(self, request: object) -> Pipes:
        """Send a request; the pipes for more, and for the answer."""
        pipes = self._started()
        try:
            pickle.dump(request, pipes[0], protocol=pickle.HIGHEST_PROTOCOL)
            pipes[0].flush()
        except OSError as error:
            raise ProcessLost("a drawing process has ended") from error
        return pipes

    def _started(self) -> Pipes:
        with self._lock:
            if self._is_over:
                raise ProcessLost("drawing has been stopped")
            if self._running is None:
                self._running = _start()
            return _pipes_of(self._running)


def _start() -> "subprocess.Popen[bytes]":
    """Start a Python with this one's import path, without the current folder.

    In its own session no key of the terminal reaches it. Output of libraries is discarded: only the
    answers matter. Raises ``ProcessLost``.
    """
    path = [entry for entry in sys.path if entry]
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", PROGRAM, *path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise ProcessLost(f"a drawing process cannot start ({reason_of(error)})") from error


def _pipes_of(process: "subprocess.Popen[bytes]") -> Pipes:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


class _Work:
    """The figures of a run, shared by the threads that each serve one process."""

    def __init__(self, record: Record, names: Sequence[str], formats: Sequence[str]) -> None:
        self._record, self._names, self._formats = record, names, formats
        self._waiting = deque(names)
        self._done: dict[str, Drawn] = {}
        self._lost: set[str] = set()
        self._helpers = 0
        self._problem = ""
        self._changed = threading.Condition()

    def start(self, processes: Sequence[_Process]) -> list[threading.Thread]:
        """Start drawing; return the threads that serve the processes."""
        threads = [
            threading.Thread(target=self._serve, args=(process,), daemon=True)
            for process in processes
        ]
        for number, thread in enumerate(threads):
            try:
                thread.start()
            except RuntimeError as error:
                self._problem = str(error)  # such as "can't start new thread"
                return threads[:number]
            with self._changed:
                self._helpers += 1
        return threads

    def drawn(self, say: Say) -> Iterator[Drawn]:
        """The figures in order; those that no process draws are drawn here."""
        has_said = False
        for name in self._names:
            with self._changed:
                self._changed.wait_for(partial(self._is_settled, name))
                drawn = self._done.pop(name, None)
                if drawn is None and name in self._waiting:
                    self._waiting.remove(name)
            if drawn is None and not has_said:
                has_said = True
                say(f"{self._problem}; drawing the rest without it")
            yield drawn or draw_one(self._record, name, self._formats)

    def _is_settled(self, name: str) -> bool:
        """Whether a figure is drawn, or no process will draw it."""
        return name in self._done or name in self._lost or self._helpers == 0

    def _serve(self, process: _Process) -> None:
        try:
            process.take(self._record, self._formats)
            while (name := self._next()) is not None:
                self._draw_with(process, name)
        except ProcessLost as lost:
            self._problem = str(lost)
        finally:
            with self._changed:
                self._helpers -= 1
                self._changed.notify_all()

    def _next(self) -> str | None:
        with self._changed:
            return self._waiting.popleft() if self._waiting else None

    def _draw_with(self, process: _Process, name: str) -> None:
        """Draw a figure; if it kills its process, no other process gets it."""
        drawn = None
        try:
            drawn = process.draw(name)
        finally:
            with self._changed:
                if drawn is None:
                    self._lost.add(name)
                else:
                    self._done[name] = drawn
                self._changed.notify_all()


class _ProcessPool:
    """Several processes that draw one run after another."""

    def __init__(self, processes: Sequence[_Process], say: Say) -> None:
        self._processes, self._say = processes, say
        self._threads: list[threading.Thread] = []

    def draw(self, record: Record, names: Sequence[str], formats: Sequence[str]) -> Iterator[Drawn]:
        """Start at once; yield the figures in order."""
        for thread in self._threads:
            thread.join()  # a process may still be starting for the previous run
        work = _Work(record, names, formats)
        self._threads = work.start(self._processes[: len(names)])
        return work.drawn(self._say)

    def end(self) -> None:
        """End all processes, then the threads that served them."""
        for process in self._processes:
            process.end()
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            process.close()
