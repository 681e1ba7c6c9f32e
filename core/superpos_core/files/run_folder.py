"""A folder belongs to one moment of one run: what it holds, and whether a run may be written to it.

``run.json`` is written before anything else. It says which run the folder holds, at which moment,
and names every file that is written for it, so that what is ours can be told from what is not:
nothing else in the folder is ever replaced or removed.
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
"""Of ``run.json``: a program that knows only older formats leaves the folder alone."""
ADDED_SETTINGS = {"initial": INDEPENDENT}
"""Settings that older folders lack, with the value that every run had before there was a choice."""


@dataclass(frozen=True)
class Manifest:
    """Which moment of which run a folder holds, and the names of the files written for it.

    ``identity`` is equal for the same moment of the same run: the same config, steps and weights.
    """

    experiment: str
    config: Mapping[str, Any]
    steps: Mapping[str, int]
    identity: str
    files: tuple[str, ...] = (MANIFEST_FILE,)

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Manifest":
        """The manifest of a snapshot, for which nothing is written yet."""
        config = snapshot.config
        steps = dict(snapshot.record.steps)
        return cls(config.name, config.as_dict(), steps, _identity(snapshot, steps))

    @classmethod
    def read(cls, folder: Path) -> "Manifest | None":
        """The manifest in a folder; ``None`` where there is none that this program has written."""
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
            # No such file, or one that is not ours: both leave the folder without a run.
            return None
        # A name that leads out of the folder is none that was ever written here.
        return manifest if all(_is_plain(name) for name in manifest.files) else None

    def write(self, folder: Path) -> Path:
        """Write it into a folder, whose path it returns; raises ``WriteError``."""
        path = folder / MANIFEST_FILE
        storage.write_json(path, {"format": FORMAT, **asdict(self)})
        return path

    def claim(self, folder: Path) -> None:
        """Write it into a folder that holds no run.

        Raises ``InvalidValue`` where another program was faster, and ``WriteError``.
        """
        path = folder / MANIFEST_FILE
        try:
            # A rename would take the place of what somebody else has just made.
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
        """The same manifest with more files, each named once."""
        return replace(self, files=tuple(dict.fromkeys((*self.files, *names))))

    @property
    def description(self) -> str:
        """Such as "seed, seed 0, step 10,000"."""
        taken = sorted(set(self.steps.values()))
        steps = " and ".join(f"{step:,}" for step in taken)
        of_run = f"{self.experiment}, seed {self.config.get('seed')}"
        return f"{of_run}, step {steps}" if steps else of_run


def check_free(folder: Path, names: Iterable[str], *, overwrite: bool = False) -> None:
    """See that files of these names can be written to ``folder`` without harm to what is there.

    With ``overwrite`` the run that it holds may be replaced. Raises ``InvalidValue`` for a run that
    is not to be replaced, and for any other file that has one of the names.
    """
    manifest = Manifest.read(folder)
    if manifest is not None and not overwrite:
        raise _taken(folder, manifest.description)
    ours = () if manifest is None else manifest.files
    for name in names:
        # Asked of the file system, which may not tell upper from lower case.
        if name not in ours and os.path.lexists(folder / name):
            reason = f"its {name} is no file of a run that could be replaced"
            raise InvalidValue("export", folder, reason, "another folder, or move that file away")


def _taken(folder: Path, run: str) -> InvalidValue:
    choices = "another folder, or add --overwrite to replace that run"
    return InvalidValue("export", folder, f"it already holds a run ({run})", choices)


def folder_for(snapshot: Snapshot, parent: Path, name: str) -> Path:
    """The folder below ``parent`` for this moment of this run: ``name``, or ``name-2`` and so on.

    It is one that holds this very moment, or else a new one, in which the moment is recorded. Two
    programs never take the same new one. Raises ``WriteError``.
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
    """Write a picture, by format, into the folder of its run: ``stem``, or ``stem-2`` and so on.

    What is there stays, unless it is the very same. Raises ``WriteError``.
    """
    for number in count(1):
        numbered = stem if number == 1 else f"{stem}-{number}"
        paths = {folder / f"{numbered}.{ending}": content for ending, content in contents.items()}
        if all(_is_absent_or(path, content) for path, content in paths.items()):
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
    """Remove files of a run that is replaced; raises ``WriteError``."""
    for name in names:
        path = folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise storage.WriteError(path, error) from error


def identifying(config: ExperimentConfig) -> dict[str, Any]:
    """The settings that tell runs apart: a newer one counts only where it is not as it ever was.

    The kind is not among them: the names of what was trained tell it.
    """
    return {
        name: value
        for name, value in config.as_dict().items()
        if name != "kind" and (name not in ADDED_SETTINGS or value != ADDED_SETTINGS[name])
    }


def _identity(snapshot: Snapshot, steps: Mapping[str, int]) -> str:
    """A SHA-256 of what tells one moment of one run from every other one."""
    digest = hashlib.sha256()
    description = {"config": identifying(snapshot.config), "steps": steps}
    digest.update(storage.strict_json(description, indent=None).encode())
    for name, array in snapshot.record.arrays().items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _is_plain(name: str) -> bool:
    return name not in ("", ".", "..") and Path(name).name == name and "\\" not in name


def _is_absent_or(path: Path, content: bytes) -> bool:
    """Whether a file can be written there with nothing lost."""
    if not os.path.lexists(path):
        return True
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False
