"""The footer: the most important keys that fit; clicking one acts like pressing it."""

from collections.abc import Collection

from textual.events import Click

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.views.key import Key

ALWAYS_SHOWN = ("help", "quit")


class KeyBar(DrawnView):
    """One row of keys, generated from the key table."""

    DEFAULT_CSS = "KeyBar { height: 1; }"

    def __init__(self, palette: Palette, keys: Collection[Key]) -> None:
        super().__init__(palette, id="keys")
        self._keys = keys
        self._spans: list[tuple[range, Key]] = []
        self._one_panel = False
        self._view = ""

    def set_one_panel(self, one_panel: bool) -> None:
        """Set whether one panel is shown at a time, which makes the next-panel key important."""
        self._one_panel = one_panel
        self.redraw()

    def set_view(self, view: str) -> None:
        """Set the open view, whose own keys come first."""
        self._view = view
        self.redraw()

    def picture(self, width: int, height: int) -> Cells:
        """The keys that fit."""
        self._spans = place_keys(self._keys, width, self._one_panel, self._view)
        return draw(self._spans, width)

    async def on_click(self, event: Click) -> None:
        """Do what the clicked key does."""
        for span, key in self._spans:
            if event.x in span:
                await self.app.run_action(key.action)


def place_keys(
    keys: Collection[Key], width: int, one_panel: bool, view: str
) -> list[tuple[range, Key]]:
    """The footer's keys with their columns; help and quit are dropped last."""
    taken = {key.keys for key in keys if key.exclusive and key.view == view}
    placed = [
        key
        for key in keys
        if key.in_footer
        and (one_panel or not key.only_with_one_panel)
        and key.view in ("", view)
        and (key.view or key.keys not in taken)
    ]
    placed.sort(key=lambda key: (not key.only_with_one_panel, not key.view))
    while placed and _length(placed) > width:
        droppable = [key for key in placed if key.action not in ALWAYS_SHOWN]
        placed.remove((droppable or placed)[-1])
    spans, x = [], 1
    for key in placed:
        spans.append((range(x, x + len(_text(key))), key))
        x += len(_text(key)) + 2
    return spans


def draw(spans: list[tuple[range, Key]], width: int) -> Cells:
    """The row: keys bright, labels muted."""
    cells = Cells.blank(width, 1)
    for span, key in spans:
        cells.write(span.start, 0, key.first_shown, Ink.ACCENT)
        cells.write(span.start + len(key.first_shown) + 1, 0, key.label, Ink.MUTED)
    return cells


def _text(key: Key) -> str:
    return f"{key.first_shown} {key.label}"


def _length(keys: list[Key]) -> int:
    return sum(len(_text(key)) + 2 for key in keys) - 1
