"""Remake README's pictures of the program: `python3 screenshots/make.py`.

Run it with the Python of the project's environment. It starts the program without a terminal, lets
the real engine train each of `RUNS`, presses the keys of its shots and saves the screen as SVG and
PNG. To add a picture, add a `Shot` to a run.
"""

import argparse
import asyncio
import html
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / source) for source in ("core", "tui")]

from superpos_core.engine.choice import EngineChoice  # noqa: E402
from superpos_core.experiments import Trial, experiment_named  # noqa: E402
from superpos_core.task.config import ExperimentConfig  # noqa: E402  the line above makes it importable
from superpos_core.training.pacing import PACES  # noqa: E402

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from superpos_tui.app import SuperposApp


WIDE, MEDIUM = (120, 40), (80, 24)


@dataclass(frozen=True)
class Shot:
    """A picture: its subject, the size of the terminal, and the keys that lead to it.

    Keys are Textual's names, pressed after those of the previous shots.
    """

    subject: str
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = WIDE

    @property
    def name(self) -> str:
        """The name of its files, without the suffix."""
        width, height = self.size
        return f"{self.subject}-{width}x{height}"


@dataclass(frozen=True)
class Run:
    """An experiment, trained once, and its shots in the order in which they are taken."""

    trial: Trial
    shots: tuple[Shot, ...]

    @property
    def config(self) -> ExperimentConfig:
        """The config of the trial."""
        return self.trial.config


TWENTY, INTRO, PHASE = (experiment_named(name) for name in ("twenty", "intro", "phase"))


FEATURE_5_WITH_7 = (*("down",) * 6, *("greater_than_sign",) * 7)
"""The cursor on an antipodal pair of the run of twenty at S = 0.9."""

TWENTY_RUN = Run(
    Trial(TWENTY.config, TWENTY),
    shots=(
        Shot("live", keys=("right", "right")),
        Shot("live", size=MEDIUM),
        Shot("sweep", keys=("2",)),
        Shot("dimensionality", keys=("4",)),
        Shot("timeline", keys=("1", *FEATURE_5_WITH_7, "t", *("left",) * 30)),
        Shot("probe", keys=("escape", "6", "enter")),
        Shot("compare", keys=("escape", "7", "left", "left", "p", *("right",) * 3)),
    ),
)

INTRO_RUN = Run(
    Trial(INTRO.config, INTRO),
    shots=(Shot("geometry", keys=("3", *("right",) * 9, "c", "c", "down")),),
)

NEURON_RUN = Run(
    Trial(
        ExperimentConfig(
            "neurons",
            features=10,
            hidden=5,
            models=("relu-hidden",),
            sparsities=(0.5, 0.7, 0.85, 0.92, 0.96),
            importance=0.75,
            restarts=20,
        )
    ),
    shots=(Shot("weights", keys=("5", "right", "down")),),
)

PHASE_RUN = Run(
    Trial(PHASE.quick_config, PHASE),
    shots=(Shot("phase", keys=("8", "down", "right")),),
)

RUNS = (TWENTY_RUN, INTRO_RUN, NEURON_RUN, PHASE_RUN)
SHOTS = tuple(shot for run in RUNS for shot in run.shots)

DEADLINE_SECONDS = 900.0
TRUECOLOR_TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
NOT_OURS = ("NO_COLOR", "FORCE_COLOR", "SSH_CONNECTION", "COLUMNS", "LINES")

# ── running the program ───────────────────────────────────────────────────────────────────────


async def photograph(run: Run, steps: int | None = None) -> dict[str, str]:
    """The screen at each shot of a run, as Textual's SVG, keyed by the shot's name.

    The run is trained to its end; ``steps`` shortens it.
    """
    # These read the environment on import or construction; `main` sets it first.
    from superpos_tui.app import SuperposApp
    from superpos_tui.settings.start import Settings

    trial = replace(run.trial, config=replace(run.config, steps=steps or run.config.steps))
    app = SuperposApp(Settings(trial, EngineChoice().make, pace=PACES["full"]))
    pictures = {}
    async with app.run_test(size=WIDE) as pilot:
        await _until_trained(app)
        for shot in run.shots:
            await pilot.resize_terminal(*shot.size)
            await pilot.press(*shot.keys)
            await _until_drawn(app, pilot)
            pictures[shot.name] = app.export_screenshot(title="superpos-tui", simplify=True)
    return pictures


async def _until_trained(app: "SuperposApp") -> None:
    """Wait until the screen shows the last step."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while app.watched.state != "finished":
            failure = app.watched.source.failure
            if failure is not None:
                raise failure
            await asyncio.sleep(0.1)


async def _until_drawn(app: "SuperposApp", pilot: "Pilot[None]") -> None:
    """Wait until the panels that are delayed after a key are drawn; remove notifications."""
    from superpos_tui.views.panel_view import SECONDS_AFTER_A_KEY

    await pilot.pause(2 * SECONDS_AFTER_A_KEY)
    app.clear_notifications()
    await pilot.pause()


# ── SVG that looks the same everywhere ────────────────────────────────────────────────────────
#
# Textual's SVG downloads its font, and whether blocks, lines and dots join depends on the font.
# Here they are drawn as shapes, and every word is placed at its cell.

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
        length = len(word) * CELL_WIDTH
        self.words.append(
            f'<text class="{self.style}" x="{_n(x)}" y="{_n(baseline)}" '
            f'textLength="{_n(length)}">{html.escape(word, quote=False)}</text>'
        )


def _pieces(text: str) -> Iterable[tuple[int, str]]:
    """Words and single symbols, with the cells where they start; spaces are skipped."""
    for match in re.finditer(rf"[{FIRST_SYMBOL}-\uffff]|[^\s{FIRST_SYMBOL}-\uffff]+", text):
        yield match.start(), match.group()


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


# ── PNG ───────────────────────────────────────────────────────────────────────────────────────

PIXELS_PER_CELL = 13
"""A whole number of pixels across a cell, twice as many down, so that all squares are equal."""
FONT_FILES = ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf")


def rasterised(svg: str) -> bytes:
    """The picture as PNG, with matplotlib's fonts: the same on every machine."""
    import resvg_py
    from matplotlib import get_data_path

    fonts = Path(get_data_path()) / "fonts/ttf"
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=PIXELS_PER_CELL / CELL_WIDTH,
        skip_system_fonts=True,
        font_files=[str(fonts / name) for name in FONT_FILES],
    )
    return bytes(png)


# ── the command ───────────────────────────────────────────────────────────────────────────────


def make(folder: Path, steps: int | None = None) -> Iterator[Path]:
    """Write all pictures to ``folder``; yield each path once it is written."""
    for run in RUNS:
        for name, picture in asyncio.run(photograph(run, steps)).items():
            svg = portable(picture)
            for path, content in (
                (folder / f"{name}.svg", svg.encode()),
                (folder / f"{name}.png", rasterised(svg)),
            ):
                path.write_bytes(content)
                yield path


def main() -> None:
    """Read the command line, make the pictures and print the paths."""
    parser = argparse.ArgumentParser(
        prog="screenshots/make.py",
        description="Run the program without a terminal and write pictures of it, SVG and PNG: "
        + ", ".join(shot.name for shot in SHOTS),
        epilog="It needs the project's development environment (`python3 tests` makes it).",
    )
    parser.add_argument(
        "--steps", type=int, help="training steps before the pictures (default: the experiments')"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path(__file__).parent, help="output folder (default: here)"
    )
    arguments = parser.parse_args()
    for name in NOT_OURS:
        os.environ.pop(name, None)
    os.environ.update(TRUECOLOR_TERMINAL)
    for path in make(arguments.folder, arguments.steps):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
