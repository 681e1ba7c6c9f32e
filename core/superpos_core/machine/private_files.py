"""Files whose content may be executed: only those that this user, or root, alone can write.

What is read is judged on the open file, so that nobody can put another one in its place between
the look and the reading. Systems without owners (Windows) keep such files in the user's profile.
"""

import errno
import os
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path

ROOT_USER = 0
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
FOLDER_MODE, FILE_MODE = 0o700, 0o600
LARGEST_FILE = 64 << 20
"""No kernel is a tenth of it; a device or a stray file may be endless."""


def read_private(path: Path) -> bytes | None:
    """The content of a file that only we or root can write; ``None`` where there is none."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(path, "rb", opener=lambda name, _: os.open(name, flags | os.O_CLOEXEC)) as file:
            found = os.fstat(file.fileno())
            if not (stat.S_ISREG(found.st_mode) and is_private(found)):
                return None
            return file.read(LARGEST_FILE)
    except OSError:
        return None  # missing, unreadable or no file at all: to the reader it is all the same


def write_private(path: Path, content: bytes) -> None:
    """Write a file whole, for us alone; whatever was called so is replaced. Raises ``OSError``."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch(FILE_MODE, exist_ok=False)
        part.chmod(FILE_MODE)  # whatever the umask says
        part.write_bytes(content)
        try:
            part.replace(path)
        except (IsADirectoryError, PermissionError, FileExistsError):
            shutil.rmtree(path)  # a folder where the file belongs
            part.replace(path)
    finally:
        with suppress(OSError):  # what matters is on its way to the caller
            part.unlink(missing_ok=True)


def make_private_folder(folder: Path) -> None:
    """Make a folder for us alone, or see that it is one; one of ours that is open is closed.

    Raises ``OSError`` where that cannot be done, or where it belongs to somebody else.
    """
    if not folder.is_dir():
        folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        folder.chmod(FOLDER_MODE)  # whatever the umask says
    found = folder.stat()
    if is_private(found):
        return
    if found.st_uid != _user():
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(folder))
    folder.chmod(FOLDER_MODE)


def is_private(found: os.stat_result) -> bool:
    """Whether it belongs to us or to root, and nobody else may write to it."""
    user = _user()
    if user is None:
        return True
    return found.st_uid in (user, ROOT_USER) and not found.st_mode & WRITABLE_BY_OTHERS


def is_private_folder(folder: Path) -> bool:
    """Whether it is a folder that only we or root can write to."""
    try:
        found = folder.stat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and is_private(found)


def _user() -> int | None:
    """Who we are; ``None`` where the system knows no owners."""
    return os.geteuid() if hasattr(os, "geteuid") else None
