"""The widget around a panel: border, title, how to read it, clicks, and when to draw again.

Panels of large runs are drawn in the drawing room: what was drawn last stays until the next picture
comes, and the title tells the step that it is of.
"""

import time
from typing import ClassVar

from textual.content import Content
from textual.events import Click, MouseMove
from textual.message import Message
from textual.timer import Timer

from superpos_tui.drawing.cell_view import CellView
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import grouped
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.looking import Change
from superpos_tui.measures.large import is_slow_to_draw
from superpos_tui.process.drawing_room import DrawingRoom, Order
from superpos_tui.process.log_file import log_exception
from superpos_tui.scene import Scene
from superpos_tui.views.panel import Panel
from superpos_tui.views.picture import Drawing, Picture

FRAME_OF_READING = 2
"""Columns that the border takes beside a reading, more than beside the picture."""
SECONDS_AFTER_A_KEY = 0.04
"""So long the dear panels wait, so that the cheap ones answer keys, and the next keys, first."""
REST = 3.0
"""A large picture rests so many times as long as it took before newer data are drawn: what draws
takes its time from training."""
REST_AFTER_A_FAILURE = 1.0
COMPUTING = "computing …"
SECONDS_UNTIL_TOLD = 0.25
"""From when on a panel says that what is asked is still computed: another title paints all of it
anew, which a key would have to wait for, and most pictures are there sooner."""


class PanelView(CellView, can_focus=True):
    """Shows a panel of the scene that it is given; click it or tab to it to focus it."""

    DEFAULT_CSS: ClassVar[str] = """
    PanelView {
        border: round $panel-border;
        border-title-color: $foreground;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        padding: 0 1;
    }
    PanelView:focus { border: round $accent; border-title-color: $accent; }
    """

    class Pointed(Message):
        """Something in a panel was clicked, or dragged, and means a change."""

        def __init__(self, change: Change) -> None:
            super().__init__()
            self.change = change

    class Drawn(Message, bubble=False):
        """The drawing room has made a picture, or failed to."""

        def __init__(self, scene: Scene, outcome: object) -> None:
            super().__init__()
            self.scene = scene
            self.outcome = outcome

    def __init__(self, panel: Panel, palette: Palette, view: str, room: DrawingRoom) -> None:
        super().__init__(palette, id=f"{view}-{panel.name}")
        self.add_class(f"panel-{panel.name}")
        self.panel = panel
        self.view = view
        self._room = room
        self._drawn: Scene | None = None
        self._picture: Picture | None = None
        self._own_title = panel.name
        self._asked: Scene | None = None
        self._rest = 0.0
        self._title = self.border_title = panel.name
        self._reading = ""
        self._scene: Scene | None = None
        self._drawn_at = -float("inf")
        self._next_draw: Timer | None = None
        self._next_title: Timer | None = None

    def show_scene(self, scene: Scene, at_once: bool = False) -> None:
        """Draw another scene; a panel that is dear to draw, when its time has come.

        ``at_once`` answers a key: then a dear panel is drawn right after all others are on screen,
        once for all keys that follow one another quickly.
        """
        self._scene = scene
        if is_slow_to_draw(scene):
            self._show_large(at_once)
            return
        self._forget_large()
        wait = self._drawn_at + self.panel.seconds_between_draws - time.monotonic()
        if self.panel.seconds_between_draws == 0:
            self._draw()
        elif at_once:
            self._draw_in(SECONDS_AFTER_A_KEY)
        elif wait <= 0:
            self._draw()
        elif self._next_draw is None:
            self._draw_in(wait)  # no later scene may come

    def show_message(self, message: str) -> None:
        """Show a line of text instead of a picture."""
        self._scene = None
        self._forget_large()
        self._write_line(message)

    def leave(self) -> None:
        """Nobody looks any more: nothing is drawn, and of the run only the picture is kept."""
        self._stop_waiting()
        self._room.forget(self.id)
        self._scene = self._drawn = self._asked = None

    def _write_line(self, text: str) -> None:
        cells = Cells.blank(self.size.width, self.size.height)
        cells.write_centred(self.size.height // 2, text[: self.size.width], Ink.MUTED)
        self.show_cells(cells)

    def on_resize(self) -> None:
        """The picture is made for the size there is."""
        self._explain()
        self._draw()

    def on_click(self, event: Click) -> None:
        """Say what was clicked, if it means something."""
        place = event.get_content_offset(self)
        # Of a large run only what is seen has been measured.
        is_behind = self._scene is not None and is_slow_to_draw(self._scene)
        scene = self._drawn if is_behind else self._scene
        if scene is None or place is None:
            return
        change = self.panel.pick(scene, *self.size, place.x, place.y, self._palette)
        if change is not None:
            self.post_message(self.Pointed(change))

    def on_mouse_move(self, event: MouseMove) -> None:
        """Drag what can be dragged while a button is held."""
        if self.panel.drag and event.button and (event.delta_x or event.delta_y):
            self.post_message(self.Pointed(self.panel.drag(event.delta_x, event.delta_y)))

    def _recolour(self) -> None:
        super()._recolour()
        self._draw()

    def _draw_in(self, seconds: float) -> None:
        """Draw what is to be shown by then; in place of what was to be drawn at another time."""
        self._stop_waiting()
        self._next_draw = self.set_timer(seconds, self._draw)

    def _entitle(self, title: str) -> None:
        """Setting a border's title repaints the whole widget, so only do it for a new one."""
        if title != self._title:
            self._title = title
            self.border_title = Content(title)

    def _explain(self) -> None:
        reading = self.panel.reading_within(self.size.width - FRAME_OF_READING, self._scene)
        if reading != self._reading:
            self._reading = reading
            self.border_subtitle = Content(reading)

    def _draw(self) -> None:
        self._stop_waiting()
        scene = self._scene
        if scene is None or not self.display or self.size.area == 0:
            self._room.forget(self.id)
            self._asked = None
            return
        self._explain()
        if is_slow_to_draw(scene):
            self._have_drawn(scene)
            return
        self._drawn_at = time.monotonic()
        self._entitle(self.panel.title(scene))
        self.show_cells(self.panel.draw(scene, *self.size, self._palette))

    def _stop_waiting(self) -> None:
        if self._next_draw is not None:
            self._next_draw.stop()
            self._next_draw = None

    # ── large runs ────────────────────────────────────────────────────────────────────────────

    def _show_large(self, at_once: bool) -> None:
        """Have it drawn now for a key, else when the last picture has rested.

        While one is being made for older data, newer ones wait until that is there.
        """
        wait = self._drawn_at + self._rest - time.monotonic()
        if at_once or (self._asked is None and wait <= 0):
            self._draw()
        elif self._asked is None and self._next_draw is None:
            self._draw_in(wait)
        self._entitle_large()

    def _have_drawn(self, scene: Scene) -> None:
        """Ask the drawing room for the picture; until there is a first one of this run, say so."""
        panel, size, palette = self.panel, self.size, self._palette
        asked = Picture.of(scene)
        if self._picture is None or self._picture.run != asked.run:
            self._forget_large()
            self._write_line(COMPUTING)
        self._asked = scene

        def draw() -> Drawing:
            began = time.monotonic()
            title, cells = panel.title(scene), panel.draw(scene, *size, palette)
            return Drawing(title, cells, time.monotonic() - began)

        def done(outcome: object) -> None:
            self.post_message(self.Drawn(scene, outcome))

        self._room.ask(self.id, Order((asked.question, size, palette), draw, done))

    def on_panel_view_drawn(self, message: Drawn) -> None:
        """Show the picture, unless it is of something else than what is looked at now."""
        scene, outcome = self._scene, message.outcome
        if scene is None or Picture.of(scene).run != Picture.of(message.scene).run:
            return
        self._drawn_at = time.monotonic()
        if message.scene is self._asked:
            self._asked = None
        self._picture = Picture.of(message.scene)
        if isinstance(outcome, Exception):
            self._rest = REST_AFTER_A_FAILURE
            log_exception(outcome)
            self._write_line(f"cannot be drawn: {type(outcome).__name__}: {outcome}")
        elif isinstance(outcome, Drawing):
            self._rest = REST * outcome.seconds
            self._drawn, self._own_title = message.scene, outcome.title
            self.show_cells(outcome.cells)
        self._entitle_large()
        if scene is not message.scene and self._asked is None:
            self._draw_in(self._rest)

    def _forget_large(self) -> None:
        if self._asked is not None:
            self._room.forget(self.id)
        self._asked = self._drawn = self._picture = None
        self._rest = 0.0

    def _entitle_large(self, patiently: bool = True) -> None:
        """The picture's own title, and of which step it is while that changes or is behind."""
        if self._picture is None or self._scene is None:
            return
        asked, note = Picture.of(self._scene), ""
        if self._picture.question != asked.question:
            if patiently:
                self._entitle_soon()
                return
            note = f" · {COMPUTING}"
        elif self._picture.step != asked.step or (
            self._scene.snapshot.phase == "training" and asked.focus.step is None
        ):
            note = f" · step {grouped(self._picture.step)}"
        self._entitle(self._own_title + note)

    def _entitle_soon(self) -> None:
        if self._next_title is None:
            self._next_title = self.set_timer(SECONDS_UNTIL_TOLD, self._entitle_now)

    def _entitle_now(self) -> None:
        self._next_title = None
        self._entitle_large(patiently=False)
