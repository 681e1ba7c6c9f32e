"""The state of the probe view: the hand-made input."""

from dataclasses import dataclass, replace

from superpos_core.analysis.adversarial import DEFAULT_SHARE
from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig
from superpos_tui.selection import Cursor, Options, Selection, ViewState


@dataclass(frozen=True)
class ProbeState(ViewState):
    """A hand-made input: the values of the features that were set, and a perturbation.

    ``attack`` is the L2 norm of the worst-case perturbation that is added; 0 adds none.
    """

    values: tuple[tuple[int, float], ...] = ()
    attack: float = 0.0

    @classmethod
    def initial(cls, trial: Trial) -> "ProbeState":
        """An experiment about attacks starts with one."""
        is_attacked = trial.experiment is not None and "vulnerability" in trial.experiment.figures
        return cls(attack=DEFAULT_SHARE if is_attacked else 0.0)

    def value_of(self, feature: int) -> float:
        """The value of a feature; 0 if it is off."""
        return dict(self.values).get(feature, 0.0)

    def with_value(self, feature: int, value: float) -> "ProbeState":
        """The same input with another value of one feature; 0 switches it off.

        A feature that is off again stays listed: an input of zeros is a choice too.
        """
        values = tuple(sorted({**dict(self.values), feature: value}.items()))
        return replace(self, values=values)

    def switched(self, feature: int) -> "ProbeState":
        """The same input with one feature off instead of on, or on instead of off."""
        return self.with_value(feature, 0.0 if self.value_of(feature) else 1.0)

    def fitting(self, config: ExperimentConfig) -> "ProbeState":
        """The same input, without missing features."""
        values = tuple((i, value) for i, value in self.values if i < config.features)
        return replace(self, values=values)


def input_shown(options: Options) -> ProbeState:
    """The current input: the hand-made one or, before there is one, a single feature.

    That is the selected feature, or feature 0, with value 1.
    """
    probe = options.of(ProbeState)
    if probe.values:
        return probe
    return probe.with_value(options.cursor.feature if options.cursor else 0, 1.0)


@dataclass(frozen=True)
class Switch:
    """The change that selects a feature and switches it on or off."""

    feature: int

    def __call__(self, selection: Selection) -> Selection:
        """Select it and switch it."""
        probe = selection.options.of(ProbeState).switched(self.feature)
        return selection.with_cursor(Cursor(self.feature, self.feature)).with_state(probe)
