"""The sweep: W·Wᵀ and b at all settings side by side, with bars of norms and three numbers."""

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED_BELOW
from superpos_tui.drawing.numbers import of_every_setting, setting_name
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.squares import COLOUR_BAR_WIDTH, write_colour_bar
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, SelectSetting
from superpos_tui.views.panel import Cell, Panel, Zoom
from superpos_tui.views.shared.colour_meanings import OF_NORMS, OF_PRODUCT
from superpos_tui.views.shared.entries import read_cell, read_feature
from superpos_tui.views.shared.legends import superposition_legend
from superpos_tui.views.shared.numbers import numbers_of_settings
from superpos_tui.views.shared.offers import one_more_setting
from superpos_tui.views.shared.thumbnails import Grid, paste_matrix, write_heading
from superpos_tui.views.shared.zoomed import (
    merged_note,
    pan,
    show_whole,
    window_note,
    zoom_around,
    zoom_onto,
)
from superpos_tui.views.sweep.bars import norms_below, write_norms_beside
from superpos_tui.views.sweep.layout import BAR_GAP, SIDE_GAP, SweepLayout
from superpos_tui.views.sweep.numbers import name_within, numbers_of
from superpos_tui.views.sweep.overview import Overview, write_overview

LEGEND_GAP = 2
MIN_SCALE_WIDTH = 25
"""Columns of the colour scale with its two labels."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The boxes in rows, and below them the colour scale and the number of hidden boxes."""
    cells = Cells.blank(width, height)
    layout = SweepLayout.of(scene, width, height)
    for setting, x, y in layout.grid.boxes():
        focused = setting == scene.focus.setting
        _draw_box(cells, scene.at_setting(setting), (x, y), layout, focused, palette)
    overview = Overview.beside(layout.grid, scene)
    if overview is not None:
        write_overview(cells, scene, overview)
    if height > 1:
        _write_last_row(cells, layout.grid, layout.has_bars, palette)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the setting at a cell."""
    setting = _setting_at(scene, SweepLayout.of(scene, width, height).grid, x, y)
    return None if setting is None else SelectSetting(setting)


def _setting_at(scene: Scene, grid: Grid, x: int, y: int) -> int | None:
    """The setting in whose box a cell is, or of whose row beside the last box."""
    overview = Overview.beside(grid, scene)
    in_row = None if overview is None else overview.setting_at(x, y)
    return grid.setting_at(x, y) if in_row is None else in_row


# ── the boxes ─────────────────────────────────────────────────────────────────────────────────


def _draw_box(
    cells: Cells,
    scene: Scene,
    corner: tuple[int, int],
    layout: SweepLayout,
    focused: bool,
    palette: Palette,
) -> None:
    grid, (x, y) = layout.grid, corner
    write_heading(cells, scene, corner, (grid.box_width, grid.box_height), focused)
    if layout.matrix is not None:
        left = layout.matrix_left(x)
        paste_matrix(cells, scene, left, y + 1, layout.matrix, palette)
        if layout.bar_rows:
            bars = norms_below(scene, layout.matrix, layout.bar_rows - BAR_GAP, palette)
            top = y + 1 + layout.matrix.height
            cells.paste(left + layout.matrix.gutter, top + BAR_GAP, bars)
            cursor = scene.options.cursor
            if cursor is not None and cursor.feature in layout.matrix.window.columns:
                across = layout.matrix.column_of(cursor.feature)
                cells.write(left + across, top, SELECTED_BELOW, Ink.ACCENT)
        if layout.side_columns:
            rows = layout.matrix.refitted(palette.has_scales)
            side = layout.side_columns - SIDE_GAP
            corner = layout.side_left(x), y + 1
            write_norms_beside(cells, scene, rows, corner, side, palette)
    if layout.number_rows:
        top = y + grid.box_height - 1 - layout.number_rows
        for row, (name, value) in enumerate(numbers_of(scene)):
            room = grid.box_width - len(f"  {value} ")
            cells.write(x + 1, top + row, name_within(room, name), Ink.MUTED)
            cells.write_right(x + grid.box_width - 1, top + row, value)


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
        legend = superposition_legend(palette)
        if legend.width <= beside:
            scale.paste(scale.width - legend.width, 0, legend)
    cells.paste(margin, y, scale)
    cells.write(0, y, left, Ink.MUTED)
    cells.write_right(cells.width, y, right, Ink.MUTED)


# ── the pointer ───────────────────────────────────────────────────────────────────────────────


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The setting at a cell, with the entry there, the bar of a feature, or the numbers."""
    layout = SweepLayout.of(scene, width, height)
    setting = _setting_at(scene, layout.grid, x, y)
    if setting is None:
        return ""
    there = scene.at_setting(setting)
    name, content = (
        setting_name(scene.config, there.setting),
        _read_in_box(there, layout, x, y, palette),
    )
    return f"{name} · {content}"


def _read_in_box(scene: Scene, layout: SweepLayout, x: int, y: int, palette: Palette) -> str:
    inside = layout.inside(x, y)
    if inside is not None and layout.matrix is not None:
        matrix = layout.matrix.refitted(palette.has_scales)
        line = read_cell(scene, matrix, inside[1], inside[2])
        if line:
            return line
    feature = layout.feature_of_bar(x, y)
    if feature is not None:
        return read_feature(scene, feature)
    return " · ".join(f"{name} {value.strip()}" for name, value in numbers_of(scene))


def _zoom_at(
    scene: Scene, width: int, height: int, at: Cell | None, steps: int, palette: Palette
) -> Change | None:
    layout = SweepLayout.of(scene, width, height)
    inside = at and layout.inside(*at)
    return zoom_around(scene, layout.matrix, inside[1:] if inside else None, steps)


def _zoom_onto(
    scene: Scene, width: int, height: int, start: Cell, end: Cell, palette: Palette
) -> Change | None:
    """Only within one of the matrices."""
    layout = SweepLayout.of(scene, width, height)
    first, last = layout.inside(*start), layout.inside(*end)
    if first is None or last is None or first[0] != last[0]:
        return None
    return zoom_onto(scene, layout.matrix, first[1:], last[1:])


def _readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    """What is drawn: with bars or without, entries merged or not."""
    layout = SweepLayout.of(scene, width, height)
    merged = merged_note(layout.matrix.block if layout.matrix else 1)
    bias = "right: the bias b"
    bars = ("bars: the norm of each feature", "bars: norms") if layout.has_bars else ("",)
    variants = (
        *((merged, bias, each, "click to open one") for each in bars),
        *((merged, bias, each) for each in bars),
        (merged, bias),
        (merged,),
    )
    return tuple(" · ".join(filter(None, variant)) for variant in variants)


PANEL = Panel(
    name="sweep",
    title=lambda scene: (
        f"{scene.model.product} and b {of_every_setting(scene.config)}{window_note(scene)}"
    ),
    readings=(
        "below each matrix: the norms of its features · right: the bias b · click to open one",
        "bars: the norm of each feature · right: the bias b",
        "bars: norms · right: b",
    ),
    other_readings=_readings,
    story=(
        "The same model trained at each sparsity, as in the paper's main figure. On dense data a "
        "feature has its own dimension or none. On sparser data less important features form "
        "antipodal pairs, and finally all share dimensions, with negative biases that filter out "
        "the interference (“Demonstrating Superposition”). L/L_linear is of the training loss."
    ),
    draw=draw,
    numbers=numbers_of_settings,
    pick=pick,
    read=read,
    zoom=Zoom(_zoom_at, show_whole, pan, _zoom_onto),
    seconds_between_draws=0.1,
    colours=(*OF_PRODUCT, *OF_NORMS),
    offers=one_more_setting,
)
