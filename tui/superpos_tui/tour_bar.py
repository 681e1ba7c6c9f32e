"""The guided tour: a line of story under the panels, stop by stop."""

import textwrap

from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_tui.cell_view import CellView
from superpos_tui.cells import Cells
from superpos_tui.palette import Ink, Palette

ROWS = 3
KEYS_NOTE = "N next · P back · X ends"


def tour_stops() -> list[Experiment]:
    """The experiments that tell the story, in their order."""
    return [experiment for experiment in EXPERIMENTS.values() if experiment.tour]


class TourBar(CellView):
    """Some rows of text; hidden while there is no tour."""

    DEFAULT_CSS = f"TourBar {{ height: {ROWS}; display: none; }}"

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, id="tour")
        self._place = 0

    def show_stop(self, place: int) -> None:
        """Tell about another stop."""
        self._place = place
        self.on_resize()

    def on_resize(self) -> None:
        """Break the lines for the width there is."""
        if self.size.width:
            self.show_cells(draw(self._place, self.size.width, self.size.height))


def draw(place: int, width: int, height: int) -> Cells:
    """Which stop it is, its story, and the keys."""
    cells = Cells.blank(width, height)
    stops = tour_stops()
    if not stops:
        return cells
    stop = stops[place % len(stops)]
    head = f" tour {place % len(stops) + 1}/{len(stops)} "
    cells.write(0, 0, head, Ink.ACCENT)
    room = max(width - len(head) - 1, 1)
    for y, line in enumerate(textwrap.wrap(stop.tour, room)[:height]):
        cells.write(len(head), y, line, Ink.TEXT)
    if height > 1 and width > len(KEYS_NOTE) + 2:
        cells.write_right(width - 1, height - 1, f" {KEYS_NOTE}", Ink.MUTED)
    return cells
