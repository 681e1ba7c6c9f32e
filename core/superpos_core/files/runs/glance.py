"""A run at a glance: what its small files say, read without opening any weights.

Nothing here raises for the content of a folder: a missing or torn file means "not yet", and a value
of the wrong type counts as missing.
"""

import json
import math
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from superpos_core.files.runs.description import NoRun, description_in
from superpos_core.files.runs.layout import MANIFEST_FILE, STATUS_FILE, SUMMARY_FILE
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.status_file import (
    ENDED,
    SILENT_SECONDS,
    RunState,
    RunStatus,
    parsed_status,
)

State = RunState | Literal["silent"]
MAX_BYTES = 1 << 28
"""Maximum size of a file that is read: a larger one is not written by this program."""
MAX_WHOLE = 1 << 53
"""Larger numbers are not steps of anything."""
HEAD_BYTES = 1 << 14
NEVER_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Flags with which a file is opened, where the system has them."""
LANES_BEGIN = b'\n  "lanes": ['
"""Ends the head of ``summary.json``: megabytes may follow that a glance does not need."""


@dataclass(frozen=True)
class RunSummary:
    """What a run's folder says at a glance.

    ``config`` holds JSON values by field, as ``run.json`` does; those of ``unknown`` are unknown.
    ``losses`` are the lowest and the highest mean loss of its lanes. ``checks`` are how many passed
    and how many apply. ``shapes`` are the names of the regular shapes that its features form, the
    most frequent first. ``alive`` is the time of the last sign of life, in seconds since 1970, and
    ``stated`` what the run said then. What is not known yet is ``None`` or empty.
    """

    path: Path
    name: str
    experiment: str
    config: Mapping[str, Any]
    stated: RunState
    step: int
    steps: int | None
    unknown: frozenset[str] = frozenset()
    losses: tuple[float, float] | None = None
    checks: tuple[int, int] | None = None
    shapes: tuple[str, ...] = ()
    alive: float | None = None
    reason: str = ""

    def state(self, now: float) -> State:
        """The state at the time ``now``: ``silent`` if it has not ended, but shows no life."""
        if self.stated in ENDED:
            return self.stated
        return "silent" if self.age(now) >= SILENT_SECONDS else self.stated

    def age(self, now: float) -> float:
        """Seconds since the last sign of life: at least 0, and infinite if there was none."""
        return math.inf if self.alive is None else max(now - self.alive, 0.0)

    @property
    def has_missed(self) -> bool:
        """Whether a check that applies has not passed."""
        return self.checks is not None and self.checks[0] < self.checks[1]

    @property
    def share_done(self) -> float:
        """The fraction of its steps that are done, from 0 to 1."""
        if not self.steps:
            return 0.0
        # Before dividing: what is typed into a file may be too large for a float.
        return min(max(self.step, 0), self.steps) / self.steps if self.steps > 0 else 0.0


def read_summary(folder: Path, name: str) -> RunSummary | None:
    """The run in ``folder``, called ``name``; ``None`` if it holds none that can be read (yet).

    Raises ``InvalidValue`` for one that this program cannot read, such as a newer one.
    """
    manifest = Manifest.parsed(_content(folder, MANIFEST_FILE))
    if manifest is None:
        _check_readable(folder)
        return None
    status = parsed_status(_content(folder, STATUS_FILE))
    summary = _summary(folder)
    steps = _whole(manifest.config.get("steps"))
    return RunSummary(
        path=folder,
        name=name,
        experiment=manifest.experiment,
        config=manifest.config,
        stated=_stated(status, manifest),
        step=_step(status, manifest, summary, steps),
        steps=steps if status is None else status.steps,
        unknown=frozenset(manifest.unknown),
        losses=_losses(summary) or _losses_of(status),
        checks=_checks(summary.get("checks")),
        shapes=tuple(_mapping(summary.get("shapes"))),
        alive=_alive(status, manifest, folder),
        reason="" if status is None else status.reason,
    )


def _check_readable(folder: Path) -> None:
    """Raise ``InvalidValue`` for a run that this program will never be able to read."""
    try:
        description_in(folder)
    except NoRun:
        return


def _stated(status: RunStatus | None, manifest: Manifest) -> RunState:
    """What the run says of itself; the export of a single moment has ended."""
    if status is not None:
        return status.state
    return "training" if manifest.run else "finished"


def _step(
    status: RunStatus | None, manifest: Manifest, summary: Mapping[str, Any], steps: int
) -> int:
    if status is not None:
        return status.step
    share = min(_number(summary.get("share_done")) or 0.0, 1.0)
    return max(manifest.steps.values(), default=int(share * steps))


def _alive(status: RunStatus | None, manifest: Manifest, folder: Path) -> float | None:
    """The last sign of life: without any, the start of the run or the time of an export."""
    if status is not None:
        return _number(status.alive)
    if manifest.started:
        return _number(manifest.started)
    try:
        return (folder / MANIFEST_FILE).stat().st_mtime
    except OSError:
        return None  # no longer there


def _checks(listed: object) -> tuple[int, int] | None:
    verdicts = [_mapping(check).get("passed") for check in _list(listed)]
    passed, missed = verdicts.count(True), verdicts.count(False)
    return (passed, passed + missed) if passed + missed else None


def _losses(summary: Mapping[str, Any]) -> tuple[float, float] | None:
    """The lowest and the highest loss: as its head says, or else of its lanes."""
    lanes = [_mapping(lane).get("loss_mean") for lane in _list(summary.get("lanes"))]
    return _range(summary.get("loss_low"), summary.get("loss_high"), *lanes)


def _losses_of(status: RunStatus | None) -> tuple[float, float] | None:
    return None if status is None else _range(status.loss_low, status.loss_high)


def _range(*values: object) -> tuple[float, float] | None:
    numbers = [number for value in values if (number := _number(value)) is not None]
    return (min(numbers), max(numbers)) if numbers else None


def _summary(folder: Path) -> Mapping[str, Any]:
    """``summary.json`` up to its lanes, or all of it if it is from before its head sufficed."""
    content = _content(folder, SUMMARY_FILE, HEAD_BYTES)
    head, lanes, _ = content.partition(LANES_BEGIN)
    found = _parsed(head.rstrip(b", ") + b"}") if lanes else {}
    return found if "loss_low" in found else _parsed(_content(folder, SUMMARY_FILE))


def _parsed(content: bytes) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(content))
    except (ValueError, RecursionError):
        return {}  # not there yet, torn, or not ours: whatever it is, it says nothing


def _content(folder: Path, name: str, most: int = MAX_BYTES) -> bytes:
    """The first ``most`` bytes of a file; empty if it cannot be read.

    Without a Path or a buffer: a list of runs does this for tens of thousands of files.
    """
    try:
        # A pipe that nobody writes to would never open otherwise.
        file = os.open(f"{folder}{os.sep}{name}", os.O_RDONLY | NEVER_WAIT)
    except (OSError, ValueError):
        return b""
    try:
        status = os.fstat(file)
        if not is_ours(status):
            return b""
        return os.read(file, min(status.st_size, most))
    except OSError:
        return b""
    finally:
        os.close(file)


def is_ours(status: os.stat_result) -> bool:
    """Whether a file could have been written by this program: reading a pipe would never end."""
    return stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer of hundreds of digits
        return None
    return number if math.isfinite(number) else None


def _whole(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value <= MAX_WHOLE else 0
