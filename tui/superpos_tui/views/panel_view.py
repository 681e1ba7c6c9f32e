"""The widget around a panel: border, title, reading, and when to redraw.

Panels of large runs are drawn in the drawing room: the last picture stays until the next one is
ready, and the title shows its step.
"""

import textwrap
import time
from collections.abc import Mapping
from typing import ClassVar

from textual.message import Message
from textual.timer import Timer

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import grouped
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.measures.large import is_slow_to_draw
from superpos_tui.process.drawing_room import DrawingRoom, Order
from superpos_tui.process.log_file import log_exception
from superpos_tui.process.pressed_keys import PressedKeys
from superpos_tui.scene import Scene
from superpos_tui.views.awaiting import AwaitingView
from superpos_tui.views.border import SEPARATOR
from superpos_tui.views.panel import PARAGRAPHS, Panel
from superpos_tui.views.picture import Drawing, Picture

SECONDS_AFTER_A_KEY = 0.04
"""How long expensive panels wait after a key, so that cheap panels and further keys come first."""
SECONDS_AFTER_OTHERS = 0.01
"""How long they wait after a snapshot, so that a key can come between cheap panels and them."""
REST = 3.0
"""How long a large picture is kept before newer data are drawn, as a multiple of its drawing time:
drawing slows training down."""
REST_AFTER_A_FAILURE = 1.0
BYTES_PER_SECOND = 10_000
"""What a large picture may send, as it counts bytes; a terminal gets up to twice as many. Of a
large matrix every square may change with every frame."""
COMPUTING = "computing …"
WIDTH_OF_TEXT = 72
"""Maximum columns of a row of text: longer ones are hard to read."""
SECONDS_UNTIL_NOTED = 0.25
"""How long a panel computes before its title says so: a new title repaints the whole panel, which
would delay keys, and most pictures are ready sooner."""


class PanelView(AwaitingView, can_focus=True):
    """Shows a panel of the given scene; click or tab to focus it."""

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

    class Drawn(Message, bubble=False):
        """The drawing room has finished a picture, or failed to."""

        def __init__(self, scene: Scene, outcome: object) -> None:
            super().__init__()
            self.scene = scene
            self.outcome = outcome

    def __init__(
        self,
        panel: Panel,
        palette: Palette,
        view: str,
        room: DrawingRoom,
        pressed: PressedKeys,
        keys: Mapping[str, str],
    ) -> None:
        """Expensive drawing waits for ``pressed``; ``keys`` are the shown keys by action."""
        super().__init__(panel, palette, keys, id=f"{view}-{panel.name}")
        self.add_class(f"panel-{panel.name}")
        self.view = view
        self._room = room
        self._keys_pressed = pressed
        self._drawn: Scene | None = None
        self._picture: Picture | None = None
        self._own_title = ""
        self._asked: Scene | None = None
        self._rest = 0.0
        self._scene: Scene | None = None
        self._message = ""
        self._drawn_at = -float("inf")
        self._next_draw: Timer | None = None
        self._next_title: Timer | None = None

    @property
    def panel_name(self) -> str:
        """The name of its panel."""
        return self.panel.name

    def show_scene(self, scene: Scene, at_once: bool = False) -> None:
        """Draw another scene; an expensive panel waits for its time.

        ``at_once`` responds to a key: an expensive panel is then drawn right after all others, once
        for all keys in quick succession.
        """
        self._scene, self._message = scene, ""
        self._end_wait()
        if is_slow_to_draw(scene):
            self._show_large(at_once)
            return
        self._forget_large()
        wait = self._drawn_at + self.panel.seconds_between_draws - time.monotonic()
        if self.panel.seconds_between_draws == 0:
            self._draw()
        elif at_once:
            self._draw_in(SECONDS_AFTER_A_KEY)
        elif self._next_draw is None:
            self._draw_in(max(wait, SECONDS_AFTER_OTHERS))  # this may be the last scene

    def show_message(self, message: str, title: str = "") -> None:
        """Show a text instead of a picture, and of what there is to say about one."""
        self._scene, self._message = None, message
        self._end_wait()
        self._forget_large()
        self._set_title(title)
        self._explain()
        self._write_text(message)

    def wait_for(self, event: str) -> None:
        """Keep the picture until there is another one, and say what has to happen before."""
        scene = self.pointed_scene
        if scene is None:
            self.show_message(event)
        else:
            self.keep_until_next(SEPARATOR.join(filter(None, (self.panel.title(scene), event))))

    def leave(self) -> None:
        """Stop drawing, as the panel is hidden; keep only the picture of the run."""
        self._stop_waiting()
        self._end_wait()
        self._room.forget(self.id)
        self._scene = self._drawn = self._asked = None
        self._message = ""
        self.forget_pointer()

    @property
    def pointed_scene(self) -> Scene | None:
        """The scene of the picture: of a large run only the drawn one has been measured."""
        is_behind = self._scene is not None and is_slow_to_draw(self._scene)
        return self._drawn if is_behind else self._scene

    def _write_text(self, text: str) -> None:
        """Write a text in the middle, in as many rows as it needs, its paragraphs apart."""
        cells = Cells.blank(self.size.width, self.size.height)
        room = max(min(self.size.width, WIDTH_OF_TEXT), 1)
        paragraphs = (textwrap.wrap(each, room) for each in text.split(PARAGRAPHS))
        rows = [row for paragraph in paragraphs for row in ("", *paragraph)][1 : self.size.height]
        for y, row in enumerate(rows, start=(self.size.height - len(rows) + 1) // 2):
            cells.write_centred(y, row, Ink.MUTED)
        self.show_cells(cells)

    def on_resize(self) -> None:
        """Redraw for the new size."""
        if self._message:
            self._write_text(self._message)
        self._draw()

    def _recolour(self) -> None:
        super()._recolour()
        self._draw()

    def _draw_in(self, seconds: float) -> None:
        """Draw the latest scene after a delay; replaces an earlier delay."""
        self._stop_waiting()
        self._next_draw = self.set_timer(seconds, self._draw_in_turn)

    def _draw_in_turn(self) -> None:
        """Draw now, or after a key that waits for its effect."""
        if self._keys_pressed.are_waiting:
            self._draw_in(SECONDS_AFTER_A_KEY)
        else:
            self._draw()

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
        self._set_title(self.panel.title(scene))
        self.show_picture(scene, self.panel.draw(scene, *self.size, self._palette))

    def _stop_waiting(self) -> None:
        if self._next_draw is not None:
            self._next_draw.stop()
            self._next_draw = None

    # ── large runs ────────────────────────────────────────────────────────────────────────────

    def _show_large(self, at_once: bool) -> None:
        """Draw at once for a key, else when the last picture has rested.

        While a picture of older data is being drawn, newer data wait for it.
        """
        wait = self._drawn_at + self._rest - time.monotonic()
        if at_once or (self._asked is None and wait <= 0):
            self._draw()
        elif self._asked is None and self._next_draw is None:
            self._draw_in(wait)
        self._update_large_title()

    def _have_drawn(self, scene: Scene) -> None:
        """Order the picture from the drawing room; until the run's first one is ready, say so."""
        panel, size, palette = self.panel, self.size, self._palette
        asked = Picture.of(scene)
        if self._picture is None or self._picture.run != asked.run:
            self._forget_large()
            self._write_text(COMPUTING)
        self._asked = scene

        def draw() -> Drawing:
            start = time.monotonic()
            title, cells = panel.title(scene), panel.draw(scene, *size, palette)
            return Drawing(title, cells, time.monotonic() - start)

        def done(outcome: object) -> None:
            self.post_message(self.Drawn(scene, outcome))

        self._room.ask(self.id, Order((asked.question, size, palette), draw, done))

    def on_panel_view_drawn(self, message: Drawn) -> None:
        """Show the picture, unless another run is shown by now."""
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
            self._write_text(f"cannot be drawn: {type(outcome).__name__}: {outcome}")
        elif isinstance(outcome, Drawing):
            self._drawn, self._own_title = message.scene, outcome.title
            self.show_picture(message.scene, outcome.cells)
            self._rest = max(REST * outcome.seconds, self._bytes_of_change / BYTES_PER_SECOND)
            self._explain()
        self._update_large_title()
        if scene is not message.scene and self._asked is None:
            self._draw_in(self._rest)

    def _forget_large(self) -> None:
        if self._asked is not None:
            self._room.forget(self.id)
        self._asked = self._drawn = self._picture = None
        self._rest = 0.0

    def _update_large_title(self, patiently: bool = True) -> None:
        """Set the picture's title, with its step while it is changing or outdated."""
        if self._picture is None or self._scene is None:
            return
        asked, note = Picture.of(self._scene), ""
        if self._picture.question != asked.question:
            if patiently:
                self._update_title_soon()
                return
            note = f" · {COMPUTING}"
        elif self._picture.step != asked.step or (
            self._scene.snapshot.phase == "training" and asked.focus.step is None
        ):
            note = f" · step {grouped(self._picture.step)}"
        self._set_title(self._own_title + note)

    def _update_title_soon(self) -> None:
        if self._next_title is None:
            self._next_title = self.set_timer(SECONDS_UNTIL_NOTED, self._update_title_now)

    def _update_title_now(self) -> None:
        self._next_title = None
        self._update_large_title(patiently=False)
