"""The columns of the list of runs: their titles, texts and orders."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from superpos_core.files.runs.glance import RunSummary, State
from superpos_core.files.runs.listing import differing_settings, setting_of
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_tui.drawing.numbers import short_loss
from superpos_tui.drawing.text_lines import cut, one_line

UNKNOWN = "–"
DIGITS = re.compile("([0-9]+)")
LARGEST = 1e300
"""Larger numbers in a file are sorted like unknown ones."""
MAX_LISTED = 3
"""Maximum number of values of a setting that are shown one by one."""
STATES: tuple[State, ...] = ("training", "paused", "silent", "failed", "stopped", "finished")
"""In the order in which they are sorted: what may need a look comes first."""
SHORT_TITLES = {"name": "experiment", "features": "n", "hidden": "m", "sparsities": "S"}
WITHOUT_OPTION = {"name": "experiment"}

Order = tuple[int, float, tuple[tuple[int, int, str], ...]]
"""What rows are sorted by: unknown values last, numbers before texts."""


@dataclass(frozen=True)
class Column:
    """A column: ``text`` is what a row shows in it, ``order`` what it is sorted by.

    ``setting`` is the config's field that it shows, if it shows one. Columns are equal if they show
    the same.
    """

    name: str
    title: str
    text: Callable[[RunSummary, float], str] = field(compare=False)
    order: Callable[[RunSummary, float], Order] = field(compare=False)
    at_right: bool = False
    max_width: int = 16
    setting: str = ""


def columns_for(runs: Sequence[RunSummary]) -> tuple[Column, ...]:
    """The columns in the order in which they stand; settings only if they differ."""
    settings = [
        _setting(field, at_right=all(_is_number(setting_of(run, field)) for run in runs))
        for field in differing_settings(runs)
        if field != "name" or any(run.path.name != run.experiment for run in runs)
    ]
    return (NAME, STATE, DONE, LOSS, CHECKS, *settings, SHAPES)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """What texts are sorted by, so that ``run-9`` comes before ``run-10``."""
    return tuple(
        (0, int(part), "") if index % 2 else (1, 0, part)
        for index, part in enumerate(DIGITS.split(text.casefold()))
    )


def setting_text(value: Any) -> str:
    """A setting's value: of long lists the ends and the length."""
    if value is None:
        return UNKNOWN
    if isinstance(value, list):
        if len(value) <= MAX_LISTED:
            return " ".join(map(setting_text, value)) or "none"
        return f"{setting_text(value[0])}…{setting_text(value[-1])} ({len(value)})"
    return one_line(f"{value:g}" if isinstance(value, float) else str(value))


def loss_range(run: RunSummary) -> str:
    """The lowest and the highest loss, or the only one."""
    if run.losses is None:
        return UNKNOWN
    low, high = (short_loss(loss).strip() for loss in run.losses)
    return low if low == high else f"{low} … {high}"


def option_name(field: str) -> str:
    """The name of a setting as on the command line."""
    names = {option.field: option.name for option in options_of(ExperimentConfig)}
    return WITHOUT_OPTION.get(field) or names.get(field, one_line(field))


LAST: Order = (2, 0.0, ())


def _number(value: float) -> Order:
    return (0, float(value), ()) if abs(value) < LARGEST else LAST  # false for nan too


def _text(value: str) -> Order:
    return (1, 0.0, natural(value))


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, int | float)


def _setting(field: str, *, at_right: bool) -> Column:
    def text(run: RunSummary, now: float) -> str:
        return setting_text(setting_of(run, field))

    def order(run: RunSummary, now: float) -> Order:
        value = setting_of(run, field)
        if value is None:
            return LAST
        return _number(value) if _is_number(value) else _text(setting_text(value))

    title = SHORT_TITLES.get(field) or option_name(field)
    return Column(option_name(field), title, text, order, at_right, setting=field)


def _checks_text(run: RunSummary, now: float) -> str:
    return UNKNOWN if run.checks is None else f"{run.checks[0]} of {run.checks[1]}"


def _share_of_checks(run: RunSummary, now: float) -> Order:
    if run.checks is None:
        return LAST
    passed, applicable = run.checks
    return _number(passed / applicable)


def _shapes_text(run: RunSummary, now: float) -> str:
    return ", ".join(map(one_line, run.shapes)) or UNKNOWN


NAME = Column(
    "name",
    "name",
    lambda run, now: one_line(run.name),
    lambda run, now: _text(run.name),
    max_width=60,
)
STATE = Column(
    "state",
    "state",
    lambda run, now: run.state(now),
    lambda run, now: _number(STATES.index(run.state(now))),
)
DONE = Column(
    "done",
    "done",
    lambda run, now: f"{run.share_done:4.0%}" if run.steps else UNKNOWN,
    lambda run, now: _number(run.share_done) if run.steps else LAST,
    at_right=True,
)
LOSS = Column(
    "loss",
    "min loss",
    lambda run, now: UNKNOWN if run.losses is None else short_loss(run.losses[0]),
    lambda run, now: LAST if run.losses is None else _number(run.losses[0]),
    at_right=True,
)
CHECKS = Column("checks", "checks", _checks_text, _share_of_checks, at_right=True)
SHAPES = Column(
    "shapes",
    "shapes",
    _shapes_text,
    lambda run, now: _text(_shapes_text(run, now)) if run.shapes else LAST,
    max_width=40,
)


def shortened(text: str, column: Column) -> str:
    """A text of a column, cut to the most that the column may take."""
    return cut(text, column.max_width)
