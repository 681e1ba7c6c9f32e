"""The table of lanes and the lines of checks after a run without an interface."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.tui.headless.scripted import CONFIG

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import Trial
from superpos_core.experiments.checks.check import Verdict
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_tui.headless import export_headless
from superpos_tui.headless.results import lanes_table, verdict_lines


def test_the_table_bounds_the_sum_of_dimensionalities_by_features_and_dimensions() -> None:
    sizes = ((6, 2, "none", "2"), (3, 6, "none", "3"), (6, 5, "hidden", "m"))
    for features, hidden, sweep, bound in sizes:
        config = {"features": features, "hidden": hidden, "sweep": sweep}
        table, _ = lanes_table({"config": config, "lanes": []})
        assert table.columns[-1].header == f"ΣD of {bound}"


@pytest.mark.usefixtures("_scripted")
def test_the_table_shows_the_values_of_the_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    export_headless([Trial(CONFIG)], tmp_path, ("svg",), EngineChoice())
    header, *rows = capsys.readouterr().err.splitlines()[-3:]
    assert " ".join(header.split()) == "lane represented of 4 L/L_linear D* ΣD of 2"
    lanes = json.loads((tmp_path / "summary.json").read_text("utf-8"))["lanes"]
    for row, lane in zip(rows, lanes, strict=True):
        assert row.split() == [
            "tied",
            f"S={lane['sparsity']:g}",
            str(lane["represented"]),
            f"{lane['loss_over_linear']:.3f}",
            f"{lane['dimensions_per_feature']:.3f}",
            f"{lane['sum_dimensionality']:.3f}",
        ]


def summary_of(config: ExperimentConfig) -> dict[str, Any]:
    """A summary of the lanes with made-up measures."""
    measures = ("loss_over_linear", "dimensions_per_feature", "sum_dimensionality")
    lanes = [
        {
            "model": lane.model,
            "sparsity": lane.sparsity,
            "swept": lane.swept,
            "seed": lane.seed,
            "rank": config.restarts - lane.seed,
            "represented": 0,
            **dict.fromkeys(measures, 1.0),
        }
        for lane in config.lanes
    ]
    return {"config": config.as_dict(), "lanes": lanes}


def shown(config: ExperimentConfig) -> list[str]:
    """The lines of the table of lanes, then the line that says which lanes are shown."""
    console = Console(width=100, file=io.StringIO(), record=True)
    table, which = lanes_table(summary_of(config))
    console.print(table)
    return [*(line.rstrip() for line in console.export_text().splitlines()), which]


def test_the_table_distinguishes_restarts_and_swept_values() -> None:
    config = replace(
        CONFIG, restarts=2, sparsities=(0.9,), sweep="first-density", sweep_values=(0.5, 2.0)
    )
    names = [line.split("  ")[0] for line in shown(config)[1:-1]]
    assert names == [
        "tied S=0.9 ×0.5 seed 0",
        "tied S=0.9 ×0.5 seed 1",
        "tied S=0.9 ×2 seed 0",
        "tied S=0.9 ×2 seed 1",
    ]


def test_the_table_of_dictionaries_shows_what_they_found() -> None:
    lane = {
        "model": "topk", "sparsity": 0.9, "swept": None, "seed": 0, "rank": None,
        "recovered": 4, "mcc": 0.9, "l0": 1.25, "dead": 1, "explained_variance": None,
    }  # fmt: skip
    config = replace(CONFIG, kind=DICTIONARIES).as_dict()
    table, _ = lanes_table({"config": config, "lanes": [lane] * 20})
    assert [column.header for column in table.columns[1:]] == [
        "recovered of 4", "MCC", "L0", "dead of 5", "variance explained",
    ]  # fmt: skip
    assert [next(iter(column.cells)) for column in table.columns[1:]] == [
        "4", "0.900", "1.250", "1", "—",
    ]  # fmt: skip


MANY = tuple(number / 1000 for number in range(400))


@pytest.mark.parametrize(
    ("changes", "rows", "which"),
    [
        ({"restarts": 10}, 2, "2 of 20 lanes: the best restart per setting"),
        ({"sparsities": MANY}, 18, "18 of 400 lanes: evenly spread"),
        (
            {"sparsities": MANY, "restarts": 3},
            18,
            "18 of 1,200 lanes: the best restart per setting, evenly spread",
        ),
    ],
)
def test_the_table_of_many_lanes_fits_one_screen(
    changes: dict[str, Any], rows: int, which: str
) -> None:
    lines = shown(replace(CONFIG, **changes))
    assert len(lines) == rows + 2
    assert lines[-1] == which
    if "restarts" in changes:
        last = changes["restarts"] - 1
        assert all(f"seed {last} " in line for line in lines[1:-1]), "it is the best"


def test_checks_that_do_not_apply_share_one_line() -> None:
    passed = Verdict("a", "1", "1", True)
    others = [Verdict("b", "2", "this run changed features", None) for _ in range(9)]
    assert verdict_lines([passed]) == [passed.line]
    assert verdict_lines([passed, others[0]]) == [passed.line, others[0].line]
    assert verdict_lines([passed, *others]) == [
        passed.line,
        "not applicable: 9 of 10 checks: this run changed features",
    ]


@pytest.mark.usefixtures("_scripted")
def test_a_measure_that_is_not_finite_is_a_dash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With m = n the linear optimum is 0, so the ratio to it is not finite."""
    export_headless([Trial(replace(CONFIG, hidden=4))], tmp_path, ("svg",), EngineChoice())
    assert "—" in capsys.readouterr().err.splitlines()[-1].split()
