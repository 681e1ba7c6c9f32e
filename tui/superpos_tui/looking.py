"""What the user looks at, and how: all that keys and clicks change without touching training.

All of it is immutable, so that a scene once made stays as it was. What only one view knows is in a
``ViewState`` of that view's own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig


@dataclass(frozen=True)
class Focus:
    """Which lane is looked at, and when.

    ``setting`` is an index among the config's settings, ``rank`` one among the setting's restarts,
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


def first_focus(trial: Trial) -> Focus:
    """What is looked at before anything is chosen: where an experiment shows best what it shows."""
    config, experiment = trial.config, trial.experiment
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
class ViewState:
    """How a view is looked at: what its own keys and clicks change. Each view has its own kind."""

    @classmethod
    def at_first(cls, trial: Trial) -> Self:
        """Before anything is chosen."""
        return cls()

    def in_experiment(self, trial: Trial) -> Self:
        """What an experiment that is begun is looked at with: nothing chosen, or what one keeps."""
        return self.at_first(trial)

    def within(self, config: ExperimentConfig) -> Self:
        """As much of it as there is in another run."""
        return self.fitting(config)

    def fitting(self, config: ExperimentConfig) -> Self:
        """The same choices, less the features that there are not."""
        return self


State = TypeVar("State", bound=ViewState)


@dataclass(frozen=True)
class Options:
    """How panels are to draw: the cursor, and the states of views, at most one of each kind."""

    selection: Selection | None = None
    states: frozenset[ViewState] = frozenset()

    def of(self, kind: type[State]) -> State:
        """The state of this kind; one of defaults where nobody has made a choice."""
        return next((state for state in self.states if isinstance(state, kind)), kind())

    def having(self, state: ViewState) -> "Options":
        """The same with another state in place of the one of its kind."""
        others = {each for each in self.states if type(each) is not type(state)}
        return replace(self, states=frozenset({*others, state}))

    def in_experiment(self, trial: Trial) -> "Options":
        """What an experiment that is begun is looked at with."""
        return Options(None, frozenset(state.in_experiment(trial) for state in self.states))

    def within(self, config: ExperimentConfig) -> "Options":
        """As much of it as there is in another run."""
        states = frozenset(state.within(config) for state in self.states)
        return Options(self.selection and self.selection.within(config), states)

    def fitting(self, config: ExperimentConfig) -> "Options":
        """The same choices, less the features that there are not."""
        states = frozenset(state.fitting(config) for state in self.states)
        return Options(self.selection and self.selection.within(config), states)


def first_options(kinds: Iterable[type[ViewState]], trial: Trial) -> Options:
    """Before anything is chosen: a state of each kind."""
    return Options(states=frozenset(kind.at_first(trial) for kind in kinds))


@dataclass(frozen=True)
class Looking:
    """Everything that is chosen: the view that is open, what is looked at, and how."""

    view: str
    focus: Focus
    options: Options = Options()

    def within(self, config: ExperimentConfig) -> "Looking":
        """As much of it as there is in another run."""
        return replace(self, focus=self.focus.within(config), options=self.options.within(config))

    def fitting(self, config: ExperimentConfig) -> "Looking":
        """The same, of what there is.

        A click is heard a moment later: what it points at may be of a run that has ended since.
        """
        return replace(self, focus=self.focus.fitting(config), options=self.options.fitting(config))

    def refocused(self, config: ExperimentConfig) -> "Looking":
        """The same, but of a lane that there is in this run."""
        return replace(self, focus=self.focus.within(config))

    def at_setting(self, setting: int) -> "Looking":
        """The best lane of another setting."""
        return replace(self, focus=replace(self.focus, setting=setting, rank=0))

    def at_step(self, step: int | None) -> "Looking":
        """Another moment; ``None`` is now."""
        return replace(self, focus=replace(self.focus, step=step))

    def selecting(self, selection: Selection | None) -> "Looking":
        """The cursor elsewhere, or away."""
        return replace(self, options=replace(self.options, selection=selection))

    def having(self, state: ViewState) -> "Looking":
        """Another state of a view."""
        return replace(self, options=self.options.having(state))


Change = Callable[[Looking], Looking]
"""What a click or a drag means: another way of looking, made of the one of now."""


@dataclass(frozen=True)
class Select:
    """The change to another selection."""

    selection: Selection

    def __call__(self, looking: Looking) -> Looking:
        """Put the cursor there."""
        return looking.selecting(self.selection)


@dataclass(frozen=True)
class LookAtSetting:
    """The change to another setting."""

    setting: int

    def __call__(self, looking: Looking) -> Looking:
        """Look at its best lane."""
        return looking.at_setting(self.setting)


@dataclass(frozen=True)
class LookAtStep:
    """The change to another moment."""

    step: int

    def __call__(self, looking: Looking) -> Looking:
        """Look at it."""
        return looking.at_step(self.step)
