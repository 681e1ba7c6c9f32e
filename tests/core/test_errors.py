"""Errors that users can cause: one line, also from another process."""

import pickle

from superpos_core.errors import InvalidValue


def test_an_invalid_value_can_be_pickled() -> None:
    error = InvalidValue("hidden", 0, "there must be one", "a number from 1")
    unpickled = pickle.loads(pickle.dumps(error))
    assert str(unpickled) == str(error) == "hidden 0: there must be one; choose a number from 1"
    assert (unpickled.name, unpickled.value) == ("hidden", 0)
