"""A widget that redraws its picture whenever its content or size changes."""

from superpos_tui.drawing.cell_view import CellView
from superpos_tui.drawing.cells import Cells


class DrawnView(CellView):
    """A subclass keeps its content, calls ``redraw`` when it changes, and defines ``picture``."""

    def picture(self, width: int, height: int) -> Cells | None:
        """Cells of exactly this size, which is not empty; ``None`` keeps the current picture."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw and show the current picture."""
        if not self.size.width:
            return
        picture = self.picture(*self.size)
        if picture is not None:
            self.show_cells(picture)

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self.redraw()
