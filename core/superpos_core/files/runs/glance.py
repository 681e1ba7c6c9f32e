"""A run at a glance: what its small files say, read without opening any weights.

Nothing here raises for the content of a folder: a missing or torn file means "not yet", and a value
of the wrong type counts as missing.
"""

import json
import math
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

from superpos_core.files.runs.layout import (
    FORMAT,
    MANIFEST_FILE,
    OLDER_FORMATS,
    STATUS_FILE,
    SUMMARY_FILE,
)

Stated = Literal["loading", "training", "paused", "finished", "stopped", "failed"]
"""What a run says of itself: ``loading`` until its first sign of life."""
State = Literal["loading", "training", "paused", "silent", "finished", "stopped", "failed"]
ENDED: tuple[Stated, ...] = ("finished", "stopped", "failed")
SILENT_AFTER_SECONDS = 10.0
"""A run gives a sign of life about once per second; a busy machine or a slow disk delays it."""
MAX_BYTES = 1 << 28
"""Maximum size of a file that is read: a larger one is not written by this program."""
MAX_WHOLE = 1 << 53
"""Larger numbers are not steps or counts of anything."""
HEAD_BYTES = 1 << 14
LANES_BEGIN = b'\n  "lanes": ['
"""Ends the head of ``summary.json``: megabytes may follow that a glance does not need."""


@dataclass(frozen=True)
class RunSummary:
    """What a run's folder says at a glance.

    ``config`` holds JSON values by field, as ``run.json`` does; those of ``unknown`` are unknown.
    ``losses`` are the lowest and the highest mean loss of its lanes. ``checks`` are how many passed
    and how many apply. ``shapes`` are the names of the regular shapes that its features form, the
    most frequent first. ``alive`` is the time of the last sign of life, in seconds since 1970. What
    is not known yet is ``None`` or empty.
    """

    path: Path
    name: str
    experiment: str
    config: Mapping[str, Any]
    stated: Stated
    step: int
    steps: int
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
        return "silent" if self.age(now) > SILENT_AFTER_SECONDS else self.stated

    def age(self, now: float) -> float:
        """Seconds since the last sign of life: at least 0, and infinite if there was none."""
        return math.inf if self.alive is None else max(now - self.alive, 0.0)

    @property
    def share_done(self) -> float:
        """The fraction of its steps that are done, from 0 to 1."""
        return min(self.step / self.steps, 1.0) if self.steps else 0.0


class NewerFormat(ValueError):
    """The run was written by a newer version of the program."""


def read_summary(folder: Path, name: str) -> RunSummary | None:
    """The run in ``folder``, called ``name``; ``None`` if it holds no readable one.

    Raises ``NewerFormat``.
    """
    manifest = _object(folder, MANIFEST_FILE)
    experiment, written = manifest.get("experiment"), manifest.get("format")
    if isinstance(written, int) and written > FORMAT:
        raise NewerFormat(f"{folder} has format {written}; this version reads up to {FORMAT}")
    if written not in (FORMAT, *OLDER_FORMATS) or not isinstance(experiment, str):
        return None
    config = _mapping(manifest.get("config"))
    status = _object(folder, STATUS_FILE)
    summary = _summary(folder)
    steps = _whole(status.get("steps")) or _whole(config.get("steps"))
    return RunSummary(
        path=folder,
        name=name,
        experiment=experiment,
        config=config,
        stated=_stated(status, manifest, summary),
        step=_step(status, manifest, summary, steps),
        steps=steps,
        unknown=frozenset(map(_text, _list(manifest.get("unknown")))),
        losses=_losses(summary) or _losses(status),
        checks=_checks(summary.get("checks")),
        shapes=tuple(_mapping(summary.get("shapes"))),
        alive=_number(status.get("alive")) or _alive_without_status(folder, manifest),
        reason=_text(status.get("reason")),
    )


def _stated(
    status: Mapping[str, Any], manifest: Mapping[str, Any], summary: Mapping[str, Any]
) -> Stated:
    """What the run says of itself; an old export says it by having a summary."""
    for state in get_args(Stated):
        if status.get("state") == state:
            return state  # type: ignore[no-any-return]
    if manifest["format"] == FORMAT and not summary:
        return "loading"
    return "finished" if summary.get("share_done") == 1 else "stopped"


def _step(
    status: Mapping[str, Any], manifest: Mapping[str, Any], summary: Mapping[str, Any], steps: int
) -> int:
    if "step" in status:
        return _whole(status["step"])
    taken = [_whole(step) for step in _mapping(manifest.get("steps")).values()]
    return max(taken, default=int(min(_number(summary.get("share_done")) or 0.0, 1.0) * steps))


def _alive_without_status(folder: Path, manifest: Mapping[str, Any]) -> float | None:
    """When the run started, or when its newest file of numbers was written."""
    started = _number(manifest.get("started"))
    if started is not None:
        return started
    times = []
    for name in (MANIFEST_FILE, SUMMARY_FILE):
        try:
            times.append((folder / name).stat().st_mtime)
        except OSError:
            continue  # not there yet, or no longer
    return max(times, default=None)


def _checks(listed: object) -> tuple[int, int] | None:
    verdicts = [_mapping(check).get("passed") for check in _list(listed)]
    passed, missed = verdicts.count(True), verdicts.count(False)
    return (passed, passed + missed) if passed + missed else None


def _losses(said: Mapping[str, Any]) -> tuple[float, float] | None:
    """The lowest and the highest loss: as it says, or else of its lanes."""
    listed = [_mapping(lane).get("loss_mean") for lane in _list(said.get("lanes"))]
    values = map(_number, (said.get("loss_low"), said.get("loss_high"), *listed))
    numbers = [value for value in values if value is not None]
    return (min(numbers), max(numbers)) if numbers else None


def _object(folder: Path, name: str) -> Mapping[str, Any]:
    """The JSON object in a file; empty if there is no whole one."""
    return _reading(folder / name, lambda file: json.loads(file.read()))


def _summary(folder: Path) -> Mapping[str, Any]:
    """``summary.json`` up to its lanes, or all of it if it is from before its head sufficed."""
    path = folder / SUMMARY_FILE
    head = _reading(path, _head)
    return head if "loss_low" in head else _reading(path, lambda file: json.loads(file.read()))


def _head(file: BinaryIO) -> object:
    head, lanes, _ = file.read(HEAD_BYTES).partition(LANES_BEGIN)
    return json.loads(head.rstrip(b", ") + b"}") if lanes else {}


def _reading(path: Path, read: Callable[[BinaryIO], object]) -> Mapping[str, Any]:
    try:
        if not is_ours(path.stat()):
            return {}
        with path.open("rb") as file:
            return _mapping(read(file))
    except (OSError, ValueError, RecursionError):
        return {}  # not there yet, torn, or not ours: whatever it is, it says nothing


def is_ours(status: os.stat_result) -> bool:
    """Whether a file could have been written by this program: reading a pipe would never end."""
    return stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer of hundreds of digits
        return None
    return number if math.isfinite(number) else None


def _whole(value: object) -> int:
    number = _number(value)
    return int(number) if number is not None and 0 <= number <= MAX_WHOLE else 0
