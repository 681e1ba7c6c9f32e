"""Prints a list of runs; needs neither textual nor an engine."""

import shutil
import sys
import time
from pathlib import Path

import click

from superpos_core.files.runs.listing import RunLister
from superpos_tui.runs.printed import json_of, text_of
from superpos_tui.runs.table import TableMaker


def print_runs(folder: str, *, as_json: bool) -> int:
    """Print the runs in a folder, as wide as the terminal if there is one; return the exit code.

    Raises ``InvalidValue`` for a path that is no folder.
    """
    listing = RunLister([Path(folder).expanduser()]).refresh()
    table = TableMaker().table_of(listing, time.time())
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(json_of(table) if as_json else text_of(table, width))
    return 0
