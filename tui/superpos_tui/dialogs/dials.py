"""The dials dialog: small, at the right edge, so that the effect of the dials stays visible."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.timer import Timer

from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_tui.dialogs.frame import frame_css
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.process.sturdy import Dialog
from superpos_tui.settings.dials import changes, dials_for

SECONDS_OF_REST = 0.25
"""Turning quickly through many stops counts as one change, and as one to undo."""
HINTS = (
    "↑↓ choose · ←→ turn · keeps the weights",
    "u undo · R restart with these · esc close",
)

Turned = Callable[[ExperimentConfig, str], None]


class DialsDialog(Dialog[bool]):
    """Turn dials; ``on_turned`` is called with each new config. Returns whether to restart."""

    DEFAULT_CSS = (
        frame_css("DialsDialog", width=62, max_width="100%", height="14", padding="0 1")
        + """
    DialsDialog { align: right bottom; }
    DialsDialog > * { margin: 0 1 2 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "choose(-1)"),
        Binding("down,j", "choose(1)"),
        Binding("left,h,minus", "turn(-1)"),
        Binding("right,l,plus,equals_sign", "turn(1)"),
        Binding("u", "undo"),
        Binding("R", "restart"),
        Binding("escape,d,enter,q", "close"),
    ]

    def __init__(
        self,
        config: ExperimentConfig,
        setting: int,
        palette: Palette,
        on_turned: Turned,
        on_undo: Callable[[], None],
    ) -> None:
        super().__init__()
        self._reported = self._config = config
        self._dials = dials_for(config)
        self._setting = setting
        self._palette = palette
        self._on_turned = on_turned
        self._on_undo = on_undo
        self._chosen = 0
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        self._board = DialBoard(self._palette)
        self._board.border_title = "dials"
        yield self._board

    def on_mount(self) -> None:
        self._show()

    @property
    def config(self) -> ExperimentConfig:
        """The config with the dials' current values."""
        return self._config

    def _show(self) -> None:
        self._board.show_dials(self._config, self._setting, self._chosen)

    def action_choose(self, direction: int) -> None:
        self._chosen = (self._chosen + direction) % len(self._dials)
        self._show()

    def action_turn(self, direction: int) -> None:
        dial = self._dials[self._chosen]
        try:
            self._config = dial.turned(self._config, self._setting, direction)
        except InvalidValue as error:
            self.notify(str(error), title=dial.name, severity="warning", timeout=4)
            return
        self._show()
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(SECONDS_OF_REST, self._report)

    def on_dial_board_clicked(self, message: "DialBoard.Clicked") -> None:
        self._chosen = message.dial
        if message.direction:
            self.action_turn(message.direction)
        else:
            self._show()

    def _report(self) -> None:
        text = changes(self._reported, self._config, self._setting)
        if text:
            self._reported = self._config
            self._on_turned(self._config, text)

    def action_undo(self) -> None:
        self._on_undo()
        self.dismiss(False)

    def action_restart(self) -> None:
        self.dismiss(True)

    def action_close(self) -> None:
        self._report()
        self.dismiss(False)


class DialBoard(DrawnView):
    """One row per dial: its name, its value between two arrows, and a hint."""

    class Clicked(Message):
        """A dial was clicked: its left arrow turns it down, its right arrow up."""

        def __init__(self, dial: int, direction: int) -> None:
            super().__init__()
            self.dial = dial
            self.direction = direction

    _state: tuple[ExperimentConfig, int, int] | None = None

    def show_dials(self, config: ExperimentConfig, setting: int, chosen: int) -> None:
        """Show the values of the dials."""
        self._state = (config, setting, chosen)
        self.redraw()

    def picture(self, width: int, height: int) -> Cells | None:
        """The dials, once their values are known."""
        return None if self._state is None else draw(*self._state, width, height)

    def on_click(self, event: Click) -> None:
        """Turn the clicked dial by its arrows."""
        offset = event.get_content_offset(self)
        if self._state is None or offset is None:
            return
        config, _, _ = self._state
        if 0 <= offset.y < len(dials_for(config)):
            direction = -1 if offset.x in LEFT_ARROW else 1 if offset.x in RIGHT_ARROW else 0
            self.post_message(self.Clicked(offset.y, direction))


LEFT_ARROW, RIGHT_ARROW = range(15, 18), range(26, 29)


def draw(config: ExperimentConfig, setting: int, chosen: int, width: int, height: int) -> Cells:
    """The board of dials, the chosen one in the accent colour, and the keys."""
    cells = Cells.blank(width, height)
    dials = dials_for(config)
    for y, dial in enumerate(dials):
        ink = Ink.ACCENT if y == chosen else Ink.TEXT
        cells.write(0, y, SELECTED if y == chosen else " ", Ink.ACCENT)
        cells.write(2, y, dial.name, ink)
        cells.write(LEFT_ARROW[1], y, "◂", Ink.MUTED)
        cells.write_right(RIGHT_ARROW[0], y, f"{dial.read(config, setting):8g}", ink)
        cells.write(RIGHT_ARROW[1], y, "▸", Ink.MUTED)
        cells.write(RIGHT_ARROW[-1] + 2, y, dial.hint, Ink.FAINT)
    for offset, hint in enumerate(HINTS):
        cells.write(0, len(dials) + 1 + offset, hint, Ink.MUTED)
    return cells
