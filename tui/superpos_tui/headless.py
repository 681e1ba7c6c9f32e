"""``--export``: train without a screen, then write figures, numbers and weights.

Standard output is data, the path of each file once it is whole; standard error tells the story.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from superpos_core.checks import Verdict
from superpos_core.config import ExperimentConfig
from superpos_core.engine.choice import EngineChoice
from superpos_core.export import SUMMARY_FILE, checked_formats, export
from superpos_core.run import train
from superpos_core.snapshot import Snapshot
from superpos_core.storage import WriteError, prepare_folder

MOST_LANES_IN_TABLE = 40
PLAIN_LINE_SHARE = 0.1
PLAIN_LINE_SECONDS = 30.0
"""Without a terminal: a line each tenth of the way, or after so long."""

OnProgress = Callable[[Snapshot], None]


class Interrupted(BaseException):
    """A signal asked the program to end; not an ``Exception``, so that nothing takes it for one."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(signal.Signals(number).name)


@dataclass
class _Interruption:
    """Which signal came, if any.

    The handler raises, which answers at once; but what is raised inside a callback of C code is
    lost, so ``check`` asks again at the next good moment. A second, impatient signal does not cut
    short what the first one makes us say.
    """

    number: int | None = None

    def handle(self, number: int, _frame: FrameType | None) -> None:
        if self.number is None:
            self.number = number
            raise Interrupted(number)

    def check(self) -> None:
        if self.number is not None:
            raise Interrupted(self.number)


@dataclass
class _Narrator:
    """Tells on standard error how it goes, and on standard output what was written."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    written: list[Path] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.console.print(sentence, markup=False, soft_wrap=True)

    def announce(self, path: Path) -> None:
        self.written.append(path)
        try:
            sys.stdout.write(f"{path}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read the paths has stopped; the files are wanted all the same. What is left in
            # the buffer must not fail once more at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def say_what_was_written(self, why: str, folder: Path) -> None:
        names = ", ".join(path.name for path in self.written)
        written = f"written to {folder}: {names}" if names else "nothing was written"
        self.say(f"superpos-tui: {why}; {written}")


def export_headless(
    configs: Sequence[ExperimentConfig],
    folder: Path,
    formats: Sequence[str],
    choice: EngineChoice,
) -> int:
    """Train ``configs``, write everything to ``folder`` and return the exit code.

    Several are written to a folder each below it. 0 when all was written, 1 when writing failed,
    128 + n when signal n ended it, such as 130 for Ctrl-C. Raises ``InvalidValue``, before it
    trains, for a format, a folder or a device that cannot be used.
    """
    narrator, interruption = _Narrator(), _Interruption()
    wanted = checked_formats(formats)
    choice.check_device()
    prepare_folder(folder)
    with _signals_handled_by(interruption.handle):
        try:
            for place, config in enumerate(configs, start=1):
                if len(configs) > 1:
                    narrator.say(f"{place} of {len(configs)}: {config.name}")
                target = folder if len(configs) == 1 else folder / config.name
                _train_and_write(config, target, wanted, choice, narrator, interruption)
        except Interrupted as interrupted:
            is_ctrl_c = interrupted.number == signal.SIGINT
            how = "stopped by Ctrl-C" if is_ctrl_c else f"ended by {interrupted}"
            narrator.say_what_was_written(how, folder)
            return 128 + interrupted.number
        except WriteError as error:
            narrator.say_what_was_written(str(error), folder)
            return 1
    return 0


def _train_and_write(
    config: ExperimentConfig,
    folder: Path,
    formats: Sequence[str],
    choice: EngineChoice,
    narrator: _Narrator,
    interruption: _Interruption,
) -> None:
    prepare_folder(folder)
    snapshot = _trained(config, choice, narrator, interruption)
    for path in export(snapshot, folder, formats, snapshot.seconds_training):
        narrator.announce(path)
        interruption.check()
    summary = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
    if len(summary["lanes"]) <= MOST_LANES_IN_TABLE:
        narrator.console.print(_results_table(summary))
    for check in summary["checks"]:
        narrator.say(Verdict(**check).line)


@contextmanager
def _signals_handled_by(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle what asks a program to end, where nobody has asked to ignore it (as nohup does)."""
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [signal.Signals[name] for name in names]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {
        number: signal.getsignal(number)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _trained(
    config: ExperimentConfig, choice: EngineChoice, narrator: _Narrator, interruption: _Interruption
) -> Snapshot:
    """The snapshot after the last step, with progress on standard error meanwhile."""
    lanes = len(config.lanes)
    with _progress_shown(config.steps, narrator) as show:

        def on_progress(snapshot: Snapshot) -> None:
            interruption.check()
            show(snapshot)

        snapshot = train(config, on_progress, lambda c: choice.make(c, narrator.say))
    seconds = snapshot.seconds_training
    narrator.say(
        f"trained {lanes} lanes for {config.steps:,} steps in {seconds:.1f} s "
        f"({snapshot.engine} on {snapshot.device}); evaluating and drawing"
    )
    return snapshot


@contextmanager
def _progress_shown(steps: int, narrator: _Narrator) -> Iterator[OnProgress]:
    """A bar on a terminal, and now and then a line elsewhere."""
    if not sys.stderr.isatty() or narrator.console.is_dumb_terminal:
        narrator.say("loading")
        yield _PlainLines(steps, narrator.say).show
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
        task, completed=_steps_done(snapshot), description="training", rate=_rate(snapshot)
    )


@dataclass
class _PlainLines:
    """A line of progress when there is something to tell, for logs."""

    steps: int
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    said_step: int = 0

    def __post_init__(self) -> None:
        self.said_at = self.clock()

    def show(self, snapshot: Snapshot) -> None:
        step, now = _steps_done(snapshot), self.clock()
        is_far = step - self.said_step >= PLAIN_LINE_SHARE * self.steps
        is_late = now - self.said_at >= PLAIN_LINE_SECONDS
        # Many lines a second would help nobody.
        if step == 0 or not (is_late or (is_far and now - self.said_at >= 1)):
            return
        self.said_at, self.said_step = now, step
        rate = _rate(snapshot)
        self.say(f"step {step:,} of {self.steps:,}" + (f", {rate}" if rate else ""))


def _steps_done(snapshot: Snapshot) -> int:
    """Steps that every lane has taken; of a phase map, the share of all training in steps."""
    if snapshot.phase_map is not None:
        return int(snapshot.phase_map.share_done * snapshot.config.steps)
    return min(cohort.step for cohort in snapshot.cohorts.values())


def _rate(snapshot: Snapshot) -> str:
    """Steps a second and the time left, once they are known."""
    if snapshot.steps_per_second <= 0:
        return ""
    left = (snapshot.config.steps - _steps_done(snapshot)) / snapshot.steps_per_second
    minutes, seconds = divmod(round(left), 60)
    hours, minutes = divmod(minutes, 60)
    time_left = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{snapshot.steps_per_second:,.0f} steps/s, {time_left} left"


def _results_table(summary: Mapping[str, Any]) -> Table:
    """What came out, lane by lane, as the summary has it."""
    features, hidden = summary["config"]["features"], summary["config"]["hidden"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("lane")
    for name in (f"represented of {features}", "L/L_linear", "D*", f"ΣD of {hidden}"):
        table.add_column(name, justify="right")
    for lane in summary["lanes"]:
        table.add_row(
            f"{lane['model']} S={lane['sparsity']:g}",
            str(lane["represented"]),
            _shown(lane["loss_over_linear"]),
            _shown(lane["dimensions_per_feature"]),
            _shown(lane["sum_dimensionality"]),
        )
    return table


def _shown(value: float | None) -> str:
    """A number with three digits after the point; a dash for one that is not finite."""
    return "—" if value is None else f"{value:.3f}"
