"""What the user chooses to look at, and how: everything that keys change without touching training.

All of it is immutable, so that a scene once made stays as it was.
"""

from dataclasses import dataclass, replace
from typing import Literal

from superpos_core.analysis.adversarial import DEFAULT_SHARE
from superpos_core.experiments import Experiment
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named

Colouring = Literal["superposition", "importance", "group"]
COLOURINGS: tuple[Colouring, ...] = ("superposition", "importance", "group")


@dataclass(frozen=True)
class Focus:
    """Which lane is looked at, and when.

    ``setting`` is a place among the config's settings, ``rank`` one among the setting's restarts,
    the best by loss first. ``step`` is a moment of the timeline, ``None`` the newest.
    """

    model: str
    setting: int = 0
    rank: int = 0
    step: int | None = None

    def within(self, config: ExperimentConfig) -> "Focus":
        """As much of the choice as there is in another run; its moments are not this one's."""
        return Focus(
            self.model if self.model in config.models else config.models[0],
            self.setting,
            self.rank,
        ).fitting(config)

    def fitting(self, config: ExperimentConfig) -> "Focus":
        """The same choice, of settings and restarts that there are."""
        return replace(
            self,
            setting=min(self.setting, len(config.settings) - 1),
            rank=min(self.rank, config.restarts - 1),
        )


def first_focus(config: ExperimentConfig, experiment: Experiment | None) -> Focus:
    """What is looked at before anything is chosen: where an experiment shows best what it shows."""
    if experiment is None or config.settings != experiment.config.settings:
        return Focus(config.models[0])
    return Focus(config.models[0], experiment.first_setting)


@dataclass(frozen=True)
class Selection:
    """The cursor: a feature, and another one that it is looked at together with."""

    feature: int
    other: int

    def within(self, config: ExperimentConfig) -> "Selection | None":
        """The same features in another run; ``None`` where they are not all there."""
        return self if max(self.feature, self.other) < config.features else None


@dataclass(frozen=True)
class Probe:
    """An input made by hand: the features that were set, with their values, and what is added.

    ``attack`` is the L2 size of the worst-case perturbation that is added; 0 adds none.
    """

    values: tuple[tuple[int, float], ...] = ()
    attack: float = 0.0

    def value_of(self, feature: int) -> float:
        """The value of a feature; 0 where it is off."""
        return dict(self.values).get(feature, 0.0)

    def with_value(self, feature: int, value: float) -> "Probe":
        """The same input with another value of one feature; 0 switches it off.

        A feature that is off again stays listed: an input of zeros is a choice too.
        """
        return Probe(tuple(sorted({**dict(self.values), feature: value}.items())), self.attack)

    def within(self, config: ExperimentConfig) -> "Probe":
        """The same input to another run, less the features that it does not have."""
        values = tuple((i, value) for i, value in self.values if i < config.features)
        return replace(self, values=values)


@dataclass(frozen=True)
class Options:
    """How panels are to draw.

    ``turn`` and ``tilt`` are the angles of 3-D pictures in degrees. ``reference`` is what the focus
    is compared with; ``None`` stands for the linear model of the same setting where the experiment
    has one, or else for the first setting of the model in focus, and for the last one while that is
    looked at. ``cell`` is the cursor in a phase diagram: a row and a column of its grid.
    """

    log_loss: bool = True
    selection: Selection | None = None
    colouring: Colouring = "superposition"
    turn: float = 30.0
    tilt: float = 20.0
    split_norms: bool = False
    probe: Probe = Probe()
    reference: Focus | None = None
    cell: tuple[int, int] | None = None

    @classmethod
    def at_first(cls, config: ExperimentConfig, experiment: Experiment | None) -> "Options":
        """Before anything is chosen: features that come in sets have the colours of their sets.

        An experiment that is looked at with the probe is about attacks, and begins with one.
        """
        has_sets = distribution_named(config.distribution).has_sets
        is_attacked = experiment is not None and "vulnerability" in experiment.figures
        return cls(
            colouring="group" if has_sets else "superposition",
            probe=Probe(attack=DEFAULT_SHARE if is_attacked else 0.0),
        )

    def within(self, config: ExperimentConfig) -> "Options":
        """As much of it as there is in another run; what was pinned belongs to this one."""
        return replace(self.fitting(config), reference=None)

    def fitting(self, config: ExperimentConfig) -> "Options":
        """The same choices, less the features that there are not."""
        return replace(
            self,
            selection=self.selection and self.selection.within(config),
            probe=self.probe.within(config),
        )

    @property
    def shown_probe(self) -> Probe:
        """The input that is followed: the one made by hand, or, before any is, one feature alone.

        That is the selected feature, or feature 0, with value 1.
        """
        if self.probe.values:
            return self.probe
        return self.probe.with_value(self.selection.feature if self.selection else 0, 1.0)
