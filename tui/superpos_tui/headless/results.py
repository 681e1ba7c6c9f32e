"""Results as tables for a terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from superpos_core.experiments.checks.check import Verdict
from superpos_core.figures.tools.placing import evenly
from superpos_core.geometry.measures import largest_sum_of_dimensionality
from superpos_core.record.lane_names import lane_labels
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.lanes import Lane
from superpos_core.task.sweeps import sweep_named

MAX_ROWS = 18
"""Maximum rows in the table of lanes, so that it and the lines around it fit on 24 lines."""


@dataclass(frozen=True)
class Outcome:
    """How long a run took, from loading to the last figure, and the verdicts of its checks."""

    name: str
    seconds: float
    verdicts: Sequence[Verdict]

    @property
    def passed(self) -> int:
        """How many checks it passed."""
        return sum(verdict.passed is True for verdict in self.verdicts)


def outcomes_table(outcomes: Sequence[Outcome]) -> Table:
    """A table with one row per run, and their total."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True)
    seconds = sum(outcome.seconds for outcome in outcomes)
    table.add_column("experiment", "together")
    table.add_column("time", _minutes(seconds), justify="right")
    table.add_column("checks passed", _passed(outcomes), justify="right")
    for outcome in outcomes:
        table.add_row(outcome.name, _minutes(outcome.seconds), _passed([outcome]))
    return table


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _passed(outcomes: Sequence[Outcome]) -> str:
    checks = sum(len(outcome.verdicts) for outcome in outcomes)
    return f"{sum(outcome.passed for outcome in outcomes)} of {checks}"


def lanes_table(summary: Mapping[str, Any]) -> tuple[Table, str]:
    """The results of each lane, and, if not all lanes fit, which ones are shown."""
    config, lanes = summary["config"], summary["lanes"]
    columns = _columns_of(config)
    rows, choice = _rows_to_show(lanes)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("lane", no_wrap=True)
    for title in columns.values():
        table.add_column(title, justify="right")
    names = lane_labels([_lane(each, config["sweep"]) for each in lanes])
    for row in rows:
        table.add_row(names[row], *(_shown(lanes[row][name]) for name in columns))
    return table, f"{len(rows)} of {len(lanes):,} lanes: {choice}" if choice else ""


def _columns_of(config: Mapping[str, Any]) -> dict[str, str]:
    """The titles of the measures to show, of models or dictionaries, by their summary's names."""
    features = config["features"]
    if config.get("kind") == DICTIONARIES:
        return {
            "recovered": f"recovered of {features}",
            "mcc": "MCC",
            "l0": "L0",
            "dead": f"dead of {config['latents']}",
            "explained_variance": "variance explained",
        }
    most = largest_sum_of_dimensionality(features, config["hidden"])
    sweeps_hidden = sweep_named(config["sweep"]).sets_hidden
    return {
        "represented": f"represented of {features}",
        "loss_over_linear": "L/L_linear",
        "dimensions_per_feature": "D*",
        "sum_dimensionality": "ΣD of m" if sweeps_hidden else f"ΣD of {most}",
    }


def _rows_to_show(lanes: Sequence[Mapping[str, Any]]) -> tuple[list[int], str]:
    """The indices of the lanes to show, and, if not all are, how they were chosen.

    Where nobody knows which restart is the best, every one may be shown.
    """
    if len(lanes) <= MAX_ROWS:
        return list(range(len(lanes))), ""
    rows = [index for index, lane in enumerate(lanes) if lane["rank"] in (1, None)]
    choice = "the best restart per setting"
    if len(rows) == len(lanes):
        choice = "evenly spread"
    if len(rows) > MAX_ROWS:
        rows = evenly(rows, MAX_ROWS)
        choice = choice if choice == "evenly spread" else f"{choice}, evenly spread"
    return rows, choice


def _lane(lane: Mapping[str, Any], sweep: str) -> Lane:
    """The lane of a summary; where it is unknown, its sparsity and seed do not show."""
    return Lane(lane["model"], lane["sparsity"] or 0, lane["seed"] or 0, lane["swept"], sweep)


def verdict_lines(verdicts: Sequence[Verdict]) -> list[str]:
    """One line per check that applies to the run, and one for all that do not."""
    lines = [verdict.line for verdict in verdicts if verdict.passed is not None]
    others = [verdict for verdict in verdicts if verdict.passed is None]
    if len(others) == 1:
        return [*lines, others[0].line]
    if others:
        reasons = list(dict.fromkeys(verdict.observed for verdict in others))
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        lines.append(f"not applicable: {len(others)} of {len(verdicts)} checks: {reasons[0]}{more}")
    return lines


def _shown(value: Any) -> str:
    """A count, or a number with three digits after the point; a dash for one that is not finite."""
    if isinstance(value, int):
        return str(value)
    return "—" if value is None else f"{value:.3f}"
