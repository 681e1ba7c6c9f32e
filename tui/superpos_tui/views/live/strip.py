"""The strip: one live thumbnail of W·Wᵀ per setting, with the focused one framed."""

from dataclasses import dataclass

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.numbers import fixed, of_every_setting, setting_name
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.window import Window
from superpos_tui.measures.geometry import dimensions_per_feature, represented
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, SelectSetting
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.numbers import numbers_of_settings
from superpos_tui.views.shared.thumbnails import (
    FRAMED_HEIGHT,
    Grid,
    heading_width,
    paste_matrix,
    write_heading,
)
from superpos_tui.views.shared.zoomed import merged_note

NUMBER_ROWS = 2
READINGS = (
    "the model at each sparsity, dense to sparse · framed: in focus, shown above · click to open "
    "one",
    "the model at each sparsity · framed: in focus",
    "framed: in focus",
)
INSTANCES_READINGS = (
    "the instances of the file · framed: in focus, shown above · click to open one",
    "the instances of the file · framed: in focus",
    "framed: in focus",
)
MAX_PADDING = 3
"""Maximum extra columns of a box, if there is room."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The thumbnails in one row, each below its label; ``‹`` and ``›`` where there are more."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    for setting, x, _ in layout.grid.boxes():
        focused = setting == scene.focus.setting
        _draw_box(cells, scene.at_setting(setting), x, layout, focused, palette)
    if layout.grid.first > 0:
        cells.write(0, height // 2, "‹", Ink.MUTED)
    if layout.grid.end < layout.grid.count:
        cells.write(width - 1, height // 2, "›", Ink.MUTED)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the setting at a cell; at an end with hidden settings, the nearest hidden one."""
    grid = _Layout.of(scene, width, height).grid
    setting = grid.setting_at(x, y)
    if setting is None and x < grid.left and grid.first > 0:
        setting = grid.first - 1
    if setting is None and x >= grid.left and grid.end < grid.count:
        setting = grid.end
    return None if setting is None else SelectSetting(setting)


@dataclass(frozen=True)
class _Layout:
    """The boxes and their content: a square and, if all have room, two numbers."""

    grid: Grid
    matrix: MatrixLayout | None
    with_numbers: bool

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        config = scene.config
        count = len(config.settings)
        rows = height - 2 if height >= FRAMED_HEIGHT else height - 1
        window = Window.whole(config.features)
        matrix = MatrixLayout.fitting(window, width - 2, rows, True, with_bias=False)
        square_width = matrix.width if matrix else 0
        least_width = max(square_width + 2 + _numbers_width(scene), heading_width(config))
        room = (width - 1) // count - 1
        with_numbers = rows >= NUMBER_ROWS and room >= least_width
        box_width = max(square_width, heading_width(config))
        if with_numbers:
            box_width = min(room, least_width + MAX_PADDING)
        columns = (width - 1) // (box_width + 1)
        if columns < count:
            columns = max((width - len("‹›") - 1) // (box_width + 1), 1)
        shape = min(columns, count), 1
        grid = Grid.around(scene.focus.setting, count, shape, (box_width, height), width)
        return cls(grid, matrix, with_numbers)


def _draw_box(
    cells: Cells, scene: Scene, x: int, layout: _Layout, focused: bool, palette: Palette
) -> None:
    grid, matrix = layout.grid, layout.matrix
    write_heading(cells, scene, (x, 0), (grid.box_width, grid.box_height), focused)
    if matrix is None:
        return
    spare = 0 if layout.with_numbers else grid.box_width - matrix.width
    paste_matrix(cells, scene, x + spare // 2, 1, matrix, palette)
    if layout.with_numbers:
        for row, text in enumerate(_numbers(scene)):
            cells.write(x + matrix.width + 1, 1 + row, text, Ink.MUTED)


def _numbers(scene: Scene) -> list[str]:
    """How many features are represented, and D*."""
    features = scene.config.features
    return [
        f"{scene.of(represented):>{len(str(features))}} of {features}",
        f"D* {fixed(scene.of(dimensions_per_feature), 4, 2)}",
    ]


def _numbers_width(scene: Scene) -> int:
    return max(len(number) for number in _numbers(scene))


def _read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The setting at a cell, and its numbers."""
    setting = _Layout.of(scene, width, height).grid.setting_at(x, y)
    if setting is None:
        return ""
    there = scene.at_setting(setting)
    kept, shared = _numbers(there)
    name = setting_name(scene.config, there.setting)
    return f"{name} · {kept.strip()} represented · {shared} dimensions per feature"


def _readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    """What the pictures are, after how many of their entries are merged."""
    matrix = _Layout.of(scene, width, height).matrix
    merged = merged_note(matrix.refitted(palette.has_scales).block if matrix else 1)
    readings = READINGS if scene.setting.instance is None else INSTANCES_READINGS
    return tuple(" · ".join(filter(None, (merged, each))) for each in (*readings, ""))


PANEL = Panel(
    name="strip",
    title=lambda scene: f"{scene.model.product} {of_every_setting(scene.config)}",
    readings=READINGS,
    other_readings=_readings,
    story=(
        "The same model trained at each sparsity. Dense: only a diagonal of the most important "
        "features. The sparser the data, the more features are kept, and the more they interfere "
        "(“Demonstrating Superposition”)."
    ),
    draw=draw,
    numbers=numbers_of_settings,
    pick=pick,
    read=_read,
    seconds_between_draws=0.5,
)
