"""The sweep: W·Wᵀ and b at all settings side by side, with bars of norms and three numbers."""

from dataclasses import dataclass

from superpos_core.geometry.blocks import greatest_of_blocks
from superpos_tui.drawing.bars import FULL_NORM, standing_bars
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED_BELOW
from superpos_tui.drawing.numbers import fixed, of_every_setting
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette, superposition_inks
from superpos_tui.drawing.squares import COLOUR_BAR_WIDTH, MatrixLayout, write_colour_bar
from superpos_tui.measures.geometry import (
    dimensions_per_feature,
    feature_norms,
    represented,
    superposition,
)
from superpos_tui.measures.loss import loss_over_linear
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, SelectSetting
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.legends import superposition_legend
from superpos_tui.views.shared.thumbnails import Grid, heading_width, paste_matrix, write_heading

MIN_SQUARES = 16
"""Minimum squares per side: enough to show the structure; entries are merged only that far."""
MIN_COLUMNS = 10
"""Minimum width of a matrix of few features."""
FRAME_ROWS = 2
"""The heading and the lower edge of the frame."""
NUMBER_ROWS = 3
MIN_HEIGHT_FOR_NUMBERS = 12
MIN_BAR_ROWS, MAX_BAR_ROWS = 4, 12
"""Rows of bars, including ``BAR_GAP``, the empty rows above them."""
BAR_GAP = 1
LEGEND_GAP = 2
MIN_SCALE_WIDTH = 23
"""Columns of the colour scale with its two labels."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The boxes in rows, and below them the colour scale and the number of hidden boxes."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    for setting, x, y in layout.grid.boxes():
        focused = setting == scene.focus.setting
        _draw_box(cells, scene.at_setting(setting), (x, y), layout, focused, palette)
    if height > 1:
        _write_last_row(cells, layout.grid, layout.bar_rows > 0, palette)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the setting at a cell."""
    setting = _Layout.of(scene, width, height).grid.setting_at(x, y)
    return None if setting is None else SelectSetting(setting)


# ── the layout ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Layout:
    """The boxes; in each, top to bottom: heading, matrix, bars, numbers, edge of the frame."""

    grid: Grid
    matrix: MatrixLayout | None
    bar_rows: int
    number_rows: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        room = max(height - 1, 1)
        number_rows = NUMBER_ROWS if room >= MIN_HEIGHT_FOR_NUMBERS else 0
        sizes = _Sizes(
            features=scene.config.features,
            settings=len(scene.config.settings),
            width=width,
            room=room,
            box_width=max(heading_width(scene.config), _numbers_width(scene)),
            rows_beside=FRAME_ROWS + number_rows,
        )
        matrix = sizes.largest_that_shows_all() or sizes.least_matrix()
        box_width, box_height = sizes.box_around(matrix)
        columns, rows = sizes.shape_of(box_width, box_height)
        bar_rows = min(room // rows - box_height, MAX_BAR_ROWS)
        if bar_rows < MIN_BAR_ROWS or matrix is None:
            bar_rows = 0
        grid = Grid.around(
            scene.focus.setting,
            sizes.settings,
            (columns, rows),
            (box_width, box_height + bar_rows),
            width,
        )
        return cls(grid, matrix, bar_rows, number_rows)


@dataclass(frozen=True)
class _Sizes:
    """The content to show, and the space for it: ``width`` × ``room`` cells.

    ``box_width`` is the minimum width of a box, ``rows_beside`` its rows apart from the matrix.
    """

    features: int
    settings: int
    width: int
    room: int
    box_width: int
    rows_beside: int

    def largest_that_shows_all(self) -> MatrixLayout | None:
        """The largest matrix with room for every setting; ``None`` if it would be unreadable."""
        largest = None
        most_columns = (self.width - 1) // (self.box_width + 1)
        for columns in range(min(self.settings, most_columns), 0, -1):
            rows = -(-self.settings // columns)
            matrix = self._fitting((self.width - 1) // columns - 1, self.room // rows)
            if matrix and self._is_readable(matrix):
                largest = max(largest or matrix, matrix, key=lambda each: each.zoom / each.block)
        return largest

    def least_matrix(self) -> MatrixLayout | None:
        """The smallest readable matrix, or the largest that fits; ``None`` if none does."""
        squares = -(-self.features // self._most_block)
        width = self._least_zoom * (squares + 1) + 1
        height = -(-self._least_zoom * squares // 2) + self.rows_beside
        return self._fitting(min(width, self.width - 2), min(height, self.room))

    def box_around(self, matrix: MatrixLayout | None) -> tuple[int, int]:
        """The width and height of a box."""
        if matrix is None:
            return self.box_width, min(self.rows_beside, self.room)
        return max(self.box_width, matrix.width), matrix.height + self.rows_beside

    def shape_of(self, box_width: int, box_height: int) -> tuple[int, int]:
        """Columns and rows of boxes: as many as fit, in even rows if all fit."""
        columns = min(max((self.width - 1) // (box_width + 1), 1), self.settings)
        rows = min(max(self.room // box_height, 1), -(-self.settings // columns))
        if columns * rows >= self.settings:
            columns = -(-self.settings // rows)
        return columns, rows

    def _fitting(self, box_width: int, box_height: int) -> MatrixLayout | None:
        return MatrixLayout.fitting(
            self.features, box_width, box_height - self.rows_beside, half_blocks=True
        )

    def _is_readable(self, matrix: MatrixLayout) -> bool:
        return matrix.block <= self._most_block and matrix.zoom >= self._least_zoom

    @property
    def _most_block(self) -> int:
        return max(self.features // MIN_SQUARES, 1)

    @property
    def _least_zoom(self) -> int:
        return -(-MIN_COLUMNS // self.features)


# ── the boxes ─────────────────────────────────────────────────────────────────────────────────


def _draw_box(
    cells: Cells,
    scene: Scene,
    corner: tuple[int, int],
    layout: _Layout,
    focused: bool,
    palette: Palette,
) -> None:
    grid, (x, y) = layout.grid, corner
    write_heading(cells, scene, corner, (grid.box_width, grid.box_height), focused)
    if layout.matrix is not None:
        left = x + (grid.box_width - layout.matrix.width) // 2
        paste_matrix(cells, scene, left, y + 1, layout.matrix, palette)
        if layout.bar_rows:
            bars = _norm_bars(scene, layout.matrix, layout.bar_rows - BAR_GAP)
            top = y + 1 + layout.matrix.height
            cells.paste(left, top + BAR_GAP, bars)
            if scene.options.cursor is not None:
                column = scene.options.cursor.feature // layout.matrix.block * layout.matrix.zoom
                cells.write(left + column, top, SELECTED_BELOW, Ink.ACCENT)
    if layout.number_rows:
        top = y + grid.box_height - 1 - layout.number_rows
        for row, (name, value) in enumerate(_numbers(scene)):
            if len(f" {name} {value} ") <= grid.box_width:
                cells.write(x + 1, top + row, name, Ink.MUTED)
            cells.write_right(x + grid.box_width - 1, top + row, value)


def _norm_bars(scene: Scene, matrix: MatrixLayout, rows: int) -> Cells:
    """One bar below each column of the matrix: the norm, coloured by superposition."""
    cells = Cells.blank(matrix.zoom * matrix.squares, rows)
    norms = greatest_of_blocks(scene.of(feature_norms), matrix.block)
    inks = superposition_inks(greatest_of_blocks(scene.of(superposition), matrix.block))
    bars = standing_bars(norms / FULL_NORM, rows, apart=matrix.zoom > 1)
    for offset in range(max(matrix.zoom - 1, 1)):
        cells.glyphs[:, offset :: matrix.zoom] = bars
        cells.inks[:, offset :: matrix.zoom] = inks
    return cells


def _numbers(scene: Scene) -> list[tuple[str, str]]:
    features = scene.config.features
    return [
        ("represented", f"{scene.of(represented):>{len(str(features))}} of {features}"),
        ("D*", fixed(scene.of(dimensions_per_feature), 5, 2)),
        ("L/L_linear", fixed(scene.of(loss_over_linear), 5, 3)),
    ]


def _numbers_width(scene: Scene) -> int:
    """The width of the longest number with its name; the first one may lack its name."""
    (_, represented), *others = _numbers(scene)
    return max(len(f" {name} {value} ") for name, value in [("", represented), *others])


def _write_last_row(cells: Cells, grid: Grid, has_bars: bool, palette: Palette) -> None:
    """Write how many settings are hidden at each end, and the colour scales between the counts."""
    y, before, after = cells.height - 1, grid.first, grid.count - grid.end
    left = f"‹ {before} more " if before else ""
    right = f" {after} more ›" if after else ""
    margin = max(len(left), len(right))
    scale = Cells.blank(cells.width - 2 * margin, 1)
    if not margin or scale.width >= MIN_SCALE_WIDTH:
        write_colour_bar(scale, 0, palette)
    if has_bars:
        beside = (scale.width - COLOUR_BAR_WIDTH) // 2 - LEGEND_GAP
        legend = superposition_legend(beside, palette)
        scale.paste(scale.width - legend.width, 0, legend)
    cells.paste(margin, y, scale)
    cells.write(0, y, left, Ink.MUTED)
    cells.write_right(cells.width, y, right, Ink.MUTED)


PANEL = Panel(
    name="sweep",
    title=lambda scene: f"{scene.model.product} and b {of_every_setting(scene.config)}",
    readings=(
        "blue +, red −, to the right b · bars: norms, coloured by superposition · click to open "
        "one",
        "blue +, red −, to the right b · bars: norms",
        "blue +, red − · right: b",
    ),
    story=(
        "The same model trained at each sparsity, as in the paper's main figure. On dense data a "
        "feature has its own dimension or none. On sparser data less important features form "
        "antipodal pairs, and finally all share dimensions, with negative biases that filter out "
        "the interference (“Demonstrating Superposition”)."
    ),
    draw=draw,
    pick=pick,
    seconds_between_draws=0.1,
)
