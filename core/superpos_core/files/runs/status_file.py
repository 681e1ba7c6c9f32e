"""The sign of life of a run: how far it is, how it fares, and when it last said so."""

import json
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.files import storage
from superpos_core.files.runs.layout import STATUS_FILE
from superpos_core.record.snapshot import Snapshot

RunState = Literal["training", "paused", "finished", "stopped", "failed"]
STATES: tuple[RunState, ...] = get_args(RunState)
ENDED: tuple[RunState, ...] = ("finished", "stopped", "failed")
"""The states after which no sign of life follows."""
SILENT_SECONDS = 10.0
"""Without a sign of life for this long, a run is silent: whoever trained it may be gone."""


@dataclass(frozen=True, kw_only=True)
class RunStatus:
    """How a run is doing; the names of the fields are those in ``status.json``.

    ``steps`` and ``share_done`` are ``None`` if nobody knows how long the run will be. ``alive`` is
    the time of this sign of life in seconds since 1970, ``reason`` why the run has failed.
    ``process`` names the host and the process that writes it. ``loss_low`` and ``loss_high`` are
    the lowest and the highest newest loss of all lanes.
    """

    state: RunState
    step: int
    alive: float
    steps: int | None = None
    share_done: float | None = None
    steps_per_second: float = 0.0
    seconds_training: float = 0.0
    loss_low: float | None = None
    loss_high: float | None = None
    reason: str = ""
    process: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether the run has said that it is over."""
        return self.state in ENDED


def this_process() -> str:
    """This host and this process, for ``process``."""
    return f"{socket.gethostname()}:{os.getpid()}"


def status_of(snapshot: Snapshot, run_state: RunState) -> RunStatus:
    """The sign of life of a run at this moment."""
    record = snapshot.record
    curves = [table.curve.mean for table in record.losses if table.curve.steps.size]
    newest = np.concatenate([curve[:, -1] for curve in curves]) if curves else np.empty(0)
    low, high = finite_range(newest)
    return RunStatus(
        state=run_state,
        step=record.steps_done,
        steps=record.config.steps,
        share_done=record.share_done,
        alive=time.time(),
        steps_per_second=snapshot.steps_per_second,
        seconds_training=snapshot.seconds_training,
        loss_low=low,
        loss_high=high,
        process=this_process(),
    )


def finite_range(losses: FloatArray) -> tuple[float, float] | tuple[None, None]:
    """The lowest and the highest finite loss, for ``loss_low`` and ``loss_high``."""
    finite = losses[np.isfinite(losses)]
    return (float(finite.min()), float(finite.max())) if finite.size else (None, None)


def is_in_progress(status: RunStatus | None) -> bool:
    """Whether another program is still at work on a run, as far as can be known.

    On this host its process has to exist; one on another host has to have given a sign of life.
    """
    if status is None or status.has_ended or status.process == this_process():
        return False
    host, _, process = status.process.rpartition(":")
    if host == socket.gethostname() and process.isdigit():
        return _exists(int(process))
    return time.time() - status.alive < SILENT_SECONDS


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return True


def write_status(folder: Path, status: RunStatus) -> None:
    """Replace the sign of life in a run's folder; raises ``storage.WriteError``."""
    storage.write_json(folder / STATUS_FILE, asdict(status))


def read_status(folder: Path) -> RunStatus | None:
    """The last sign of life in a folder; ``None`` if there is none that can be read."""
    try:
        return parsed_status((folder / STATUS_FILE).read_bytes())
    except OSError:
        return None


def parsed_status(content: bytes) -> RunStatus | None:
    """The sign of life with this content; ``None`` if it is none."""
    try:
        return _status_from(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return None  # torn, or not written by us


def _status_from(values: Mapping[str, Any]) -> RunStatus:
    if values["state"] not in STATES:
        raise ValueError(f"{values['state']} is no state of a run")

    def number(name: str) -> float | None:
        value = values.get(name)
        return None if value is None else float(value)

    steps = number("steps")
    return RunStatus(
        state=values["state"],
        step=int(values["step"]),
        alive=float(values["alive"]),
        steps=None if steps is None else int(steps),
        share_done=number("share_done"),
        steps_per_second=number("steps_per_second") or 0.0,
        seconds_training=number("seconds_training") or 0.0,
        loss_low=number("loss_low"),
        loss_high=number("loss_high"),
        reason=str(values.get("reason") or ""),
        process=str(values.get("process") or ""),
    )
