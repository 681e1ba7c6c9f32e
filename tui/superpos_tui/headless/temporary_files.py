"""A place for the temporary files of libraries, on systems that have none to write to."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLES = ("TMPDIR", "MPLCONFIGDIR")
"""Where Python, and matplotlib with its list of fonts, put what they write."""


@contextmanager
def temporary_files_below(folder: Path) -> Iterator[None]:
    """Lend a folder for temporary files where there is none, as on a read-only system.

    It is in ``folder``, which is known to be writable, and is removed with the block.
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        lent = folder.resolve() / f".{secrets.token_hex(4)}.part"
        lent.mkdir()
    else:
        yield
        return
    before = {name: os.environ.get(name) for name in VARIABLES}
    os.environ.update(dict.fromkeys(VARIABLES, str(lent)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        tempfile.tempdir = None  # Python has kept the answer that it found in the environment
        shutil.rmtree(lent, ignore_errors=True)  # by another's hand it may be gone already
