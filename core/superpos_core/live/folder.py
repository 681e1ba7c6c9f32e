"""The folder of somebody's run, from its first weights on; one thread writes to it."""

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.files.run_folder import claim, remove_files
from superpos_core.files.runs.layout import (
    ARRAYS,
    LOSSES_FILE,
    MANIFEST_FILE,
    STATUS_FILE,
    TIMELINE_FOLDER,
)
from superpos_core.files.runs.loss_file import LossFile
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.moments import moment_path, write_moment
from superpos_core.files.runs.status_file import (
    RunState,
    RunStatus,
    finite_range,
    this_process,
    write_status,
)
from superpos_core.files.storage import WriteError, remove
from superpos_core.files.versions import software_versions
from superpos_core.live.arrays import fetched, shape_of
from superpos_core.live.given import Given
from superpos_core.live.inbox import LossSum, Taken
from superpos_core.live.losses import LossRows, Sums
from superpos_core.live.parameters import Arrangement
from superpos_core.record.lane_names import lane_labels
from superpos_core.task.models import model_named
from superpos_core.task.recipe import MAX_STEPS

FILES = (MANIFEST_FILE, LOSSES_FILE, STATUS_FILE, TIMELINE_FOLDER)
ENGINE = "own loop"


@dataclass(frozen=True)
class Progress:
    """How far a loop is, and how fast."""

    step: int
    steps_per_second: float
    seconds_training: float


class LiveFolder:
    """Writes the files of a run whose loop is somebody else's.

    Every method raises ``WriteError`` if the disk refuses, and ``InvalidValue`` for arrays that do
    not fit to those before, and once the folder belongs to another run.
    """

    def __init__(self, folder: Path, given: Given, first: Taken, *, overwrite: bool) -> None:
        """Make the folder that of this run: its first weights say how large the models are.

        With ``overwrite`` a run in it is removed.
        """
        shapes = {name: shape_of(array) for name, array in first.arrays.items()}
        self._arrangement = Arrangement.of(shapes, given.features, given.hidden)
        self._config = given.config(self._arrangement)
        self._model = model_named(self._config.models[0])
        self._columns = lane_labels(self._config.lanes_of(self._model.name))
        self._folder = folder
        self._losses = LossFile(folder / LOSSES_FILE, self._columns)
        self._rows = LossRows(len(self._columns))
        self._newest_losses: FloatArray = np.empty(0)
        self._kept = self._newest = first.step
        """The steps of the newest moment, and of the newest one that is kept for good."""
        self._steps: int | None = given.options.get("steps")
        self._run = secrets.token_hex(8)
        self._manifest = self._first_manifest(given.unknown, first)
        held = Manifest.read(folder) if overwrite else None
        if held is None:
            claim(folder, self._manifest)
        else:
            remove_files(folder, set(held.files) - {MANIFEST_FILE})
            self._manifest.write(folder)
        self._seen = self._version()

    def add_moment(self, moment: Taken) -> None:
        """Write the weights of a step."""
        self._check_ours()
        names, arrays = list(moment.arrays), fetched(list(moment.arrays.values()))
        parameters = self._arrangement.parameters(dict(zip(names, arrays, strict=True)))
        write_moment(self._folder, self._model.name, moment.step, parameters)
        if moment.step > self._config.steps:
            self._rewrite(moment.step, max(10 * self._config.steps, moment.step))
        kept_before = self._kept
        if moment.kept:
            self._kept = moment.step
        before, self._newest = self._newest, moment.step
        if before not in (kept_before, moment.step):
            remove(moment_path(self._folder, self._model.name, before))

    def add_losses(self, losses: Sequence[LossSum], *, is_last: bool = False) -> None:
        """Add losses, and append the rows that are complete, or all of them with the last.

        Rows that cannot be written are kept for the next time.
        """
        lanes = len(self._columns)
        totals = fetched([total for _, total, _ in losses])
        fitting = [index for index, total in enumerate(totals) if total.size == lanes]
        sums = Sums(
            np.array([losses[index][0] for index in fitting], dtype=np.int64),
            np.array([totals[index].ravel() for index in fitting], np.float64).reshape(-1, lanes),
            np.array([losses[index][2] for index in fitting], dtype=np.int64),
        )
        self._rows.add(sums, is_last=is_last)
        self._write_rows()
        if len(fitting) < len(losses):
            shape = next(total.shape for total in totals if total.size != lanes)
            reason = f"the weights have {lanes} lane{'s' * (lanes > 1)}"
            raise InvalidValue("loss", f"of shape {shape}", reason, "one loss per lane")

    def write_status(self, state: RunState, progress: Progress, reason: str = "") -> None:
        """Replace the sign of life."""
        self._check_ours()
        low, high = finite_range(self._newest_losses)
        status = RunStatus(
            state=state,
            step=progress.step,
            steps=self._steps,
            share_done=self._share_at(progress.step),
            steps_per_second=progress.steps_per_second,
            seconds_training=progress.seconds_training,
            alive=time.time(),
            loss_low=low,
            loss_high=high,
            reason=reason,
            process=this_process(),
        )
        write_status(self._folder, status)

    def end(self, state: RunState, progress: Progress, reason: str) -> None:
        """Write how long the run was, which nobody may have known, and the last sign of life."""
        self._check_ours()
        if state == "finished" or self._steps is None:
            self._steps = progress.step
        self._rewrite(progress.step, self._steps)
        self.write_status(state, progress, reason)

    def _first_manifest(self, unknown: Sequence[str], first: Taken) -> Manifest:
        return Manifest(
            experiment=self._config.name,
            config=self._config.as_dict(),
            **self._at(first.step),
            files=FILES,
            run=self._run,
            started=round(time.time(), 3),
            engine=ENGINE,
            device=first.device,
            versions=software_versions(),
            unknown=tuple(unknown),
            marks={self._model.name: []},
            arrays={name: words for name, words in ARRAYS.items() if name.startswith(FILES)},
        )

    def _rewrite(self, step: int, steps: int) -> None:
        """Say how far and how long the run is."""
        steps = min(max(steps, self._config.warm_up + 1), MAX_STEPS)
        self._config = replace(self._config, steps=steps)
        config = self._config.as_dict()
        self._manifest = replace(self._manifest, config=config, **self._at(step))
        self._manifest.write(self._folder)
        self._seen = self._version()

    def _write_rows(self) -> None:
        rows = self._rows.waiting
        if not len(rows.steps):
            return
        self._check_ours()
        self._losses.append(
            (step, dict(zip(self._columns, means, strict=True)))
            for step, means in zip(rows.steps.tolist(), rows.means.tolist(), strict=True)
        )
        self._newest_losses = rows.means[-1]
        self._rows.written()

    def _share_at(self, step: int) -> float | None:
        """How much of the run is done, if anybody has said how long it is."""
        return None if self._steps is None else min(step / max(self._steps, 1), 1.0)

    def _at(self, step: int) -> dict[str, Any]:
        """What a manifest says about the moment that the folder holds."""
        identity = hashlib.sha256(f"{self._run} {step}".encode()).hexdigest()
        return {"steps": {self._model.name: step}, "identity": identity}

    def _version(self) -> tuple[int, int, int]:
        """What distinguishes a manifest from another one, without reading it."""
        path = self._folder / MANIFEST_FILE
        try:
            found = path.stat()
        except OSError as error:
            raise WriteError(path, error) from error
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _check_ours(self) -> None:
        """Raise if the folder was removed, or belongs to another run by now."""
        version = self._version()
        if version == self._seen:
            return
        held = Manifest.read(self._folder)
        if held is None or held.run != self._run:
            reason = "another run has been started in it"
            raise InvalidValue("path", self._folder, reason, "one folder per run")
        self._seen = version
