"""The phase view before there is a phase diagram."""

from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_core.experiments.expected_time import expected_seconds
from superpos_core.machine.cores import usable_cores
from superpos_core.record.phase_grid import PHASE_MAP
from superpos_tui.drawing.numbers import rough_duration
from superpos_tui.views.panel import PARAGRAPHS


def where_to_find() -> str:
    """What to press to get a phase diagram, how long it takes, and what it is."""
    seconds = expected_seconds(first_experiment().config, usable_cores())
    how_long = f"{rough_duration(seconds)} if the machine is idle"
    how = f"No phase diagram yet. Press enter to train one ({how_long}), or x to choose another."
    what = (
        "Each cell of it is a small model with one more feature than dimensions. Depending on the "
        "density of features and the importance of the last one, that is ignored, has a dedicated "
        "dimension or shares one."
    )
    return how + PARAGRAPHS + what


def first_experiment() -> Experiment:
    """The first experiment that trains a phase map."""
    return next(each for each in EXPERIMENTS.values() if each.config.kind == PHASE_MAP)
