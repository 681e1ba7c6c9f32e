"""The Linux console: its fonts have every glyph that the program draws, or a stand-in."""

import ast
from collections.abc import Iterator
from pathlib import Path

from rich.cells import cell_len

from superpos_tui.process.console_glyphs import BRAILLE, BRAILLE_END, CONSOLE_GLYPHS, STAND_INS

SOURCES = Path(__file__).parents[3]
NOT_DRAWN = {"keyboards.py", "console_glyphs.py"}
OF_THE_LOW_CODES = set("☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼")
"""What code page 437 draws for the codes below 32; the kernel's table of glyphs has them."""


def in_a_console_font(glyph: str) -> bool:
    try:
        glyph.encode("cp437")
    except UnicodeEncodeError:
        return glyph in OF_THE_LOW_CODES
    return True


def texts(file: Path) -> Iterator[str]:
    """All strings in a file except docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def drawn_glyphs() -> set[str]:
    files = [*SOURCES.glob("tui/superpos_tui/**/*.py"), *SOURCES.glob("core/superpos_core/*.py"),
             *SOURCES.glob("core/superpos_core/experiments/*.py")]  # fmt: skip
    return {
        glyph
        for file in files
        if file.name not in NOT_DRAWN
        for text in texts(file)
        for glyph in text
    }


def test_every_glyph_of_the_program_can_be_shown_on_a_console() -> None:
    glyphs = drawn_glyphs()
    assert {"ᵀ", "▀", "●"} <= glyphs, "the test finds the drawn glyphs"
    lacking = {
        glyph
        for glyph in glyphs
        if not all(in_a_console_font(each) for each in glyph.translate(CONSOLE_GLYPHS))
    }
    assert not lacking


def test_stand_ins_are_as_wide_as_their_glyphs_and_in_the_fonts() -> None:
    for glyph in {*STAND_INS, *map(chr, range(BRAILLE, BRAILLE_END))}:
        stand_in = glyph.translate(CONSOLE_GLYPHS)
        assert cell_len(stand_in) == cell_len(glyph), glyph
        assert all(in_a_console_font(each) for each in stand_in), glyph


def test_dots_stay_where_they_are() -> None:
    assert "⠀⠁⠂⠄⡀⠈⠐⠠⢀⣿".translate(CONSOLE_GLYPHS) == " ''..''..:"
