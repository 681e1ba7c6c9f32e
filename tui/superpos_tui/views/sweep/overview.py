"""The numbers of all settings as bars, where the last row of boxes leaves room beside them."""

from dataclasses import dataclass

from superpos_tui.drawing.bars import lying_bar
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import setting_name, widest_setting_name
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.scene import Scene
from superpos_tui.views.shared.thumbnails import Grid
from superpos_tui.views.sweep.numbers import NUMBERS

MARGIN = 3
"""Columns between the last box and the bars."""
MIN_BAR = 8


@dataclass(frozen=True)
class Overview:
    """``parts`` of the three numbers, each a heading and a row per setting, from (left, top) on.

    A row has ``names`` columns for the setting, then ``bars``, then the number.
    """

    left: int
    top: int
    width: int
    count: int
    parts: int
    names: int
    bars: int

    @classmethod
    def beside(cls, grid: Grid, scene: Scene) -> "Overview | None":
        """The room after the last box; ``None`` if there is too little, or boxes are hidden."""
        free = grid.columns * grid.rows - grid.count
        parts = min((grid.box_height - 1) // (grid.count + 2), len(NUMBERS))
        width = free * (grid.box_width + 1) - 2 * MARGIN
        names = widest_setting_name(scene.config) + 1
        bars = width - names - max(len(each.written(scene)) + 1 for each in NUMBERS)
        if grid.first > 0 or free <= 0 or not parts or bars < MIN_BAR:
            return None
        row, column = divmod(grid.count, grid.columns)
        left = grid.left + column * (grid.box_width + 1) + MARGIN
        return cls(left, row * grid.box_height, width, grid.count, parts, names, bars)

    def rows(self) -> range:
        """The first row of each part."""
        return range(self.top, self.top + self.parts * (self.count + 2), self.count + 2)

    def setting_at(self, x: int, y: int) -> int | None:
        """The setting whose bar is at a cell."""
        if not self.left <= x < self.left + self.width:
            return None
        of_row = {top + 1 + each: each for top in self.rows() for each in range(self.count)}
        return of_row.get(y)


def write_overview(cells: Cells, scene: Scene, overview: Overview) -> None:
    """Write as many of the numbers as have room, the row of the setting in focus bright."""
    scenes = [scene.at_setting(index) for index in range(overview.count)]
    for number, top in zip(NUMBERS, overview.rows(), strict=False):
        title = longest_within(overview.width, number.words, number.name)
        cells.write(overview.left, top, title, Ink.MUTED)
        for index, each in enumerate(scenes):
            ink = Ink.ACCENT if index == scene.focus.setting else Ink.MUTED
            y = top + 1 + index
            cells.write(overview.left, y, setting_name(scene.config, each.setting), ink)
            bar = lying_bar(number.share(each), overview.bars)
            cells.write(overview.left + overview.names, y, bar, ink)
            cells.write_right(overview.left + overview.width, y, number.written(each), Ink.TEXT)
