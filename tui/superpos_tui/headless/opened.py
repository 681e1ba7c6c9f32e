"""Writes what was opened, as it is: ``superpos-tui PATH --export DIR`` trains nothing."""

import json
from collections.abc import Sequence
from pathlib import Path

from superpos_core.errors import PATH, InvalidValue
from superpos_core.experiments import Experiment
from superpos_core.figures.drawing import FiguresMissing
from superpos_core.files.export import export
from superpos_core.files.runs.layout import SUMMARY_FILE
from superpos_core.files.storage import WriteError
from superpos_core.record.snapshot import Snapshot
from superpos_tui.headless.narrator import Narrator
from superpos_tui.headless.results import lanes_table
from superpos_tui.process.opened_run import OpenedRun
from superpos_tui.process.source import Source


def export_opened(
    source: Source,
    experiment: Experiment | None,
    folder: Path,
    formats: Sequence[str],
    *,
    overwrite: bool = False,
) -> int:
    """Write figures, numbers and weights of the newest snapshot, and return the exit code.

    The code is 0 if everything was written that can be made of what is known. Raises
    ``InvalidValue`` for a source that has no snapshot yet and for a folder that cannot be written.
    """
    snapshot = _newest(source)
    narrator = Narrator()
    seconds = snapshot.seconds_training
    try:
        for path in export(
            snapshot, folder, formats, seconds, experiment=experiment, overwrite=overwrite
        ):
            narrator.report_file(path)
    except FiguresMissing as missing:
        for line in missing.lines:
            narrator.say(line)
        if not snapshot.record.unknown:
            return 1
    except WriteError as error:
        narrator.say_what_was_written(str(error), folder)
        return 1
    summary = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
    if summary["lanes"]:
        table, _ = lanes_table(summary)
        narrator.console.print(table)
    return 0


def _newest(source: Source) -> Snapshot:
    """All that a source has now; it has not been started."""
    while isinstance(source, OpenedRun) and source.poll():
        """There is more to read at once."""
    if source.latest is None:
        reason = "nothing of it has been written yet"
        raise InvalidValue(PATH, source.path or "''", reason, "a run that has started")
    return source.latest
