"""A widget that shows cells and repaints only the rows that changed."""

from functools import lru_cache
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.events import Resize
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.process.sturdy import Sturdy


class CellView(Widget, Sturdy):
    """Shows one ``Cells`` picture of its own size.

    Textual repaints rows from the left edge to the end of a region, so a region is the part of a
    row up to its last change; unchanged rows keep their strips.
    """

    DEFAULT_CSS: ClassVar[str] = "CellView { height: 1fr; width: 1fr; }"

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._palette = palette
        self._cells = Cells.blank(0, 0)
        self._seen = self._cells
        self._is_steady = True
        self._bytes_of_change = 0
        self._strips: dict[int, Strip] = {}
        self._base: Style | None = None

    @property
    def palette(self) -> Palette:
        """The colours of the inks."""
        return self._palette

    @palette.setter
    def palette(self, palette: Palette) -> None:
        self._palette = palette
        self._seen = self._cells.as_seen(palette)
        self._recolour()

    def _recolour(self) -> None:
        """Repaint with the new palette; a view whose picture depends on it also redraws it."""
        self._forget_strips()

    def show_cells(self, cells: Cells) -> None:
        """Show another picture; what looks as before on this terminal is not sent again."""
        before, has_same_size = self._seen, self._cells.glyphs.shape == cells.glyphs.shape
        self._cells = cells.steadied(self._cells) if has_same_size and self._is_steady else cells
        self._is_steady = True
        self._seen = self._cells.as_seen(self._palette)
        self._bytes_of_change = 0
        if not has_same_size:
            self._forget_strips()
            return
        for y, end in self._seen.changes_since(before):
            self._bytes_of_change += self._seen.bytes_up_to(y, end)
            self._strips.pop(y, None)
            self.refresh(Region(0, y, end, 1))

    def turn_to_another(self) -> None:
        """The next picture shows something else: no colour of this one is kept in it."""
        self._is_steady = False

    def render_line(self, y: int) -> Strip:
        """One row of the picture, as a strip for Textual."""
        if y >= self._cells.height:
            return Strip.blank(self.size.width, self.rich_style)
        if y not in self._strips:
            if self._base is None:
                self._base = self.rich_style  # expensive: it visits all ancestors
            base = self._base
            segments = [
                Segment(text, _style(base, self._palette, ink, ground, not text.strip()))
                for text, ink, ground in self._seen.runs(y)
            ]
            strip = Strip(segments, self._cells.width)
            self._strips[y] = strip.adjust_cell_length(self.size.width, base)
        return self._strips[y]

    def watch_virtual_size(self, size: Size) -> None:
        """Post a resize for every size.

        Textual posts none for the first if the widget's region was asked for before its layout; of
        two in a row it drops one.
        """
        self.post_message(Resize(self.outer_size, size))

    def notify_style_update(self) -> None:
        """Drop the cached strips: the theme has changed."""
        super().notify_style_update()
        self._forget_strips()

    def _forget_strips(self) -> None:
        self._strips.clear()
        self._base = None
        self.refresh()


@lru_cache(maxsize=4096)
def _style(base: Style, palette: Palette, ink: int, ground: int, is_blank: bool) -> Style:
    """The style of a run; a blank one has only a ground, which takes fewer bytes."""
    if is_blank:
        return Style(bgcolor=palette.colour(ground) or base.bgcolor)
    return base + Style(
        color=palette.colour(ink),
        bgcolor=palette.colour(ground),
        bold=(ink == Ink.ACCENT) or None,
    )
