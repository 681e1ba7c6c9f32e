"""Figures as files: each of a run's figures drawn by itself, so that one that fails costs no other.

matplotlib is imported when a figure is asked for. Where that fails, every figure fails, and says
why; nothing else of an export needs it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from superpos_core.experiments import Experiment
from superpos_core.record.record import Record
from superpos_core.task.config import ExperimentConfig

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawn:
    """A figure as files, by format; or why it could not be drawn, and then it is none."""

    name: str
    contents: Mapping[str, bytes] = field(default_factory=dict)
    failure: str = ""


EVERY_FIGURE = ""
"""In place of a name, where it is not even known what figures there would be."""

DrawFigures = Callable[[Record, Sequence[str], Sequence[str]], Iterator[Drawn]]
"""Draws the figures of these names in these formats, in order; some begin before they are asked."""


class FiguresMissing(RuntimeError):
    """Some figures could not be drawn; everything else is written."""

    def __init__(self, failures: Sequence[Drawn]) -> None:
        self.failures = tuple(failures)
        super().__init__("; ".join(self.lines))

    @property
    def lines(self) -> list[str]:
        """One line for each figure; one for all of them where they failed alike."""
        if self.failures[0].name == EVERY_FIGURE:
            return [f"no figure could be drawn: {self.failures[0].failure}"]
        reasons = list(dict.fromkeys(each.failure for each in self.failures))
        if len(reasons) == 1 and len(self.failures) > 1:
            return [f"{len(self.failures)} figures could not be drawn: {reasons[0]}"]
        return [f"{each.name} could not be drawn: {each.failure}" for each in self.failures]


def figure_names(record: Record, experiment: Experiment | None) -> list[str]:
    """The names of all the figures of a run, as files are called without their ending.

    Raises whatever importing matplotlib does.
    """
    from superpos_core.figures.registry import drawings

    return [name for name, _ in drawings(record, experiment)]


def possible_names(config: ExperimentConfig, experiment: Experiment | None) -> list[str]:
    """The names of the figures that a run of ``config`` may have; raises as ``figure_names``."""
    from superpos_core.figures.registry import figures_of

    return [name for figure in figures_of(experiment) for name in figure.names(config.models)]


def draw_here(record: Record, names: Sequence[str], formats: Sequence[str]) -> Iterator[Drawn]:
    """Draw one figure after the other, each when it is asked for."""
    for name in names:
        yield draw_one(record, name, formats)


def draw_one(record: Record, name: str, formats: Sequence[str]) -> Drawn:
    """One figure in all formats; whatever goes wrong is its failure, not the program's."""

    def compose() -> "Figure":
        from superpos_core.figures.registry import draw

        return draw(record, name)

    return attempt(name, compose, formats)


def attempt(name: str, draw: "Callable[[], Figure]", formats: Iterable[str]) -> Drawn:
    """What ``draw`` draws, in all formats, or why not."""
    try:
        from superpos_core.figures.tools.style import render

        figure = draw()
        return Drawn(name, {file_format: render(figure, file_format) for file_format in formats})
    except Exception as error:
        # A broken matplotlib, a font that is gone, no memory for this one, a fault of ours: there
        # is no list of what may be raised, and the reason is told.
        return Drawn(name, failure=one_line(error))


def one_line(error: BaseException) -> str:
    """What an exception says, on one line, with its kind unless it is told in plain words."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
