"""The settings that the program starts with."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import Trial
from superpos_core.training.checkpoint import Checkpoint
from superpos_core.training.journal import Journal
from superpos_core.training.pacing import PACES, Pace
from superpos_tui.process.session import MakeEngine
from superpos_tui.process.source import Opened, Source
from superpos_tui.selection import Focus, Selection, first_focus, first_options
from superpos_tui.settings.remembered import Memory
from superpos_tui.views.registry import VIEWS, state_kinds

if TYPE_CHECKING:
    from superpos_core.files.runs.listing import RunLister

DEFAULT_PACE = "watch"


@dataclass(frozen=True)
class ListedRuns:
    """Runs to choose from; ``open`` opens one, and raises ``InvalidValue`` if it cannot."""

    lister: "RunLister"
    open: Callable[[Path], Opened]


@dataclass(frozen=True)
class Settings:
    """The initial run, its source, and how it is shown."""

    trial: Trial
    make_engine: MakeEngine
    engine: EngineChoice = field(default_factory=EngineChoice)
    """The choice behind ``make_engine``, for the command line that recreates a screen."""
    source: Source | None = None
    """The initial source of snapshots, if it is not a session that trains."""
    listed: ListedRuns | None = None
    """Runs to choose from, if there are several: the list is shown first."""
    journal: Journal | None = None
    """What keeps every run that is trained here."""
    checkpoint: Checkpoint | None = None
    """Where the first session continues, instead of at step 0."""
    frames_per_second: float = 10
    theme: str | None = None
    ascii: bool = False
    """Whether the screen is to have nothing but ASCII."""
    pace: Pace = PACES[DEFAULT_PACE]
    formats: tuple[str, ...] = ("png",)
    film_width: int | None = None
    """The width of films in pixels, if not that of their figure."""
    view: str = next(iter(VIEWS))
    focus: Focus | None = None
    memory: Memory | None = None
    """What is remembered for the next start goes there; ``None`` remembers nothing."""
    preset: frozenset[str] = frozenset()
    """The names of options that were set, but not typed: others may have set them otherwise."""
    is_first_start: bool = False
    """Whether to introduce the program."""
    bindings: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Other names of keys, by their ids."""
    notice: str = ""
    """A notice to show at the start."""

    @property
    def selection(self) -> Selection:
        """The selection before the user changes anything."""
        options = first_options(state_kinds(), self.trial)
        return Selection(self.view, self.focus or first_focus(self.trial), options)
