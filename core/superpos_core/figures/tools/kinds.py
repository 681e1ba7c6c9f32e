"""What a figure is: a name, what it shows, and how it is drawn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure

from superpos_core.figures.tools.style import house_style
from superpos_core.record.snapshot import Snapshot

Drawing = tuple[str, Callable[[], Figure]]
"""A file's name without its ending, and what draws it."""


def _always(snapshot: Snapshot, model: str) -> bool:
    return True


def _has_cohorts(snapshot: Snapshot) -> bool:
    return bool(snapshot.cohorts)


@dataclass(frozen=True)
class ModelFigure:
    """A figure that is drawn once for each model. ``compose`` draws it in whatever style is on.

    ``applies`` says whether it has anything to show of a model.
    """

    name: str
    summary: str
    compose: Callable[[Snapshot, str], Figure]
    applies: Callable[[Snapshot, str], bool] = _always

    def draw(self, snapshot: Snapshot, model: str) -> Figure:
        """Draw one model; raises ``KeyError`` for a model that the snapshot does not hold."""
        with house_style():
            return self.compose(snapshot, model)

    def names(self, models: Sequence[str]) -> list[str]:
        """What its drawings of these models are called, such as ``gram-tied``."""
        return [f"{self.name}-{model}" for model in models]

    def drawings(self, snapshot: Snapshot) -> Iterator[Drawing]:
        """One drawing for each model of a run to which it applies."""
        models = list(snapshot.cohorts)
        for name, model in zip(self.names(models), models, strict=True):
            if self.applies(snapshot, model):
                yield name, partial(self.draw, snapshot, model)


@dataclass(frozen=True)
class RunFigure:
    """A figure that is drawn once for a whole run."""

    name: str
    summary: str
    compose: Callable[[Snapshot], Figure]
    applies: Callable[[Snapshot], bool] = _has_cohorts

    def draw(self, snapshot: Snapshot) -> Figure:
        """Draw the run."""
        with house_style():
            return self.compose(snapshot)

    def names(self, models: Sequence[str]) -> list[str]:
        """What its one drawing is called, whatever the models."""
        return [self.name]

    def drawings(self, snapshot: Snapshot) -> Iterator[Drawing]:
        """The one drawing of a run, where there is something to draw."""
        if self.applies(snapshot):
            yield self.name, partial(self.draw, snapshot)


FigureKind = ModelFigure | RunFigure
