"""What a path is: a run's folder, a folder of runs, or weights: a file, or a folder of SAELens."""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from superpos_core.errors import PATH, InvalidValue, reason_of
from superpos_core.files.runs.layout import MANIFEST_FILE, SAELENS_CONFIG, SAELENS_WEIGHTS

Kind = Literal["run", "runs", "weights"]
LEVELS = 2
"""How deep runs may lie below a folder of runs."""
LEVELS_OF_LANES = 5
"""How deep dictionaries lie in a folder above that of a run, such as ``saelens/relu/S=0.9``."""
MAX_FOLDERS = 10_000
"""Maximum number of folders in which a run is looked for."""
CHOICES = "a run's folder, a folder of runs, a file of weights, or a folder of SAELens"


def kind_of(path: Path) -> Kind:
    """What there is at ``path``; raises ``InvalidValue`` for anything else."""
    try:
        kind = _kind(path)
        reason = "" if kind else _why_none(path)
    except OSError as error:
        kind, reason = None, reason_of(error)
    except ValueError:  # a null character
        kind, reason = None, "it names no file"
    if kind is None:
        raise InvalidValue(PATH, path, reason, CHOICES)
    return kind


def holds_dictionary(folder: Path) -> bool:
    """Whether a folder looks like one that SAELens has saved."""
    return all((folder / name).is_file() for name in (SAELENS_WEIGHTS, SAELENS_CONFIG))


def _kind(path: Path) -> Kind | None:
    if path.is_file() or holds_dictionary(path):
        return "weights"
    if (path / MANIFEST_FILE).is_file():
        return "run"
    is_above_runs = any((folder / MANIFEST_FILE).is_file() for folder in _folders_below(path))
    return "runs" if is_above_runs else None


def _why_none(path: Path) -> str:
    if path.is_dir():
        for below in _folders_below(path, LEVELS_OF_LANES):
            if holds_dictionary(below):
                return f"it holds no run, but folders of SAELens, such as {below}"
        return f"it holds no run: there is no {MANIFEST_FILE} in it, nor in folders below"
    if os.path.lexists(path) and not path.exists():
        return f"it is a link to {path.readlink()}, which does not exist"
    if path.exists():
        return "it is neither a file nor a folder"
    nearest = _nearest(path)
    return "it does not exist" + (f"; did you mean {nearest}?" if nearest else "")


def _nearest(path: Path) -> Path | None:
    """The existing path whose name is most like the first missing part of ``path``."""
    missing = next((each for each in (*reversed(path.parents), path) if not each.exists()), path)
    try:
        names = [each.name for each in missing.parent.iterdir()]
    except OSError:
        return None
    near = difflib.get_close_matches(missing.name, names, n=1)
    return missing.parent / near[0] if near else None


def _folders_below(path: Path, levels: int = LEVELS) -> Iterator[Path]:
    """The folders below ``path``, level by level; those that cannot be listed are left out."""
    level, seen = [path], 0
    for _ in range(levels):
        below: list[Path] = []
        for folder in level:
            for found in _subfolders(folder):
                yield found
                below.append(found)
                seen += 1
                if seen == MAX_FOLDERS:
                    return
        level = below


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [folder / entry.name for entry in entries if entry.is_dir()]
    except OSError:
        return []
