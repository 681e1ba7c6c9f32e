"""Pictures of the screen that look the same everywhere.

Textual's SVG downloads its font, and whether blocks, lines and dots join depends on the font. Here
they are drawn as shapes, and every word is placed at its cell.
"""

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich.cells import cell_len

CELL_WIDTH, CELL_HEIGHT = 12.2, 24.4
BASELINE = 18.5
"""From the top of a cell to the baseline of its text."""
FONT_SIZE = 20
FONTS = "'DejaVu Sans Mono', monospace"
LINE = 1.6
DOT = 2.8
FIRST_SYMBOL = "\u2190"
"""From here on, a character may come from another font, so each is placed in its cell alone."""

FONT_FACE = re.compile(r"\s*@font-face \{[^}]*\}")
FONT_FAMILY = re.compile(r"font-family: [^;\n]+")
LINE_CLIP = re.compile(r'<clipPath id="[\w-]+-line-\d+">.*?</clipPath>\s*', re.DOTALL)
COLOUR = re.compile(r"\.([\w-]+) \{ fill: (#\w+)")
TEXT = re.compile(
    r'<text class="(?P<style>[\w-]+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" '
    r'textLength="[\d.]+" clip-path="[^"]+">(?P<text>[^<]*)</text>'
)

# The part of a cell that a block element fills: left, top, right, bottom.
Box = tuple[float, float, float, float]
BLOCKS: dict[str, Box] = {
    "█": (0, 0, 1, 1),
    "▀": (0, 0, 1, 0.5),
    "▐": (0.5, 0, 1, 1),
    "▔": (0, 0, 1, 1 / 8),
    "▕": (7 / 8, 0, 1, 1),
    **{glyph: (0, 1 - part / 8, 1, 1) for part, glyph in enumerate("▁▂▃▄▅▆▇", 1)},
    **{glyph: (0, 0, part / 8, 1) for part, glyph in enumerate("▏▎▍▌▋▊▉", 1)},
}
SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}

# The arms of lines, from the middle of a cell to its edges: up, right, down, left.
ARMS = {
    "─": "rl", "│": "ud", "┌": "rd", "┐": "ld", "└": "ur", "┘": "ul",
    "├": "urd", "┤": "uld", "┬": "rdl", "┴": "url", "┼": "urdl",
    "╴": "l", "╵": "u", "╶": "r", "╷": "d",
}  # fmt: skip
ROUND_CORNERS = {"╭": ("r", "d"), "╮": ("l", "d"), "╰": ("r", "u"), "╯": ("l", "u")}
FIRST_BRAILLE, LAST_BRAILLE = "\u2800", "\u28ff"
BRAILLE_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each bit of a braille pattern."""

PIXELS_PER_CELL = 13
"""A whole number of pixels across a cell, twice as many down, so that all squares are equal."""
FONT_FILES = ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf")


def portable(svg: str) -> str:
    """Textual's SVG without anything that depends on the viewer's machine."""
    svg = LINE_CLIP.sub("", FONT_FACE.sub("", svg))
    svg = FONT_FAMILY.sub(f"font-family: {FONTS}", svg)
    # Backgrounds are slightly taller than cells, to hide seams, of which there are none here.
    svg = svg.replace(f'height="{CELL_HEIGHT + 0.25}"', f'height="{CELL_HEIGHT}"')
    colours = dict(COLOUR.findall(svg))

    def redrawn(match: re.Match[str]) -> str:
        cells = _Cells(match["style"], colours[match["style"]])
        text = html.unescape(match["text"]).replace("\xa0", " ")
        cells.draw(text, float(match["x"]), float(match["y"]))
        return cells.svg()

    return TEXT.sub(redrawn, svg)


@dataclass
class _Cells:
    """A stretch of cells of one style: words, and shapes in the same colour."""

    style: str
    colour: str
    words: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)
    stroked: list[str] = field(default_factory=list)

    def draw(self, text: str, x: float, baseline: float) -> None:
        """Draw ``text`` from ``x`` on, one character per cell."""
        for start, piece in _pieces(text):
            left, top = x + start * CELL_WIDTH, baseline - BASELINE
            draw_shape = _shape(piece)
            if draw_shape is not None:
                draw_shape(self, piece, left, top)
            else:
                self._write(piece, left, baseline)

    def svg(self) -> str:
        """Everything drawn, as SVG elements."""
        elements = list(self.words)
        if self.filled:
            elements.append(
                f'<path fill="{self.colour}" shape-rendering="crispEdges" '
                f'd="{"".join(self.filled)}"/>'
            )
        if self.stroked:
            elements.append(
                f'<path fill="none" stroke="{self.colour}" stroke-width="{LINE}" '
                f'd="{"".join(self.stroked)}"/>'
            )
        return "".join(elements)

    def block(self, glyph: str, x: float, y: float) -> None:
        """Draw a block element: a box in the cell."""
        left, top, right, bottom = BLOCKS[glyph]
        width, height = (right - left) * CELL_WIDTH, (bottom - top) * CELL_HEIGHT
        self.filled.append(_box(x + left * CELL_WIDTH, y + top * CELL_HEIGHT, width, height))

    def shade(self, glyph: str, x: float, y: float) -> None:
        """Draw a shade: the whole cell, semi-transparent."""
        self.words.append(
            f'<path fill="{self.colour}" fill-opacity="{SHADES[glyph]}" '
            f'shape-rendering="crispEdges" d="{_box(x, y, CELL_WIDTH, CELL_HEIGHT)}"/>'
        )

    def line(self, glyph: str, x: float, y: float) -> None:
        """Draw straight lines from the middle of the cell to its edges."""
        middle_x, middle_y = x + CELL_WIDTH / 2, y + CELL_HEIGHT / 2
        ends = {"u": f"V{_n(y)}", "d": f"V{_n(y + CELL_HEIGHT)}",
                "l": f"H{_n(x)}", "r": f"H{_n(x + CELL_WIDTH)}"}  # fmt: skip
        for arm in ARMS[glyph]:
            self.stroked.append(f"M{_n(middle_x)} {_n(middle_y)}{ends[arm]}")

    def corner(self, glyph: str, x: float, y: float) -> None:
        """Draw a quarter circle with a straight piece to the far edge."""
        middle_x, middle_y, radius = x + CELL_WIDTH / 2, y + CELL_HEIGHT / 2, CELL_WIDTH / 2
        across, along = ROUND_CORNERS[glyph]
        side = x + CELL_WIDTH if across == "r" else x
        end = y + CELL_HEIGHT if along == "d" else y
        bend = middle_y + radius if along == "d" else middle_y - radius
        self.stroked.append(
            f"M{_n(side)} {_n(middle_y)}"
            f"Q{_n(middle_x)} {_n(middle_y)} {_n(middle_x)} {_n(bend)}V{_n(end)}"
        )

    def dots(self, glyph: str, x: float, y: float) -> None:
        """Draw the dots of a braille pattern."""
        bits = ord(glyph) - ord(FIRST_BRAILLE)
        for bit, (column, row) in enumerate(BRAILLE_DOTS):
            if bits >> bit & 1:
                left = x + (column + 0.5) * CELL_WIDTH / 2 - DOT / 2
                top = y + (row + 0.5) * CELL_HEIGHT / 4 - DOT / 2
                self.filled.append(_box(left, top, DOT, DOT))

    def _write(self, word: str, x: float, baseline: float) -> None:
        length = cell_len(word) * CELL_WIDTH
        self.words.append(
            f'<text class="{self.style}" x="{_n(x)}" y="{_n(baseline)}" '
            f'textLength="{_n(length)}">{html.escape(word, quote=False)}</text>'
        )


def _pieces(text: str) -> Iterable[tuple[int, str]]:
    """Words and single symbols, with the cells where they start; spaces are skipped."""
    for match in re.finditer(rf"[{FIRST_SYMBOL}-\uffff]|[^\s{FIRST_SYMBOL}-\uffff]+", text):
        yield cell_len(text[: match.start()]), match.group()


def _shape(piece: str) -> Callable[[_Cells, str, float, float], None] | None:
    """The method that draws a symbol as a shape, or ``None`` for text."""
    if piece in BLOCKS:
        return _Cells.block
    if piece in SHADES:
        return _Cells.shade
    if piece in ARMS:
        return _Cells.line
    if piece in ROUND_CORNERS:
        return _Cells.corner
    return _Cells.dots if FIRST_BRAILLE <= piece <= LAST_BRAILLE else None


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{_n(x)} {_n(y)}h{_n(width)}v{_n(height)}h{_n(-width)}z"


def _n(value: float) -> str:
    """A coordinate without binary rounding noise."""
    return f"{round(value, 3):g}" if abs(value) < 1000 else f"{value:.3f}".rstrip("0").rstrip(".")


def rasterised(svg: str, pixels_per_cell: int = PIXELS_PER_CELL) -> bytes:
    """The picture as PNG, with matplotlib's fonts: the same on every machine."""
    import resvg_py
    from matplotlib import get_data_path

    fonts = Path(get_data_path()) / "fonts/ttf"
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=pixels_per_cell / CELL_WIDTH,
        skip_system_fonts=True,
        font_files=[str(fonts / name) for name in FONT_FILES],
    )
    return bytes(png)
