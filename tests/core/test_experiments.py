"""The registry of experiments: every entry is whole, and one more is one entry."""

from dataclasses import replace

import pytest
from tests.scripted_engine import ScriptedEngine

from superpos_core.checks import (
    REPRESENTED,
    SUM_OF_DIMENSIONALITIES,
    geometry_at,
    number_at,
    number_everywhere,
)
from superpos_core.config import ExperimentConfig
from superpos_core.errors import InvalidValue
from superpos_core.experiments import (
    DEFAULT_EXPERIMENT,
    EXPERIMENTS,
    Experiment,
    experiment_named,
    verdicts,
)
from superpos_core.figures.registry import FIGURES
from superpos_core.run import train
from superpos_core.snapshot import Snapshot

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
HALF_A_MINUTE_OF_STEPS = 30_000


def begun(experiment: Experiment) -> Snapshot:
    """The weights that the experiment starts from, as a run of a single step would leave them."""
    short = replace(experiment.config, steps=1, warm_up=0, restarts=1)
    return train(short, engine=ScriptedEngine)


def test_the_default_and_every_name_lead_to_an_entry() -> None:
    assert next(iter(EXPERIMENTS)) == DEFAULT_EXPERIMENT
    for name in EXPERIMENTS:
        assert experiment_named(name).config.name == name


def test_an_unknown_name_is_told_with_the_nearest_one() -> None:
    with pytest.raises(InvalidValue, match="did you mean pentagon"):
        experiment_named("pentagram")


def test_the_paper_is_there_whole() -> None:
    sections = {experiment.section for experiment in EXPERIMENTS.values()}
    assert sections >= set(SECTIONS_OF_THE_PAPER)


@each_experiment
def test_every_entry_says_what_it_is_and_what_should_be_seen(experiment: Experiment) -> None:
    texts = (experiment.title, experiment.section, experiment.what_to_see, experiment.view)
    assert all(text.strip() == text and text for text in texts)
    assert experiment.what_to_see.endswith(".")
    assert experiment.title[0].isupper()
    assert not experiment.title.endswith(".")
    assert not experiment.tour or experiment.tour.endswith(".")
    assert experiment.figures
    assert set(experiment.figures) <= set(FIGURES)
    assert experiment.checks


@each_experiment
def test_every_check_has_a_name_of_its_own_and_words_for_what_is_expected(
    experiment: Experiment,
) -> None:
    names = [check.name for check in experiment.checks]
    assert len(set(names)) == len(names)
    assert all(name and check.expected for name, check in zip(names, experiment.checks, strict=True))


@each_experiment
def test_the_quick_run_is_shorter_and_about_the_same_settings(experiment: Experiment) -> None:
    config, quick = experiment.config, experiment.quick_config
    work = quick.steps * quick.restarts * quick.batch * len(quick.settings)
    assert work < config.steps * config.restarts * config.batch * len(config.settings)
    assert quick.name == config.name
    assert (quick.features, quick.hidden, quick.models) == (
        config.features,
        config.hidden,
        config.models,
    )


@each_experiment
def test_checks_can_fail_and_find_the_settings_that_they_are_about(experiment: Experiment) -> None:
    """Before training each can be seen, and not all can be passed: nothing is learned yet."""
    seen = verdicts(experiment, begun(experiment))
    assert all(verdict.passed is not None for verdict in seen)
    assert not all(verdict.passed for verdict in seen)


def test_the_tour_has_ten_stops() -> None:
    assert sum(bool(experiment.tour) for experiment in EXPERIMENTS.values()) == 10


def test_one_more_experiment_is_one_entry_and_works_with_what_is_there() -> None:
    experiment = Experiment(
        title="Three features in three dimensions",
        section="Tests",
        what_to_see="A dimension for each.",
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
        quick={"steps": 50},
    )
    seen = verdicts(experiment, train(experiment.config))
    assert [verdict.passed for verdict in seen] == [True, True, False]
    assert experiment.quick_config.steps == 50
