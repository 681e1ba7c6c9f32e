"""The phase view before there is a phase diagram."""

from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_core.experiments.expected_time import expected_seconds
from superpos_core.machine.cores import usable_cores
from superpos_core.record.phase_grid import PHASE_MAP
from superpos_tui.drawing.numbers import rough_duration


def where_to_find() -> str:
    """What to press to get a phase diagram, and how long it takes."""
    seconds = expected_seconds(first_experiment().config, usable_cores())
    how_long = f"{rough_duration(seconds)} if the machine is idle"
    return f"No phase diagram yet. Press enter to train one ({how_long}), or x to choose another."


def first_experiment() -> Experiment:
    """The first experiment that trains a phase map."""
    return next(each for each in EXPERIMENTS.values() if each.config.kind == PHASE_MAP)
