"""Keys that the user has bound otherwise: the same table, with other names."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import combinations
from string import ascii_letters, digits, punctuation

from textual.keys import Keys, _character_to_key, key_to_character

from superpos_core.errors import InvalidValue, unknown_name
from superpos_tui.keys import WITH_OPEN_TIMELINE
from superpos_tui.process.keyboards import LATIN
from superpos_tui.settings.typed import LISTED
from superpos_tui.views.key import Key

KEYS = "keys"
"""What an error is about that concerns no single key: the table in the config file."""
RESERVED = {"ctrl+c": "interrupt", "ctrl+q": "quit", "ctrl+p": "command-palette"}
"""Keys that always do this, whatever else is bound."""
SHOWN = {"right": "→", "left": "←", "up": "↑", "down": "↓", "escape": "esc", "backspace": "⌫"}
MODIFIERS = ("ctrl", "shift", "alt")
KNOWN = frozenset({str(key.value) for key in Keys} | {*ascii_letters, *digits}).union(
    map(_character_to_key, punctuation)
)
"""Textual's names of the keys that a terminal can send."""
TIMELINE = frozenset(key.id for key in WITH_OPEN_TIMELINE)


def rebound(keys: Iterable[Key], bindings: Mapping[str, Collection[str]]) -> tuple[Key, ...]:
    """The keys, those in ``bindings`` under the names given there by id.

    A name is a character, or a name such as ``space``, ``f2`` or ``ctrl+r``. Raises
    ``InvalidValue`` for an unknown id or key, and if one key would do two things at once.
    """
    table = tuple(keys)
    if not bindings:
        return table
    ids = [key.id for key in table]
    for each in bindings:
        if each not in ids:
            raise unknown_name("key", each, ids).of_option(KEYS, LISTED)
    names = {each: [_name(each, typed) for typed in bindings[each]] for each in bindings}
    changed = tuple(_under(key, names[key.id]) if key.id in names else key for key in table)
    _check_clashes(changed, names)
    return changed


def by_precedence(keys: Iterable[Key]) -> list[Key]:
    """In the order in which they are asked: of several with one name, the first that is active."""
    return sorted(keys, key=lambda key: (key.id not in TIMELINE, not key.exclusive))


def _under(key: Key, names: Collection[str]) -> Key:
    return replace(key, keys=",".join(names), shown=" ".join(map(_shown, names)))


def _name(key: str, typed: str) -> str:
    """Textual's name of a key; raises ``InvalidValue`` if no terminal sends it."""
    name = "space" if typed == " " else typed
    name = _character_to_key(name) if len(name) == 1 else name.strip().lower()
    if name in LATIN:
        raise InvalidValue(key, typed, f"that is read as {LATIN[name]} on a Latin keyboard", "that")
    if not _is_sent(name):
        _, _, reason, _ = unknown_name("key", name, KNOWN).parts
        raise InvalidValue(key, typed, reason, 'a character, or such as "space" or "ctrl+r"')
    if name in RESERVED and RESERVED[name] != key:
        raise InvalidValue(key, typed, f"it always is {RESERVED[name]}", "another key")
    return name


def _is_sent(name: str) -> bool:
    is_letter = len(name) == 1 and name.isalnum()
    modifier, _, base = name.partition("+")
    return is_letter or name in KNOWN or (modifier in MODIFIERS and base in KNOWN)


def _shown(name: str) -> str:
    modifiers, plus, base = name.rpartition("+")
    character = key_to_character(base)
    is_visible = character is not None and character.isprintable() and not character.isspace()
    return modifiers + plus + SHOWN.get(base, str(character) if is_visible else base)


def _check_clashes(keys: Collection[Key], changed: Collection[str]) -> None:
    """Raise ``InvalidValue`` if a key that was changed does two things in the same place."""
    for one, other in combinations(keys, 2):
        if one.id in changed and other.id not in changed:
            one, other = other, one
        shared = one.names & other.names
        if other.id in changed and shared and _place(one) == _place(other):
            shown = " ".join(sorted(map(_shown, shared)))
            reason = f"{one.id} has that key too"
            raise InvalidValue(other.id, shown, reason, "another key for one of the two")


def _place(key: Key) -> str:
    """Where a key has its meaning: with the timeline open, in its view, or everywhere."""
    return "timeline" if key.id in TIMELINE else key.view if key.exclusive else ""
