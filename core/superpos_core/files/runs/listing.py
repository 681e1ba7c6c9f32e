"""The runs below some paths, each at a glance, kept up to date by asking again. Nothing is written.

File systems are polled: network ones deliver no events. A run is read again only if one of its
small files has changed.
"""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any

from superpos_core.errors import InvalidValue
from superpos_core.files.runs.glance import RunSummary, is_ours, read_summary
from superpos_core.files.runs.layout import MANIFEST_FILE, STATUS_FILE, SUMMARY_FILE
from superpos_core.files.runs.status_file import ENDED
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of

GLANCED_AT = (MANIFEST_FILE, STATUS_FILE, SUMMARY_FILE)
LIST = "list-runs"
"""The name of the option in messages about a path."""
LEVELS = 2
"""How deep runs may lie below a folder: ``--experiment all --export out/`` makes one level."""
NOT_SETTINGS = frozenset({"kind"})
"""Fields of a config that follow from others."""

Stamp = tuple[tuple[int, int, int] | None, ...]
"""Inode, size and time of change of each file that is glanced at: equal if nothing has changed."""


@dataclass(frozen=True)
class Listing:
    """The runs found, by name, and the number of folders that could not be listed.

    ``without_run`` hold no run, ``unreadable`` have a ``run.json`` that is torn or not of this
    program, ``newer`` were written by a newer version. ``is_complete`` is false while more of them
    are to be read.
    """

    runs: tuple[RunSummary, ...] = ()
    without_run: int = 0
    unreadable: int = 0
    newer: int = 0
    is_complete: bool = True

    @property
    def left_out(self) -> str:
        """How many folders are not listed, and why; empty if all are."""
        counts = (
            (self.without_run, "without a run"),
            (self.unreadable, "not readable"),
            (self.newer, "written by a newer version"),
        )
        return ", ".join(f"{count:,} {what}" for count, what in counts if count)


@dataclass(frozen=True)
class _Known:
    """What was read of a folder, and the stamp that its files had."""

    stamp: Stamp
    outcome: RunSummary | InvalidValue | None


class RunLister:
    """Lists runs, and lists them again when asked.

    ``paths`` are folders of runs, or runs themselves. Raises ``InvalidValue`` for a path that does
    not exist or is no folder.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        for path in paths:
            _check(path)
        self.paths = tuple(dict.fromkeys(str(path.absolute()) for path in paths))
        self._base = _common_parent(self.paths)
        self._known: dict[str, _Known] = {}
        self._listing = Listing(is_complete=False)

    def refresh(self, seconds: float = float("inf")) -> Listing:
        """The runs as they are now; after this many ``seconds``, those that were read until then.

        The next call goes on with the others. If nothing has changed, the same object is returned.
        """
        found, without_run = self._find()
        changed = [folder for folder, stamp in found.items() if self._is_news(folder, stamp)]
        until = time.monotonic() + seconds
        left = len(changed)
        for folder in changed:
            self._known[folder] = _Known(found[folder], self._read(folder))
            left -= 1
            if time.monotonic() > until:
                break
        self._known = {folder: self._known[folder] for folder in found if folder in self._known}
        outcomes = [known.outcome for known in self._known.values()]
        listing = Listing(
            tuple(each for each in outcomes if isinstance(each, RunSummary)),
            without_run,
            sum(each is None for each in outcomes),
            sum(isinstance(each, InvalidValue) for each in outcomes),
            is_complete=left == 0,
        )
        if listing != self._listing:
            self._listing = listing
        return self._listing

    def _is_news(self, folder: str, stamp: Stamp) -> bool:
        known = self._known.get(folder)
        return known is None or known.stamp != stamp

    def _read(self, folder: str) -> RunSummary | InvalidValue | None:
        try:
            summary = read_summary(Path(folder), folder.removeprefix(self._base).lstrip(os.sep))
        except InvalidValue as error:
            return error
        known = self._known.get(folder)
        before = None if known is None else known.outcome
        return _changed(summary, before) if summary and isinstance(before, RunSummary) else summary

    def _find(self) -> tuple[dict[str, Stamp], int]:
        """The folders with a ``run.json`` and their stamps, and the number of folders without."""
        found: dict[str, Stamp] = {}
        without_run = 0
        for path in self.paths:
            for top in [path] if _stamp(path)[0] else _subfolders(path):
                below = dict(_runs_below(top, LEVELS - 1))
                without_run += not below
                found |= below
        return dict(sorted(found.items())), without_run


def _changed(now: RunSummary, before: RunSummary) -> RunSummary:
    """A run that was read again, with the same config object if its config is equal."""
    if now.config == before.config:
        now = replace(now, config=before.config)
    if now.stated in ENDED:
        return now
    # Its files have changed: it is alive even if the clock of its machine is behind.
    return replace(now, alive=max(now.alive or 0.0, time.time()))


def differing_settings(runs: Sequence[RunSummary]) -> tuple[str, ...]:
    """The fields of the config in which the runs differ, in the order in which they are listed."""
    return tuple(
        name
        for name in _fields_of(runs)
        if any(setting_of(run, name) != setting_of(runs[0], name) for run in runs)
    )


def setting_of(run: RunSummary, name: str) -> Any:
    """A field of a run's config as a JSON value; ``None`` if it is not known.

    A field that is missing, from before it was an option, has its default.
    """
    if name in run.unknown:
        return None
    return run.config.get(name, _DEFAULTS.get(name))


def _fields_of(runs: Sequence[RunSummary]) -> list[str]:
    """The fields of all configs: the name, then those of options, then those of newer versions."""
    options = [option.field for option in options_of(ExperimentConfig)]
    keys = frozenset().union(*(run.config for run in runs)) - NOT_SETTINGS
    known = [name for name in ("name", *options) if name in keys]
    return [*known, *sorted(keys.difference(known))]


_DEFAULTS: dict[str, Any] = {
    each.name: list(each.default) if isinstance(each.default, tuple) else each.default
    for each in fields(ExperimentConfig)
    if each.default is not MISSING
}


def _runs_below(folder: str, levels: int) -> Iterator[tuple[str, Stamp]]:
    """The run in a folder, or else those in its subfolders, with the stamps of their files."""
    stamp = _stamp(folder)
    if stamp[0]:
        yield folder, stamp
    elif levels:
        for each in _subfolders(folder):
            yield from _runs_below(each, levels - 1)


def _stamp(folder: str) -> Stamp:
    return tuple(_stamp_of_file(f"{folder}/{name}") for name in GLANCED_AT)


def _stamp_of_file(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    if not is_ours(status):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _subfolders(folder: str) -> list[str]:
    """The folders in a folder except hidden ones; none if it cannot be read, or no longer."""
    try:
        with os.scandir(folder) as entries:
            return [each.path for each in entries if each.name[0] != "." and each.is_dir()]
    except OSError:
        return []


def _check(path: Path) -> None:
    if not path.exists():
        raise InvalidValue(LIST, path, "there is no such folder", "a run, or a folder of runs")
    if not path.is_dir():
        raise InvalidValue(LIST, path, "it is a file", "a run, or a folder of runs")


def _common_parent(paths: Sequence[str]) -> str:
    """The folder to which names are relative: the only one, or the one above all."""
    if len(paths) == 1 and not _stamp(paths[0])[0]:
        return paths[0]
    try:
        return os.path.commonpath([os.path.dirname(path) for path in paths])
    except ValueError:  # on different drives
        return ""
