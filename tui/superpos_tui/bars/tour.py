"""The guided tour: a line of story under the panels, stop by stop."""

import textwrap

from textual.geometry import Size

from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.views.registry import view_of_experiment

KEYS_NOTE = "N next · P back · X ends"
LAST_KEYS_NOTE = "P back · N ends"


def tour_stops() -> list[Experiment]:
    """The experiments that tell the story, in their order."""
    return [experiment for experiment in EXPERIMENTS.values() if experiment.tour]


class TourBar(DrawnView):
    """Some rows of text; hidden while there is no tour."""

    DEFAULT_CSS = "TourBar { height: auto; display: none; }"

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, id="tour")
        self._place = 0

    def show_stop(self, place: int) -> None:
        """Tell about another stop."""
        self._place = place
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the longest story takes, so that nothing jumps from stop to stop."""
        return max((len(story(place, width)) for place in range(len(tour_stops()))), default=1)

    def picture(self, width: int, height: int) -> Cells:
        """Lines broken for the width there is."""
        return draw(self._place, width, height)


def head(place: int) -> str:
    """Which stop it is: `` tour 3/10 ``."""
    return f" tour {place + 1}/{len(tour_stops())} "


def note(place: int) -> str:
    """What to try at a stop, and the keys of the tour."""
    stop = tour_stops()[place]
    usual = "→ next setting" if len(stop.config.settings) > 1 else "t enter replays"
    return f"{view_of_experiment(stop).hint or usual} · {keys_note(place)}"


def keys_note(place: int) -> str:
    """The keys of the tour at a stop."""
    return KEYS_NOTE if place + 1 < len(tour_stops()) else LAST_KEYS_NOTE


def story(place: int, width: int) -> list[str]:
    """The lines of a stop's story, with room for the note at the end of the last one."""
    stops = tour_stops()
    if not stops:
        return []
    room = max(width - len(head(place)) - 1, 1)
    lines = textwrap.wrap(stops[place].tour, room)
    return lines if len(lines[-1]) + len(note(place)) + 2 <= room else [*lines, ""]


def draw(place: int, width: int, height: int) -> Cells:
    """Which stop it is, its story, and the keys."""
    cells = Cells.blank(width, height)
    if not tour_stops():
        return cells
    cells.write(0, 0, head(place), Ink.ACCENT)
    for y, line in enumerate(story(place, width)[:height]):
        cells.write(len(head(place)), y, line, Ink.TEXT)
    shown = note(place) if len(note(place)) + 2 < width else keys_note(place)
    if height > 1 and width > len(shown) + 2:
        cells.write_right(width - 1, height - 1, f" {shown}", Ink.MUTED)
    return cells
