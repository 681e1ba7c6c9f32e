"""Files whose content may be executed: only this user or root must be able to write them.

Permissions are checked on the open file, so it cannot be replaced between the check and reading.
Systems without file owners (Windows) keep such files in the user's profile.
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
MAX_BYTES = 64 << 20
"""Maximum bytes to read: over ten times the largest kernel, because a device may be endless."""


def read_private(path: Path) -> bytes | None:
    """The content of a file that only this user or root can write; ``None`` otherwise."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(path, "rb", opener=lambda name, _: os.open(name, flags | os.O_CLOEXEC)) as file:
            found = os.fstat(file.fileno())
            if not (stat.S_ISREG(found.st_mode) and is_private(found)):
                return None
            return file.read(MAX_BYTES)
    except OSError:
        return None  # missing, unreadable or not a file: no difference to the reader


def write_private(path: Path, content: bytes) -> None:
    """Write a private file atomically, replacing what was at ``path``. Raises ``OSError``."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch(FILE_MODE, exist_ok=False)
        part.chmod(FILE_MODE)  # whatever the umask says
        part.write_bytes(content)
        try:
            part.replace(path)
        except (IsADirectoryError, PermissionError, FileExistsError):
            shutil.rmtree(path)  # a folder at the file's path
            part.replace(path)
    finally:
        with suppress(OSError):  # must not hide the original error
            part.unlink(missing_ok=True)


def make_private_folder(folder: Path) -> None:
    """Create a private folder, or make an existing one of this user private.

    Raises ``OSError`` if that fails or the folder belongs to another user.
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
    """Whether only its owner can write to it, who is this user or root."""
    user = _user()
    if user is None:
        return True
    return found.st_uid in (user, ROOT_USER) and not found.st_mode & WRITABLE_BY_OTHERS


def is_private_folder(folder: Path) -> bool:
    """Whether ``folder`` is a folder that only this user or root can write to."""
    try:
        found = folder.stat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and is_private(found)


def _user() -> int | None:
    """This user's id; ``None`` on systems without file owners."""
    return os.geteuid() if hasattr(os, "geteuid") else None
