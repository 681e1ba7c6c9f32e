"""Errors that a person can cause: one line, and the same line from another process."""

import pickle

from superpos_core.errors import InvalidValue


def test_an_invalid_value_comes_whole_from_another_process() -> None:
    told = InvalidValue("hidden", 0, "there must be one", "a number from 1")
    arrived = pickle.loads(pickle.dumps(told))
    assert str(arrived) == str(told) == "hidden 0: there must be one; choose a number from 1"
    assert (arrived.name, arrived.value) == ("hidden", 0)
