"""What an experiment is: a config, and what it should show."""

from dataclasses import dataclass, field, replace
from typing import Any

from superpos_core.experiments.checks.check import Check, Verdict, verdicts_of
from superpos_core.experiments.quick import Quick
from superpos_core.record.record import Kind, Record
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_core.task.task import Task

THE_PROBLEM = (*(option.field for option in options_of(Task)), "hidden_penalty", "sweep")
"""The options that say what is to be learned; checks find models, sparsities and swept values."""


@dataclass(frozen=True)
class Experiment:
    """A named experiment: what to train, how to look at it and what should be seen.

    ``section`` is the paper's section, or the follow-up paper, that it is from. ``figures`` are
    those that show it, the main one first, and ``first_setting`` is the index of the setting to
    look at first. ``quick`` holds the options of a run that is over in seconds, where they differ.
    ``tour`` is a sentence or two of the story that the tour tells; those without stand aside.
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
        """The name that the command line takes."""
        return self.config.name

    @property
    def main_figure(self) -> str:
        """The name of the figure that shows best what it shows."""
        return self.figures[0]

    @property
    def quick_config(self) -> ExperimentConfig:
        """The settings of the quick run."""
        return self.quick.applied_to(self.config)


@dataclass(frozen=True)
class Trial:
    """What somebody wants trained: a config, and the experiment that it is of, if it is of one."""

    config: ExperimentConfig
    experiment: Experiment | None = None


def remarked(run: Kind, experiment: Experiment | None) -> Kind:
    """The same record with what is to be said of it wherever its numbers are shown."""
    if experiment is None or not experiment.quick.is_applied_to(run.config):
        return run
    return replace(run, remarks=("quick: smaller than the experiment is",))


def verdicts(experiment: Experiment, run: Record) -> list[Verdict]:
    """What the experiment expects of a run and what is seen, check by check; misses too.

    Nothing is expected of a run with another problem than the experiment's, such as more features:
    there the verdicts neither pass nor miss. How it is trained makes no difference to that.
    """
    changed = [
        name.replace("_", "-")
        for name in THE_PROBLEM
        if getattr(run.config, name) != getattr(experiment.config, name)
    ]
    if changed:
        reason = f"the run has its own {', '.join(changed)}"
        return [Verdict(check.name, check.expected, reason, None) for check in experiment.checks]
    return verdicts_of(experiment.checks, run)
