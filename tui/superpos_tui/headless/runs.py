"""Train experiments one after the other, and write what came out of each."""

import json
import signal
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from superpos_core.checks import Verdict
from superpos_core.config import ExperimentConfig
from superpos_core.engine.choice import EngineChoice
from superpos_core.expected_time import lane_count
from superpos_core.export import SUMMARY_FILE, checked_formats, export
from superpos_core.run import train
from superpos_core.snapshot import Snapshot
from superpos_core.storage import WriteError, prepare_folder
from superpos_tui.headless.drawing_processes import drawing_processes
from superpos_tui.headless.narrator import Narrator
from superpos_tui.headless.progress import progress_shown
from superpos_tui.headless.results import Outcome, lanes_table, outcomes_table
from superpos_tui.headless.signals import Interrupted, Interruption, signals_handled_by

MOST_LANES_IN_TABLE = 40


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
    wanted = checked_formats(formats)
    choice.check()
    prepare_folder(folder)
    interruption = Interruption()
    with signals_handled_by(interruption.handle), drawing_processes() as processes:
        runs = _Runs(wanted, choice, processes, interruption)
        try:
            runs.train_and_write_all(configs, folder)
        except Interrupted as interrupted:
            is_ctrl_c = interrupted.number == signal.SIGINT
            how = "stopped by Ctrl-C" if is_ctrl_c else f"ended by {interrupted}"
            runs.narrator.say_what_was_written(how, folder)
            return 128 + interrupted.number
        except WriteError as error:
            runs.narrator.say_what_was_written(str(error), folder)
            return 1
        except BrokenProcessPool:
            how = "a process that draws was ended from outside"
            runs.narrator.say_what_was_written(how, folder)
            return 1
    return 0


@dataclass
class _Runs:
    """How every run is trained and written."""

    formats: Sequence[str]
    choice: EngineChoice
    processes: Executor | None
    interruption: Interruption
    narrator: Narrator = field(default_factory=Narrator)

    def train_and_write_all(self, configs: Sequence[ExperimentConfig], folder: Path) -> None:
        if len(configs) == 1:
            self.train_and_write(configs[0], folder)
            return
        outcomes = []
        for place, config in enumerate(configs, start=1):
            self.narrator.say(f"{place} of {len(configs)}: {config.name}")
            outcomes.append(self.train_and_write(config, folder / config.name))
        self.narrator.console.print(outcomes_table(outcomes))

    def train_and_write(self, config: ExperimentConfig, folder: Path) -> Outcome:
        """One run, and what it says at its end."""
        began = time.monotonic()
        prepare_folder(folder)
        snapshot = self._trained(config)
        seconds = snapshot.seconds_training
        for path in export(snapshot, folder, self.formats, seconds, self.processes):
            self.narrator.announce(path)
            self.interruption.check()
        summary = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
        if 0 < len(summary["lanes"]) <= MOST_LANES_IN_TABLE:
            self.narrator.console.print(lanes_table(summary))
        verdicts = [Verdict(**check) for check in summary["checks"]]
        for verdict in verdicts:
            self.narrator.say(verdict.line)
        return Outcome(config.name, time.monotonic() - began, verdicts)

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
