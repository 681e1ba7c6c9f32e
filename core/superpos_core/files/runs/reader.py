"""Opens a run's folder, and follows it while it is written: nothing is ever written to it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from superpos_core.errors import PATH, InvalidValue
from superpos_core.experiments import Experiment
from superpos_core.files.runs.description import Description, NoRun, description_in
from superpos_core.files.runs.layout import (
    LOSSES_FILE,
    MANIFEST_FILE,
    STATE_FILE,
    STATUS_FILE,
    TIMELINE_FOLDER,
    WEIGHTS_FILE,
)
from superpos_core.files.runs.loss_reader import LossReader
from superpos_core.files.runs.picture import record_from, state_in
from superpos_core.files.runs.status_file import RunState, RunStatus, read_status
from superpos_core.files.runs.stored_parameters import Version, version_of
from superpos_core.files.runs.timelines import TimelineReader
from superpos_core.files.runs.weights_file import stored_weights
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Phase, Snapshot
from superpos_core.record.stored import Stored
from superpos_core.task.config import ExperimentConfig

Content = TypeVar("Content")

PHASES: dict[RunState, Phase] = {
    "training": "training",
    "paused": "paused",
    "finished": "finished",
    "stopped": "paused",
    "failed": "paused",
}
"""What a snapshot says of a run that goes on elsewhere, or does not."""


class RunReader:
    """Reads a run's folder: ``refresh`` looks for what is new, ``snapshot`` is the newest picture.

    Files that are missing or torn are "not yet": the last whole picture stays. A writer that starts
    again in the same folder starts a new ``generation`` of snapshots. Belongs to one thread.
    """

    def __init__(self, folder: Path, typed: Mapping[str, str] | None = None) -> None:
        """Options ``typed``, by field, say what the run leaves open.

        Raises ``InvalidValue`` for a folder that holds no run, or one of a newer format, and for
        options that contradict it.
        """
        self.folder = folder
        self._typed = typed
        self.snapshot: Snapshot | None = None
        self.status: RunStatus | None = None
        """The last sign of life, if there was one."""
        self.problem = ""
        """Why the folder cannot be followed any longer, in a sentence."""
        self._generation = 0
        self._record: Record | None = None
        try:
            self._start(description_in(folder, typed))
        except NoRun as none:
            choices = "the folder of a run, such as --export DIR writes"
            raise InvalidValue(PATH, folder, str(none), choices) from None

    @property
    def config(self) -> ExperimentConfig:
        """The config of the run."""
        return self._described.config

    @property
    def experiment(self) -> Experiment | None:
        """The experiment that the run belongs to, if this program knows it."""
        return self._described.experiment

    @property
    def state(self) -> RunState:
        """What whoever writes it says of it; an old export has ended."""
        if self.status is not None:
            return self.status.state
        return "finished" if self._described.is_alone else "training"

    @property
    def is_behind(self) -> bool:
        """Whether more is there already: another ``refresh`` need not wait."""
        timelines = any(each.is_behind for each in self._timelines.values())
        return timelines or (self._needs_losses and self._losses.is_behind)

    def refresh(self) -> bool:
        """Read what is new; return whether there is any, and be it only a sign of life."""
        changes = [self._refresh_description(), self._refresh_state()]
        changes += [timeline.refresh() for timeline in self._timelines.values()]
        changes.append(self._needs_losses and self._losses.refresh())
        changes.append(self._refresh_weights())
        if any(changes):
            self._record = self._record_now() or self._record
        is_new = self._refresh_status() or any(changes)
        if is_new and self._record is not None:
            self.snapshot = self._snapshot_of(self._record)
        return is_new

    # ── what is new ───────────────────────────────────────────────────────────────────────────

    def _start(self, described: Description) -> None:
        """Read a run from its beginning."""
        self._described = described
        self._versions: dict[str, Version | None] = {
            MANIFEST_FILE: version_of(self.folder / MANIFEST_FILE)
        }
        self.status = None
        self._state: Stored | None = None
        self._weights: Stored | None = None
        self._remarks: tuple[str, ...] = ()
        self._record = None
        self._make_readers()

    def _make_readers(self) -> None:
        config = self._described.config
        self._losses = LossReader(self.folder / LOSSES_FILE, self._described.lanes)
        self._timelines = {
            name: TimelineReader(self.folder / TIMELINE_FOLDER / name, config, name)
            for name in config.groups
        }

    def _refresh_description(self) -> bool:
        """Whether the run is another one, or its description is."""
        if not self._has_new(MANIFEST_FILE):
            return False
        before = self._described
        try:
            self._described = description_in(self.folder, self._typed)
        except NoRun:
            return False  # torn, or about to be replaced
        except InvalidValue as error:
            self.problem = str(error)
            return False
        self.problem = ""
        if self._described.run != before.run:
            self._generation += 1
            self._start(self._described)
        elif self._described.shapes != before.shapes:
            self._make_readers()
        return self._described != before

    def _refresh_status(self) -> bool:
        status = self._new(STATUS_FILE, lambda path: read_status(self.folder))
        self.status = status or self.status
        return status is not None

    def _refresh_state(self) -> bool:
        state = self._new(STATE_FILE, lambda path: state_in(path.parent))
        self._state = state or self._state
        return state is not None

    def _refresh_weights(self) -> bool:
        """Read the weights of an export that has nothing else."""
        if self._state is not None or any(t.timeline.moments for t in self._timelines.values()):
            return False
        described = self._described

        def read(path: Path) -> tuple[Stored, tuple[str, ...]] | None:
            return stored_weights(path, described.config, described.manifest.steps)

        found = self._new(WEIGHTS_FILE, read)
        if found is not None:
            self._weights, self._remarks = found
        return found is not None

    @property
    def _needs_losses(self) -> bool:
        """Whether the curves have to be read from ``loss.csv``: a state has the exact ones."""
        return self._state is None

    def _new(self, name: str, read: Callable[[Path], Content | None]) -> Content | None:
        """The content of a file if it is another one than before and can be read."""
        return read(self.folder / name) if self._has_new(name) else None

    def _has_new(self, name: str) -> bool:
        """Whether there is another version of a file than when this was last asked."""
        version = version_of(self.folder / name)
        is_new = version is not None and version != self._versions.get(name)
        if is_new:
            self._versions[name] = version
        return is_new

    # ── the picture ───────────────────────────────────────────────────────────────────────────

    def _record_now(self) -> Record | None:
        """A record of all that has been read; ``None`` if that is too little."""
        timelines = {model: each.timeline for model, each in self._timelines.items()}
        stored = self._weights if self._state is None else self._state
        record = record_from(self._described, stored, timelines, self._losses)
        return None if record is None else replace(record, remarks=self._remarks)

    def _snapshot_of(self, record: Record) -> Snapshot:
        """A record with how the training goes; a sign of life alone makes no new record."""
        described, status = self._described, self.status
        return Snapshot(
            self._generation,
            record,
            PHASES[self.state],
            status.steps_per_second if status else 0.0,
            described.manifest.engine,
            described.manifest.device,
            status.seconds_training if status else 0.0,
            has_known_length=status is None or status.steps is not None,
        )
