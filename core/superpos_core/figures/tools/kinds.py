"""The kinds of figures: a name, a summary, and a function that draws."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic

from matplotlib.figure import Figure

from superpos_core.figures.tools.style import house_style
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.record import Kind, Record

Drawing = tuple[str, Callable[[], Figure]]
"""A file name without extension, and the function that draws it."""


def _always(*what: object) -> bool:
    return True


@dataclass(frozen=True)
class ModelFigure:
    """A figure of lanes that is drawn once per model.

    ``compose`` draws it in the current style; ``applies`` says whether it has anything to show for
    a model. ``needs`` are the fields of the config that must be known, besides the weights.
    """

    name: str
    summary: str
    compose: Callable[[LanesRecord, str], Figure]
    applies: Callable[[LanesRecord, str], bool] = _always
    needs: frozenset[str] = frozenset()

    def draw(self, record: LanesRecord, model: str) -> Figure:
        """Draw one model; raises ``KeyError`` for a model missing from the record."""
        with house_style():
            return self.compose(record, model)

    def frame(self, record: Record, group: str) -> Figure:
        """Draw one model for a film; raises ``TypeError`` for a record without models."""
        return self.draw(record.as_kind(LanesRecord), group)

    def names(self, models: Sequence[str]) -> list[str]:
        """The names of its drawings of these models, such as ``gram-tied``."""
        return [f"{self.name}-{model}" for model in models]

    def drawings(self, record: Record) -> Iterator[Drawing]:
        """One drawing per model of a run to which it applies."""
        if not isinstance(record, LanesRecord) or record.unknown & self.needs:
            return
        models = list(record.cohorts)
        for name, model in zip(self.names(models), models, strict=True):
            if self.applies(record, model):
                yield name, partial(self.draw, record, model)

    def lacking(self, record: Record) -> bool:
        """Whether a run of lanes does not tell what it needs."""
        return isinstance(record, LanesRecord) and bool(record.unknown & self.needs)


@dataclass(frozen=True)
class RunFigure(Generic[Kind]):
    """A figure that is drawn once for a whole run of the kind that it ``takes``.

    ``needs`` are the fields of the config that must be known, besides the weights.
    """

    name: str
    summary: str
    takes: type[Kind]
    compose: Callable[[Kind], Figure]
    applies: Callable[[Kind], bool] = _always
    needs: frozenset[str] = frozenset()

    def draw(self, record: Kind) -> Figure:
        """Draw the run."""
        with house_style():
            return self.compose(record)

    def frame(self, record: Record, group: str) -> Figure:
        """Draw the run for a film, whatever the group; raises ``TypeError`` for another kind."""
        return self.draw(record.as_kind(self.takes))

    def names(self, models: Sequence[str]) -> list[str]:
        """The name of its one drawing, whatever the models."""
        return [self.name]

    def drawings(self, record: Record) -> Iterator[Drawing]:
        """The one drawing of a run, if there is something to draw."""
        if not isinstance(record, self.takes) or record.unknown & self.needs:
            return
        if self.applies(record):
            yield self.name, partial(self.draw, record)

    def lacking(self, record: Record) -> bool:
        """Whether a run of the kind that it takes does not tell what it needs."""
        return isinstance(record, self.takes) and bool(record.unknown & self.needs)


FigureKind = ModelFigure | RunFigure[Any]
