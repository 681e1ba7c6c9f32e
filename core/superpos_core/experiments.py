"""The named experiments. A new one is one more entry in ``EXPERIMENTS``."""

from dataclasses import dataclass

from superpos_core.config import ExperimentConfig
from superpos_core.errors import lookup


@dataclass(frozen=True)
class Experiment:
    """An experiment with its name, what it shows and its settings."""

    title: str
    what_to_see: str
    config: ExperimentConfig

    @property
    def name(self) -> str:
        """The name that the command line takes."""
        return self.config.name


EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            title="Twenty features in five dimensions, from dense to sparse",
            what_to_see=(
                "Dense data: the five most important features get a dimension each. Sparser: "
                "antipodal pairs appear, then all features lie in superposition."
            ),
            config=ExperimentConfig(name="seed"),
        ),
    )
}

DEFAULT_EXPERIMENT = "seed"


def experiment_named(name: str) -> Experiment:
    """The experiment called ``name``; raises ``InvalidValue`` with the known names otherwise."""
    return lookup("experiment", EXPERIMENTS, name)
