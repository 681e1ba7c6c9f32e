"""Errors that users can cause, each reported in one line."""

import difflib
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TypeVar

PATH = "path"
"""The name of an invalid path that is not the value of an option."""


class InvalidValue(ValueError):
    """An invalid value; the message gives its name, the reason and the valid choices.

    ``name`` is the option as spelled on the command line, without the leading dashes; ``parts`` are
    the four that it is made from.
    """

    def __init__(self, name: str, value: object, reason: str, choices: str) -> None:
        self.name = name
        self.value = value
        self.parts = (name, value, reason, choices)
        super().__init__(f"{name} {printable(value)}: {reason}; choose {choices}")

    def of_option(self, name: str, choices: str = "") -> "InvalidValue":
        """The same for another option that takes the same values, or with other words for them."""
        _, value, reason, known = self.parts
        return InvalidValue(name, value, reason, choices or known)

    def __reduce__(self) -> tuple[type["InvalidValue"], tuple[str, object, str, str]]:
        """Makes it picklable."""
        return InvalidValue, self.parts


class EngineError(RuntimeError):
    """Training cannot continue; the one-line message says why and what would help."""


MAX_VALUE_LENGTH, MAX_PATH_LENGTH = 100, 4096
"""Maximum characters of a value in a message; of a path, the most that a system allows."""


def printable(value: object) -> str:
    """A value for a one-line message: control characters escaped, and shortened if it is long.

    A ``Path`` is shown whole: whoever reads it will look for the file.

    >>> printable("two\\nlines")
    'two\\\\nlines'
    """
    text = str(value)
    most = MAX_PATH_LENGTH if isinstance(value, PurePath) else MAX_VALUE_LENGTH
    shown = "".join(
        character if character == " " or character.isprintable() else repr(character)[1:-1]
        for character in text[:most]
    )
    return f"{shown}…" if len(text) > most else shown


def known_name(kind: str, typed: str, known: Iterable[str]) -> str:
    """The known name that was typed, ignoring case; raises ``InvalidValue`` if there is none."""
    names = list(known)
    for name in names:
        if name.casefold() == typed.casefold():
            return name
    raise unknown_name(kind, typed or "''", names)


MAX_MESSAGE_LENGTH = 300
"""Maximum characters quoted from the message of another library."""


def shortened(words: str) -> str:
    """The message of another library in one line, cut if it is long."""
    return textwrap.shorten(words, MAX_MESSAGE_LENGTH, placeholder=" …")


def in_one_line(error: BaseException) -> str:
    """The type and message of another library's error, in one line."""
    words = shortened(str(error))
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def reason_of(error: OSError) -> str:
    """The file system's own message, such as ``no space left on device``."""
    words = error.strerror or str(error) or type(error).__name__
    return words[0].lower() + words[1:]


def one_of(names: Sequence[str]) -> str:
    """The choices as text, such as ``cpu, cuda or auto``."""
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def unknown_name(kind: str, value: str, known: Iterable[str]) -> InvalidValue:
    """The error for an unknown name; suggests a name that starts with it, or the closest one."""
    names = list(known)
    by_small_letters = {name.lower(): name for name in names}
    typed = value[:MAX_VALUE_LENGTH].lower()
    completions = [name for name in by_small_letters if typed and name.startswith(typed)]
    near = completions or difflib.get_close_matches(typed, by_small_letters, n=1, cutoff=0.5)
    meant = f", did you mean {by_small_letters[near[0]]}?" if near else ""
    reason = f"there is no such {kind}{meant}"
    return InvalidValue(kind, value, reason, one_of(names))


Entry = TypeVar("Entry")


def lookup(kind: str, registry: Mapping[str, Entry], name: str) -> Entry:
    """The entry called ``name``; raises ``InvalidValue`` with the known names if there is none."""
    if name not in registry:
        raise unknown_name(kind, name, registry)
    return registry[name]
