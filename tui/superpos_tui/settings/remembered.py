"""What the program remembers from one start to the next: the theme.

A small JSON file in the user's config folder. Nothing depends on it: if it cannot be read or
written, defaults are used and a sentence says why.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from superpos_core.files.storage import WriteError, reason_of, write_json
from superpos_core.machine.user_folders import user_config_folder
from superpos_tui.look.theme_names import THEME_NAMES

FILE = "settings.json"
VERSION = 1
"""The version of the file format; a newer file is left alone."""
DAMAGED = ".damaged"


class _NotRead(Exception):
    """The file cannot be used; the message is a sentence for the user."""


def settings_path() -> Path | None:
    """The path of the settings; ``None`` for a user without a home."""
    folder = user_config_folder()
    return None if folder is None else folder / FILE


def remembered_theme(path: Path | None) -> tuple[str | None, str]:
    """The theme chosen last, if any, and a notice for the user, usually empty."""
    try:
        theme = _read(path).get("theme")
    except _NotRead as reason:
        return None, str(reason)
    if theme is not None and theme not in THEME_NAMES:
        return None, f"{path}: there is no theme {theme!r}; using the default"
    return theme, ""


def remember_theme(path: Path | None, theme: str) -> str:
    """Keep a theme for the next start; return a notice for the user, usually empty."""
    if path is None:
        return "not remembered: there is no home folder"
    try:
        settings = _read(path)
    except _NotRead as reason:
        if not _is_damaged(path):
            return str(reason)
        settings = {}
        with suppress(OSError):  # writing fails as well then, and says why
            path.replace(path.with_name(FILE + DAMAGED))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, {**settings, "version": VERSION, "theme": theme})
    except WriteError as error:
        return f"not remembered: {error}"
    except OSError as error:
        return f"not remembered: {path.parent}: {reason_of(error)}"
    return ""


def _read(path: Path | None) -> dict[str, Any]:
    """All settings; empty if there is no file yet."""
    try:
        text = path.read_bytes() if path is not None else b"{}"
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _NotRead(f"{path} cannot be read: {reason_of(error)}") from error
    settings = _parsed(text)
    if settings is None:
        raise _NotRead(f"{path} is damaged; using the defaults")
    version = settings.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise _NotRead(f"{path} is from a newer version; using the defaults")
    return settings


def _is_damaged(path: Path) -> bool:
    try:
        return _parsed(path.read_bytes()) is None
    except OSError:
        return False


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return settings if isinstance(settings, dict) else None
