"""The named experiments: those of the paper, section by section, and of the papers that followed.

A new experiment is one more entry in the module of its section.
"""

from superpos_core.errors import lookup
from superpos_core.experiments import (
    adversarial_robustness,
    computing,
    correlated_features,
    demonstrating,
    follow_ups,
    geometry,
    learning_dynamics,
    phase_change,
    privileged_basis,
    strategic_picture,
)
from superpos_core.experiments.experiment import Experiment, Trial, remarked, verdicts

__all__ = [
    "DEFAULT_EXPERIMENT",
    "EXPERIMENTS",
    "Experiment",
    "Trial",
    "current_name",
    "experiment_named",
    "remarked",
    "verdicts",
]

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for section in (
        demonstrating,
        phase_change,
        geometry,
        correlated_features,
        learning_dynamics,
        adversarial_robustness,
        privileged_basis,
        computing,
        strategic_picture,
        follow_ups,
    )
    for experiment in section.EXPERIMENTS
}

DEFAULT_EXPERIMENT = "twenty"

FORMER_NAMES = {"seed": "twenty"}
"""What experiments were called in earlier versions: command lines of then go on working."""


def experiment_named(name: str) -> Experiment:
    """The experiment called ``name``; raises ``InvalidValue`` with the known names otherwise."""
    return lookup("experiment", EXPERIMENTS, current_name(name))


def current_name(name: str) -> str:
    """The name now of an experiment that once had ``name``; any other name as it is."""
    return FORMER_NAMES.get(name.lower(), name)
