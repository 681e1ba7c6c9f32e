"""The strip: one live thumbnail of W·Wᵀ per setting, with the focused one framed."""

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import of_every_setting, setting_kind, setting_name
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.measures.geometry import feature_norms, superposition
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, SelectSetting
from superpos_tui.views.live.norm_bars import write_standing_bars
from superpos_tui.views.live.strip_layout import GAP, StripLayout, Style
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_NORMS, OF_PRODUCT
from superpos_tui.views.shared.numbers import numbers_of_settings
from superpos_tui.views.shared.offers import one_more_setting
from superpos_tui.views.shared.thumbnails import Grid, paste_matrix, write_heading
from superpos_tui.views.shared.zoomed import merged_note

SWEPT_READINGS = (
    "the model at each setting · framed: in focus · click to open one",
    "the model at each setting · framed: in focus",
    "framed: in focus",
)
READINGS = (
    "the model at each sparsity, dense to sparse · framed: in focus · click to open one",
    "the model at each sparsity · framed: in focus",
    "framed: in focus",
)
INSTANCES_READINGS = (
    "the instances of the file · framed: in focus · click to open one",
    "the instances of the file · framed: in focus",
    "framed: in focus",
)
BARS_READING = "bars: norms"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The thumbnails in one row, or in several if it is high; ``‹`` and ``›`` where more are."""
    cells = Cells.blank(width, height)
    layout = StripLayout.of(scene, width, height)
    for setting, x, y in layout.grid.boxes():
        focused = setting == scene.focus.setting
        _draw_box(cells, scene.at_setting(setting), (x, y), layout, focused, palette)
    if layout.grid.first > 0:
        cells.write(0, height // 2, "‹", Ink.MUTED)
    if layout.grid.end < layout.grid.count:
        cells.write(width - 1, height // 2, "›", Ink.MUTED)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the setting at a cell; at an end with hidden settings, the nearest hidden one."""
    grid = StripLayout.of(scene, width, height).grid
    setting = grid.setting_at(x, y)
    if setting is None and x < grid.left and grid.first > 0:
        setting = grid.first - 1
    if setting is None and x >= grid.left and grid.end < grid.count:
        setting = grid.end
    return None if setting is None else SelectSetting(setting)


def _draw_box(
    cells: Cells,
    scene: Scene,
    corner: tuple[int, int],
    layout: StripLayout,
    focused: bool,
    palette: Palette,
) -> None:
    (x, y), grid, matrix, style = corner, layout.grid, layout.matrix, layout.style
    if not style.beside:
        write_heading(cells, scene, corner, (grid.box_width, grid.box_height), focused)
    if matrix is None:
        return
    spare = 0 if layout.side else grid.box_width - matrix.width
    top = y if style.beside else y + 1
    paste_matrix(cells, scene, x + spare // 2, top, matrix, palette)
    if layout.has_row_below:
        below = style.below(scene, grid.box_width)
        at = x + (grid.box_width - len(below)) // 2
        cells.write(at, y + grid.box_height - 1, below, Ink.ACCENT if focused else Ink.MUTED)
    left, lines = x + matrix.width + GAP, style.lines(scene)
    for row, text in enumerate(lines):
        is_focused = style.beside and focused and row == 0
        cells.write(left, top + row, text, Ink.ACCENT if is_focused else Ink.MUTED)
    if layout.bar_rows:
        bars = Cells.blank(layout.side, layout.bar_rows)
        norms, interference = scene.of(feature_norms), scene.of(superposition)
        write_standing_bars(bars, bars.height, norms, interference, palette)
        cells.paste(left, top + len(lines), bars)
    if style.beside and focused:
        _write_brackets(cells, corner, grid)


def _write_brackets(cells: Cells, corner: tuple[int, int], grid: Grid) -> None:
    """Write the sides of a frame in the gutters of a box that is too low for a whole one."""
    x, y = corner
    for row in range(grid.box_height):
        is_end = 2 if row == grid.box_height - 1 else row == 0
        cells.write(x - 1, y + row, "│╭╰"[is_end], Ink.ACCENT)
        cells.write(x + grid.box_width, y + row, "│╮╯"[is_end], Ink.ACCENT)


def _read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The setting at a cell, and its numbers."""
    setting = StripLayout.of(scene, width, height).grid.setting_at(x, y)
    if setting is None:
        return ""
    there = scene.at_setting(setting)
    kept, shared = (number.strip() for number in Style().lines(there))
    name = setting_name(scene.config, there.setting)
    return f"{name} · {kept} represented · {shared} dimensions per feature"


def _readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    """What the pictures are, after how many of their entries are merged."""
    layout = StripLayout.of(scene, width, height)
    matrix = layout.matrix
    merged = merged_note(matrix.refitted(palette.has_scales).block if matrix else 1)
    below = layout.has_row_below and layout.style.below(scene, layout.grid.box_width)
    has_counts = layout.style.has_numbers or below
    counts = f"k of {scene.config.features}: features represented" if has_counts else ""
    bars = BARS_READING if layout.bar_rows else ""
    rest = [(explained, about) for explained in (counts, "") for about in _about(scene)]
    return tuple(" · ".join(filter(None, (merged, bars, *each))) for each in (*rest, ("", "")))


def _about(scene: Scene) -> tuple[str, ...]:
    """What the pictures are, depending on what varies."""
    if scene.setting.instance is not None:
        return INSTANCES_READINGS
    return READINGS if setting_kind(scene.config) == "S" else SWEPT_READINGS


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
    colours=(*OF_PRODUCT, *OF_NORMS),
    offers=one_more_setting,
)
