"""How the program was asked to run."""

from dataclasses import dataclass, field
from pathlib import Path

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import Trial
from superpos_core.training.pacing import PACES, Pace
from superpos_tui.looking import Focus, Looking, first_focus, first_options
from superpos_tui.process.session import MakeEngine
from superpos_tui.process.source import Source
from superpos_tui.views.registry import VIEWS, state_kinds


@dataclass(frozen=True)
class Settings:
    """What is shown at first, where it comes from, and how."""

    trial: Trial
    make_engine: MakeEngine
    engine: EngineChoice = field(default_factory=EngineChoice)
    """What ``make_engine`` makes, for the command line that recreates a screen."""
    source: Source | None = None
    """Where snapshots come from at first, if not from a session that trains."""
    frames_per_second: float = 10
    theme: str | None = None
    pace: Pace = PACES["watch"]
    formats: tuple[str, ...] = ("png",)
    view: str = next(iter(VIEWS))
    focus: Focus | None = None
    settings_path: Path | None = None
    """Where the theme is remembered; ``None`` remembers nothing."""
    notice: str = ""
    """What the user is told first."""

    @property
    def first_looking(self) -> Looking:
        """How the run is looked at before anything is chosen on the screen."""
        options = first_options(state_kinds(), self.trial)
        return Looking(self.view, self.focus or first_focus(self.trial), options)
