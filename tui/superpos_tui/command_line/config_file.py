"""The config file: options and keys in TOML, read as the texts that they would be when typed."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from superpos_core.errors import InvalidValue, printable, unknown_name
from superpos_core.machine.user_folders import user_config_folder
from superpos_tui.settings.typed import LISTED

FILE = "config.toml"
KEYS = "keys"
"""The table in which keys are bound by their ids."""
HEADING = re.compile(r"\s*\[+([^]#]*)\]")
NAME = re.compile(r"""\s*["']?([\w-]+)["']?\s*(?:\.\s*["']?([\w-]+)["']?\s*)?=""")
MAX_BYTES = 1_000_000
"""Maximum size of the file; anything larger is not one."""


class InvalidPreset(InvalidValue):
    """An invalid value that was not typed; ``where`` it is set precedes the message."""

    def __init__(self, where: str, error: InvalidValue) -> None:
        super().__init__(*error.parts)
        self.where = where

    def __str__(self) -> str:
        return f"{self.where}: {super().__str__()}" if self.where else super().__str__()


@dataclass(frozen=True)
class Places:
    """Where the file sets what: lines counted from 1, by table and name."""

    path: Path | None = None
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def line(self, name: str, table: str = "") -> str:
        """Such as ``line 3``; ``file`` where the line cannot be told."""
        line = self.lines.get((table, name))
        return "file" if line is None else f"line {line}"

    def __call__(self, name: str, table: str = "") -> str:
        """The same with the path."""
        shown, line = printable(self.path), self.lines.get((table, name))
        return shown if line is None else f"{shown} line {line}"


@dataclass(frozen=True)
class ConfigFile:
    """What a config file sets: options by name, as they would be typed, and keys by id.

    The value of a flag is whether it is given.
    """

    places: Places = Places()
    absence: str = ""
    """Why nothing was read; empty if it was."""
    options: Mapping[str, str | bool] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def user_config_path() -> Path | None:
    """Where the file belongs; ``None`` for a user without a home."""
    folder = user_config_folder()
    return None if folder is None else folder / FILE


def read_config(path: Path, options: Collection[str], flags: Collection[str]) -> ConfigFile:
    """The file at ``path``, which may set these options and flags.

    Raises ``InvalidValue`` for one that is damaged or sets anything else, and ``OSError``.
    """
    text = _text_of(path)
    import tomllib  # most users have no config file

    try:
        entries = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        why = error if isinstance(error, ValueError) else "it is nested too deeply"
        raise _damaged(path, f"it is not TOML: {why}") from None
    places = Places(path, _lines_of(text))
    keys = entries.pop(KEYS, {})
    if not isinstance(keys, dict):
        wrong = InvalidValue(KEYS, keys, "it is a table", 'a line [keys], then pause = "p"')
        raise InvalidPreset(places(KEYS), wrong)
    texts = dict[str, str | bool]()
    for name, value in entries.items():
        if name not in options and name not in flags:
            unknown = unknown_name("option", name, [*options, *flags, KEYS])
            raise InvalidPreset(places(name), unknown.of_option("option", LISTED))
        texts[name] = _flag(places, name, value) if name in flags else _text(places, name, value)
    bound = {key: _names_of_keys(places, key, value) for key, value in keys.items()}
    return ConfigFile(places, "", texts, bound)


def _damaged(path: Path, reason: str) -> InvalidValue:
    choices = 'a file of lines such as theme = "paper"'
    return InvalidPreset("", InvalidValue("config", path, reason, choices))


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _damaged(path, "it is not text in UTF-8") from None
    except ValueError as error:  # a path that no file can have
        raise _damaged(path, str(error)) from None
    if len(content) > MAX_BYTES:
        raise _damaged(path, "it is too large")
    return text


def _lines_of(text: str) -> dict[tuple[str, str], int]:
    """The first line of each name.

    It is for messages only, as ``tomllib`` tells no lines: in a text of several lines it may see a
    name where there is none.
    """
    lines: dict[tuple[str, str], int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if heading := HEADING.match(line):
            table = heading[1].strip()
            lines.setdefault(("", table), number)
        elif named := NAME.match(line):
            first, second = named.groups()
            lines.setdefault((table, first) if second is None else (first, second), number)
            if not table:
                lines.setdefault(("", first), number)
    return lines


def _flag(places: Places, name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise InvalidPreset(places(name), InvalidValue(name, value, "it is on or off", "true or false"))


def _text(places: Places, name: str, value: Any) -> str:
    """The value of an option as it would be typed."""
    items = value if isinstance(value, list) else [value]
    for each in items:
        if not isinstance(each, str | int | float) or isinstance(each, bool):
            shown = str(each).lower() if isinstance(each, bool) else each
            reason = "it takes no value of that kind"
            choices = "a text, a number, or a list of them"
            raise InvalidPreset(places(name), InvalidValue(name, shown, reason, choices))
    return ",".join(map(str, items))


def _names_of_keys(places: Places, key: str, value: Any) -> tuple[str, ...]:
    names = value if isinstance(value, list) else [value]
    if names and all(isinstance(each, str) and each for each in names):
        return tuple(names)
    choices = 'one such as "p" or "ctrl+r", or a list of them'
    raise InvalidPreset(places(key, KEYS), InvalidValue(key, value, "it is no key", choices))
