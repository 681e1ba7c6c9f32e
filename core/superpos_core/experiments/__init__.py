"""The named experiments of the paper, section by section, and of follow-up papers.

To add an experiment, add an entry to the module of its section.
"""

from superpos_core.errors import lookup
from superpos_core.experiments import (
    adversarial_robustness,
    computing,
    correlated_features,
    demonstrating,
    dictionaries,
    follow_ups,
    geometry,
    hidden_noise,
    learning_dynamics,
    mixing_dictionaries,
    neural_scaling,
    phase_change,
    privileged_basis,
    strategic_picture,
    structured_data,
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
        structured_data,
        neural_scaling,
        hidden_noise,
        dictionaries,
        mixing_dictionaries,
    )
    for experiment in section.EXPERIMENTS
}

DEFAULT_EXPERIMENT = "twenty"

FORMER_NAMES = {"seed": "twenty"}
"""Names from earlier versions, so that old command lines continue to work."""


def experiment_named(name: str) -> Experiment:
    """The experiment called ``name``; raises ``InvalidValue`` if there is none."""
    return lookup("experiment", EXPERIMENTS, current_name(name))


def current_name(name: str) -> str:
    """The current name of an experiment formerly called ``name``; other names unchanged."""
    return FORMER_NAMES.get(name.lower(), name)
