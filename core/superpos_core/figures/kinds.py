"""What a figure is: a name, what it shows, and how it is drawn.

All functions here are of modules, none is a lambda: then other processes can be sent a figure to
draw.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure

from superpos_core.figures.style import house_style
from superpos_core.snapshot import Snapshot

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

    def drawings(self, snapshot: Snapshot) -> Iterator[Drawing]:
        """One drawing for each model of a run to which it applies, named such as ``gram-tied``."""
        for model in snapshot.cohorts:
            if self.applies(snapshot, model):
                yield f"{self.name}-{model}", partial(self.draw, snapshot, model)


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

    def drawings(self, snapshot: Snapshot) -> Iterator[Drawing]:
        """The one drawing of a run, where there is something to draw."""
        if self.applies(snapshot):
            yield self.name, partial(self.draw, snapshot)


FigureKind = ModelFigure | RunFigure
