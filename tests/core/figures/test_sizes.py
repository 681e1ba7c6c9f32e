"""A figure fits on one page for any number of features, dimensions, settings and restarts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from matplotlib.figure import Figure
from tests.core.snapshots import with_losses

from superpos_core.figures.compare import Side, draw_pair
from superpos_core.figures.probe import draw_probe
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools import style
from superpos_core.figures.tools.kinds import FigureKind, RunFigure
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.timeline import TimelineRecorder
from superpos_core.task.config import ExperimentConfig

LARGEST_SIDE = 13.3
"""Inches: 4000 dots at the resolution of print."""
HIGHEST = 1.6
"""The height of a figure, in units of its width."""
MANY_SPARSITIES = tuple(float(value) for value in np.linspace(0, 0.999, 48))
FACTORS = tuple(float(value) for value in np.geomspace(0.1, 10, 4))

EXTREMES: dict[str, ExperimentConfig] = {
    "many features": ExperimentConfig(
        "x", features=1200, hidden=2, models=("untied",), sparsities=(0.9,), importance=1
    ),
    "many neurons": ExperimentConfig(
        "x", features=1200, hidden=250, models=("mlp",), sparsities=(0.9,), importance=1
    ),
    "many dimensions": ExperimentConfig(
        "x", features=3, hidden=1100, models=("untied",), sparsities=(0.0, 0.5, 0.9)
    ),
    "one feature": ExperimentConfig(
        "x", features=1, hidden=1, models=("tied", "linear"), sparsities=(0.9,)
    ),
    "many settings": ExperimentConfig(
        "x", features=60, hidden=150, models=("absolute",), sparsities=MANY_SPARSITIES
    ),
    "many restarts": ExperimentConfig(
        "x", features=6, hidden=2, models=("tied",), sparsities=(0.9,), importance=1, restarts=200
    ),
    "many of both": ExperimentConfig(
        "x", features=6, hidden=2, models=("tied",), sparsities=MANY_SPARSITIES[::4], restarts=8
    ),
    "a long sweep": ExperimentConfig(
        "x",
        features=5,
        hidden=2,
        models=("tied",),
        sparsities=(0.5, 0.7, 0.9, 0.95),
        sweep="first-density",
        sweep_values=FACTORS,
    ),
    "many datasets": ExperimentConfig(
        "x",
        features=5,
        hidden=2,
        models=("tied",),
        sparsities=(0.9,),
        sweep="dataset-size",
        sweep_values=FACTORS,
        dataset_size=20,
    ),
    "many levels": ExperimentConfig(
        "x",
        features=6,
        hidden=2,
        models=("tied",),
        sparsities=(0.0,),
        importance=1,
        distribution="one-hot",
        restarts=100,
    ),
    "much noise": ExperimentConfig(
        "x",
        features=300,
        hidden=3,
        models=("linear",),
        sparsities=(0.9,),
        hidden_noise=1.0,
        sweep="hidden-noise",
        sweep_values=FACTORS,
    ),
    "noise up and down": ExperimentConfig(
        "x",
        features=300,
        hidden=3,
        models=("tied",),
        sparsities=tuple(round(0.01 * step, 2) for step in range(90)),
        hidden_noise=1.0,
        hidden_noise_schedule="up-and-down",
    ),
    "many sets": ExperimentConfig(
        "x", features=300, hidden=3, models=("tied",), sparsities=(0.9,), distribution="correlated"
    ),
    "rows on a circle": ExperimentConfig(
        "x", features=300, hidden=3, models=("tied",), sparsities=(0.0,), distribution="circle"
    ),
    "many m": ExperimentConfig(
        "x",
        features=60,
        hidden=20,
        models=("tied",),
        sparsities=(0.9,),
        sweep="hidden",
        sweep_values=tuple(range(1, 21)),
    ),
}


def run_of(config: ExperimentConfig) -> LanesRecord:
    """Initial weights of all lanes, some of them scaled up, at three moments."""
    lanes = len(config.lanes_of(config.models[0]))
    losses = np.random.default_rng(0).uniform(0.01, 1, (3, lanes))
    record = with_losses(config, losses)
    cohorts = {}
    for model, cohort in record.cohorts.items():
        recorder = TimelineRecorder()
        for step, scale in ((0, 0.3), (1, 1.0), (3, 2.0)):
            encoder = (cohort.parameters.encoder * scale).astype(np.float32)
            recorder.record(step, cohort.parameters.with_arrays(encoder=encoder))
        parameters = recorder.view().moments[-1].parameters
        cohorts[model] = replace(cohort, parameters=parameters, timeline=recorder.view())
    return replace(record, cohorts=cohorts)


def applying(record: LanesRecord) -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Every figure that can be drawn for a run, of any experiment."""
    for figure in FIGURES.values():
        yield from figure.drawings(record)
    model, on = next(iter(record.cohorts)), np.ones(record.config.features)
    side = Side(record, model, 0)
    yield "probe", partial(draw_probe, record, model, 0, on)
    if record.config.features < 100:  # beyond, evaluating both lanes takes seconds
        yield "compare", partial(draw_pair, side, side)


@pytest.mark.parametrize("kind", EXTREMES)
@pytest.mark.sampled(8)
def test_every_figure_of_every_run_is_one_page(kind: str) -> None:
    sizes = {name: draw().get_size_inches() for name, draw in applying(run_of(EXTREMES[kind]))}
    assert {name: size for name, size in sizes.items() if max(size) > LARGEST_SIDE} == {}
    assert {name: (w, h) for name, (w, h) in sizes.items() if h > HIGHEST * w} == {}


def test_every_figure_is_covered() -> None:
    tried = {
        name.split("-")[0] for config in EXTREMES.values() for name, _ in applying(run_of(config))
    }
    of_others = {each.name for each in FIGURES.values() if not takes_lanes(each)}
    assert tried >= {name.split("-")[0] for name in FIGURES.keys() - of_others}


def takes_lanes(figure: FigureKind) -> bool:
    """Whether it is drawn for runs of lanes; maps and dictionaries have tests of their own."""
    return not isinstance(figure, RunFigure) or figure.takes is LanesRecord


def test_no_file_has_more_dots_per_side_than_opens_everywhere() -> None:
    assert style.MAX_SIDE_DOTS <= 4000
