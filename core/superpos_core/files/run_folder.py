"""A folder belongs to one moment of one run: its content, and whether it may be written to.

``run.json`` is written before anything else. It identifies the run and the moment that the folder
holds, and lists every file written for it: no other file in the folder is ever replaced or removed.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from superpos_core.errors import InvalidValue
from superpos_core.files import storage
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.starts import INDEPENDENT

MANIFEST_FILE = "run.json"
FORMAT = 1
"""The version of ``run.json``: a program that knows only older ones leaves the folder alone."""
ADDED_SETTINGS = {"initial": INDEPENDENT}
"""Settings missing from older folders, with the value that all runs had then."""


@dataclass(frozen=True)
class Manifest:
    """The run and the moment that a folder holds, and the names of the files written for it.

    ``identity`` is equal for equal config, steps and weights: the same moment of the same run.
    """

    experiment: str
    config: Mapping[str, Any]
    steps: Mapping[str, int]
    identity: str
    files: tuple[str, ...] = (MANIFEST_FILE,)

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Manifest":
        """The manifest of a snapshot with no files written yet."""
        config = snapshot.config
        steps = dict(snapshot.record.steps)
        return cls(config.name, config.as_dict(), steps, _identity(snapshot, steps))

    @classmethod
    def read(cls, folder: Path) -> "Manifest | None":
        """The manifest in a folder; ``None`` if there is none written by this program."""
        try:
            values = json.loads((folder / MANIFEST_FILE).read_bytes())
            if values["format"] != FORMAT:
                return None
            manifest = cls(
                str(values["experiment"]),
                dict(values["config"]),
                {str(model): int(step) for model, step in dict(values["steps"]).items()},
                str(values["identity"]),
                tuple(str(name) for name in values["files"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            # No such file, or not written by us: either way the folder holds no run.
            return None
        # A name that leads out of the folder was never written by us.
        return manifest if all(_is_plain(name) for name in manifest.files) else None

    def write(self, folder: Path) -> Path:
        """Write it into a folder and return its path; raises ``WriteError``."""
        path = folder / MANIFEST_FILE
        storage.write_json(path, {"format": FORMAT, **asdict(self)})
        return path

    def claim(self, folder: Path) -> None:
        """Write it into a folder that holds no run.

        Raises ``InvalidValue`` if another program was faster, and ``WriteError``.
        """
        path = folder / MANIFEST_FILE
        try:
            # A rename would replace a file that another program has just created.
            path.touch(exist_ok=False)
        except FileExistsError:
            held = Manifest.read(folder)
            raise _taken(folder, "a new one" if held is None else held.description) from None
        except OSError as error:
            raise storage.WriteError(path, error) from error
        try:
            self.write(folder)
        except storage.WriteError:
            path.unlink(missing_ok=True)
            raise

    def naming(self, names: Iterable[str]) -> "Manifest":
        """The same manifest with more files, each listed once."""
        return replace(self, files=tuple(dict.fromkeys((*self.files, *names))))

    @property
    def description(self) -> str:
        """A description such as "intro, seed 0, step 10,000"."""
        taken = sorted(set(self.steps.values()))
        steps = " and ".join(f"{step:,}" for step in taken)
        of_run = f"{self.experiment}, seed {self.config.get('seed')}"
        return f"{of_run}, step {steps}" if steps else of_run


def check_free(folder: Path, names: Iterable[str], *, overwrite: bool = False) -> None:
    """Check that files of these names can be written to ``folder`` without harming other files.

    With ``overwrite`` the run in it may be replaced. Raises ``InvalidValue`` for a run that may not
    be replaced, and for any other file with one of the names.
    """
    manifest = Manifest.read(folder)
    if manifest is not None and not overwrite:
        raise _taken(folder, manifest.description)
    ours = () if manifest is None else manifest.files
    for name in names:
        # Ask the file system: it may be case-insensitive.
        if name not in ours and os.path.lexists(folder / name):
            reason = f"its {name} does not belong to a run"
            raise InvalidValue("export", folder, reason, "another folder, or move that file away")


def _taken(folder: Path, run: str) -> InvalidValue:
    choices = "another folder, or add --overwrite to replace that run"
    return InvalidValue("export", folder, f"it already holds a run ({run})", choices)


def folder_for(snapshot: Snapshot, parent: Path, name: str) -> Path:
    """The folder in ``parent`` for this moment of this run: ``name``, or ``name-2`` and so on.

    A folder that already holds this moment, or else a new one with its manifest. Two programs never
    get the same new folder. Raises ``WriteError``.
    """
    manifest = Manifest.of(snapshot)
    for number in count(1):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            held = Manifest.read(folder)
            if held is not None and held.identity == manifest.identity:
                return folder
        except OSError as error:
            raise storage.WriteError(folder, error) from error
        else:
            manifest.claim(folder)
            return folder
    raise AssertionError("count never ends")


def write_beside(folder: Path, stem: str, contents: Mapping[str, bytes]) -> list[Path]:
    """Write a picture in several formats into a run's folder: ``stem``, or ``stem-2`` and so on.

    Existing files are kept unless they are identical. Raises ``WriteError``.
    """
    for number in count(1):
        numbered = stem if number == 1 else f"{stem}-{number}"
        paths = {folder / f"{numbered}.{ending}": content for ending, content in contents.items()}
        if all(_is_free_or_same(path, content) for path, content in paths.items()):
            break
    held = Manifest.read(folder)
    if held is not None:
        held.naming(path.name for path in paths).write(folder)
    for path, content in paths.items():
        storage.write_bytes(path, content)
    return list(paths)


def written_for(snapshot: Snapshot, folder: Path) -> list[Path]:
    """The files in ``folder`` that were written for this moment of this run."""
    held = Manifest.read(folder)
    if held is None or held.identity != Manifest.of(snapshot).identity:
        return []
    return [folder / name for name in held.files if (folder / name).exists()]


def remove_files(folder: Path, names: Iterable[str]) -> None:
    """Remove the files of a replaced run; raises ``WriteError``."""
    for name in names:
        path = folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise storage.WriteError(path, error) from error


def identifying_settings(config: ExperimentConfig) -> dict[str, Any]:
    """The settings that distinguish runs; newer ones count only if they differ from the old value.

    The kind is not among them: it shows in the names of the arrays.
    """
    return {
        name: value
        for name, value in config.as_dict().items()
        if name != "kind" and (name not in ADDED_SETTINGS or value != ADDED_SETTINGS[name])
    }


def _identity(snapshot: Snapshot, steps: Mapping[str, int]) -> str:
    """A SHA-256 hash that identifies one moment of one run."""
    digest = hashlib.sha256()
    description = {"config": identifying_settings(snapshot.config), "steps": steps}
    digest.update(storage.strict_json(description, indent=None).encode())
    for name, array in snapshot.record.arrays().items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _is_plain(name: str) -> bool:
    return name not in ("", ".", "..") and Path(name).name == name and "\\" not in name


def _is_free_or_same(path: Path, content: bytes) -> bool:
    """Whether writing ``content`` to ``path`` loses nothing."""
    if not os.path.lexists(path):
        return True
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False
