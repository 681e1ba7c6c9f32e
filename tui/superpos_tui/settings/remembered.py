"""What the program remembers from one start to the next: the theme, the view, and more.

A small JSON file in the user's state folder. Nothing depends on it: if it cannot be read or
written, defaults are used and a sentence says why. To remember more, add a field to ``Remembered``.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from superpos_core.errors import printable, reason_of
from superpos_core.files.storage import WriteError, write_json
from superpos_core.machine.user_folders import user_config_folder, user_state_folder
from superpos_core.training.pacing import PACES
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.views.registry import VIEWS

FILE = "remembered.json"
EARLIER_FILE = "settings.json"
"""Its name in the config folder, where the theme alone was remembered."""
VERSION = 1
"""The version of the file format; a newer file is left alone."""
DAMAGED = ".damaged"
SEEN = "seen"
KNOWN: Mapping[str, Collection[str]] = {
    "theme": THEME_NAMES,
    "pace": PACES,
    "view": VIEWS,
    "card": (SEEN,),
}
"""The valid values of the fields that are names."""


class _NotRead(Exception):
    """The file cannot be used; the message is a sentence for the user."""


@dataclass(frozen=True)
class Remembered:
    """What is remembered; ``None`` is what has never been chosen."""

    theme: str | None = None
    pace: str | None = None
    view: str | None = None
    card: str | None = None
    """``SEEN`` once the card of the first start has been closed."""


NOTHING = Remembered()


@dataclass(frozen=True)
class Memory:
    """The file that remembers. ``earlier`` is where it used to be: read if there is no other."""

    path: Path
    earlier: Path | None = None

    @classmethod
    def of_user(cls) -> Self | None:
        """The user's; ``None`` for a user without a home."""
        state, config = user_state_folder(), user_config_folder()
        if state is None:
            return None
        return cls(state / FILE, None if config is None else config / EARLIER_FILE)

    def recall(self) -> tuple[Remembered, str]:
        """What is remembered, and a notice for the user, usually empty."""
        try:
            entries = self._read()
        except _NotRead as reason:
            return NOTHING, str(reason)
        found, notices = dict[str, Any](), list[str]()
        for each in fields(Remembered):
            value = entries.get(each.name)
            is_known = isinstance(value, str) and value in KNOWN[each.name]
            if value is None or is_known:
                found[each.name] = value
            else:
                shown = printable(repr(value))
                notices.append(f"{self.path}: there is no {each.name} {shown}; using the default")
        return Remembered(**found), "; ".join(notices)

    def keep(self, remembered: Remembered) -> str:
        """Keep what is not ``None`` for the next start; return a notice, usually empty.

        Everything else in the file stays.
        """
        try:
            entries = self._read()
        except _NotRead as reason:
            if not _is_damaged(self.path):
                return str(reason)
            entries = {}
            with suppress(OSError):  # writing fails as well then, and says why
                self.path.replace(self.path.with_name(FILE + DAMAGED))
        news = {name: value for name, value in asdict(remembered).items() if value is not None}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self.path, {**entries, "version": VERSION, **news})
        except WriteError as error:
            return f"not remembered: {error}"
        except OSError as error:
            return f"not remembered: {self.path.parent}: {reason_of(error)}"
        if self.earlier is not None:
            with suppress(OSError):  # it is not read any more
                self.earlier.unlink(missing_ok=True)
        return ""

    def _read(self) -> dict[str, Any]:
        """All entries; empty if there is no file yet."""
        try:
            return _read(self.path)
        except FileNotFoundError:
            return self._read_earlier()

    def _read_earlier(self) -> dict[str, Any]:
        """The entries of the earlier file, as far as it can be used."""
        try:
            return {} if self.earlier is None else _read(self.earlier)
        except (_NotRead, FileNotFoundError):
            return {}


def _read(path: Path) -> dict[str, Any]:
    """The entries of a file; raises ``FileNotFoundError`` if there is none."""
    try:
        entries = _parsed(path.read_bytes())
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _NotRead(f"{path} cannot be read: {reason_of(error)}") from error
    if entries is None:
        raise _NotRead(f"{path} is damaged; using the defaults")
    version = entries.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise _NotRead(f"{path} is from a newer version; using the defaults")
    return entries


def _is_damaged(path: Path) -> bool:
    try:
        return _parsed(path.read_bytes()) is None
    except OSError:
        return False


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return entries if isinstance(entries, dict) else None
