"""Training progress: a bar on a terminal, occasional lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from superpos_core.record.snapshot import Snapshot
from superpos_tui.headless.narrator import Narrator

PLAIN_LINE_SHARE = 0.1
PLAIN_LINE_SECONDS = 30.0
"""Without a terminal: one line per tenth of the steps, or after this long."""

OnProgress = Callable[[Snapshot], None]


@contextmanager
def progress_shown(steps: int, narrator: Narrator) -> Iterator[OnProgress]:
    """Show a bar on a terminal, occasional lines elsewhere."""
    if not sys.stderr.isatty() or narrator.console.is_dumb_terminal:
        narrator.say("loading")
        yield PlainLines(steps, narrator.say).show
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} steps"),
        TextColumn("{task.fields[rate]}", style="progress.remaining"),
    )
    with Progress(*columns, console=narrator.console, transient=True) as progress:
        task = progress.add_task("loading", total=steps, rate="")
        yield lambda snapshot: _update(progress, task, snapshot)


def _update(progress: Progress, task: TaskID, snapshot: Snapshot) -> None:
    progress.update(
        task, completed=snapshot.record.steps_done, description="training", rate=rate_text(snapshot)
    )


@dataclass
class PlainLines:
    """Occasional lines of progress, for logs."""

    steps: int
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    said_step: int = 0

    def __post_init__(self) -> None:
        self.said_at = self.clock()

    def show(self, snapshot: Snapshot) -> None:
        """Print a line, if it is time for one."""
        step, now = snapshot.record.steps_done, self.clock()
        is_far = step - self.said_step >= PLAIN_LINE_SHARE * self.steps
        is_late = now - self.said_at >= PLAIN_LINE_SECONDS
        # At most one line per second.
        if step == 0 or not (is_late or (is_far and now - self.said_at >= 1)):
            return
        self.said_at, self.said_step = now, step
        rate = rate_text(snapshot)
        self.say(f"step {step:,} of {self.steps:,}" + (f", {rate}" if rate else ""))


def rate_text(snapshot: Snapshot) -> str:
    """Steps per second and the time left, once they are known."""
    if snapshot.steps_per_second <= 0:
        return ""
    left = (snapshot.config.steps - snapshot.record.steps_done) / snapshot.steps_per_second
    minutes, seconds = divmod(round(left), 60)
    hours, minutes = divmod(minutes, 60)
    time_left = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{snapshot.steps_per_second:,.0f} steps/s, {time_left} left"
