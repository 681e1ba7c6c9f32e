"""The screen and what flows into it: snapshots, frames, themes, sizes, failures.

``SuperposApp`` in ``app`` adds the actions.
"""

import os
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.events import DescendantFocus, Event, InputEvent, Key, Paste, Resize
from textual.filter import LineFilter
from textual.screen import Screen

from superpos_core.engine.news import COMPILING
from superpos_core.record.snapshot import Snapshot
from superpos_tui.actions.long_runs import LongRuns
from superpos_tui.bars.card import keys_that_also_act
from superpos_tui.bars.status import Status, status_of
from superpos_tui.desk.current import CurrentSelection
from superpos_tui.desk.desk import Desk
from superpos_tui.dialogs.failure import FailureDialog
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.shades import Depth
from superpos_tui.keys import table_of_keys
from superpos_tui.look.theme_names import DEFAULT_THEME, TERMINAL_THEME
from superpos_tui.look.themes import THEMES
from superpos_tui.process.ascii_only import AsciiOnly
from superpos_tui.process.drawing_room import DrawingRoom
from superpos_tui.process.interpreter import InterpreterOfFrames
from superpos_tui.process.keyboards import as_on_a_latin_keyboard, takes_text
from superpos_tui.process.session import ENDING_PREVIOUS, Sessions
from superpos_tui.process.steady_app import SteadyApp
from superpos_tui.process.sturdy import SturdyScreen
from superpos_tui.process.watched_run import WatchedRun
from superpos_tui.scene import Scene
from superpos_tui.selection import Selection
from superpos_tui.settings.rebinding import rebound
from superpos_tui.settings.remembered import SEEN, Remembered
from superpos_tui.settings.start import Settings
from superpos_tui.views.panel_view import PanelView
from superpos_tui.views.pointed import PointedView
from superpos_tui.views.registry import VIEWS, counterpart_of, kept_in
from superpos_tui.widgets import Widgets

DEPTHS: dict[str, Depth] = {
    "truecolor": "truecolor",
    "256": "256",
    "standard": "16",
    "windows": "16",
}
"""The colour depth of each of rich's colour systems."""
ACTIONS_WHEN_TOO_SMALL = ("quit", "suspend_process", "step_out")
ALWAYS_QUITS = frozenset({"ctrl+q", "ctrl+c"})
"""On a screen too small to show anything, only these keys work, and those of these actions."""


class Instrument(SteadyApp):
    """Shows one view of the newest snapshot, according to the current selection."""

    CSS_PATH = "look/app.tcss"

    def __init__(self, settings: Settings) -> None:
        colours_refused = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if colours_refused else None)
        self._colours_refused = colours_refused
        self._in_ascii = [AsciiOnly()] if settings.ascii else []
        self._interpreter = InterpreterOfFrames()
        self._reported = set[str]()
        self.settings = settings
        table = table_of_keys(VIEWS.values(), lists_runs=settings.listed is not None)
        self.keys = rebound(table, settings.bindings)
        here = [key.names for key in self.keys if key.action in ACTIONS_WHEN_TOO_SMALL]
        self._keys_when_too_small = ALWAYS_QUITS.union(*here)
        self._keys_through_card = ALWAYS_QUITS | keys_that_also_act(self.keys)
        self._shown_keys = {key.action: key.first_shown for key in self.keys}
        for theme in THEMES:
            self.register_theme(theme)
        default = DEFAULT_THEME if Palette(self.depth).has_scales else TERMINAL_THEME
        self.theme = settings.theme or default
        for view in VIEWS.values():
            self.stylesheet.add_source(view.css, read_from=("view", view.name))
        self.watched = WatchedRun(
            settings.trial,
            settings.pace,
            Sessions(settings.make_engine, settings.journal, settings.checkpoint),
            settings.source,
        )
        self.current = CurrentSelection(self.watched, settings.selection, kept_in, self.redraw)
        self.drawing_room = DrawingRoom()
        first = VIEWS[self.selection.view]
        self.widgets = Widgets(
            first, self.keys, self.palette, self.drawing_room, self.pressed, self.redraw
        )
        self.long_runs = LongRuns(self, self.watched, self._shown_keys["undo"])
        self.desk = Desk(
            self.watched,
            self.current,
            self.widgets,
            self.drawing_room,
            self,
            counterpart_of,
            self.long_runs.ask_before,
            self._shown_keys,
        )

    @property
    def selection(self) -> Selection:
        """The open view, the focus, and the options."""
        return self.current.selection

    @property
    def scene(self) -> Scene | None:
        """The current scene, if there is one."""
        return self.current.scene

    # ── the screen ────────────────────────────────────────────────────────────────────────────

    def get_default_screen(self) -> Screen[None]:
        """The screen with the panels."""
        return SturdyScreen(id="_default")

    def compose(self) -> ComposeResult:
        yield from self.widgets.compose()

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, lambda _: self.widgets.recolour(self.palette))
        self.widgets.show_view(self.selection.view)
        self._interpreter.before_first_frame()
        self.watched.source.start()
        self.set_interval(1 / self.settings.frames_per_second, self._pull)
        if self.settings.notice:
            self.notify(self.settings.notice, title="settings", timeout=8, markup=False)
        if self.settings.is_first_start and self.selection.view == next(iter(VIEWS)):
            self.widgets.introduce(self.watched.config, self._shown_keys)
        self.redraw()
        self.has_opened = True

    def on_unmount(self) -> None:
        self.watched.source.stop()
        self.drawing_room.close()
        self._remember_choices()

    def _remember_choices(self) -> None:
        """Remember the pace and the view if the user has chosen others than those of the start."""
        pace, view, settings = self.watched.pace.name, self.selection.view, self.settings
        chosen = Remembered(
            pace=None if pace == settings.pace.name else pace,
            view=None if view == settings.view else view,
        )
        if settings.memory is not None and chosen != Remembered():
            settings.memory.keep(chosen)  # nobody is left to be told if it fails

    def on_resize(self, event: Resize) -> None:
        self.widgets.fit(event.size)
        self.call_after_refresh(self.redraw)

    async def on_event(self, event: Event) -> None:
        """Handle an event; ignore most input on a screen that is too small.

        The first key closes the card, and most have done enough then.
        """
        if isinstance(event, Key) and not takes_text(self.focused):
            event = as_on_a_latin_keyboard(event)
        if isinstance(event, Key) and self.widgets.card_is_open:
            self._close_card()
            if event.key not in self._keys_through_card:
                return
        is_blind = self.widgets.is_too_small and isinstance(event, InputEvent | Paste)
        if not is_blind or (isinstance(event, Key) and event.key in self._keys_when_too_small):
            await super().on_event(event)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        if isinstance(event.widget, PanelView):
            self.widgets.take_focus(event.widget)

    def on_pointed_view_pointed(self, message: PointedView.Pointed) -> None:
        self.current.change(message.change)

    def on_first_card_closed(self) -> None:
        self._close_card()

    def _close_card(self) -> None:
        self.widgets.close_card()
        if self.settings.memory is not None:
            self.settings.memory.keep(Remembered(card=SEEN))

    def on_pointed_view_hovered(self) -> None:
        self.widgets.draw_inspector(self.scene)

    async def action_quit(self) -> None:
        """Leave the program, after a question if that would lose a long run."""
        self.long_runs.quit()

    # ── colours ───────────────────────────────────────────────────────────────────────────────

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """A border colour for Textual's own themes, which do not define ours."""
        return {"panel-border": "ansi_bright_black"}

    @property
    def depth(self) -> Depth:
        """The colour depth of this terminal."""
        if self._colours_refused or self.console.color_system is None:
            return "none"
        return DEPTHS[self.console.color_system]

    @property
    def palette(self) -> Palette:
        """The data colours for this terminal and theme."""
        return Palette(self.depth, self.current_theme.dark, plain=self.settings.ascii)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What changes each line before it is shown."""
        filters = super().get_line_filters()
        return [*filters, *self._in_ascii] if self._in_ascii else filters

    # ── snapshots in ──────────────────────────────────────────────────────────────────────────

    def _pull(self) -> None:
        """Take news, failures and snapshots from the watched run, and show them."""
        if not self.widgets.are_mounted:
            return
        self.mend_resizing()
        news = self.watched.take_news()
        if news:
            self._report(news)
            self.redraw(at_once=False)
        failure = self.watched.take_failure()
        if failure is not None:
            self._show_failure(failure)
        before = self.watched.snapshot
        if self.pressed.go_first():
            return
        if self.watched.take_newest():
            self._interpreter.at_first_data()
            self._keep_up_with_another_run(before)
            self.redraw(at_once=False)
        elif self.watched.take_life():
            self.widgets.draw_status(self._status())

    def _report(self, news: str) -> None:
        """Show news of the run or of its engine; what each engine says while it loads, once.

        While there is nothing else to show, a panel says what a run waits for.
        """
        if self.scene is None and news in (COMPILING, ENDING_PREVIOUS):
            return
        if self.scene is not None or news not in self._reported:
            title = "run" if self.watched.life else "engine"
            self.notify(news, title=title, timeout=6, markup=False)
        self._reported.add(news)

    def _keep_up_with_another_run(self, before: Snapshot | None) -> None:
        """Keep the selection within what is watched if a folder holds another run than before."""
        now = self.watched.snapshot
        if self.watched.life and before and now and before.generation != now.generation:
            self.current.select(self.selection.within(now.config))

    def redraw(self, at_once: bool = True) -> None:
        """Draw the open view for the current selection."""
        has_cursor = self.selection.options.cursor is not None
        self.widgets.draw(
            self._status(), self.watched.waiting_for, has_cursor=has_cursor, at_once=at_once
        )

    def _status(self) -> Status:
        keys = self._shown_keys
        if self.widgets.tour_stop is not None:  # its own line says how it goes on
            keys = {action: key for action, key in keys.items() if action not in ("tour", "undo")}
        return status_of(self.watched, self.selection.focus, self.scene, keys)

    # ── failure ───────────────────────────────────────────────────────────────────────────────

    def _show_failure(self, failure: BaseException) -> None:
        reason = f"{type(failure).__name__}: {failure}"
        self.log.error(reason)
        shown = next((each for each in self.screen_stack if isinstance(each, FailureDialog)), None)
        if shown is None:
            self.push_screen(FailureDialog(reason), self._continue_after_failure)
        else:  # the user has left that run, and the next one fails too
            shown.show_reason(reason)
        self.redraw()

    def _continue_after_failure(self, choice: str | None) -> None:
        if choice == "quit":
            self.exit(return_code=1)
        elif choice == "retry":
            self.desk.retry(self.watched.config)
        elif self.watched.snapshot is not None:
            # Not at a model that never joined.
            self.current.select(self.selection.refocused(self.watched.snapshot.config))
