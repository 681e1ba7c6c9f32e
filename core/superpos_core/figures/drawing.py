"""Figures as files: each figure of a run is drawn separately, so that failures are independent.

matplotlib is imported when a figure is requested. If that fails, every figure fails with that
reason; nothing else in an export needs it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from superpos_core.experiments import Experiment
from superpos_core.record.record import Record
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawn:
    """A figure as files by format, or the reason why it could not be drawn."""

    name: str
    contents: Mapping[str, bytes] = field(default_factory=dict)
    failure: str = ""


EVERY_FIGURE = ""
"""Replaces the name if the figures could not even be listed."""

DrawFigures = Callable[[Record, Sequence[str], Sequence[str]], Iterator[Drawn]]
"""Draws the named figures in these formats, in order; may start before it is iterated."""


class FiguresMissing(RuntimeError):
    """Some figures could not be drawn; everything else was written."""

    def __init__(self, failures: Sequence[Drawn]) -> None:
        self.failures = tuple(failures)
        super().__init__("; ".join(self.lines))

    @property
    def lines(self) -> list[str]:
        """One line per figure, or one for all of them if they share a reason."""
        if self.failures[0].name == EVERY_FIGURE:
            return [f"no figure could be drawn: {self.failures[0].failure}"]
        reasons = list(dict.fromkeys(each.failure for each in self.failures))
        if len(reasons) == 1 and len(self.failures) > 1:
            return [f"{len(self.failures)} figures could not be drawn: {reasons[0]}"]
        return [f"{each.name} could not be drawn: {each.failure}" for each in self.failures]


def figure_names(record: Record, experiment: Experiment | None) -> list[str]:
    """The names of all figures of a run: file names without extension.

    Raises any error of importing matplotlib.
    """
    from superpos_core.figures.registry import drawings

    return [name for name, _ in drawings(record, experiment)]


def figures_left_out(record: Record, experiment: Experiment | None) -> list[Drawn]:
    """The figures that need to know more of a run than it tells, each with the reason."""
    from superpos_core.figures.registry import figures_of

    return [
        Drawn(name, failure=f"the run does not tell its {_listed(figure.needs & record.unknown)}")
        for figure in figures_of(experiment)
        if figure.lacking(record)
        for name in figure.names(record.config.models)
    ]


def _listed(fields: Iterable[str]) -> str:
    """Fields of a config as a user knows them."""
    names = {each.field: each.name for each in options_of(ExperimentConfig)}
    return ", ".join(sorted(names[field] for field in fields))


def possible_names(config: ExperimentConfig, experiment: Experiment | None) -> list[str]:
    """The names of the figures that a run of ``config`` may have; raises like ``figure_names``."""
    from superpos_core.figures.registry import figures_of

    return [name for figure in figures_of(experiment) for name in figure.names(config.models)]


def draw_here(record: Record, names: Sequence[str], formats: Sequence[str]) -> Iterator[Drawn]:
    """Draw one figure after another, each on demand."""
    for name in names:
        yield draw_one(record, name, formats)


def draw_one(record: Record, name: str, formats: Sequence[str]) -> Drawn:
    """One figure in all formats; any error becomes its ``failure``."""

    def compose() -> "Figure":
        from superpos_core.figures.registry import draw

        return draw(record, name)

    return attempt(name, compose, formats)


def attempt(name: str, draw: "Callable[[], Figure]", formats: Iterable[str]) -> Drawn:
    """The result of ``draw`` in all formats, or the reason for its failure."""
    try:
        from superpos_core.figures.tools.style import render

        figure = draw()
        return Drawn(name, {file_format: render(figure, file_format) for file_format in formats})
    except Exception as error:
        # A broken matplotlib, a missing font, too little memory, a bug of ours: there is no list of
        # what may be raised, and the reason is reported.
        return Drawn(name, failure=one_line(error))


def one_line(error: BaseException) -> str:
    """An exception's message on one line, prefixed by its type."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
