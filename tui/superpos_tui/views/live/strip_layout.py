"""Where the strip draws its boxes, and what is in them."""

from collections.abc import Iterator
from dataclasses import dataclass

from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.numbers import fixed, setting_label, setting_name, widest_setting_name
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.drawing.window import Window
from superpos_tui.measures.geometry import dimensions_per_feature, represented
from superpos_tui.scene import Scene
from superpos_tui.views.shared.thumbnails import FRAMED_HEIGHT, Grid, heading_width

MIN_ROWS = 7
"""Rows of a box, where there are several rows of boxes."""
MIN_ROWS_BESIDE = 9
"""Rows of a box whose heading is beside its square."""
GAP = 1
"""Columns between a square and what is written beside it."""
MAX_SIDE, MIN_BAR_ROWS = 24, 3
"""Columns beside a square, if there is room; rows below, where bars can be told apart."""


@dataclass(frozen=True)
class Style:
    """What is written in a box: the heading above its square or beside it, and perhaps numbers.

    ``is_stacked`` if D* has its value on the next line.
    """

    beside: bool = False
    has_numbers: bool = True
    in_words: bool = True
    is_stacked: bool = False

    def lines(self, scene: Scene) -> list[str]:
        """The lines beside the square of a setting."""
        lines = [self._name(scene)] if self.beside else []
        if self.has_numbers:
            features = scene.config.features
            kept = f"{scene.of(represented):>{len(str(features))}}"
            shared = fixed(scene.of(dimensions_per_feature), 4, 2)
            lines.append(f"{kept} of {features}" if self.in_words else f"{kept}/{features}")
            lines += ["D*", shared] if self.is_stacked else [f"D* {shared}"]
        return lines

    def columns(self, scene: Scene) -> int:
        """The columns of the widest line of any setting."""
        name = len(self._name(scene)) + self._widest(scene) if self.beside else 0
        return max([name, *map(len, self.lines(scene))])

    def below(self, scene: Scene, width: int) -> str:
        """The features represented, if they fit below a square that has no room beside it."""
        if self.has_numbers:
            return ""
        kept, features = scene.of(represented), scene.config.features
        return longest_within(width, f" {kept} of {features} ", f"{kept}/{features}", "")

    def _name(self, scene: Scene) -> str:
        name = setting_name if self.in_words else setting_label
        return name(scene.config, scene.setting)

    def _widest(self, scene: Scene) -> int:
        """How much longer than that of this setting the longest name is."""
        return widest_setting_name(scene.config) - len(setting_name(scene.config, scene.setting))

    def rows_of_square(self, box_height: int) -> int:
        """The rows that are left for the square, without heading and frame."""
        if self.beside:
            return box_height
        return box_height - (2 if box_height >= FRAMED_HEIGHT else 1)


PLAIN = Style(has_numbers=False)
STYLES = (
    Style(),
    Style(beside=True),
    Style(beside=True, in_words=False),
    Style(beside=True, in_words=False, is_stacked=True),
    Style(in_words=False),
    Style(in_words=False, is_stacked=True),
    PLAIN,
)
"""The best first, of those that show squares as large."""


@dataclass(frozen=True)
class StripLayout:
    """The boxes; in each a square and ``side`` columns of text, with bars of norms below it."""

    grid: Grid
    matrix: MatrixLayout | None
    style: Style
    side: int = 0

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "StripLayout":
        """All settings with the largest squares that fit, or else as many settings as fit."""
        layouts = list(_with_all_settings(scene, width, height))
        if not layouts:
            return _with_some_settings(scene, width, height)
        return max(layouts, key=lambda layout: (layout.share, layout.style.has_numbers))

    @property
    def share(self) -> float:
        """Columns per entry of a square."""
        return self.matrix.share if self.matrix else 0.0

    @property
    def has_row_below(self) -> bool:
        """Whether there is a row below each square, which is the frame's of the one in focus."""
        return not self.style.beside and self.grid.box_height >= FRAMED_HEIGHT

    @property
    def bar_rows(self) -> int:
        """Rows of bars below the numbers; 0 without room."""
        if self.matrix is None or not self.style.has_numbers:
            return 0
        rows = self.matrix.height - (self.style.beside + (3 if self.style.is_stacked else 2))
        return rows if rows >= MIN_BAR_ROWS else 0


def _with_all_settings(scene: Scene, width: int, height: int) -> Iterator[StripLayout]:
    """The layouts in which every setting has a box, in one row or in several."""
    count = len(scene.config.settings)
    for rows in range(1, max(height // MIN_ROWS, 1) + 1):
        columns = -(-count // rows)
        room, box_height = (width - 1) // columns - 1, height // rows
        for style in STYLES:
            if style.beside and (rows > 1 or height < MIN_ROWS_BESIDE):
                continue
            matrix = _square(scene, style, room, box_height)
            if matrix is None:
                continue
            box_width = max(matrix.width, 0 if style.beside else heading_width(scene.config))
            side = 0
            if style is not PLAIN:
                side = min(room - matrix.width - GAP, max(MAX_SIDE, style.columns(scene)))
                box_width = max(box_width, matrix.width + GAP + side)
            edges = box_height - style.rows_of_square(box_height)
            box = box_width, matrix.height + edges
            grid = Grid.around(scene.focus.setting, count, (columns, rows), box, width)
            yield StripLayout(grid, matrix, style, side)


def _square(scene: Scene, style: Style, room: int, box_height: int) -> MatrixLayout | None:
    """The largest square in a box of this size; ``None`` if not all has room."""
    beside = 0 if style is PLAIN else style.columns(scene) + GAP
    rows = style.rows_of_square(box_height)
    if rows < len(style.lines(scene)) or (not style.beside and room < heading_width(scene.config)):
        return None
    window = Window.whole(scene.config.features)
    matrix = MatrixLayout.fitting(window, room - beside, rows, True, with_bias=False)
    return None if matrix is None or matrix.height < len(style.lines(scene)) else matrix


def _with_some_settings(scene: Scene, width: int, height: int) -> StripLayout:
    """The focused setting and its neighbours, without numbers."""
    count, rows = len(scene.config.settings), max(height // MIN_ROWS, 1)
    box_height = height // rows
    matrix = MatrixLayout.fitting(
        Window.whole(scene.config.features),
        width - 2,
        PLAIN.rows_of_square(box_height),
        True,
        with_bias=False,
    )
    box_width = max(matrix.width if matrix else 0, heading_width(scene.config))
    columns = max((width - len("‹›") - 1) // (box_width + 1), 1)
    box = box_width, box_height
    grid = Grid.around(scene.focus.setting, count, (min(columns, count), rows), box, width)
    return StripLayout(grid, matrix, PLAIN)
