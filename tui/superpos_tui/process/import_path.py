"""Keep modules in the current folder from being imported.

``python -m`` and an empty entry in ``PYTHONPATH`` put that folder before the libraries. This runs
before anything else and imports only what Python has loaded already: any other module might be a
file in that folder.
"""

import os
import sys

import superpos_core
import superpos_tui


def forget_current_folder() -> None:
    """Take the current folder off the path, in this process and those that it starts."""
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # the folder is gone, so nothing can be imported from it
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
    roots = {os.path.realpath(root) for root in (sys.prefix, sys.base_prefix, *own)}
    return any(folder == root or folder.startswith(root + os.sep) for root in roots)


def _full(here: str, entry: str) -> str:
    """The absolute folder of a path entry; an empty entry is the current folder."""
    return os.path.realpath(os.path.join(here, entry))
