"""What actions act on, and what most of them do with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from superpos_core.experiments import Trial
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.training.commands import Command, Reseed, Reset
from superpos_core.training.jobs import job_of
from superpos_tui.desk.gaze import Gaze
from superpos_tui.drawing.palette import Palette
from superpos_tui.looking import Looking
from superpos_tui.process.drawing_room import DrawingRoom
from superpos_tui.process.steady_app import SteadyApp
from superpos_tui.process.watched_run import WatchedRun
from superpos_tui.scene import Scene

Action = Callable[..., object]
"""What a key, a click or a command does; its arguments are those that the table of keys writes."""


class Screen(Protocol):
    """The instrument's screen, as far as actions arrange it."""

    palette: Palette
    is_maximised: bool
    timeline_is_open: bool
    tour_stop: int | None

    def show_view(self, name: str) -> None:
        """Put another view on the screen."""

    def bring_to_front(self, direction: int) -> None:
        """Focus the panel beside the one in focus."""

    def maximise(self, *, is_maximised: bool) -> None:
        """Give the whole view to the panel in front, or to all of its panels again."""

    def set_timeline(self, *, is_open: bool) -> None:
        """Show the timeline, or hide it."""

    def show_tour(self, stop: int | None) -> None:
        """Show the story of a stop of the tour; ``None`` ends the tour."""


@dataclass(frozen=True)
class Desk:
    """The run that is watched, what is looked at, the screen, and the program around them.

    ``counterpart_of`` names the view that is the live counterpart of a figure.
    """

    watched: WatchedRun
    gaze: Gaze
    stage: Screen
    drawing_room: DrawingRoom
    app: SteadyApp
    counterpart_of: Callable[[str], str]

    # ── what is said ──────────────────────────────────────────────────────────────────────────

    def tell(self, message: str, title: str = "", timeout: float = 3) -> None:
        """Say what was done, or what is."""
        self.app.notify(message, title=title, timeout=timeout, markup=False)

    def refuse(self, why: str) -> None:
        """Say why an action can do nothing now."""
        self.tell(why, timeout=4)

    # ── what there is ─────────────────────────────────────────────────────────────────────────

    def has_lanes(self, wanted: str) -> bool:
        """Whether lanes are trained, which have what is ``wanted``; if not, say so."""
        config = self.watched.config
        if config.kind == LANES:
            return True
        self.refuse(f"a {job_of(config).record_type.title} has no {wanted}")
        return False

    def scene_of_lane(self) -> Scene | None:
        """What is looked at, where that is a lane; if not, say why not."""
        scene = self.gaze.scene
        if scene is None:
            self.refuse(f"there is nothing to look at yet: {self.watched.waiting_for}")
            return None
        if not scene.has_lane:
            self.refuse(f"a {scene.snapshot.record.title} is no single model")
            return None
        return scene

    # ── what is asked of the run ──────────────────────────────────────────────────────────────

    def can(self, command: type[Command]) -> bool:
        """Whether the run obeys such a command; if not, say why not."""
        why_not = self.watched.refusal_of(command)
        if why_not:
            self.refuse(why_not)
        return not why_not

    def ask(self, command: Command) -> bool:
        """Tell the run to do something, and return whether it can."""
        if not self.can(type(command)):
            return False
        is_heard = self.watched.submit(command)
        if not is_heard:
            self.refuse("training has stopped: r starts again, x begins an experiment")
        return is_heard

    def begin(self, trial: Trial, looking: Looking | None = None) -> None:
        """Begin another run, and look at it so, or as at the one before."""
        self.watched.begin(trial)
        self._look_at_another_run(looking or self.gaze.looking)

    def begin_again(self, command: Reset | Reseed) -> None:
        """From step 0; where the work has ended, in a new session."""
        if not self.can(type(command)):
            return
        if self.watched.submit(command):
            self.gaze.look(self.gaze.looking.at_step(None))
        else:
            config = self.watched.config
            seed = command.seed if isinstance(command, Reseed) else config.seed
            self.retry(replace(config, seed=seed))

    def retry(self, config: ExperimentConfig) -> None:
        """Train in a new session, from step 0."""
        self.watched.replace_source(config)
        self._look_at_another_run(self.gaze.looking)

    def _look_at_another_run(self, looking: Looking) -> None:
        """What was chosen in the one before stays chosen as far as it exists in this one too."""
        config = self.watched.config
        if config.kind != LANES:
            self.stage.set_timeline(is_open=False)
        self.gaze.look(looking.within(config))

    # ── the screen ────────────────────────────────────────────────────────────────────────────

    def show_view(self, name: str) -> None:
        """Open another view."""
        self.gaze.open(name)
        self.stage.show_view(name)

    @property
    def has_dialog(self) -> bool:
        """Whether a dialog is open."""
        return len(self.app.screen_stack) > 1
