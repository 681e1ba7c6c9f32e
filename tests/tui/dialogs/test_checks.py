"""The checks of an experiment as the gallery lists them."""

from io import StringIO

import pytest
from rich.console import Console

from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_tui.dialogs.gallery import checks_of


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda e: e.name)
def test_checks_are_listed_whole_and_what_wraps_is_indented(experiment: Experiment) -> None:
    printed = StringIO()
    Console(width=40, file=printed, color_system=None).print(checks_of(experiment))
    lines = [line.rstrip() for line in printed.getvalue().splitlines()]
    assert sum(line.startswith("· ") for line in lines) == len(experiment.checks)
    assert all(line[:2] in ("· ", "  ") for line in lines)
    together = " ".join(line[2:] for line in lines)
    for check in experiment.checks:
        assert f"{check.name}: {check.expected}" in together
