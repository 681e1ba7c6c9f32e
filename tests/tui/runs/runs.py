"""Summaries of runs that no folder holds, and tables of them."""

from pathlib import Path
from typing import Any

from tests.run_folders import CONFIG

from superpos_core.files.runs.glance import RunSummary
from superpos_core.files.runs.listing import Listing
from superpos_core.files.runs.status_file import RunState
from superpos_tui.runs.table import Table, TableMaker

NOW = 2e9


def run(
    folder: str,
    *,
    stated: RunState = "finished",
    step: int = 10_000,
    losses: tuple[float, float] | None = (1e-4, 1e-2),
    checks: tuple[int, int] | None = None,
    shapes: tuple[str, ...] = (),
    unknown: frozenset[str] = frozenset(),
    alive: float | None = NOW,
    reason: str = "",
    **settings: Any,
) -> RunSummary:
    """A run with these ``settings`` in place of the usual ones."""
    config = {**CONFIG.as_dict(), **settings}
    return RunSummary(
        Path("/out") / folder, folder, "twenty", config, stated, step, 10_000, unknown, losses,
        checks, shapes, alive, reason,
    )  # fmt: skip


def table(*runs: RunSummary, **listing: Any) -> Table:
    """The table of these runs."""
    return TableMaker().table_of(Listing(runs, **listing), NOW)
