"""The errors that a person can cause, told in one line."""

import difflib
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar


class InvalidValue(ValueError):
    """A value that cannot be used: its message names it, the reason and the valid choices.

    ``name`` is that of the option, as the command line spells it but for the leading dashes.
    """

    def __init__(self, name: str, value: object, reason: str, choices: str) -> None:
        self.name = name
        self.value = value
        self._told = (name, value, reason, choices)
        super().__init__(f"{name} {printable(value)}: {reason}; choose {choices}")

    def __reduce__(self) -> tuple[type["InvalidValue"], tuple[str, object, str, str]]:
        """So that it comes whole from another process."""
        return InvalidValue, self._told


class EngineError(RuntimeError):
    """Training cannot go on; the message says why, and what would help, in one line."""


LONGEST_VALUE = 100
"""Characters of a value in a message; the rest says nothing more."""


def printable(value: object) -> str:
    """A value for a message of one line: control characters escaped, and cut if it is long.

    >>> printable("two\\nlines")
    'two\\\\nlines'
    """
    text = str(value)
    shown = "".join(
        character if character == " " or character.isprintable() else repr(character)[1:-1]
        for character in text[:LONGEST_VALUE]
    )
    return f"{shown}…" if len(text) > LONGEST_VALUE else shown


def known_name(kind: str, typed: str, known: Iterable[str]) -> str:
    """The name that somebody typed, in small or capital letters; raises ``InvalidValue``."""
    names = list(known)
    for name in names:
        if name.casefold() == typed.casefold():
            return name
    raise unknown_name(kind, typed or "''", names)


LONGEST_TOLD = 300
"""Characters of somebody else's words that are passed on."""


def shortened(words: str) -> str:
    """Somebody else's words in one line, cut if there are many."""
    return textwrap.shorten(words, LONGEST_TOLD, placeholder=" …")


def in_one_line(error: BaseException) -> str:
    """An error of a library in one line: what it is called and what it says."""
    words = shortened(str(error))
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def one_of(names: Sequence[str]) -> str:
    """What may be chosen, in words: ``cpu, cuda or auto``."""
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def unknown_name(kind: str, value: str, known: Iterable[str]) -> InvalidValue:
    """The error for a name that no registry holds; the nearest one is named first.

    The beginning of a name counts as near.
    """
    names = list(known)
    typed = value[:LONGEST_VALUE].lower()
    begun = [name for name in names if typed and name.startswith(typed)]
    near = begun or difflib.get_close_matches(typed, names, n=1, cutoff=0.5)
    reason = f"there is no such {kind}" + (f", did you mean {near[0]}?" if near else "")
    return InvalidValue(kind, value, reason, one_of(names))


Entry = TypeVar("Entry")


def lookup(kind: str, registry: Mapping[str, Entry], name: str) -> Entry:
    """The registry's entry of this name; raises ``InvalidValue`` with the known names otherwise."""
    if name not in registry:
        raise unknown_name(kind, name, registry)
    return registry[name]
