"""An experiment: a config, and what it should show."""

from dataclasses import dataclass, field, replace
from typing import Any

from superpos_core.engine.given_start import GivenStart
from superpos_core.experiments.checks.check import Check, Verdict
from superpos_core.experiments.quick import Quick
from superpos_core.record.record import Kind, Record
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_core.task.task import Task

OF_DICTIONARIES = ("latents", "active_latents", "latent_penalty", "directions", "decoder_bias")
THE_PROBLEM = (
    *(option.field for option in options_of(Task)),
    "hidden_penalty",
    "sweep",
    *OF_DICTIONARIES,
)
"""Options that define the task; checks look up models, sparsities and swept values themselves."""
OF_LANES = ("sparsities", "models")


@dataclass(frozen=True)
class Experiment:
    """A named experiment: what to train, how to show it and what to expect.

    ``section`` is the section of the paper, or the follow-up paper, that it reproduces.
    ``figures`` lists its figures, the main one first, and ``first_setting`` is the index of the
    setting to show first. ``quick`` overrides options for a run that takes seconds. ``tour`` is
    the text of its stop on the guided tour; experiments without one are skipped.
    """

    title: str
    section: str
    what_to_see: str
    config: ExperimentConfig
    figures: tuple[str, ...] = ("gram", "norms", "loss")
    checks: tuple[Check[Any], ...] = ()
    quick: Quick = field(default_factory=Quick)
    first_setting: int = 0
    tour: str = ""

    @property
    def name(self) -> str:
        """The name used on the command line."""
        return self.config.name

    @property
    def main_figure(self) -> str:
        """The name of the figure that shows the result best."""
        return self.figures[0]

    @property
    def quick_config(self) -> ExperimentConfig:
        """The settings of the quick run."""
        return self.quick.applied_to(self.config)


@dataclass(frozen=True)
class Trial:
    """A config to train; if there is any, its experiment, and the weights that it starts from."""

    config: ExperimentConfig
    experiment: Experiment | None = None
    start: GivenStart | None = None


def remarked(run: Kind, experiment: Experiment | None) -> Kind:
    """The same record with the remarks to show next to its numbers."""
    if experiment is None or not experiment.quick.is_applied_to(run.config):
        return run
    return replace(run, remarks=("quick: smaller than the experiment is",))


def verdicts(experiment: Experiment, run: Record) -> list[Verdict]:
    """Expected and observed for every check, including misses.

    The checks do not apply to a run that changed the task, for example the number of features: its
    verdicts neither pass nor miss. They do apply however the run was trained.
    """
    is_quick = experiment.quick.is_applied_to(run.config)
    usual = experiment.quick_config if is_quick else experiment.config
    changed = [
        name.replace("_", "-")
        for name in THE_PROBLEM
        if getattr(run.config, name) != getattr(usual, name)
    ]
    untold = [name for name in (*THE_PROBLEM, *OF_LANES, "steps") if name in run.unknown]
    if untold or changed:
        names = ", ".join(name.replace("_", "-") for name in untold)
        reason = f"unknown: {names}" if untold else f"this run changed {', '.join(changed)}"
        return [Verdict(check.name, check.expected, reason, None) for check in experiment.checks]
    return [check.verdict(run) for check in experiment.checks]
