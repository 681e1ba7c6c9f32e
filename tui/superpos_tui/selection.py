"""What is shown, and how: the state that keys and clicks change, apart from training.

Everything here is immutable, so that a scene never changes. State that belongs to a single view is
in that view's own ``ViewState``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig


@dataclass(frozen=True)
class Focus:
    """The current lane and step.

    ``model`` is the name of a cohort: of a model or, in a run of dictionaries, of their kind.
    ``setting`` is an index into the config's settings, ``rank`` one into the setting's restarts,
    the best by loss first. ``step`` is a moment of the timeline; ``None`` is live.
    """

    model: str
    setting: int = 0
    rank: int = 0
    step: int | None = None

    def within(self, config: ExperimentConfig) -> "Focus":
        """The same choice in another run, as far as possible, without the step."""
        return Focus(
            self.model if self.model in config.groups else config.groups[0],
            self.setting,
            self.rank,
        ).fitting(config)

    def fitting(self, config: ExperimentConfig) -> "Focus":
        """The same choice, limited to existing settings and restarts."""
        return replace(
            self,
            setting=min(self.setting, len(config.settings) - 1),
            rank=min(self.rank, config.restarts - 1),
        )


def first_focus(trial: Trial) -> Focus:
    """The initial focus: the setting that an experiment declares, or else the first one."""
    config, experiment = trial.config, trial.experiment
    if experiment is None or config.settings != experiment.config.settings:
        return Focus(config.groups[0])
    return Focus(config.groups[0], experiment.first_setting)


@dataclass(frozen=True)
class Cursor:
    """A feature, and another one to compare it with."""

    feature: int
    other: int

    def within(self, config: ExperimentConfig) -> "Cursor | None":
        """The same features in another run; ``None`` if it lacks one of them."""
        return self if max(self.feature, self.other) < config.features else None


@dataclass(frozen=True)
class ViewState:
    """What the keys and clicks of one view change; each view has its own subclass."""

    @classmethod
    def initial(cls, trial: Trial) -> Self:
        """The state before the user changes anything."""
        return cls()

    def in_experiment(self, trial: Trial) -> Self:
        """The state in which another experiment starts: the initial one, or parts of this one."""
        return self.initial(trial)

    def within(self, config: ExperimentConfig) -> Self:
        """The same choices in another run, as far as possible."""
        return self.fitting(config)

    def fitting(self, config: ExperimentConfig) -> Self:
        """The same choices, without missing features."""
        return self

    def without(self, model: str) -> Self:
        """The same choices after a model has left the run."""
        return self

    def without_cursor(self) -> Self:
        """The state after the cursor has gone."""
        return self

    def showing(self, cursor: "Cursor") -> Self:
        """The state after the cursor has moved there."""
        return self

    def at_latent(self, latent: int) -> Self:
        """The state after a latent of a dictionary has been selected from elsewhere."""
        return self


State = TypeVar("State", bound=ViewState)


@dataclass(frozen=True)
class Options:
    """How panels draw: the cursor, and the states of views, at most one of each kind."""

    cursor: Cursor | None = None
    states: frozenset[ViewState] = frozenset()

    def cursor_on(self, feature: int) -> Cursor:
        """The cursor moved to a feature; the other feature stays."""
        return Cursor(feature, self.cursor.other if self.cursor else feature)

    def of(self, kind: type[State]) -> State:
        """The state of this kind, or one with its defaults."""
        return next((state for state in self.states if isinstance(state, kind)), kind())

    def with_cursor(self, cursor: Cursor | None) -> "Options":
        """The same options with the cursor moved, and what it moved to in sight."""
        moved = (
            state.without_cursor() if cursor is None else state.showing(cursor)
            for state in self.states
        )
        return Options(cursor, frozenset(moved))

    def at_latent(self, latent: int) -> "Options":
        """The same options with a latent of a dictionary selected, in views that select latents."""
        return replace(self, states=frozenset(state.at_latent(latent) for state in self.states))

    def with_state(self, state: ViewState) -> "Options":
        """The same options with one state replaced."""
        others = {each for each in self.states if type(each) is not type(state)}
        return replace(self, states=frozenset({*others, state}))

    def in_experiment(self, trial: Trial) -> "Options":
        """The options with which another experiment starts."""
        return Options(None, frozenset(state.in_experiment(trial) for state in self.states))

    def within(self, config: ExperimentConfig) -> "Options":
        """The same options in another run, as far as possible."""
        states = frozenset(state.within(config) for state in self.states)
        return Options(self.cursor and self.cursor.within(config), states)

    def fitting(self, config: ExperimentConfig) -> "Options":
        """The same options, without missing features."""
        states = frozenset(state.fitting(config) for state in self.states)
        return Options(self.cursor and self.cursor.within(config), states)

    def without(self, model: str) -> "Options":
        """The same options after a model has left the run."""
        return replace(self, states=frozenset(state.without(model) for state in self.states))


def first_options(kinds: Iterable[type[ViewState]], trial: Trial) -> Options:
    """The initial options: one state of each kind."""
    return Options(states=frozenset(kind.initial(trial) for kind in kinds))


@dataclass(frozen=True)
class Selection:
    """The open view, the focus, and the options."""

    view: str
    focus: Focus
    options: Options = Options()

    def within(self, config: ExperimentConfig) -> "Selection":
        """The same selection in another run, as far as possible."""
        return replace(self, focus=self.focus.within(config), options=self.options.within(config))

    def fitting(self, config: ExperimentConfig) -> "Selection":
        """The same selection, limited to what exists.

        A click is handled a moment later, and its target may belong to a run that has ended since.
        """
        return replace(self, focus=self.focus.fitting(config), options=self.options.fitting(config))

    def refocused(self, config: ExperimentConfig) -> "Selection":
        """The same selection with a lane that exists in this run."""
        return replace(self, focus=self.focus.within(config))

    def at_setting(self, setting: int) -> "Selection":
        """The same selection with the best lane of another setting."""
        return replace(self, focus=replace(self.focus, setting=setting, rank=0))

    def at_step(self, step: int | None) -> "Selection":
        """The same selection at another step; ``None`` is live."""
        return replace(self, focus=replace(self.focus, step=step))

    def with_cursor(self, cursor: Cursor | None) -> "Selection":
        """The same selection with another cursor, or none."""
        return replace(self, options=self.options.with_cursor(cursor))

    def at_latent(self, latent: int) -> "Selection":
        """The same selection with a latent of a dictionary."""
        return replace(self, options=self.options.at_latent(latent))

    def with_state(self, state: ViewState) -> "Selection":
        """The same selection with another state of a view."""
        return replace(self, options=self.options.with_state(state))


Change = Callable[[Selection], Selection]
"""What a click or a drag does: a function from the current ``Selection`` to the new one."""


@dataclass(frozen=True)
class MoveCursor:
    """The change of the cursor."""

    cursor: Cursor

    def __call__(self, selection: Selection) -> Selection:
        """Move the cursor there."""
        return selection.with_cursor(self.cursor)


@dataclass(frozen=True)
class SelectSetting:
    """The change to another setting."""

    setting: int

    def __call__(self, selection: Selection) -> Selection:
        """Select its best lane."""
        return selection.at_setting(self.setting)


@dataclass(frozen=True)
class SelectStep:
    """The change to another step."""

    step: int

    def __call__(self, selection: Selection) -> Selection:
        """Select it."""
        return selection.at_step(self.step)
