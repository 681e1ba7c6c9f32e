"""The user's folders for caches, settings, state and logs.

Each is ``None`` without a home folder (a bare container, a user without a passwd entry), or if it
would be relative and so depend on where the program is started.
"""

from collections.abc import Callable
from pathlib import Path

import platformdirs

PROGRAM = "superpos-tui"


def user_cache_folder() -> Path | None:
    """The folder for files that can be recreated."""
    return _absolute(platformdirs.user_cache_path)


def user_config_folder() -> Path | None:
    """The folder for settings."""
    return _absolute(platformdirs.user_config_path)


def user_state_folder() -> Path | None:
    """The folder for what is remembered from one start to the next."""
    return _absolute(platformdirs.user_state_path)


def user_log_folder() -> Path | None:
    """The folder for logs."""
    return _absolute(platformdirs.user_log_path)


def _absolute(folder_of: Callable[[str], Path]) -> Path | None:
    try:
        folder = folder_of(PROGRAM)
    except RuntimeError:  # platformdirs finds no home
        return None
    return folder if folder.is_absolute() else None
