"""The rail: on wide screens, the controls at the right edge, always in sight."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.events import Click

from superpos_tui.bars.controls import WIDTH, Control, controls_of
from superpos_tui.bars.status import Status
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.glyphs import LEFT_HALF, RIGHT_HALF
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.text_lines import cut
from superpos_tui.views.key import Key

FRAME = 4
"""Columns beside the controls: borders and padding."""


class Rail(DrawnView):
    """Shows the controls, one per row; a click on one does what its key does, or chooses it."""

    DEFAULT_CSS: ClassVar[str] = f"""
    Rail {{
        width: {WIDTH + FRAME}; height: 1fr; display: none;
        border: round $panel-border; border-title-color: $foreground;
        padding: 0 1;
    }}
    """

    def __init__(self, palette: Palette, keys: Collection[Key]) -> None:
        super().__init__(palette, id="rail")
        self.border_title = "controls"
        self._keys = {key.action: key.first_shown for key in keys}
        self._status: Status | None = None
        self._controls: tuple[Control, ...] = ()

    def show_status(self, status: Status) -> None:
        """Show the controls of another status; most statuses differ in nothing that is here."""
        self._status = status
        if self.size.height and self._current() != self._controls:
            self.redraw()

    def _current(self) -> tuple[Control, ...]:
        if self._status is None:
            return ()
        return controls_of(self._status, self._keys, self.size.height)

    def picture(self, width: int, height: int) -> Cells | None:
        """The controls, once there is a status."""
        self._controls = self._current()
        return None if self._status is None else draw(self._controls, width, height)

    async def on_click(self, event: Click) -> None:
        """Do what the clicked control does."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.y < len(self._controls):
            action = self._controls[offset.y].action
            if action:
                await self.app.run_action(action)


def draw(controls: Sequence[Control], width: int, height: int) -> Cells:
    """One row per control, the chosen ones framed."""
    cells = Cells.blank(width, height)
    for y, control in enumerate(controls[:height]):
        room = width - len(control.right) - 1 if control.right else width - 1
        label = cut(control.label, max(room - control.chosen, 1))
        if control.chosen:
            cells.write(0, y, f"{RIGHT_HALF}{label}{LEFT_HALF}", control.ink)
        else:
            cells.write(0, y, label, control.ink)
        cells.write_right(width, y, control.right, control.right_ink)
    return cells
