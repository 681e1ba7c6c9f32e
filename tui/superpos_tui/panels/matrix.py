"""The W·Wᵀ panel: every entry a coloured square, the bias column beside it, a colour bar below."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_tui.cells import Cells, InkArray
from superpos_tui.palette import (
    DIVERGING_LEVELS,
    Ink,
    Palette,
    diverging_inks,
    diverging_levels,
)
from superpos_tui.panels.panel import Panel
from superpos_tui.scene import Scene

LIMIT = 1.3
"""The colour scale's end, fixed as in the seed's figure, so that pictures can be compared."""
GAP = 1
POSITIVE_GLYPHS = "·░▒█"
NEGATIVE_GLYPHS = "·-=#"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The matrix, as large as fits, in the middle; its colour bar in the last row."""
    cells = Cells.blank(width, height)
    picture = draw_matrix(scene.gram, scene.parameters.bias, width, height - 1, palette)
    spare = height - 1 - picture.height
    cells.paste((width - picture.width) // 2, min(spare // 2, 1), picture)
    _write_colour_bar(cells, height - 1, palette)
    return cells


def draw_matrix(
    matrix: FloatArray, bias: FloatArray, width: int, height: int, palette: Palette
) -> Cells:
    """A square matrix with its bias column, in at most ``width`` × ``height`` cells."""
    layout = _Layout.fitting(len(bias), width, height, palette.has_scales)
    if layout is None:
        return Cells.blank(0, 0)
    matrix = _strongest_of_blocks(matrix, layout.block)
    bias = _strongest_of_blocks(bias[:, None], layout.block, columns=1)
    if palette.has_scales:
        return _half_blocks(matrix, bias, layout.zoom)
    return _glyphs(matrix, bias, layout.zoom)


@dataclass(frozen=True)
class _Layout:
    """How a matrix is fitted: ``block``² entries become one square of ``zoom`` columns."""

    block: int
    zoom: int

    @classmethod
    def fitting(cls, n: int, width: int, height: int, half_blocks: bool) -> "_Layout | None":
        """The largest squares that fit; where n is too large, the least joining of entries."""
        rows = 2 * height if half_blocks else height
        across = width - GAP
        if across < 2 or rows < 1:
            return None
        block = max(-(-n // (across - 1)), -(-n // rows))
        squares = -(-n // block)
        zoom = min(across // (squares + 1), rows // squares if half_blocks else 2)
        return cls(block, zoom)


def _strongest_of_blocks(values: FloatArray, block: int, columns: int | None = None) -> FloatArray:
    """The entry of greatest magnitude of each block × block square, with its sign."""
    across = block if columns is None else columns
    if block == 1:
        return values
    rows = -(-values.shape[0] // block) * block
    cols = -(-values.shape[1] // across) * across
    padded = np.zeros((rows, cols), dtype=values.dtype)
    padded[: values.shape[0], : values.shape[1]] = values
    blocks = padded.reshape(rows // block, block, cols // across, across)
    flat = blocks.swapaxes(1, 2).reshape(rows // block, cols // across, -1)
    strongest = np.argmax(np.where(np.isnan(flat), np.inf, np.abs(flat)), axis=-1)
    return np.take_along_axis(flat, strongest[..., None], axis=-1)[..., 0]


def _half_blocks(matrix: FloatArray, bias: FloatArray, zoom: int) -> Cells:
    """Two rows of pixels a cell: an entry is ``zoom`` pixels high and wide, so it looks square."""

    def pixels(values: FloatArray) -> InkArray:
        return diverging_inks(values, LIMIT).repeat(zoom, axis=0).repeat(zoom, axis=1)

    square, column = pixels(matrix), pixels(bias)
    gap = np.full((len(square), GAP), Ink.NONE, dtype=np.uint8)
    return _cells_of_pixels(np.concatenate([square, gap, column], axis=1))


def _cells_of_pixels(pixels: InkArray) -> Cells:
    """Join pixel rows by twos: a plain cell where both agree, else the upper half block."""
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, np.full_like(pixels[:1], Ink.NONE)])
    upper, lower = pixels[0::2], pixels[1::2]
    same = upper == lower
    return Cells(
        glyphs=np.where(same, " ", "▀"),
        inks=np.where(same, Ink.TEXT, upper).astype(np.uint8),
        grounds=lower.copy(),
    )


def _glyphs(matrix: FloatArray, bias: FloatArray, zoom: int) -> Cells:
    """Where colour cannot show a value: the glyph tells sign and size, ``zoom`` columns each."""
    square, column = matrix.repeat(zoom, axis=1), bias.repeat(zoom, axis=1)
    cells = Cells.blank(square.shape[1] + GAP + column.shape[1], len(square))
    for start, values in ((0, square), (square.shape[1] + GAP, column)):
        target = np.s_[:, start : start + values.shape[1]]
        cells.glyphs[target] = _signed_glyphs(values)
        cells.inks[target] = diverging_inks(values, LIMIT)
    return cells


def _signed_glyphs(values: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    level = diverging_levels(values, LIMIT)
    strength = -(-np.abs(level) // 2)
    glyphs = np.where(
        level >= 0,
        np.array(list(POSITIVE_GLYPHS))[strength],
        np.array(list(NEGATIVE_GLYPHS))[strength],
    )
    return np.where(np.isfinite(values), glyphs, "?")


def _write_colour_bar(cells: Cells, y: int, palette: Palette) -> None:
    """The scale from −1.3 to +1.3, in the middle of row ``y``."""
    levels = np.arange(-DIVERGING_LEVELS, DIVERGING_LEVELS + 1)
    values = (levels / DIVERGING_LEVELS * LIMIT)[None, :]
    each = 2 if cells.width >= 2 * levels.size + 12 else 1
    bar = Cells.blank(levels.size * each, 1)
    if palette.has_scales:
        bar.grounds[:] = diverging_inks(values, LIMIT).repeat(each, axis=1)
    else:
        bar.glyphs[:] = _signed_glyphs(values).repeat(each, axis=1)
        bar.inks[:] = diverging_inks(values, LIMIT).repeat(each, axis=1)
    start = (cells.width - bar.width) // 2
    cells.paste(max(start, 0), y, bar)
    cells.write_right(start - 1, y, f"−{LIMIT}", Ink.MUTED)
    cells.write(start + bar.width + 1, y, f"+{LIMIT}", Ink.MUTED)


def _title(scene: Scene) -> str:
    return "W·Wᵀ and b" if scene.model.tied else "W₁·W₂ and b"


PANEL = Panel(
    name="matrix",
    title=_title,
    readings=(
        "row i, column j: what feature i adds to output j · blue + · red − · right: the bias b",
        "row i, column j: what i adds to output j · right: b",
        "what i adds to j · right: b",
    ),
    draw=draw,
)
