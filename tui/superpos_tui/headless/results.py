"""What came out, in tables for a terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from superpos_core.checks import Verdict


@dataclass(frozen=True)
class Outcome:
    """How long a run took, from loading to the last figure, and what its checks saw."""

    name: str
    seconds: float
    verdicts: Sequence[Verdict]

    @property
    def passed(self) -> int:
        """How many checks it passed."""
        return sum(verdict.passed is True for verdict in self.verdicts)


def outcomes_table(outcomes: Sequence[Outcome]) -> Table:
    """A row for each of several runs, and their sum."""
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


def lanes_table(summary: Mapping[str, Any]) -> Table:
    """What came out, lane by lane, as the summary has it."""
    features, hidden = summary["config"]["features"], summary["config"]["hidden"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("lane")
    for name in (f"represented of {features}", "L/L_linear", "D*", f"ΣD of {hidden}"):
        table.add_column(name, justify="right")
    for lane in summary["lanes"]:
        table.add_row(
            f"{lane['model']} S={lane['sparsity']:g}",
            str(lane["represented"]),
            _shown(lane["loss_over_linear"]),
            _shown(lane["dimensions_per_feature"]),
            _shown(lane["sum_dimensionality"]),
        )
    return table


def _shown(value: float | None) -> str:
    """A number with three digits after the point; a dash for one that is not finite."""
    return "—" if value is None else f"{value:.3f}"
