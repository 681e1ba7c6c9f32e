"""The guided tour: a few lines of story below the panels, stop by stop."""

import textwrap

from textual.geometry import Size

from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.views.registry import view_of_experiment

KEYS_NOTE = "N next · P back · X quit tour"
LAST_KEYS_NOTE = "P back · N quit tour"


def tour_stops() -> list[Experiment]:
    """The experiments of the tour, in order."""
    return [experiment for experiment in EXPERIMENTS.values() if experiment.tour]


class TourBar(DrawnView):
    """A few rows of text; hidden while there is no tour."""

    DEFAULT_CSS = "TourBar { height: auto; display: none; }"

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, id="tour")
        self._stop = 0

    def show_stop(self, stop: int) -> None:
        """Show another stop, by its index."""
        self._stop = stop
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The rows of the longest story, so that nothing jumps between stops."""
        return max((len(story(stop, width)) for stop in range(len(tour_stops()))), default=1)

    def picture(self, width: int, height: int) -> Cells:
        """The current stop, wrapped to the width."""
        return draw(self._stop, width, height)


def head(stop: int) -> str:
    """The heading of a stop, such as `` tour 3/10 ``."""
    return f" tour {stop + 1}/{len(tour_stops())} "


def note(stop: int) -> str:
    """What to try at a stop, and the keys of the tour."""
    experiment = tour_stops()[stop]
    usual = "→ next setting" if len(experiment.config.settings) > 1 else "t enter replays"
    return f"{view_of_experiment(experiment).hint or usual} · {keys_note(stop)}"


def keys_note(stop: int) -> str:
    """The keys of the tour at a stop."""
    return KEYS_NOTE if stop + 1 < len(tour_stops()) else LAST_KEYS_NOTE


def story(stop: int, width: int) -> list[str]:
    """The lines of a stop's story, with room for the note at the end of the last one."""
    stops = tour_stops()
    if not stops:
        return []
    room = max(width - len(head(stop)) - 1, 1)
    lines = textwrap.wrap(stops[stop].tour, room)
    return lines if len(lines[-1]) + len(note(stop)) + 2 <= room else [*lines, ""]


def draw(stop: int, width: int, height: int) -> Cells:
    """The heading of a stop, its story, and the keys."""
    cells = Cells.blank(width, height)
    if not tour_stops():
        return cells
    cells.write(0, 0, head(stop), Ink.ACCENT)
    for y, line in enumerate(story(stop, width)[:height]):
        cells.write(len(head(stop)), y, line, Ink.TEXT)
    shown = note(stop) if len(note(stop)) + 2 < width else keys_note(stop)
    if height > 1 and width > len(shown) + 2:
        cells.write_right(width - 1, height - 1, f" {shown}", Ink.MUTED)
    return cells
