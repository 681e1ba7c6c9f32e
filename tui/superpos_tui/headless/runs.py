"""Train experiments one after the other, and write what came out of each."""

import json
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import EngineError, InvalidValue
from superpos_core.experiments import Experiment, Trial
from superpos_core.experiments.checks.check import Verdict
from superpos_core.experiments.expected_time import lane_count
from superpos_core.figures.drawing import DrawFigures, FiguresMissing
from superpos_core.files.export import SUMMARY_FILE, check_export, checked_formats, export
from superpos_core.files.run_folder import folder_for, written_for
from superpos_core.files.storage import WriteError, prepare_folder
from superpos_core.machine.cores import usable_cores
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train
from superpos_tui.headless.drawing_processes import drawing_processes
from superpos_tui.headless.narrator import Narrator
from superpos_tui.headless.progress import progress_shown
from superpos_tui.headless.results import Outcome, lanes_table, outcomes_table, verdict_lines
from superpos_tui.headless.signals import Interrupted, Interruption, signals_handled_by
from superpos_tui.headless.temporary_files import temporary_files_below


def export_headless(
    trials: Sequence[Trial],
    folder: Path,
    formats: Sequence[str],
    choice: EngineChoice,
    *,
    overwrite: bool = False,
) -> int:
    """Train ``trials``, write everything to ``folder`` and return the exit code.

    Several are written to a folder each below it. 0 when all was written, 1 when writing failed or
    a figure could not be drawn, 128 + n when signal n ended it, such as 130 for Ctrl-C. Raises
    ``InvalidValue``, before it trains, for a format or a device that cannot be used, and for a
    folder that cannot be written or that holds a run, unless that is to be replaced: ``overwrite``.
    """
    wanted = checked_formats(formats)
    choice.check()
    prepare_folder(folder)
    folders = [folder if len(trials) == 1 else folder / trial.config.name for trial in trials]
    for trial, each in zip(trials, folders, strict=True):
        check_export(trial.config, each, wanted, experiment=trial.experiment, overwrite=overwrite)
    narrator, interruption = Narrator(), Interruption()
    threads = choice.threads or usable_cores()
    with signals_handled_by(interruption.handle):
        try:
            with (
                temporary_files_below(folder),
                drawing_processes(threads, narrator.say) as draw,
            ):
                runs = _Runs(wanted, choice, overwrite, draw, interruption, narrator)
                runs.train_and_write_all(trials, folders)
        except Interrupted as interrupted:
            is_ctrl_c = interrupted.number == signal.SIGINT
            how = "stopped by Ctrl-C" if is_ctrl_c else f"ended by {interrupted}"
            narrator.say_what_was_written(how, folder)
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


@dataclass
class _Runs:
    """How every run is trained and written."""

    formats: Sequence[str]
    choice: EngineChoice
    overwrite: bool
    draw: DrawFigures
    interruption: Interruption
    narrator: Narrator
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
        """One run, and what it says at its end."""
        began = time.monotonic()
        snapshot = self._trained(trial.config)
        folder = self._write(snapshot, trial.experiment, folder)
        summary = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
        if summary["lanes"]:
            table, which = lanes_table(summary)
            self.narrator.console.print(table)
            if which:
                self.narrator.say(which)
        verdicts = [Verdict(**check) for check in summary["checks"]]
        for line in verdict_lines(verdicts):
            self.narrator.say(line)
        return Outcome(trial.config.name, time.monotonic() - began, verdicts)

    def _write(self, snapshot: Snapshot, experiment: Experiment | None, folder: Path) -> Path:
        """Write everything; where it went."""
        try:
            folder, paths = self._begin_writing(snapshot, experiment, folder)
            for path in paths:
                self.narrator.announce(path)
                self.interruption.check()
        except FiguresMissing as missing:
            self.has_missing_figures = True
            for line in missing.lines:
                self.narrator.say(line)
        except BaseException:
            # A signal may have come between a file and its announcement.
            self.narrator.add(written_for(snapshot, folder))
            raise
        return folder

    def _begin_writing(
        self, snapshot: Snapshot, experiment: Experiment | None, folder: Path
    ) -> tuple[Path, Iterator[Path]]:
        """Into ``folder``, or, if another run has come into it meanwhile, into one beside it."""
        seconds, threads = snapshot.seconds_training, self.choice.threads
        options: dict[str, Any] = {
            "experiment": experiment,
            "draw": self.draw,
            "threads": threads,
        }
        try:
            return folder, export(
                snapshot, folder, self.formats, seconds, overwrite=self.overwrite, **options
            )
        except InvalidValue as taken:
            beside = folder_for(snapshot, folder.absolute().parent, folder.absolute().name)
            self.narrator.say(f"{taken}; this run is written to {beside}")
            return beside, export(snapshot, beside, self.formats, seconds, **options)

    def _trained(self, config: ExperimentConfig) -> Snapshot:
        """The snapshot after the last step, with progress on standard error meanwhile."""
        say = self.narrator.say
        with progress_shown(config.steps, self.narrator) as show:

            def on_progress(snapshot: Snapshot) -> None:
                self.interruption.check()
                show(snapshot)

            snapshot = train(config, on_progress, lambda each: self.choice.make(each, say))
        say(
            f"trained {lane_count(config):,} lanes for {config.steps:,} steps "
            f"in {snapshot.seconds_training:.1f} s "
            f"({snapshot.engine} on {snapshot.device}); evaluating and drawing"
        )
        return snapshot
