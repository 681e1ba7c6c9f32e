"""The two lines at the top: what is trained, and how far it is."""

from superpos_tui.bars import progress, sentence
from superpos_tui.bars.status import Status
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.palette import Palette

HEIGHT = 2


class StatusBar(DrawnView):
    """Shows the status; the open timeline takes the place of the progress."""

    DEFAULT_CSS = f"StatusBar {{ height: {HEIGHT}; }}"

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, id="status")
        self._status: Status | None = None

    def show_status(self, status: Status) -> None:
        """Show another status."""
        self._status = status
        self.redraw()

    def picture(self, width: int, height: int) -> Cells | None:
        """One row or two, once there is a status."""
        return None if self._status is None else draw(self._status, width, height)


def draw(status: Status, width: int, height: int = HEIGHT) -> Cells:
    """What is trained; below, if there are two rows, the progress."""
    cells = Cells.blank(width, height)
    sentence.draw(cells, 0, status)
    if height > 1:
        progress.draw(cells, 1, status)
    return cells
