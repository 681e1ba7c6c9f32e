"""Import nothing that happens to lie where the user stands.

``python -m`` and an empty item in ``PYTHONPATH`` put that folder in front of the library. This runs
before anything else and imports only what Python has loaded by then: any other module might be a
file of that folder.
"""

import os
import sys

import superpos_core
import superpos_tui


def forget_current_folder() -> None:
    """Take the current folder off the path, here and in processes that are started from here."""
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # it is gone, and nothing can lie there
        return
    if not _is_of_the_program(here):
        sys.path[:] = [entry for entry in sys.path if _full(here, entry) != here]
    if "PYTHONPATH" in os.environ:
        entries = os.environ["PYTHONPATH"].split(os.pathsep)
        kept = [os.path.join(here, entry) for entry in entries if _full(here, entry) != here]
        os.environ["PYTHONPATH"] = os.pathsep.join(kept)


def _is_of_the_program(folder: str) -> bool:
    """Whether Python, or this program, is installed or checked out there."""
    own = [os.path.dirname(package.__path__[0]) for package in (superpos_core, superpos_tui)]
    places = {os.path.realpath(place) for place in (sys.prefix, sys.base_prefix, *own)}
    return any(folder == place or folder.startswith(place + os.sep) for place in places)


def _full(here: str, entry: str) -> str:
    """Where an item of a path leads; an empty one is the current folder."""
    return os.path.realpath(os.path.join(here, entry))
