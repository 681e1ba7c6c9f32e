"""A folder for the temporary files of libraries, on systems without a writable one."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLES = ("TMPDIR", "MPLCONFIGDIR")
"""The folders to which Python, and matplotlib with its font list, write."""


@contextmanager
def temporary_files_below(folder: Path) -> Iterator[None]:
    """Provide a folder for temporary files if there is none, as on a read-only system.

    It lies in ``folder``, which is known to be writable, and is removed after the block.
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        temporary = folder.resolve() / f".{secrets.token_hex(4)}.part"
        temporary.mkdir()
    else:
        yield
        return
    before = {name: os.environ.get(name) for name in VARIABLES}
    os.environ.update(dict.fromkeys(VARIABLES, str(temporary)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        tempfile.tempdir = None  # forget the folder that Python has cached
        shutil.rmtree(temporary, ignore_errors=True)  # it may have been removed already
