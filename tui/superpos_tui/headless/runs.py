"""Train experiments one after another and write the results of each."""

import json
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from superpos_core.engine import Engine
from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import EngineError, InvalidValue
from superpos_core.experiments import Experiment, Trial
from superpos_core.experiments.checks.check import verdicts_from_dicts
from superpos_core.experiments.expected_time import lane_count
from superpos_core.figures.drawing import DrawFigures, FiguresMissing
from superpos_core.files.export import check_export, export
from superpos_core.files.formats import parse_formats
from superpos_core.files.run_folder import folder_for, written_for
from superpos_core.files.runs.layout import SUMMARY_FILE
from superpos_core.files.runs.writer import RunWriter
from superpos_core.files.storage import WriteError, prepare_folder
from superpos_core.machine.cores import usable_cores
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.checkpoint import Checkpoint
from superpos_core.training.journal import Journal
from superpos_core.training.run import train
from superpos_tui.headless.drawing_processes import drawing_processes
from superpos_tui.headless.narrator import Narrator
from superpos_tui.headless.progress import progress_shown
from superpos_tui.headless.results import Outcome, lanes_table, outcomes_table, verdict_lines
from superpos_tui.headless.signals import Interrupted, Interruption, handling_signals
from superpos_tui.headless.temporary_files import temporary_files_below


def export_headless(
    trials: Sequence[Trial],
    folder: Path,
    formats: Sequence[str],
    choice: EngineChoice,
    *,
    overwrite: bool = False,
    checkpoint: Checkpoint | None = None,
) -> int:
    """Train ``trials``, write everything to ``folder`` and return the exit code.

    Several trials get one subfolder each. Each is a run that can be followed while it trains. With
    a ``checkpoint`` the only trial continues the run in ``folder`` from there.

    The code is 0 if everything was written, 1 if writing failed or a figure could not be drawn,
    128 + n if signal n ended it, such as 130 for Ctrl-C.
    Raises ``InvalidValue``, before training, for an unusable format or device, and for a folder
    that cannot be written or holds a run, unless ``overwrite``.
    """
    wanted = parse_formats(formats)
    choice.check()
    may_hold_one = overwrite or checkpoint is not None
    folders = _checked_folders(trials, folder, wanted, may_hold_one=may_hold_one)
    narrator, interruption = Narrator(), Interruption()
    threads = choice.threads or usable_cores()
    with handling_signals(interruption.handle):
        try:
            with (
                temporary_files_below(folder),
                drawing_processes(threads, narrator.say) as draw,
            ):
                runs = _Runs(wanted, choice, overwrite, draw, interruption, narrator, checkpoint)
                runs.train_and_write_all(trials, folders)
        except Interrupted as interrupted:
            is_ctrl_c = interrupted.number == signal.SIGINT
            reason = "stopped by Ctrl-C" if is_ctrl_c else f"ended by {interrupted}"
            narrator.say_what_was_written(reason, folder)
            narrator.say_how_to_continue(folders)
            return 128 + interrupted.number
        except (WriteError, EngineError) as error:
            narrator.say_what_was_written(str(error), folder)
            return 1
        except MemoryError:
            narrator.say_what_was_written("not enough memory", folder)
            return 1
    if runs.has_missing_figures:
        narrator.say_what_was_written("some figures are missing", folder)
        return 1
    return 0


def _checked_folders(
    trials: Sequence[Trial], folder: Path, formats: Sequence[str], *, may_hold_one: bool
) -> list[Path]:
    """The folder of each trial, all of which can be written to; raises ``InvalidValue``."""
    prepare_folder(folder)
    folders = [folder if len(trials) == 1 else folder / trial.config.name for trial in trials]
    for trial, each in zip(trials, folders, strict=True):
        check_export(
            trial.config, each, formats, experiment=trial.experiment, overwrite=may_hold_one
        )
    return folders


@dataclass
class _Runs:
    """How every run is trained and written."""

    formats: Sequence[str]
    choice: EngineChoice
    overwrite: bool
    draw: DrawFigures
    interruption: Interruption
    narrator: Narrator
    checkpoint: Checkpoint | None = None
    has_missing_figures: bool = False

    def train_and_write_all(self, trials: Sequence[Trial], folders: Sequence[Path]) -> None:
        if len(trials) == 1:
            self.train_and_write(trials[0], folders[0])
            return
        outcomes = []
        for number, (trial, folder) in enumerate(zip(trials, folders, strict=True), start=1):
            self.narrator.say(f"{number} of {len(trials)}: {trial.config.name}")
            outcomes.append(self.train_and_write(trial, folder))
        self.narrator.console.print(outcomes_table(outcomes))

    def train_and_write(self, trial: Trial, folder: Path) -> Outcome:
        """Train and write one run, and print its results."""
        start = time.monotonic()
        writer = RunWriter(
            folder,
            overwrite=self.overwrite,
            resumes=self.checkpoint is not None,
            tell=self.narrator.say,
        )
        try:
            snapshot = self._trained(trial, writer)
            folder = self._write(snapshot, trial.experiment, folder, writer.run)
        except BaseException:
            # Some were written while it trained, and a signal may have arrived before a report.
            self.narrator.add(written_for(writer.run, folder))
            raise
        summary = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
        if summary["lanes"]:
            table, which = lanes_table(summary)
            self.narrator.console.print(table)
            if which:
                self.narrator.say(which)
        verdicts = verdicts_from_dicts(summary["checks"])
        for line in verdict_lines(verdicts):
            self.narrator.say(line)
        return Outcome(trial.config.name, time.monotonic() - start, verdicts)

    def _write(
        self, snapshot: Snapshot, experiment: Experiment | None, folder: Path, run: str
    ) -> Path:
        """Write everything else; return the folder."""
        try:
            folder, paths = self._begin_writing(snapshot, experiment, folder, run)
            for path in paths:
                self.narrator.report_file(path)
                self.interruption.check()
        except FiguresMissing as missing:
            self.has_missing_figures = True
            for line in missing.lines:
                self.narrator.say(line)
        return folder

    def _begin_writing(
        self, snapshot: Snapshot, experiment: Experiment | None, folder: Path, run: str
    ) -> tuple[Path, Iterator[Path]]:
        """Write to ``folder``, or to one beside it if another program has replaced the run."""
        seconds, threads = snapshot.seconds_training, self.choice.threads
        options: dict[str, Any] = {
            "experiment": experiment,
            "draw": self.draw,
            "threads": threads,
        }
        try:
            return folder, export(snapshot, folder, self.formats, seconds, run=run, **options)
        except InvalidValue as taken:
            beside = folder_for(snapshot, folder.absolute().parent, folder.absolute().name)
            self.narrator.say(f"{taken}; writing this run to {beside}")
            return beside, export(snapshot, beside, self.formats, seconds, **options)

    def _trained(self, trial: Trial, journal: Journal) -> Snapshot:
        """The snapshot after the last step; progress goes to standard error."""
        say, config = self.narrator.say, trial.config

        def make(config: ExperimentConfig) -> Engine:
            engine = self.choice.make(config, say)
            return engine if trial.start is None else trial.start.begin(engine, config)

        with progress_shown(config.steps, self.narrator) as show:

            def on_progress(snapshot: Snapshot) -> None:
                self.interruption.check()
                show(snapshot)

            snapshot = train(
                config,
                on_progress,
                make,
                journal=journal,
                checkpoint=self.checkpoint,
            )
        say(
            f"trained {lane_count(config):,} lanes for {config.steps:,} steps "
            f"in {snapshot.seconds_training:.1f} s "
            f"({snapshot.engine} on {snapshot.device}); evaluating and drawing"
        )
        return snapshot
