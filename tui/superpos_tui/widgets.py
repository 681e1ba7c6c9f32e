"""The widgets of the instrument's screen: the open view's panels, and the bars around them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

from superpos_core.record.record import Record
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.jobs import job_of
from superpos_tui.bars.card import WIDTH as CARD_WIDTH
from superpos_tui.bars.card import FirstCard
from superpos_tui.bars.header import StatusBar
from superpos_tui.bars.inspector import InspectorBar
from superpos_tui.bars.keys import KeyBar
from superpos_tui.bars.rail import Rail
from superpos_tui.bars.status import Status
from superpos_tui.bars.tabs import ViewTabs
from superpos_tui.bars.timeline import TimelineBar
from superpos_tui.bars.tour import TourBar
from superpos_tui.drawing.cell_view import CellView
from superpos_tui.drawing.palette import Palette
from superpos_tui.look.layouts import (
    LAYOUT_CLASSES,
    MIN_HEIGHT,
    MIN_HEIGHT_WITH_INSPECTOR,
    MIN_HEIGHT_WITH_RAIL,
    MIN_TALL,
    MIN_WIDTH,
    MIN_WIDTH_WITH_RAIL,
    RAIL,
    TALL,
    layout_for,
)
from superpos_tui.process.drawing_room import DrawingRoom
from superpos_tui.process.pressed_keys import PressedKeys
from superpos_tui.scene import Scene
from superpos_tui.views.key import Key
from superpos_tui.views.panel_view import PanelView
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.stage import Stage
from superpos_tui.views.view import View
from superpos_tui.views.view_panels import ViewPanels


class Widgets:
    """Arranges the widgets and sets what they show.

    ``redraw`` is called after the arrangement has changed, once the widgets are laid out.
    """

    def __init__(
        self,
        view: View,
        keys: Collection[Key],
        palette: Palette,
        drawing_room: DrawingRoom,
        pressed: PressedKeys,
        redraw: Callable[[], None],
    ) -> None:
        self.is_maximised = False
        self.timeline_is_open = False
        self.tour_stop: int | None = None
        self.palette = palette
        self._redraw = redraw
        self._layout = layout_for(MIN_WIDTH, MIN_HEIGHT)
        self._status_bar = StatusBar(palette)
        self._tabs = ViewTabs(palette)
        self._tour_bar = TourBar(palette)
        self._inspector_bar = InspectorBar(palette)
        self._timeline_bar = TimelineBar(palette)
        self._key_bar = KeyBar(palette, keys)
        self._rail = Rail(palette, keys)
        self._card = FirstCard(palette)
        self.card_is_open = False
        self._is_void = False
        self._work = ""
        self._status: Status | None = None
        shown_keys = {key.action: key.first_shown for key in keys}
        self._stage = Stage(
            view, lambda view: ViewPanels(view, self.palette, drawing_room, pressed, shown_keys)
        )

    def compose(self) -> ComposeResult:
        """All widgets, from top to bottom."""
        yield self._status_bar
        yield self._timeline_bar
        yield self._tabs
        with Horizontal(id="stage"):
            yield self._stage
            yield self._rail
        yield Static(f"superpos-tui needs at least {MIN_WIDTH}×{MIN_HEIGHT}", id="too-small")
        yield self._tour_bar
        yield self._inspector_bar
        yield self._key_bar
        yield self._card

    @property
    def are_mounted(self) -> bool:
        """Whether the widgets are mounted: while leaving they are removed before the timers."""
        return self._status_bar.is_attached

    @property
    def is_too_small(self) -> bool:
        """Whether there is only room for a sentence."""
        return self._layout == "tiny"

    @property
    def panel_titles(self) -> Mapping[str, str]:
        """The current titles of the open view's panels, by name."""
        return {name: panel_view.title for name, panel_view in self._panels.shown.items()}

    # ── views and panels ──────────────────────────────────────────────────────────────────────

    def show_view(self, name: str) -> None:
        """Put another view on the screen."""
        self._stage.open(VIEWS[name])
        self._tabs.show_view(name)
        self._key_bar.set_view(name)
        self.lay_out()

    def bring_to_front(self, direction: int) -> None:
        """Focus the next or previous panel; if one is shown at a time, show that one."""
        self._panels.bring_to_front(direction)
        self._screen.call_after_refresh(self._redraw)

    def take_focus(self, panel_view: PanelView) -> None:
        """Record that a panel has been focused."""
        # Views may change faster than focus events arrive: this may come from a previous view.
        if panel_view.view == self._stage.view.name:
            self._panels.put_in_front(panel_view.panel.name)

    @property
    def front_panel(self) -> PanelView:
        """The panel in focus."""
        return self._panels.front

    @property
    def _panels(self) -> ViewPanels:
        return self._stage.panels

    # ── the arrangement ───────────────────────────────────────────────────────────────────────

    def lay_out(self) -> None:
        """Arrange everything for the open view and the current size, then draw it."""
        self.fit(self._screen.app.size)
        self._screen.call_after_refresh(self._redraw)

    def fit(self, size: Size) -> None:
        """Choose the layout for the size, or the one for a maximised panel.

        A sentence about why there is nothing to see has the whole view.
        """
        layout = self._layout = layout_for(size.width, size.height)
        if (self.is_maximised or self._is_void) and layout != "tiny":
            layout = "single"
        for name in LAYOUT_CLASSES:
            self._screen.set_class(name == f"-{layout}", name)
        self._screen.set_class(size.height >= MIN_TALL, TALL)
        self._screen.set_class(_has_rail(size), RAIL)
        has_others = len(self._panels.shown) > 1 and not self._is_void
        self._key_bar.set_one_panel(layout == "single" and has_others)
        self._screen.set_class(self.timeline_is_open, "-timeline")
        self._key_bar.set_timeline(is_open=self.timeline_is_open)
        self._card.display = self.card_is_open and layout in ("wide", "medium")
        self._card.styles.offset = ((size.width - CARD_WIDTH) // 2, 0)

    def maximise(self, *, is_maximised: bool) -> None:
        """Give the whole view to the front panel, or show all panels again."""
        self.is_maximised = is_maximised
        self.lay_out()

    def set_timeline(self, *, is_open: bool) -> None:
        """Show the timeline, or hide it."""
        self.timeline_is_open = is_open
        self.lay_out()

    def show_tour(self, stop: int | None) -> None:
        """Show a stop of the tour, or hide the tour."""
        self.tour_stop = stop
        self._tour_bar.display = stop is not None
        if stop is not None:
            self._tour_bar.show_stop(stop)

    def show_work(self, work: str) -> None:
        """Show what is being written, and how far it is; nothing once it is done."""
        self._work = work
        if self._status is not None:
            self.draw_status(self._status)

    def introduce(self, config: ExperimentConfig, keys: Mapping[str, str]) -> None:
        """Show the card about a run, over the lowest panels."""
        self.card_is_open = True
        self._card.show(config, keys)

    def close_card(self) -> None:
        """Hide the card."""
        self.card_is_open = self._card.display = False

    @property
    def _screen(self) -> Screen[object]:
        """The instrument's own screen, below any dialogs."""
        return self._status_bar.screen

    def recolour(self, palette: Palette) -> None:
        """Draw with another palette from now on."""
        self.palette = palette
        for cell_view in self._screen.query(CellView):
            cell_view.palette = palette

    # ── the content ───────────────────────────────────────────────────────────────────────────

    def draw(self, status: Status, waiting_for: str, *, has_cursor: bool, at_once: bool) -> None:
        """Draw the current scene, or say what it is waiting for.

        With a cursor there is a line about the feature at it, however low the screen. ``at_once``
        responds to a key: expensive panels then do not wait for their time.
        """
        scene = status.scene
        kind = _kind_shown(status)
        is_void = scene is not None and not self._stage.view.shows(kind)
        if self._panels.show_for(kind) or is_void != self._is_void:
            self._is_void = is_void
            self.lay_out()
        is_wait = status.state != "failed"
        self._panels.draw(scene, waiting_for, is_wait=is_wait, at_once=at_once)
        self.draw_status(status)
        has_room = self._screen.app.size.height >= MIN_HEIGHT_WITH_INSPECTOR
        self._inspector_bar.display = has_room or has_cursor
        self.draw_inspector(scene)

    def draw_inspector(self, scene: Scene | None) -> None:
        """Draw the line about what is pointed at: the pointer may move without a new scene."""
        views, columns = self._panels.shown.values(), self._screen.app.size.width - 2
        read_outs = (
            *(panel_view.read() for panel_view in views),
            *(panel_view.read_selected(columns) for panel_view in views),
        )
        of_lane = scene if scene is not None and scene.has_lane else None
        self._inspector_bar.show(of_lane, next(filter(None, read_outs), ""))

    def draw_status(self, status: Status) -> None:
        """Draw the status lines alone, or the timeline in the second one's place."""
        is_kept = status.scene is None and self.front_panel.pointed_scene is not None
        self._status = status = replace(status, work=self._work, keeps_pictures=is_kept)
        has_rail = _has_rail(self._screen.app.size)
        self._status_bar.show_status(replace(status, has_rail=has_rail))
        self._timeline_bar.show_status(status)
        self._key_bar.show_status(status)
        if has_rail:
            self._rail.show_status(status)


def _has_rail(size: Size) -> bool:
    return size.width >= MIN_WIDTH_WITH_RAIL and size.height >= MIN_HEIGHT_WITH_RAIL


def _kind_shown(status: Status) -> type[Record]:
    """The kind of record on the screen, or that which a run without one will have."""
    if status.scene is None:
        return job_of(status.config).record_type
    return type(status.scene.snapshot.record)
