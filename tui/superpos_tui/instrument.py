"""The screen and what flows into it: snapshots, frames, themes, sizes, failure.

``SuperposApp`` in ``app`` is this with all that keys do.
"""

import gc
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import DescendantFocus, Event, InputEvent, Key, Paste, Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Input, Static

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import Experiment
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.training.commands import Command, Restart
from superpos_core.training.jobs import job_of
from superpos_core.training.pacing import PACES, Pace
from superpos_tui.bars.inspector import InspectorBar
from superpos_tui.bars.keys import KeyBar
from superpos_tui.bars.status import State, Status, StatusBar
from superpos_tui.bars.tabs import ViewTabs
from superpos_tui.bars.timeline import TimelineBar
from superpos_tui.bars.tour import TourBar
from superpos_tui.dialogs.failure import FailureDialog
from superpos_tui.drawing.cell_view import CellView
from superpos_tui.drawing.palette import Depth, Palette
from superpos_tui.keys import WITH_OPEN_TIMELINE, table_of_keys
from superpos_tui.look.layouts import LAYOUT_CLASSES, LEAST_HEIGHT, LEAST_WIDTH, layout_for
from superpos_tui.look.theme_names import DEFAULT_THEME, TERMINAL_THEME
from superpos_tui.look.themes import THEMES
from superpos_tui.options import Focus, Options, first_focus
from superpos_tui.process.drawing_room import DrawingRoom
from superpos_tui.process.keyboards import as_on_a_latin_keyboard
from superpos_tui.process.session import MakeEngine, Session
from superpos_tui.process.steady_app import SteadyApp
from superpos_tui.process.sturdy import SturdyScreen
from superpos_tui.scene import Scene
from superpos_tui.views.panel import Panel
from superpos_tui.views.panel_view import PanelView
from superpos_tui.views.registry import VIEWS, view_of_record
from superpos_tui.views.view import View

OBJECTS_BEFORE_COLLECTING = 20_000
"""Frames make thousands of objects that die young; to look for cycles at each would delay keys."""
KEYS_WHEN_TOO_SMALL = frozenset({"q", "ctrl+q", "ctrl+c", "ctrl+z", "escape"})
"""On a screen too small to show anything, keys only lead out of it."""
BESIDE_DIALOGS = ("quit", "suspend_process")
"""These do not belong to the dialog that is open."""


@dataclass(frozen=True)
class Settings:
    """How the program was asked to run."""

    config: ExperimentConfig
    make_engine: MakeEngine
    engine: EngineChoice = field(default_factory=EngineChoice)
    """What ``make_engine`` makes, for the command line that recreates a screen."""
    frames_per_second: float = 10
    theme: str | None = None
    pace: Pace = PACES["watch"]
    formats: tuple[str, ...] = ("png",)
    view: str = next(iter(VIEWS))
    focus: Focus | None = None
    experiment: Experiment | None = None
    """What ``config`` is of."""
    settings_path: Path | None = None
    """Where the theme is remembered; ``None`` remembers nothing."""
    notice: str = ""
    """What the user is told first."""


class Instrument(SteadyApp):
    """Shows one view of the newest snapshot, through a focus and options that actions change."""

    CSS_PATH = "look/app.tcss"

    def __init__(self, settings: Settings) -> None:
        colours_refused = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if colours_refused else None)
        self._colours_refused = colours_refused
        self.settings = settings
        self.keys = table_of_keys(VIEWS.values())
        for key in self.keys:
            self.bind(key.keys, key.action, description=key.label, show=False)
        self._views_of_actions = {key.action_name: key.view for key in self.keys if key.exclusive}
        self._timeline_actions = {key.action_name for key in WITH_OPEN_TIMELINE}
        self._our_actions = {key.action_name for key in self.keys}
        for view in VIEWS.values():
            self.stylesheet.add_source(view.css, read_from=("view", view.name))
        self.config = settings.config
        self.experiment = settings.experiment
        self.pace = settings.pace
        self.view_name = settings.view
        self.focus_on = settings.focus or first_focus(self.config, self.experiment)
        self.options = Options.at_first(self.config, self.experiment)
        self.snapshot: Snapshot | None = None
        self.last_map: Snapshot | None = None
        self.experiment_of_map: Experiment | None = None
        self.session = self.new_session()
        self.drawing_room = DrawingRoom()
        self.maximised = False
        self.timeline_is_open = False
        self.tour_place: int | None = None
        self._layout = layout_for(LEAST_WIDTH, LEAST_HEIGHT)
        self._front = {view.name: next(iter(view.panels)) for view in VIEWS.values()}
        self._failed = False
        self._has_imported_all = False
        self._news_told = ""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = settings.theme or self._default_theme()

    # ── the screen ────────────────────────────────────────────────────────────────────────────

    def get_default_screen(self) -> Screen[None]:
        """The screen with the panels."""
        return SturdyScreen(id="_default")

    def compose(self) -> ComposeResult:
        palette = self.data_palette
        self._status_bar, self._tabs = StatusBar(palette), ViewTabs(palette)
        self._inspector_bar = InspectorBar(palette)
        self._timeline_bar, self._key_bar = TimelineBar(palette), KeyBar(palette, self.keys)
        self._tour_bar = TourBar(palette)
        self._panel_views = {
            view.name: {
                name: PanelView(panel, palette, view.name, self.drawing_room)
                for name, panel in view.panels.items()
            }
            for view in VIEWS.values()
        }
        yield self._status_bar
        yield self._tabs
        for name, panel_views in self._panel_views.items():
            with Container(id=f"view-{name}", classes="view"):
                yield from panel_views.values()
        yield Static(f"superpos-tui needs at least {LEAST_WIDTH}×{LEAST_HEIGHT}", id="too-small")
        yield self._tour_bar
        yield self._inspector_bar
        yield self._timeline_bar
        yield self._key_bar

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, lambda theme: self._recolour())
        self.show_view(self.view_name)
        self.session.start()
        self.set_interval(1 / self.settings.frames_per_second, self._pull)
        if self.settings.notice:
            self.notify(self.settings.notice, title="settings", timeout=8, markup=False)
        self.redraw()
        self.has_opened = True

    def on_unmount(self) -> None:
        self.session.stop()
        self.drawing_room.close()

    def on_resize(self, event: Resize) -> None:
        self.apply_layout(event.size)
        self.call_after_refresh(self.redraw)

    async def on_event(self, event: Event) -> None:
        """Nothing is pointed at or typed into what is too small to be shown."""
        if isinstance(event, Key) and not isinstance(self.focused, Input):
            event = as_on_a_latin_keyboard(event)
        is_blind = self._layout == "tiny" and isinstance(event, InputEvent | Paste)
        if not is_blind or (isinstance(event, Key) and event.key in KEYS_WHEN_TOO_SMALL):
            await super().on_event(event)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        # Views may change faster than events of the focus arrive: this may be of one left behind.
        if isinstance(event.widget, PanelView) and event.widget.view == self.view_name:
            self._front[self.view_name] = event.widget.panel.name
            self._show_front()

    @property
    def view(self) -> View:
        """The view that is open."""
        return VIEWS[self.view_name]

    def show_view(self, name: str) -> None:
        """Open another view."""
        self.view_name = name
        for each in VIEWS:
            self.screen_stack[0].query_one(f"#view-{each}").set_class(each == name, "-open")
            if each != name:
                for panel_view in self._panel_views[each].values():
                    panel_view.leave()
        self._tabs.show_view(name)
        self._key_bar.set_view(name)
        self._show_front()
        self._front_view.focus()
        self.apply_layout(self.size)
        self.call_after_refresh(self.redraw)

    @property
    def _front_view(self) -> PanelView:
        return self._panel_views[self.view_name][self._front[self.view_name]]

    def bring_to_front(self, direction: int) -> None:
        """Focus the panel beside the one in focus; where one is shown at a time, show it."""
        names = list(self.view.panels)
        place = (names.index(self._front[self.view_name]) + direction) % len(names)
        self._front[self.view_name] = names[place]
        self._show_front()
        self._front_view.focus()
        self.call_after_refresh(self.redraw)

    def apply_layout(self, size: Size) -> None:
        """Choose the layout that suits the size, or the one for a maximised panel."""
        layout = self._layout = layout_for(size.width, size.height)
        if self.maximised and layout != "tiny":
            layout = "single"
        for name in LAYOUT_CLASSES:
            self.screen_stack[0].set_class(name == f"-{layout}", name)
        self._key_bar.set_one_panel(layout == "single" and len(self.view.panels) > 1)
        self._timeline_bar.display = self.timeline_is_open
        self._inspector_bar.display = self.options.selection is not None

    def show_tour(self, place: int | None) -> None:
        """Tell the story of a stop of the tour, or no more."""
        self.tour_place = place
        self._tour_bar.display = place is not None
        if place is not None:
            self._tour_bar.show_stop(place)

    def _show_front(self) -> None:
        for name, panel_view in self._panel_views[self.view_name].items():
            panel_view.set_class(name == self._front[self.view_name], "-front")

    # ── colours ───────────────────────────────────────────────────────────────────────────────

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Textual's own themes know no border colour of ours."""
        return {"panel-border": "ansi_bright_black"}

    @property
    def depth(self) -> Depth:
        """How many colours this terminal has."""
        if self._colours_refused or self.console.color_system is None:
            return "none"
        return "16" if self.console.color_system in ("standard", "windows") else "full"

    @property
    def data_palette(self) -> Palette:
        """The data colours for this terminal and theme."""
        return Palette(self.depth, self.current_theme.dark)

    def _default_theme(self) -> str:
        return DEFAULT_THEME if self.depth == "full" else TERMINAL_THEME

    def _recolour(self) -> None:
        for cell_view in self.screen_stack[0].query(CellView):
            cell_view.palette = self.data_palette

    # ── which keys are ours now ───────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a dialog is open, keys belong to it; some actions belong to certain views."""
        if action in self._our_actions and len(self.screen_stack) > 1:
            return action in BESIDE_DIALOGS
        if action in self._timeline_actions:
            return self.timeline_is_open
        return self._views_of_actions.get(action, self.view_name) == self.view_name

    # ── snapshots in ──────────────────────────────────────────────────────────────────────────

    def new_session(self, after: Session | None = None) -> Session:
        """A worker for the config of now, not yet started."""
        return Session(self.config, self.settings.make_engine, self.pace, after)

    def start_again(self, config: ExperimentConfig, experiment: Experiment | None) -> None:
        """Begin another run, in the same worker where there is one."""
        self.experiment = experiment
        if not self.session.is_alive:
            self.replace_session(config)
        else:
            self.await_first_snapshot(config)
            self.session.submit(Restart(config))
            self.redraw()

    def ask(self, command: Command) -> bool:
        """Tell the worker to do something, and return whether there is one that can."""
        if not self.session.is_alive:
            self.refuse("training has stopped: r starts again, x begins an experiment")
            return False
        self.session.submit(command)
        return True

    def replace_session(self, config: ExperimentConfig) -> None:
        """Train something else in a worker of its own, as soon as the one at work has ended."""
        self.session.stop()
        self._failed = False
        self.await_first_snapshot(config)
        self.session = self.new_session(after=self.session)
        self.session.start()
        self.redraw()

    def await_first_snapshot(self, config: ExperimentConfig) -> None:
        """Show nothing of the run before: the first snapshot may take seconds to come.

        What was chosen there stays chosen as far as it exists in this run too.
        """
        self.config, self.snapshot = config, None
        self.focus_on = self.focus_on.within(config)
        self.options = self.options.within(config)
        if config.kind != LANES:
            self.last_map = None
            self.options = replace(self.options, cell=None)
            self.timeline_is_open = False

    def _pull(self) -> None:
        """Take the newest snapshot, if there is one that has not been shown."""
        if not self._status_bar.is_attached:
            return  # on the way out, widgets go before the timers do
        latest = self.session.latest
        self._tell_news()
        if self.session.failure is not None and not self._failed:
            self._show_failure(self.session.failure)
        if latest is not None and not self._has_imported_all:
            # What was imported stays; to look through it again and again would delay keys. Only
            # once: what else there is at a later time goes, and would never be let go of.
            self._has_imported_all = True
            gc.freeze()
            gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
        if latest is not None and latest is not self.snapshot:
            self._take(latest)
            self.redraw(at_once=False)

    def _take(self, snapshot: Snapshot) -> None:
        """Look at another snapshot of the same run."""
        self.snapshot, self.config = snapshot, snapshot.config
        if isinstance(snapshot.record, PhaseMap):
            self.last_map, self.experiment_of_map = snapshot, self.experiment

    def refuse(self, why: str, title: str = "") -> None:
        """Say why an action can do nothing now."""
        self.notify(why, title=title, timeout=4, markup=False)

    def has_lanes(self, wanted: str) -> bool:
        """Whether lanes are trained, which have what is ``wanted``; if not, say so."""
        if self.config.kind == LANES:
            return True
        self.refuse(f"a {job_of(self.config).makes.title} has no {wanted}")
        return False

    def scene_of_lane(self) -> Scene | None:
        """What is looked at, where that is a lane; if not, say why not."""
        scene = self.scene
        if scene is None:
            self.refuse(f"there is nothing to look at yet: {self._waiting_for()}")
            return None
        if not scene.has_lane:
            self.refuse(f"a {scene.snapshot.record.title} is no single model")
            return None
        return scene

    def _tell_news(self) -> None:
        if self.session.news != self._news_told:
            self._news_told = self.session.news
            self.notify(self._news_told, title="engine", timeout=6)
            self.redraw(at_once=False)

    def _waiting_for(self) -> str:
        if self._failed:
            return "training has stopped: r starts again"
        return self.session.news or "loading the engine"

    def look(self, focus: Focus | None = None, options: Options | None = None) -> None:
        """Look elsewhere, or otherwise, from now on.

        A click is heard a moment later: what it points at may be of a run that has ended since.
        """
        self.focus_on = (focus or self.focus_on).fitting(self.config)
        self.options = (options or self.options).fitting(self.config)
        self._inspector_bar.display = self.options.selection is not None
        self.redraw()

    def redraw(self, at_once: bool = True) -> None:
        """Draw the open view for the snapshot, focus and options of now."""
        scene = self.scene
        for name, panel_view in self._panel_views[self.view_name].items():
            why_not = self._why_not(panel_view.panel, scene)
            if scene is not None and not why_not:
                panel_view.show_scene(scene, at_once)
            else:
                is_front = name == self._front[self.view_name]
                panel_view.show_message(why_not if is_front else "")
        self._status_bar.show_status(self._status(scene))
        if scene is not None and scene.has_lane:
            self._inspector_bar.show_scene(scene)
            self._timeline_bar.show_scene(scene)

    def _why_not(self, panel: Panel, scene: Scene | None) -> str:
        """Why a panel has nothing to show, in a sentence; empty where it has."""
        if scene is None:
            return self._waiting_for()
        record = scene.snapshot.record
        if isinstance(record, panel.takes):
            return ""
        if panel.where_to_find is not None:
            return panel.where_to_find()
        view = view_of_record(record)
        return f"a {record.title} is trained: {view.key if view else 'no view'} shows it"

    @property
    def scene(self) -> Scene | None:
        """What is looked at; ``None`` until the model in focus, or a map, has a snapshot.

        The phases view goes on showing the last map while a model of one of its cells is trained.
        """
        if self.view_name == "phase" and self.last_map is not None:
            return Scene(self.last_map, self.focus_on, self.options, self.experiment_of_map)
        if self.snapshot is None:
            return None
        scene = Scene(self.snapshot, self.focus_on, self.options, self.experiment)
        return scene if scene.is_there else None

    @property
    def state(self) -> State:
        """What the status line calls the state of training."""
        if self._failed:
            return "failed"
        return "loading" if self.snapshot is None else self.snapshot.phase

    def _status(self, scene: Scene | None) -> Status:
        models = tuple(dict.fromkeys([*self.config.models, self.focus_on.model]))
        return Status(self.config, models, self.focus_on, self.state, self.pace.name, scene)

    # ── failure ───────────────────────────────────────────────────────────────────────────────

    def _show_failure(self, failure: BaseException) -> None:
        self._failed = True
        reason = f"{type(failure).__name__}: {failure}"
        self.log.error(reason)
        shown = next((each for each in self.screen_stack if isinstance(each, FailureDialog)), None)
        if shown is None:
            self.push_screen(FailureDialog(reason), self._go_on_after_failure)
        else:  # that run has been left, and the one after it fails too
            shown.show_reason(reason)
        self.redraw()

    def _go_on_after_failure(self, choice: str | None) -> None:
        if choice == "quit":
            self.exit(return_code=1)
        elif choice == "retry":
            self.replace_session(self.config)
        elif self.snapshot is not None:
            self.look(self.focus_on.within(self.snapshot.config))  # not at what never joined
