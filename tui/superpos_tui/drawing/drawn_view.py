"""A view that draws what it shows again whenever that, or its own size, changes."""

from superpos_tui.drawing.cell_view import CellView
from superpos_tui.drawing.cells import Cells


class DrawnView(CellView):
    """A subclass keeps what it shows, says ``redraw`` when that changes, and has a ``picture``."""

    def picture(self, width: int, height: int) -> Cells | None:
        """Cells of the size there is, which is not empty; ``None`` leaves what is shown."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Show the picture of now."""
        if not self.size.width:
            return
        picture = self.picture(*self.size)
        if picture is not None:
            self.show_cells(picture)

    def on_resize(self) -> None:
        """The picture is made for the size there is."""
        self.redraw()
