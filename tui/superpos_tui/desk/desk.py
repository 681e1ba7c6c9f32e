"""What actions act on, and operations that many of them share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from superpos_core.experiments import Experiment, Trial
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.training.commands import Command, Reseed, Reset
from superpos_core.training.jobs import job_of
from superpos_tui.desk.current import CurrentSelection
from superpos_tui.drawing.palette import Palette
from superpos_tui.process.drawing_room import DrawingRoom
from superpos_tui.process.source import Opened
from superpos_tui.process.steady_app import SteadyApp
from superpos_tui.process.watched_run import WatchedRun
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Selection, first_focus

Action = Callable[..., object]
"""What a key, a click or a command does; its arguments come from the key table."""


class FrontPanel(Protocol):
    """The panel in focus: each answer is a change, or ``None`` if it would change nothing."""

    @property
    def panel_name(self) -> str:
        """Its name."""

    def zoom(self, steps: int) -> Change | None:
        """Closer, or farther away if negative."""

    def pan(self, right: int, down: int) -> Change | None:
        """Move what is shown of it."""

    def zoom_out_whole(self) -> Change | None:
        """Show all of it again."""


class Screen(Protocol):
    """The instrument's screen, as far as actions arrange it."""

    palette: Palette
    is_maximised: bool
    timeline_is_open: bool
    tour_stop: int | None

    @property
    def front_panel(self) -> FrontPanel:
        """The panel in focus."""

    @property
    def panel_titles(self) -> Mapping[str, str]:
        """The current titles of the open view's panels, by name."""

    def show_view(self, name: str) -> None:
        """Put another view on the screen."""

    def bring_to_front(self, direction: int) -> None:
        """Focus the next or previous panel."""

    def maximise(self, *, is_maximised: bool) -> None:
        """Give the whole view to the front panel, or show all panels again."""

    def set_timeline(self, *, is_open: bool) -> None:
        """Show the timeline, or hide it."""

    def show_work(self, work: str) -> None:
        """Show what is being written, and how far it is; nothing once it is done."""

    def show_tour(self, stop: int | None) -> None:
        """Show a stop of the tour; ``None`` hides the tour."""


@dataclass(frozen=True)
class Desk:
    """The watched run, the current selection, the screen, and the program around them.

    ``counterpart_of`` names the view that is the live counterpart of a figure. ``before_leaving``
    does what ends the present run, after a question if that would lose much. ``keys`` are the keys
    of actions, as they are shown.
    """

    watched: WatchedRun
    current: CurrentSelection
    screen: Screen
    drawing_room: DrawingRoom
    app: SteadyApp
    counterpart_of: Callable[[str], str]
    before_leaving: Callable[[Callable[[], None]], None]
    keys: Mapping[str, str]

    # ── notices ───────────────────────────────────────────────────────────────────────────────

    def notify(self, message: str, title: str = "", timeout: float = 3) -> None:
        """Show a notice, unless the same is still there."""
        if (title, message) not in self.app.notices:
            self.app.notify(message, title=title, timeout=timeout, markup=False)

    def refuse(self, reason: str) -> None:
        """Say why an action is not possible now."""
        self.notify(reason, timeout=4)

    # ── what is available ─────────────────────────────────────────────────────────────────────

    def has_lanes(self, wanted: str) -> bool:
        """Whether lanes are trained; if not, say that there is nothing ``wanted``."""
        return self._is_of_kind(self.watched.config.has_lanes, wanted)

    def has_models(self, wanted: str) -> bool:
        """Whether lanes of models are trained; if not, say that there is nothing ``wanted``."""
        return self._is_of_kind(self.watched.config.kind == LANES, wanted)

    def _is_of_kind(self, is_of_kind: bool, wanted: str) -> bool:
        if not is_of_kind:
            title = job_of(self.watched.config).record_type.title
            self.refuse(f"a {title} has no {wanted}")
        return is_of_kind

    def scene_of_lane(self) -> Scene | None:
        """The current scene if it shows a lane of models; if not, say why not."""
        scene = self._any_scene()
        if scene is not None and not scene.has_lane:
            self.refuse(f"a {scene.snapshot.record.title} is not a single model")
            return None
        return scene

    def scene_of_group(self) -> Scene | None:
        """The current scene if it shows a lane of any kind; if not, say why not."""
        scene = self._any_scene()
        if scene is not None and not scene.has_group:
            self.refuse(f"a {scene.snapshot.record.title} keeps no moments")
            return None
        return scene

    def _any_scene(self) -> Scene | None:
        scene = self.current.scene
        if scene is None:
            self.refuse(f"nothing to show yet: {self.watched.waiting_for}")
        return scene

    # ── commands to the run ───────────────────────────────────────────────────────────────────

    def can(self, command: type[Command]) -> bool:
        """Whether the run accepts this kind of command; if not, say why not."""
        reason = self.watched.refusal_of(command)
        if reason:
            self.refuse(reason)
        return not reason

    def submit(self, command: Command) -> bool:
        """Send the run a command; return whether it is accepted."""
        if not self.can(type(command)):
            return False
        is_accepted = self.watched.submit(command)
        if not is_accepted:
            again, others = self.keys["reseed"], self.keys["gallery"]
            self.refuse(f"training has stopped: {again} restarts, {others} starts an experiment")
        return is_accepted

    def start(self, trial: Trial, selection: Selection | None = None) -> None:
        """Start another run, unasked; without ``selection`` keep the current selection."""
        self.watched.start(trial)
        self._keep_selection(selection or self.current.selection)

    def start_experiment(self, experiment: Experiment) -> None:
        """Start an experiment at its first setting, in the view that suits it."""
        self.before_leaving(lambda: self._start_experiment(experiment))

    def _start_experiment(self, experiment: Experiment) -> None:
        trial, selection = Trial(experiment.config, experiment), self.current.selection
        left = self.watched.snapshot
        self.current.leave()
        options = selection.options.in_experiment(trial)
        self.start(trial, replace(selection, focus=first_focus(trial), options=options))
        self.show_view(self.counterpart_of(experiment.main_figure))
        if self.screen.tour_stop is None:  # the tour shows it
            back = f"\n{self.keys['undo']} goes back" if left and left.record.share_done > 0 else ""
            title = f"experiment {experiment.name}"
            self.notify(experiment.title + back, title=title, timeout=5)

    def watch(self, opened: Opened) -> None:
        """Watch a run that was opened; keep the current selection as far as it fits."""
        self.watched.watch(opened)
        self._keep_selection(self.current.selection)

    def restart(self, command: Reset | Reseed) -> None:
        """Restart from step 0, in a new session if the work has ended."""
        if self.can(type(command)):
            self.before_leaving(lambda: self._restart(command))

    def _restart(self, command: Reset | Reseed) -> None:
        if self.watched.submit(command):
            self.current.select(self.current.selection.at_step(None))
        else:
            config = self.watched.config
            seed = command.seed if isinstance(command, Reseed) else config.seed
            self.retry(replace(config, seed=seed))

    def bring_back(self) -> bool:
        """Continue the run that was left last, in its view; false if there is none."""
        left = self.watched.left
        if left is None:
            return False
        self.current.leave()
        selection = self.current.left_in(left.config.name)
        if not self.watched.bring_back():
            return False
        self._keep_selection(selection)
        self.show_view(selection.view)
        return True

    def retry(self, config: ExperimentConfig) -> None:
        """Train in a new session, from step 0."""
        self.watched.replace_source(config)
        self._keep_selection(self.current.selection)

    def _keep_selection(self, selection: Selection) -> None:
        """Keep the choices made in the previous run as far as this run has them."""
        config = self.watched.config
        if not config.has_lanes:
            self.screen.set_timeline(is_open=False)
        self.current.select(selection.within(config))

    # ── the screen ────────────────────────────────────────────────────────────────────────────

    def show_view(self, name: str) -> None:
        """Open another view."""
        self.current.open(name)
        self.screen.show_view(name)

    @property
    def has_dialog(self) -> bool:
        """Whether a dialog is open."""
        return len(self.app.screen_stack) > 1
