"""Writes a run's folder while it trains: the journal of the training loop."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from superpos_core.arrays import FloatArray
from superpos_core.files import storage
from superpos_core.files.run_folder import check_not_in_progress, claim, new_folder, remove_files
from superpos_core.files.runs.layout import (
    LOSSES_FILE,
    MANIFEST_FILE,
    STATE_FILE,
    STATUS_FILE,
    TIMELINE_FOLDER,
)
from superpos_core.files.runs.loss_file import LossFile
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.rows_of_means import RowsOfMeans
from superpos_core.files.runs.state_file import write_state
from superpos_core.files.runs.status_file import (
    RunState,
    RunStatus,
    status_of,
    write_status,
)
from superpos_core.files.runs.stored_parameters import Version, version_of
from superpos_core.files.runs.timeline_files import TimelineFiles
from superpos_core.record.record import LossTable, Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.stored import Stored
from superpos_core.training.journal import Journal

RUN_FILES = (LOSSES_FILE, STATE_FILE, STATUS_FILE, TIMELINE_FOLDER)
"""What a run in progress consists of, besides its manifest."""
SECONDS_BETWEEN = 1.0
"""How often the state and the sign of life are written, and so how much a killed run loses."""
SHARE_OF_TIME = 0.05
"""Maximum share of the time that goes into the state: larger ones are written less often."""

State = Callable[[], Stored]


class RunWriter(Journal):
    """Keeps a run in ``folder`` from its first step, and a restarted one in a folder beside it.

    ``overwrite`` replaces the run that the folder holds; ``resumes`` continues it. What cannot be
    written, such as to a full disk, is told once, through ``tell``, and tried again later: training
    continues. If another program replaces the run, nothing more is written. ``run`` identifies the
    run in progress.
    """

    def __init__(
        self,
        folder: Path,
        *,
        overwrite: bool = False,
        resumes: bool = False,
        tell: Callable[[str], None] = lambda news: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(tell)
        self.folder = folder
        self.run = ""
        self._first_folder = folder
        self._overwrites = overwrite
        self._resumes = resumes
        self._clock = clock
        self._trouble = ""
        self._whole_step: int | None = None
        self._has_begun = False
        self._status: RunStatus | None = None

    # ── the journal ───────────────────────────────────────────────────────────────────────────

    @property
    def shortfall(self) -> str:
        """What the folder lacks: all after the last step at which everything could be written."""
        is_whole = self._status is not None and self._status.step == self._whole_step
        if not self._trouble or is_whole:
            return ""
        up_to = "" if self._whole_step is None else f" after step {self._whole_step:,}"
        return f"the run was not kept{up_to}: {self._trouble}"

    def begin(self, snapshot: Snapshot) -> None:
        """Claim a folder; raises ``InvalidValue`` if it holds another run, and ``WriteError``."""
        manifest = Manifest.of(snapshot).naming(RUN_FILES)
        if self._has_begun:
            self._end_previous()
        self._status = None
        self._trouble = ""
        self._whole_step = snapshot.record.steps_done if self._resumes else None
        try:
            self._manifest = self._claimed(manifest)
        except storage.WriteError as error:
            self._trouble = str(error)
            raise
        self._has_begun = True
        self.run = self._manifest.run
        self._seen: Version | None = None
        self._due = -float("inf")
        self._timeline = TimelineFiles(self.folder)
        self._follow_losses(snapshot.record, is_new=False)
        if self._resumes:
            self._resumes = False
            self._attempt(lambda: self._losses.keep_up_to(snapshot.record.newest_step))
        else:  # the header; a map never has more
            self._attempt(lambda: storage.write_losses(self.folder / LOSSES_FILE, snapshot.record))
        self._attempt(lambda: self._timeline.follow(snapshot.record))

    def add_losses(self, losses: Mapping[str, FloatArray]) -> None:
        """Collect them for the next rows."""
        for model, each in losses.items():
            self._rows[model].add(each)

    def note(self, snapshot: Snapshot, state: State) -> None:
        """Write new moments at once, and all else about once a second."""
        is_news = self._status is None or self._status.state != snapshot.phase
        if is_news or self._clock() >= self._due:
            self._write_all(snapshot, state, snapshot.phase)
        elif self._is_ours():
            self._attempt(lambda: self._timeline.follow(snapshot.record))

    def beat(self) -> None:
        """Give a sign of life, unless the run is over."""
        status = self._status
        if status is None or status.has_ended or self._clock() < self._due or not self._is_ours():
            return
        self._status = alive = replace(status, alive=time.time())
        self._attempt(lambda: write_status(self.folder, alive))
        self._due = self._clock() + SECONDS_BETWEEN

    def rewrite(self, snapshot: Snapshot) -> None:
        """Write the changed config, and the losses again if a model joined or steps were undone."""
        record, is_ours = snapshot.record, self._is_ours()
        self._manifest = Manifest.of(snapshot).continuing(self._manifest)
        if is_ours:
            self._attempt(lambda: self._manifest.write(self.folder))
        if {model: rows.step for model, rows in self._rows.items()} != record.steps:
            if is_ours:
                self._attempt(lambda: storage.write_losses(self.folder / LOSSES_FILE, record))
            self._follow_losses(record, is_new=True)
        self._due = -float("inf")

    def end(self, snapshot: Snapshot, state: State) -> None:
        """Write everything once more, and that the run is finished or stopped."""
        is_finished = snapshot.phase == "finished"
        self._write_all(snapshot, state, "finished" if is_finished else "stopped")

    def fail(self, reason: str) -> None:
        """Say that the run has failed, and why."""
        self._say_last("failed", reason)

    def stop(self) -> None:
        """Say that the run was stopped."""
        self._say_last("stopped")

    # ── the folder ────────────────────────────────────────────────────────────────────────────

    def _claimed(self, manifest: Manifest) -> Manifest:
        """The manifest of the run in ``folder``, or in a new one after the first run."""
        if self._has_begun:
            manifest = manifest.as_new_run()
            first = self._first_folder.absolute()
            self.folder = new_folder(manifest, first.parent, first.name)
            self.tell(f"this run is written to {self.folder}")
            return manifest
        held = Manifest.read(self.folder)
        if self._overwrites or self._resumes:
            check_not_in_progress(self.folder)
        if held is not None and self._resumes:
            continued = manifest.continuing(held)
            continued.write(self.folder)
            return continued
        if held is not None and self._overwrites:
            remove_files(self.folder, held.files)
        manifest = manifest.as_new_run()
        claim(self.folder, manifest)
        return manifest

    def _end_previous(self) -> None:
        """A run that is started again has ended where it was."""
        if self._status is not None and not self._status.has_ended:
            self._say_last("stopped")

    def _follow_losses(self, record: Record, *, is_new: bool) -> None:
        """Begin rows where the record is; ``is_new`` if the file has just been written again."""
        tables, groups = [*record.losses, *record.further_curves], record.groups
        self._rows = {}
        for index, (model, group) in enumerate(groups.items()):
            of_group = tables[index :: len(groups)]
            names = _names_of(of_group)
            self._rows[model] = (
                RowsOfMeans(names, group.step)
                if is_new
                else RowsOfMeans.after(names, [table.recent for table in of_group])
            )
        self._losses = LossFile(self.folder / LOSSES_FILE, _names_of(tables))

    # ── writing ───────────────────────────────────────────────────────────────────────────────

    def _attempt(self, write: Callable[[], object]) -> bool:
        """Whether it could be written; the first problem since everything could be is told."""
        try:
            write()
        except storage.WriteError as error:
            if not self._trouble:
                self.tell(f"{error}; training goes on")
            self._trouble = str(error)
            return False
        return True

    def _write_all(self, snapshot: Snapshot, state: State, run_state: RunState) -> None:
        if not self._is_ours():
            return
        started = self._clock()
        self._status = status_of(snapshot, run_state)
        if self._attempt(lambda: self._write_each(snapshot, state)):
            self._trouble, self._whole_step = "", self._status.step
        took = self._clock() - started
        self._due = started + max(SECONDS_BETWEEN, took / SHARE_OF_TIME)

    def _is_ours(self) -> bool:
        """Whether the folder still holds this run; the first time that it does not is told."""
        version = version_of(self.folder / MANIFEST_FILE)
        if self.run and version != self._seen:
            self._seen = version
            held = Manifest.read(self.folder)
            if held is not None and held.run != self.run:
                self.run = ""
                self._trouble = f"another program has replaced the run in {self.folder}"
                self._whole_step = None
                self.tell(f"{self._trouble}; training goes on")
        return bool(self.run)

    def _write_each(self, snapshot: Snapshot, state: State) -> None:
        """Moments, losses, the state, and at last the sign of life."""
        self._timeline.follow(snapshot.record)
        for rows in self._rows.values():
            complete = rows.take()
            try:
                self._losses.append(complete)
            except storage.WriteError:
                rows.give_back(complete)
                raise
        write_state(self.folder, in_full(state(), snapshot))
        if self._status is not None:
            write_status(self.folder, self._status)

    def _say_last(self, run_state: RunState, reason: str = "") -> None:
        if self._status is not None and self._is_ours():
            status = replace(self._status, state=run_state, reason=reason, alive=time.time())
            self._status = status
            self._attempt(lambda: write_status(self.folder, status))


def _names_of(tables: Iterable[LossTable]) -> list[str]:
    return [name for table in tables for name in table.names]


def write_whole(folder: Path, snapshot: Snapshot) -> None:
    """Write what a run in progress would have written up to this moment, but no way to continue.

    The same moment gives the same files, whenever it is written. Raises ``storage.WriteError``.
    """
    TimelineFiles(folder).follow(snapshot.record)
    write_state(folder, in_full(snapshot.record.stored(), snapshot))
    status = status_of(snapshot, "finished" if snapshot.phase == "finished" else "stopped")
    write_status(folder, replace(status, alive=0.0, process="", steps_per_second=0.0))


def in_full(state: Stored, snapshot: Snapshot) -> Stored:
    """A state with what it takes besides to resume: its config, and the time that it took."""
    return state.with_facts(
        config=snapshot.config.as_dict(),
        seconds_training=snapshot.seconds_training,
    )
