"""The app: it wires the session, the panels and the keys, and holds no science."""

import gc
import os
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import DescendantFocus, Resize
from textual.geometry import Size
from textual.widgets import Static

from superpos_core.commands import (
    JoinModel,
    Pause,
    Reseed,
    Reset,
    Resume,
    SetPace,
    SingleStep,
)
from superpos_core.config import ExperimentConfig
from superpos_core.errors import InvalidValue
from superpos_core.models import MODELS
from superpos_core.pacing import PACES, Pace
from superpos_core.snapshot import Snapshot
from superpos_tui.cell_view import CellView
from superpos_tui.dialogs import FailureDialog, HelpDialog
from superpos_tui.export_now import export_now
from superpos_tui.key_bar import KeyBar
from superpos_tui.keys import KEYS
from superpos_tui.layouts import LAYOUT_CLASSES, LEAST_HEIGHT, LEAST_WIDTH, layout_for
from superpos_tui.palette import Depth, Palette
from superpos_tui.panel_view import PanelView
from superpos_tui.panels import PANELS
from superpos_tui.scene import Focus, Options, Scene
from superpos_tui.session import MakeEngine, Session
from superpos_tui.signals import TerminalWatch, exit_on_signals
from superpos_tui.status import State, Status, StatusBar
from superpos_tui.theme_names import DEFAULT_THEME, TERMINAL_THEME, THEME_NAMES
from superpos_tui.themes import THEMES

PACE_ORDER = ("slow", "watch", "full")
LARGEST_NEW_SEED = 9999
"""Seeds that the user did not name are short, so that they can be read and typed."""


@dataclass(frozen=True)
class Settings:
    """How the program was asked to run."""

    config: ExperimentConfig
    make_engine: MakeEngine
    frames_per_second: float = 10
    theme: str | None = None
    pace: Pace = PACES["watch"]
    formats: tuple[str, ...] = ("png",)


class SuperposApp(App[None]):
    """A live instrument for toy models of superposition."""

    CSS_PATH = "app.tcss"
    TITLE = "superpos-tui"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Textual's own screen binds tab, so ours must come first.
        *(
            Binding(key.keys, key.action, key.label, show=False, priority="tab" in key.keys)
            for key in KEYS
        ),
        Binding("ctrl+c", "interrupt", "quit", show=False, priority=True),
    ]

    def __init__(self, settings: Settings) -> None:
        colours_refused = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if colours_refused else None)
        self._colours_refused = colours_refused
        self.settings = settings
        self.config = settings.config
        self.pace = settings.pace
        self.focus_on = Focus(self.config.models[0], self.config.sparsities[0])
        self.options = Options()
        self.snapshot: Snapshot | None = None
        self.session = self._new_session()
        self._terminal_watch = TerminalWatch()
        self._failed = False
        self._news_told = ""
        self._maximised = False
        self._front = next(iter(PANELS))
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = settings.theme or self._default_theme()

    # ── the screen ────────────────────────────────────────────────────────────────────────────

    def compose(self) -> ComposeResult:
        palette = self.data_palette
        self._status_bar, self._key_bar = StatusBar(palette), KeyBar(palette)
        self._panel_views = {name: PanelView(panel, palette) for name, panel in PANELS.items()}
        yield self._status_bar
        with Container(id="panels"):
            yield from self._panel_views.values()
        yield Static(f"superpos-tui needs at least {LEAST_WIDTH}×{LEAST_HEIGHT}", id="too-small")
        yield self._key_bar

    def on_mount(self) -> None:
        exit_on_signals(self._leave)
        self.theme_changed_signal.subscribe(self, lambda theme: self._recolour())
        self._panel_views[self._front].focus()
        self._show_front()
        self.session.start()
        self.set_interval(1 / self.settings.frames_per_second, self._pull)
        if not self.is_headless:
            self._terminal_watch.start()
        self._redraw()

    def on_unmount(self) -> None:
        self.session.close()
        self._terminal_watch.stop()

    def on_resize(self, event: Resize) -> None:
        self._apply_layout(event.size)
        self.call_after_refresh(self._redraw)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        if isinstance(event.widget, PanelView):
            self._front = event.widget.panel.name
            self._show_front()

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

    def _apply_layout(self, size: Size) -> None:
        layout = layout_for(size.width, size.height)
        if self._maximised and layout != "tiny":
            layout = "single"
        for name in LAYOUT_CLASSES:
            self.screen_stack[0].set_class(name == f"-{layout}", name)
        self._key_bar.set_one_panel(layout == "single")

    def _show_front(self) -> None:
        for name in PANELS:
            self._panel_views[name].set_class(name == self._front, "-front")

    def _recolour(self) -> None:
        views: list[CellView] = [self._status_bar, self._key_bar, *self._panel_views.values()]
        for view in views:
            view.palette = self.data_palette

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a dialog is open, keys belong to it: only leaving stays possible."""
        is_ours = any(key.action == action for key in KEYS)
        return not (is_ours and len(self.screen_stack) > 1 and action != "quit")

    # ── snapshots in ──────────────────────────────────────────────────────────────────────────

    def _new_session(self) -> Session:
        return Session(self.config, self.settings.make_engine, self.pace)

    def _pull(self) -> None:
        """Take the newest snapshot, if there is one that has not been shown."""
        if not self._status_bar.is_attached:
            return  # on the way out, widgets go before the timers do
        latest = self.session.latest
        self._tell_news()
        if self.session.failure is not None and not self._failed:
            self._show_failure(self.session.failure)
        if latest is not None and self.snapshot is None:
            # What was imported stays; to look through it again and again would delay keys.
            gc.freeze()
        if latest is not None and latest is not self.snapshot:
            self.snapshot, self.config = latest, latest.config
            self._redraw(at_once=False)

    def _tell_news(self) -> None:
        if self.session.news != self._news_told:
            self._news_told = self.session.news
            self.notify(self._news_told, title="engine", timeout=6)
            self._redraw(at_once=False)

    def _waiting_for(self) -> str:
        return self.session.news or "loading the engine"

    def _redraw(self, at_once: bool = True) -> None:
        """Draw everything for the snapshot, focus and options of now."""
        scene = self._scene()
        for name, panel in PANELS.items():
            view = self._panel_views[name]
            if scene is not None:
                view.show_scene(scene, at_once)
            else:
                view.show_message(self._waiting_for() if panel.name == self._front else "")
        self._status_bar.show_status(self._status(scene))

    def _scene(self) -> Scene | None:
        if self.snapshot is None or self.focus_on.model not in self.snapshot.cohorts:
            return None
        return Scene(self.snapshot, self.focus_on, self.options)

    @property
    def state(self) -> State:
        """What the status line calls the state of training."""
        if self._failed:
            return "failed"
        return "loading" if self.snapshot is None else self.snapshot.phase

    def _status(self, scene: Scene | None) -> Status:
        return Status(self.config, tuple(MODELS), self.focus_on, self.state, self.pace.name, scene)

    # ── failure and leaving ───────────────────────────────────────────────────────────────────

    def _show_failure(self, failure: BaseException) -> None:
        self._failed = True
        reason = f"{type(failure).__name__}: {failure}"
        self.log.error(reason)
        self.push_screen(FailureDialog(reason), self._go_on_after_failure)
        self._redraw()

    def _go_on_after_failure(self, choice: str | None) -> None:
        if choice == "quit":
            self.exit(return_code=1)
        elif choice == "retry":
            self.session.close()
            self._failed = False
            self.snapshot = None
            self.session = self._new_session()
            self.session.start()
            self._redraw()

    def _leave(self, return_code: int) -> None:
        self.exit(return_code=return_code)

    def action_interrupt(self) -> None:
        self._leave(130)

    # ── what to look at ───────────────────────────────────────────────────────────────────────

    def action_next_model(self) -> None:
        self._look_at_model(1)

    def action_previous_model(self) -> None:
        self._look_at_model(-1)

    def _look_at_model(self, direction: int) -> None:
        """Look at the next model of the registry; one that does not train yet joins."""
        names = list(MODELS)
        model = names[(names.index(self.focus_on.model) + direction) % len(names)]
        self.focus_on = replace(self.focus_on, model=model)
        if model not in self.config.models:
            self.session.submit(JoinModel(model))
        self._redraw()

    def action_sparser(self) -> None:
        self._look_at_sparsity(1)

    def action_denser(self) -> None:
        self._look_at_sparsity(-1)

    def _look_at_sparsity(self, direction: int) -> None:
        """Look at the next sparsity of the experiment; the ends are ends."""
        sparsities = self.config.sparsities
        place = sparsities.index(self.focus_on.sparsity) + direction
        place = min(max(place, 0), len(sparsities) - 1)
        self.focus_on = replace(self.focus_on, sparsity=sparsities[place])
        self._redraw()

    def action_toggle_log(self) -> None:
        self.options = replace(self.options, log_loss=not self.options.log_loss)
        self._redraw()

    # ── training ──────────────────────────────────────────────────────────────────────────────

    def action_pause(self) -> None:
        self.session.submit(Resume() if self.state == "paused" else Pause())

    def action_single_step(self) -> None:
        self.session.submit(SingleStep())

    def action_reset(self) -> None:
        self.session.submit(Reset())

    def action_reseed(self) -> None:
        seed = random.randint(0, LARGEST_NEW_SEED)
        self.session.submit(Reseed(seed))

    def action_full_speed(self) -> None:
        self._set_pace("watch" if self.pace.name == "full" else "full")

    def action_faster(self) -> None:
        self._shift_pace(1)

    def action_slower(self) -> None:
        self._shift_pace(-1)

    def _shift_pace(self, direction: int) -> None:
        place = PACE_ORDER.index(self.pace.name) + direction
        self._set_pace(PACE_ORDER[min(max(place, 0), len(PACE_ORDER) - 1)])

    def _set_pace(self, name: str) -> None:
        self.pace = PACES[name]
        self.session.submit(SetPace(self.pace))
        self.notify(self.pace.summary, title=f"pace: {name}", timeout=2)
        self._redraw()

    # ── the screen, by key ────────────────────────────────────────────────────────────────────

    def action_next_panel(self) -> None:
        self._bring_to_front(1)

    def action_previous_panel(self) -> None:
        self._bring_to_front(-1)

    def _bring_to_front(self, direction: int) -> None:
        names = list(PANELS)
        self._front = names[(names.index(self._front) + direction) % len(names)]
        self._show_front()
        self._panel_views[self._front].focus()
        self.call_after_refresh(self._redraw)

    def action_maximise(self) -> None:
        self._maximised = not self._maximised
        self._apply_layout(self.size)
        self.call_after_refresh(self._redraw)

    def action_next_theme(self) -> None:
        place = THEME_NAMES.index(self.theme) if self.theme in THEME_NAMES else -1
        self.theme = THEME_NAMES[(place + 1) % len(THEME_NAMES)]
        self.notify(self.theme, title="theme", timeout=2)

    def action_help(self) -> None:
        self.push_screen(HelpDialog())

    def action_export(self) -> None:
        if self.snapshot is None:
            self.notify("nothing to export yet: the engine is loading", timeout=3)
            return
        self.notify("writing figures, numbers and weights", title="export", timeout=3)
        snapshot = self.snapshot
        self.run_worker(lambda: self._export(snapshot), thread=True, group="export")

    def _export(self, snapshot: Snapshot) -> None:
        """In a thread: write everything of this moment into a folder of its own."""
        try:
            written = export_now(snapshot, Path.cwd(), self.settings.formats)
        except (InvalidValue, OSError) as error:
            self.call_from_thread(
                self.notify, str(error), title="export failed", severity="error", timeout=10
            )
        else:
            message = f"{written.files} files in {written.folder}"
            self.call_from_thread(self.notify, message, title="export", timeout=6)
