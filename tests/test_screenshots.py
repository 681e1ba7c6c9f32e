"""The script that makes README's pictures: they look the same everywhere and have no gaps."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from rich.text import Text
from screenshots.halved import halved
from screenshots.make import RUNS, SHOTS
from screenshots.moving import SCENES
from screenshots.portable import CELL_HEIGHT, CELL_WIDTH, portable, rasterised

from superpos_tui.keys import table_of_keys
from superpos_tui.views.registry import VIEWS

KEYS = table_of_keys(VIEWS.values())

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "screenshots/make.py"
GREEN = (0, 255, 0)
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def picture_of(*lines: str, style: str = "#00ff00") -> str:
    """The SVG that Textual makes of a screen with these lines."""
    console = Console(
        record=True, width=20, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    for line in lines:
        console.print(Text(line, style=style))
    return console.export_svg(title="title", unique_id="test")


def green_pixels(svg: str) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which pixels of the picture are pure green, shape (height, width)."""
    pixels = matplotlib.image.imread(io.BytesIO(rasterised(svg)), format="png")
    colours = np.rint(np.asarray(pixels)[..., :3] * 255).astype(int)
    return np.asarray((colours == GREEN).all(axis=-1))


def is_a_full_rectangle(pixels: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> bool:
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    inside = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return bool(inside.all())


def test_the_picture_downloads_no_font() -> None:
    svg = portable(picture_of("words"))
    assert "@font-face" not in svg
    assert "url(http" not in svg
    assert "cdn" not in svg.lower()
    assert "Fira" not in svg
    assert set(re.findall("font-family: ([^;\n]+)", svg)) == {"'DejaVu Sans Mono', monospace"}


def test_words_that_look_like_a_font_name_are_left_alone() -> None:
    assert ">adversarial<" in portable(picture_of("adversarial"))


def test_every_word_and_every_symbol_is_placed_in_its_cell() -> None:
    svg = portable(picture_of("a bcd ◀e & f"))
    texts = re.findall(r'<text class="test-r\d+" x="([\d.]+)" y="[\d.]+" [^>]*>([^<]*)<', svg)
    cells = {text: round(float(x) / CELL_WIDTH, 3) for x, text in texts}
    assert cells == {"a": 0, "bcd": 2, "◀": 6, "e": 7, "&amp;": 9, "f": 11}


@pytest.mark.parametrize(
    "lines", [("████", "████"), ("▀▀▀▀", "    "), ("▄▄▄▄", "▀▀▀▀"), ("▌", "▌")]
)
def test_blocks_join_without_gaps(lines: tuple[str, ...]) -> None:
    assert is_a_full_rectangle(green_pixels(portable(picture_of(*lines))))


def test_half_blocks_are_squares() -> None:
    pixels = green_pixels(portable(picture_of("▀")))
    assert np.flatnonzero(pixels.any(axis=0)).size == np.flatnonzero(pixels.any(axis=1)).size == 13


def test_braille_has_as_many_dots_as_the_pattern() -> None:
    (path,) = re.findall(r'shape-rendering="crispEdges" d="([^"]+)"', portable(picture_of("⣿⠁")))
    assert path.count("z") == 8 + 1


def test_lines_of_a_box_meet_in_its_corners() -> None:
    svg = portable(picture_of("╭─╮", "│ │", "╰─╯"))
    assert not re.findall("[╭─╮│╰╯]", svg)
    rows, columns = np.nonzero(green_pixels(svg.replace('stroke-width="1.6"', 'stroke-width="4"')))
    assert np.ptp(rows) == pytest.approx(2 * CELL_HEIGHT * 13 / CELL_WIDTH, abs=6)
    assert np.ptp(columns) == pytest.approx(2 * CELL_WIDTH * 13 / CELL_WIDTH, abs=6)


def test_words_are_drawn_and_the_picture_is_the_same_twice() -> None:
    svg = portable(picture_of("W·Wᵀ ‖W_i‖ ┊", style="bold #00ff00"))
    assert green_pixels(svg).sum() > 100
    assert rasterised(svg) == rasterised(svg)


def test_every_view_has_a_picture_and_names_are_unique() -> None:
    assert {shot.subject for shot in SHOTS} >= set(VIEWS)
    names = [shot.name for shot in SHOTS]
    assert len(set(names)) == len(names)


def test_only_bound_keys_are_pressed() -> None:
    bound = {name for key in KEYS for name in key.keys.split(",")}
    assert {key for shot in SHOTS for key in shot.keys} <= bound


def test_the_committed_pictures_match_the_shots() -> None:
    folder = SCRIPT.parent
    names = [shot.name for shot in SHOTS]
    assert {path.stem for path in folder.glob("*.svg")} == set(names)
    for name in names:
        assert (folder / f"{name}.png").read_bytes().startswith(PNG_SIGNATURE)
        svg = (folder / f"{name}.svg").read_text(encoding="utf-8")
        assert "@font-face" not in svg
        assert "superpos-tui" in svg


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("live-120x40", ["norms", "represented", "0.999"]),
        ("live-80x24", ["norms", "represented"]),
        ("sweep-120x40", ["L/L_linear", "0.999"]),
        ("geometry-120x40", ["pentagon", "2/5", "seeds"]),
        ("dimensionality-120x40", ["antipodal", "D*"]),
        ("weights-120x40", ["monosemantic", "polysemantic"]),
        ("probe-120x40", ["cut", "driven"]),
        ("compare-120x40", ["pinned:", "now:"]),
        ("timeline-120x40", ["looking", "interference", "feature"]),
    ],
)
def test_a_committed_picture_shows_its_subject(name: str, words: list[str]) -> None:
    svg = (SCRIPT.parent / f"{name}.svg").read_text(encoding="utf-8")
    for word in words:
        assert f">{word}<" in svg


def test_readme_names_every_committed_picture_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = {path.name for path in SCRIPT.parent.glob("*.png")}
    assert set(re.findall(r"screenshots/([\w-]+\.png)", readme)) == pictures


@pytest.mark.thorough
def test_anyone_can_run_the_script(tmp_path: Path) -> None:
    """From any folder, in any terminal, with the real engine."""
    result = subprocess.run(
        [sys.executable, str(SCRIPT), "--steps", "3", "--folder", str(tmp_path)],
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    expected = {f"{shot.name}.{kind}" for shot in SHOTS for kind in ("svg", "png")}
    assert {path.name for path in tmp_path.iterdir()} == expected
    assert {Path(line).name for line in result.stdout.splitlines()} == expected
    for run in RUNS:
        svg = (tmp_path / f"{run.shots[0].name}.svg").read_text(encoding="utf-8")
        for word in (run.config.name, "finished"):
            assert f">{word}<" in svg
    assert ">3/3<" in (tmp_path / "live-120x40.svg").read_text(encoding="utf-8")
    svg = (tmp_path / "live-120x40.svg").read_text(encoding="utf-8")
    assert svg.count("#0000d7") + svg.count("#870000") > 0, "the data have no colour"


def test_every_key_of_the_moving_picture_exists() -> None:
    names = {name for key in KEYS for name in key.names}
    pressed = {key for scene in SCENES for key in scene.keys}
    assert pressed
    assert pressed <= names


def test_a_picture_gets_a_palette_only_if_that_is_not_seen() -> None:
    flat = np.full((64, 64, 3), 255, np.uint8)
    flat[:32] = (33, 102, 172)
    across, down = np.meshgrid(np.linspace(0, 255, 128), np.linspace(0, 255, 128))
    smooth = np.stack([across, down, 255 - across], axis=-1).astype(np.uint8)
    for pixels, mode in ((flat, "P"), (smooth, "RGB")):
        written = io.BytesIO()
        Image.fromarray(pixels).save(written, "PNG")
        with Image.open(io.BytesIO(halved(written.getvalue()))) as half:
            assert half.mode == mode
            shown = np.asarray(half.convert("RGB"), int)
        expected = np.asarray(Image.fromarray(pixels).reduce(2), int)
        assert np.abs(shown - expected).max() <= 1
