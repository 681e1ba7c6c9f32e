"""The widget around a panel: border, title, how to read it, clicks, and when to draw again."""

import time
from typing import ClassVar

from textual.content import Content
from textual.events import Click, MouseMove
from textual.message import Message
from textual.timer import Timer

from superpos_tui.cell_view import CellView
from superpos_tui.cells import Cells
from superpos_tui.palette import Ink, Palette
from superpos_tui.panels.panel import Panel, Pick
from superpos_tui.scene import Scene

DEGREES_A_CELL = 4.0
"""How far a picture turns when it is dragged by a cell's width."""
FRAME_OF_READING = 2
"""Columns that the border takes beside a reading, more than beside the picture."""
SECONDS_AFTER_A_KEY = 0.04
"""So long the dear panels wait, so that the cheap ones answer keys, and the next keys, first."""


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

    class Picked(Message):
        """Something in a panel was clicked."""

        def __init__(self, pick: Pick) -> None:
            super().__init__()
            self.pick = pick

    class Dragged(Message):
        """A picture that can be turned was dragged."""

        def __init__(self, degrees_across: float, degrees_down: float) -> None:
            super().__init__()
            self.degrees_across = degrees_across
            self.degrees_down = degrees_down

    def __init__(self, panel: Panel, palette: Palette, view: str) -> None:
        super().__init__(palette, id=f"{view}-{panel.name}")
        self.add_class(f"panel-{panel.name}")
        self.panel = panel
        self.view = view
        self._title = self.border_title = panel.name
        self._reading = ""
        self._scene: Scene | None = None
        self._drawn_at = -float("inf")
        self._next_draw: Timer | None = None

    def show_scene(self, scene: Scene, at_once: bool = False) -> None:
        """Draw another scene; a panel that is dear to draw, when its time has come.

        ``at_once`` answers a key: then a dear panel is drawn right after all others are on screen,
        once for all keys that follow one another quickly.
        """
        self._scene = scene
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
        cells = Cells.blank(self.size.width, self.size.height)
        cells.write_centred(self.size.height // 2, message, Ink.MUTED)
        self.show_cells(cells)

    def on_resize(self) -> None:
        """The picture is made for the size there is."""
        self._explain()
        self._draw()

    def on_click(self, event: Click) -> None:
        """Say what was clicked, if it means something."""
        place = event.get_content_offset(self)
        if self._scene is None or place is None:
            return
        pick = self.panel.pick(self._scene, *self.size, place.x, place.y, self._palette)
        if pick is not None:
            self.post_message(self.Picked(pick))

    def on_mouse_move(self, event: MouseMove) -> None:
        """Turn what can be turned while a button is held."""
        if self.panel.turns and event.button and (event.delta_x or event.delta_y):
            self.post_message(
                self.Dragged(event.delta_x * DEGREES_A_CELL, event.delta_y * 2 * DEGREES_A_CELL)
            )

    def _recolour(self) -> None:
        super()._recolour()
        self._draw()

    def _draw_in(self, seconds: float) -> None:
        """Draw what is to be shown by then; in place of what was to be drawn at another time."""
        if self._next_draw is not None:
            self._next_draw.stop()
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
        if self._next_draw is not None:
            self._next_draw.stop()
            self._next_draw = None
        if self._scene is None or not self.display or self.size.area == 0:
            return
        self._drawn_at = time.monotonic()
        self._entitle(self.panel.title(self._scene))
        self._explain()
        self.show_cells(
            self.panel.draw(self._scene, self.size.width, self.size.height, self._palette)
        )
