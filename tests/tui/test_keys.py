"""The key table, and everything generated from it."""

import re
import string
from collections import Counter
from pathlib import Path

import pytest
from tests.tui.running import running
from textual.events import Key
from textual.keys import _character_to_key

from superpos_tui.keys import WITH_OPEN_TIMELINE, markdown_table, table_of_keys
from superpos_tui.process.keyboards import LATIN, as_on_a_latin_keyboard
from superpos_tui.views.registry import VIEWS

KEYS = table_of_keys(VIEWS.values())

README = Path(__file__).parents[2] / "README.md"


def test_no_key_means_two_things_at_once() -> None:
    """Keys of the open timeline precede keys of a view, which precede common keys."""
    meanings = Counter(
        (name, view, key in WITH_OPEN_TIMELINE, key.exclusive)
        for key in KEYS
        for name in key.names
        for view in ([key.view] if key.exclusive else VIEWS)
    )
    assert max(meanings.values()) == 1


def test_keys_of_views_precede_those_that_they_replace() -> None:
    for view in VIEWS:
        of_view = [key for key in KEYS if key.exclusive and key.view == view]
        for key in of_view:
            shared = [
                other
                for other in KEYS
                if not other.exclusive
                and other not in WITH_OPEN_TIMELINE
                and other.names & key.names
            ]
            assert all(KEYS.index(key) < KEYS.index(other) for other in shared)


PORTABLE = re.compile(
    r"[A-Za-z0-9]|(up|down|left|right|enter|tab|escape|space|home|end|backspace|ctrl\+[a-z])"
)


def test_every_action_has_a_key_that_any_terminal_can_send() -> None:
    """Some terminals reserve shift with an arrow, or function keys."""
    names_of_signs = {_character_to_key(sign) for sign in string.punctuation}
    for key in KEYS:
        names = key.keys.split(",")
        does_the_same = [
            name
            for other in KEYS
            if other.action == key.action
            for name in other.keys.split(",")
        ]  # fmt: skip
        is_reached = any(
            PORTABLE.fullmatch(name) or name in names_of_signs for name in does_the_same
        )
        assert is_reached or names == ["shift+tab"], "tab goes round to the same panels"


def test_the_digits_open_the_views() -> None:
    digits = [key.keys for key in KEYS if key.keys.isdigit()]
    assert digits == [view.key for view in VIEWS.values()] == list("123456789"[: len(VIEWS)])


async def test_the_app_binds_the_table() -> None:
    async with running() as (app, _):
        bound = {(key, each.action) for key, each in app._bindings}
    assert {(name, key.action) for key in KEYS for name in key.names} <= bound


@pytest.mark.parametrize(("typed", "meant"), [("й", "q"), ("Й", "Q"), ("ъ", "]"), ("ω", "v"),
                                              ("ש", "a"), ("і", "s"), ("ю", ".")])  # fmt: skip
def test_keys_are_recognised_on_non_latin_keyboards(typed: str, meant: str) -> None:
    event = as_on_a_latin_keyboard(Key(typed, typed))
    assert (event.key, event.character) == (_character_to_key(meant), meant)


def test_latin_letters_and_signs_are_unchanged() -> None:
    assert not set(LATIN) & set(string.printable)
    for event in (Key("q", "q"), Key("up", None), Key("é", "é")):
        assert as_on_a_latin_keyboard(event) is event


def test_every_letter_maps_to_a_key_name_of_textual() -> None:
    for letter, latin in LATIN.items():
        assert as_on_a_latin_keyboard(Key(letter, letter)).key == _character_to_key(latin)


def test_readme_lists_the_keys() -> None:
    assert markdown_table(KEYS) in README.read_text(encoding="utf-8")
