"""The registry of experiments: every entry is complete, and a new experiment is one entry."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.scripted_engine import ScriptedEngine

from superpos_core.analysis import scaling
from superpos_core.analysis.dictionaries import rows as score_rows
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.errors import InvalidValue
from superpos_core.experiments import (
    DEFAULT_EXPERIMENT,
    EXPERIMENTS,
    Experiment,
    experiment_named,
    verdicts,
)
from superpos_core.experiments.checks.geometry import geometry_at
from superpos_core.experiments.checks.quantities import (
    REPRESENTED,
    SUM_OF_DIMENSIONALITIES,
    number_at,
    number_everywhere,
)
from superpos_core.experiments.quick import Quick
from superpos_core.figures.registry import FIGURES
from superpos_core.record.grouped import GroupedRecord
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.record import Record
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.initialization import stacked_initial_parameters
from superpos_core.task.lanes import HIDDEN
from superpos_core.task.parameters import Parameters
from superpos_core.training.run import train

each_experiment = pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda e: e.name)
SECTIONS_OF_THE_PAPER = (
    "Introduction",
    "Demonstrating Superposition",
    "Superposition as a Phase Change",
    "The Geometry of Superposition",
    "Superposition and Learning Dynamics",
    "Relationship to Adversarial Robustness",
    "Superposition in a Privileged Basis",
    "Computing in Superposition",
)


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses and scores over fewer rows: what is untrained misses the bounds by far."""
    monkeypatch.setattr(scaling, "ROWS", 1 << 12)
    monkeypatch.setattr(score_rows, "MOST_ENTRIES", 1 << 15)


@cache
def untrained(experiment_name: str) -> Record:
    """A run of the experiment before anything is learned."""
    config = experiment_named(experiment_name).config
    if config.kind == DICTIONARIES:
        return train(replace(config, steps=1, model_steps=1, restarts=1)).record
    return train(replace(config, steps=1, warm_up=0, restarts=1), engine=StartingPoint).record


class StartingPoint(ScriptedEngine):
    """Keeps every lane at its initial weights."""

    def parameters(self, model: str) -> Parameters:
        """The initial parameters, at any step."""
        return stacked_initial_parameters(self.config, self.config.lanes_of(model))


def filled_with(run: Record, value: float) -> Record:
    """The same run with every weight set to ``value``; a map is empty."""
    if isinstance(run, PhaseMap):
        return PhaseMap.empty(run.grid)
    assert isinstance(run, GroupedRecord)
    cohorts = {
        model: replace(
            cohort,
            parameters=cohort.parameters.map(lambda array: np.full_like(array, value)),
        )
        for model, cohort in run.cohorts.items()
    }
    return replace(run, cohorts=cohorts)


def test_every_name_finds_its_entry_and_the_default_is_first() -> None:
    assert next(iter(EXPERIMENTS)) == DEFAULT_EXPERIMENT
    for name in EXPERIMENTS:
        assert experiment_named(name).config.name == name


def test_an_unknown_name_suggests_the_nearest_one() -> None:
    with pytest.raises(InvalidValue, match="did you mean pentagon"):
        experiment_named("pentagram")


def test_every_section_of_the_paper_has_an_experiment() -> None:
    sections = {experiment.section for experiment in EXPERIMENTS.values()}
    assert sections >= set(SECTIONS_OF_THE_PAPER)


@each_experiment
def test_every_entry_is_complete(experiment: Experiment) -> None:
    texts = (experiment.title, experiment.section, experiment.what_to_see, experiment.main_figure)
    assert all(text.strip() == text and text for text in texts)
    assert experiment.what_to_see.endswith(".")
    assert experiment.title[0].isupper()
    assert not experiment.title.endswith(".")
    assert not experiment.tour or experiment.tour.endswith(".")
    assert experiment.figures
    assert set(experiment.figures) <= set(FIGURES)
    assert experiment.checks
    assert 0 <= experiment.first_setting < len(experiment.config.settings)


@each_experiment
def test_every_check_has_a_unique_name_and_states_what_it_expects(experiment: Experiment) -> None:
    names = [check.name for check in experiment.checks]
    assert len(set(names)) == len(names)
    assert all(names)
    assert all(check.expected for check in experiment.checks)


@each_experiment
def test_the_quick_run_is_shorter_and_trains_the_same_models(experiment: Experiment) -> None:
    config, quick = experiment.config, experiment.quick_config
    assert work_of(quick) < work_of(config)
    assert (quick.name, quick.models) == (config.name, config.models)
    assert quick.features / quick.hidden >= config.features / config.hidden / 2


def work_of(config: ExperimentConfig) -> int:
    """Entries of rows in the whole run, over all lanes of a model."""
    rows = config.steps * config.restarts * config.batch * len(config.settings)
    return rows * config.features


@each_experiment
@pytest.mark.sampled(2)
def test_checks_apply_to_their_experiment_and_can_fail(experiment: Experiment) -> None:
    """Before training every check applies, and not all pass."""
    seen = verdicts(experiment, untrained(experiment.name))
    assert all(verdict.passed is not None for verdict in seen)
    assert not all(verdict.passed for verdict in seen)


@each_experiment
def test_non_finite_weights_pass_no_check_and_raise_no_error(experiment: Experiment) -> None:
    for wrong in (np.nan, np.inf):
        for verdict in verdicts(experiment, filled_with(untrained(experiment.name), wrong)):
            assert verdict.passed is not True, verdict.line


def changes_of_the_task(config: ExperimentConfig) -> list[dict[str, Any]]:
    """Settings that make it another task."""
    if config.kind == DICTIONARIES:
        return [{"latents": 7, "dictionary_start": "random"}, {"importance": 0.5}, {"hidden": 60}]
    changes: list[dict[str, Any]] = [{"features": 2 * config.features}, {"importance": 0.5}]
    return changes if config.sweep == HIDDEN else [*changes, {"hidden": 4}]


@each_experiment
def test_checks_do_not_apply_to_a_run_that_changed_the_task(experiment: Experiment) -> None:
    for changed in changes_of_the_task(experiment.config):
        config = replace(experiment.config, initial="independent", **changed)  # of any size
        run = replace(untrained(experiment.name), config=config)
        assert all(verdict.passed is None for verdict in verdicts(experiment, run))


def test_checks_apply_to_a_run_of_the_same_task_that_was_trained_differently() -> None:
    experiment = experiment_named("twenty")
    config = replace(experiment.config, steps=7, seed=3, learning_rate=0.1, batch=5)
    seen = verdicts(experiment, replace(untrained(experiment.name), config=config))
    assert all(verdict.passed is not None for verdict in seen)


def test_the_tour_has_ten_stops() -> None:
    assert sum(bool(experiment.tour) for experiment in EXPERIMENTS.values()) == 10


def test_a_new_experiment_is_one_entry() -> None:
    experiment = Experiment(
        title="Three features in three dimensions",
        section="Tests",
        what_to_see="One dimension per feature.",
        config=ExperimentConfig(
            "three",
            features=3,
            hidden=3,
            models=("tied",),
            sparsities=(0.5,),
            importance=1,
            restarts=2,
            steps=400,
            learning_rate=0.03,
            learning_rate_schedule="cosine",
        ),
        checks=(
            number_at(REPRESENTED, 3, 3, sparsity=0.5),
            number_everywhere(SUM_OF_DIMENSIONALITIES, 2.9, 3.001),
            geometry_at("3 digons", sparsity=0.5),
        ),
        quick=Quick(steps=50),
    )
    seen = verdicts(experiment, train(experiment.config, engine=TorchEngine).record)
    assert [verdict.passed for verdict in seen] == [True, True, False]
    assert experiment.quick_config.steps == 50
