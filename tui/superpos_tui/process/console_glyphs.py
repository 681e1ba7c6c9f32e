"""What the Linux console shows instead of glyphs that its fonts lack.

A console font has at most 512 glyphs: all include code page 437, none includes Braille or most
mathematical symbols. Each stand-in is as wide as its glyph, so nothing moves.
"""

from collections.abc import Mapping

BRAILLE, BRAILLE_END = 0x2800, 0x2900
UPPER_DOTS, LOWER_DOTS = 0b00011011, 0b11100100
"""The bits of the upper two rows of dots in a Braille pattern, and of the lower two."""

STAND_INS = {
    "‖": "|", "−": "-", "×": "x", "ᵀ": "'", "▸": "►", "◂": "◄", "◀": "◄", "▾": "▼", "…": "~",
    "“": '"', "”": '"', "’": "'", "\u0302": "", "●": "•", "┊": "│", "—": "─", "–": "-", "◆": "♦",
    "μ": "µ", "β": "ß", "◐": "○", "◌": "○", "⊥": "+", "✓": "√", "✗": "x", "‹": "<", "›": ">",
    "⌫": "<", "Ŵ": "W", "╳": "x", "ᵢ": "i", "⁺": "+", "⁻": "-", "≠": "#", "λ": "l", "∫": "⌠",
    "ĥ": "h", "┄": "─", "┈": "─", "∝": "~", "╭": "┌", "╮": "┐", "╰": "└", "╯": "┘",
    "▁": "_", "▂": "_", "▃": "▄", "▅": "▄", "▆": "█", "▇": "█",
    "▏": "│", "▎": "▌", "▍": "▌", "▋": "▌", "▊": "█", "▉": "█",
    "▔": "▀", "▕": "▐", "┃": "║", "━": "═", "╸": "═",
    **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
    **dict(zip("⁰¹³⁴⁵⁶⁷⁸⁹", "013456789", strict=True)),
}  # fmt: skip


def _dots(pattern: int) -> str:
    """A character that shows where a Braille pattern has dots: above, below, or both."""
    dots = pattern - BRAILLE
    if not dots:
        return " "
    return ":" if dots & UPPER_DOTS and dots & LOWER_DOTS else "'" if dots & UPPER_DOTS else "."


CONSOLE_GLYPHS: Mapping[int, str] = str.maketrans(
    STAND_INS | {chr(pattern): _dots(pattern) for pattern in range(BRAILLE, BRAILLE_END)}
)
"""For ``str.translate``."""
