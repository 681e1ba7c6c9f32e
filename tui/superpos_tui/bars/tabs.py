"""The row of views: the open one is highlighted; a click opens another."""

from textual.events import Click

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.glyphs import LEFT_HALF, RIGHT_HALF
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.view import View


class ViewTabs(DrawnView):
    """One row with the key and the title of each view."""

    DEFAULT_CSS = "ViewTabs { height: 1; }"

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, id="tabs")
        self._open = next(iter(VIEWS))

    def show_view(self, name: str) -> None:
        """Mark another view as open."""
        self._open = name
        self.redraw()

    def picture(self, width: int, height: int) -> Cells:
        """The row, with all titles if they fit."""
        return draw(self._open, width)

    async def on_click(self, event: Click) -> None:
        """Open the view that was clicked."""
        for span, view in place_tabs(self._open, self.size.width):
            if event.x in span:
                await self.app.run_action(f"view('{view.name}')")


def place_tabs(open_view: str, width: int) -> list[tuple[range, View]]:
    """Each view with its columns: all titles or, if they do not fit, only the open one's."""
    for titles, gap in ((True, 2), (True, 1), (False, 2)):
        spans, x = [], 1
        for view in VIEWS.values():
            length = len(_text(view, titles or view.name == open_view))
            spans.append((range(x, x + length), view))
            x += length + gap
        if x - gap <= width:
            break
    return spans


def draw(open_view: str, width: int) -> Cells:
    """The row: digits in the accent colour like all keys, the open view's title bright."""
    cells = Cells.blank(width, 1)
    for span, view in place_tabs(open_view, width):
        is_open = view.name == open_view
        cells.write(span.start, 0, view.key, Ink.ACCENT)
        title = _text(view, True)[1:] if len(span) > 1 else ""
        cells.write(span.start + 1, 0, title, Ink.ACCENT if is_open else Ink.MUTED)
        if is_open:
            cells.write(span.start - 1, 0, RIGHT_HALF, Ink.ACCENT)
            cells.write(span.stop, 0, LEFT_HALF, Ink.ACCENT)
    return cells


def _text(view: View, with_title: bool) -> str:
    return f"{view.key} {view.title}" if with_title else view.key
