"""Where the user's things belong, on machines where that can be said.

Without a home folder (a bare container, a user without a passwd entry) there is no such place, and
a relative one would lie wherever the program happens to be started: both are ``None``.
"""

from collections.abc import Callable
from pathlib import Path

import platformdirs

PROGRAM = "superpos-tui"


def user_cache_folder() -> Path | None:
    """Where what can be made again is kept."""
    return _absolute(platformdirs.user_cache_path)


def user_config_folder() -> Path | None:
    """Where settings are kept."""
    return _absolute(platformdirs.user_config_path)


def user_log_folder() -> Path | None:
    """Where logs are kept."""
    return _absolute(platformdirs.user_log_path)


def _absolute(folder_of: Callable[[str], Path]) -> Path | None:
    try:
        folder = folder_of(PROGRAM)
    except RuntimeError:  # platformdirs finds no home
        return None
    return folder if folder.is_absolute() else None
