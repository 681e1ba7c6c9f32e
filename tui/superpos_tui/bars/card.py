"""The card at the first start: what is seen, and the first keys to try."""

from collections.abc import Collection, Mapping

from textual.events import Click
from textual.message import Message

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.setting_names import hidden_text
from superpos_tui.bars.pieces import Pieces, write
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.views.key import Key

WIDTH, HEIGHT = 76, 6
"""Columns and rows with the frame: it fits on 80 columns, below the matrix."""
FIRST_KEYS = (
    {
        "sparser": "sparser data",
        "next_model": "models",
        "compare_with_linear": "beside a linear one",
        "panel_help": "about a panel",
    },
    {
        "gallery": "experiments: the pentagon …",
        "form": "n, m and all settings",
        "tour": "guided tour",
    },
)
"""What to try first, by action: one row each."""
NEVER_SWALLOWED = frozenset({"quit", "suspend_process", "command_palette", "help"})
"""Actions that the first key does although it closes the card, besides those that it names."""


class FirstCard(DrawnView):
    """Lies over the lowest panels until a key is pressed, or it is clicked.

    It swallows that key, which was pressed to close it, unless ``keys_that_also_act`` names it.
    """

    DEFAULT_CSS = f"""
    FirstCard {{
        display: none;
        layer: card;
        dock: bottom;
        width: {WIDTH};
        height: {HEIGHT};
        margin-bottom: 2;
        padding: 0 1;
        background: $background;
        border: round $accent;
        border-title-color: $accent;
        border-subtitle-color: $text-muted;
    }}
    """

    class Closed(Message):
        """The card was clicked."""

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, id="card")
        self.border_title = "welcome to superpos-tui"
        self.border_subtitle = "any other key closes this"
        self._content: tuple[ExperimentConfig, Mapping[str, str]] | None = None

    def show(self, config: ExperimentConfig, keys: Mapping[str, str]) -> None:
        """Introduce a run; ``keys`` are the shown keys by action."""
        self._content = config, keys
        self.redraw()

    def picture(self, width: int, height: int) -> Cells | None:
        """Four rows, once there is something to introduce."""
        return None if self._content is None else draw(*self._content, width, height)

    def on_click(self, event: Click) -> None:
        """Close the card."""
        self.post_message(self.Closed())


def keys_that_also_act(keys: Collection[Key]) -> frozenset[str]:
    """The names of keys that the card does not swallow: those that it names, and the ways out."""
    actions = NEVER_SWALLOWED.union(*FIRST_KEYS)
    return frozenset[str]().union(*(key.names for key in keys if key.action in actions))


def draw(config: ExperimentConfig, keys: Mapping[str, str], width: int, height: int) -> Cells:
    """What is seen, in two sentences, and two rows of keys to try first."""
    cells = Cells.blank(width, height)
    network = f"A network squeezes {config.features} features into {hidden_text(config)} dimensions"
    cells.write(0, 0, f"{network} and restores them.")
    cells.write(0, 1, "Grid: features kept on the diagonal; off it, those in superposition.")
    for y, row in enumerate(FIRST_KEYS, start=2):
        pieces: Pieces = []
        for action, words in row.items():
            pieces += [(" · ", Ink.FAINT)] if pieces else []
            pieces += [(keys[action], Ink.ACCENT), (f" {words}", Ink.TEXT)]
        write(cells, 0, y, pieces)
    return cells
