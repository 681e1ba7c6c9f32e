"""A folder belongs to one moment of one run: its content, and whether it may be written to.

``run.json`` is written before anything else, and lists every file written for the run: no other
file in the folder is ever replaced or removed.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path

from superpos_core.errors import InvalidValue
from superpos_core.files import storage
from superpos_core.files.runs.layout import (
    MANIFEST_FILE,
    MOMENT_FILE,
    SAELENS_CONFIG,
    SAELENS_FOLDER,
    SAELENS_WEIGHTS,
    TIMELINE_FOLDER,
)
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.status_file import is_in_progress, read_status
from superpos_core.files.runs.stored_parameters import is_read_from
from superpos_core.record.snapshot import Snapshot


def check_free(
    folder: Path, names: Iterable[str], *, overwrite: bool = False, option: str = "export"
) -> None:
    """Check that files of these names can be written to ``folder`` without harming other files.

    With ``overwrite`` the run in it may be replaced. Raises ``InvalidValue`` about ``option`` for a
    run that may not be replaced, and for any other file with one of the names.
    """
    manifest = Manifest.read(folder)
    if manifest is not None and not overwrite:
        raise _taken(folder, manifest.description)
    ours = () if manifest is None else manifest.files
    for name in names:
        # Ask the file system: it may be case-insensitive.
        if name not in ours and os.path.lexists(folder / name):
            reason = f"its {name} does not belong to a run"
            raise InvalidValue(option, folder, reason, "another folder, or move that file away")


def claim(folder: Path, manifest: Manifest) -> None:
    """Write a manifest into a folder that holds no run.

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
        manifest.write(folder)
    except storage.WriteError:
        path.unlink(missing_ok=True)
        raise


def check_not_in_progress(folder: Path) -> None:
    """Raise ``InvalidValue`` if another program is still writing the run in ``folder``."""
    if is_in_progress(read_status(folder)):
        reason = "another program is still writing the run in it"
        raise InvalidValue("export", folder, reason, "another folder, or stop that program first")


def _taken(folder: Path, run: str) -> InvalidValue:
    choices = "another folder, or add --overwrite to replace that run"
    return InvalidValue("export", folder, f"it already holds a run ({run})", choices)


def folder_for(snapshot: Snapshot, parent: Path, name: str) -> Path:
    """The folder in ``parent`` for this moment of this run: ``name``, or ``name-2`` and so on.

    A folder that already holds this moment, unless the run is read from it, or else a new one with
    its manifest. Two programs never get the same new folder. Raises ``WriteError``.
    """
    manifest = Manifest.of(snapshot)

    def is_ours(folder: Path, held: Manifest) -> bool:
        return held.identity == manifest.identity and not is_read_from(snapshot.record, folder)

    return _first_folder(manifest, parent, name, is_ours)


def new_folder(manifest: Manifest, parent: Path, name: str) -> Path:
    """A new folder in ``parent`` with this manifest, named like that of ``folder_for``."""
    return _first_folder(manifest, parent, name, lambda folder, held: False)


def _first_folder(
    manifest: Manifest, parent: Path, name: str, is_ours: Callable[[Path, Manifest], bool]
) -> Path:
    for number in count(1):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            held = Manifest.read(folder)
            if held is not None and is_ours(folder, held):
                return folder
        except OSError as error:
            raise storage.WriteError(folder, error) from error
        else:
            claim(folder, manifest)
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


def written_for(run: str, folder: Path) -> list[Path]:
    """The files in ``folder`` that were written for this run (``RunWriter.run``)."""
    held = Manifest.read(folder)
    if held is None or not run or held.run != run:
        return []
    return [folder / name for name in held.files if (folder / name).exists()]


def remove_files(folder: Path, names: Iterable[str]) -> None:
    """Remove the files of a replaced run, with its moments and dictionaries.

    Raises ``WriteError``.
    """
    for name in names:
        if name == TIMELINE_FOLDER:
            _remove_moments(folder / name)
        elif name == SAELENS_FOLDER:
            _remove_dictionaries(folder / name)
        else:
            storage.remove(folder / name)


def _remove_moments(timeline: Path) -> None:
    """Remove the kept moments of every model, and the folders that are empty then."""
    for moments in timeline.glob("*"):
        for path in moments.glob("*"):
            if MOMENT_FILE.fullmatch(path.name):
                storage.remove(path)
    _remove_emptied([*timeline.glob("*"), timeline])


def _remove_dictionaries(saelens: Path) -> None:
    """Remove every dictionary that SAELens could read, and the folders that are empty then."""
    below = [path for path in saelens.glob("**/*") if path.is_dir() and not path.is_symlink()]
    for folder in below:
        for name in (SAELENS_WEIGHTS, SAELENS_CONFIG):
            storage.remove(folder / name)
    _remove_emptied([*sorted(below, reverse=True), saelens])


def _remove_emptied(folders: Iterable[Path]) -> None:
    """Remove those of the folders that are empty, one after another."""
    for emptied in folders:
        with suppress(OSError):  # something else is in it, and stays
            emptied.rmdir()


def _is_free_or_same(path: Path, content: bytes) -> bool:
    """Whether writing ``content`` to ``path`` loses nothing."""
    if not os.path.lexists(path):
        return True
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False
