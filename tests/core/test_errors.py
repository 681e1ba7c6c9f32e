"""Errors that users can cause: one line, also from another process."""

import pickle
from pathlib import Path

from superpos_core.errors import InvalidValue, printable


def test_an_invalid_value_can_be_pickled() -> None:
    error = InvalidValue("hidden", 0, "there must be one", "a number from 1")
    unpickled = pickle.loads(pickle.dumps(error))
    assert str(unpickled) == str(error) == "hidden 0: there must be one; choose a number from 1"
    assert (unpickled.name, unpickled.value) == ("hidden", 0)


def test_a_path_is_shown_whole_and_any_other_long_value_is_not() -> None:
    path = Path("/") / "/".join(["folder"] * 30) / "config.toml"
    assert printable(path) == str(path)
    assert printable(str(path)).endswith("…")
