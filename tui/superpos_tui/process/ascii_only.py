"""Screens of ASCII alone, for terminals and screen readers that show nothing else.

Every line of every widget passes through a filter, borders and Textual's own dialogs included. Each
stand-in is as wide as its glyph, so nothing moves.
"""

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from superpos_tui.process.console_glyphs import CONSOLE_GLYPHS

OUTPUT = ("x̂", "X")
"""Without its hat the output of a model would look like its input."""
STAND_INS = {
    "█": "@", "▓": "%", "▒": "+", "░": ":", "▀": "'", "▄": ".", "▌": "=", "▐": "=",
    "─": "-", "═": "-", "│": "|", "║": "|",
    **dict.fromkeys("┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬╒╓╕╖╘╙╛╜╞╟╡╢╤╥╧╨╪╫", "+"),
    "►": ">", "◄": "<", "▲": "^", "▼": "v", "↑": "^", "↓": "v", "→": ">", "←": "<", "↔": "-",
    "·": ".", "•": "*", "○": "o", "◘": "o", "◙": "o", "■": "#", "♦": "*", "°": "o",
    "√": "v", "≤": "<", "≥": ">", "≈": "~", "±": "+", "≡": "=", "∞": "8", "¬": "-", "§": "S",
    "Σ": "S", "ß": "b", "µ": "u", "ε": "e", "α": "a", "Γ": "G", "π": "p", "σ": "s", "δ": "d",
    "Φ": "F", "Θ": "T", "Ω": "O", "φ": "f", "τ": "t", "∩": "n", "«": "<", "»": ">", "÷": "/",
    "ª": "a", "º": "o", "¿": "?", "¡": "!", "¢": "c", "£": "L", "¥": "Y", "₧": "P", "ƒ": "f",
    "⌠": "f",
}  # fmt: skip
UNKNOWN = "?"


@lru_cache(4096)
def in_ascii(text: str) -> str:
    """The text in ASCII, as wide as it was.

    >>> in_ascii("x̂ = ReLU(x·W·Wᵀ + b)"), in_ascii("─▶ 10⁻³ ✓ 日")
    ("X = ReLU(x.W.W' + b)", '-> 10-3 v ??')
    """
    if text.isascii():
        return text
    return "".join(map(_stand_in, text.replace(*OUTPUT)))


def _stand_in(character: str) -> str:
    if character.isascii():
        return character
    on_a_console = character.translate(CONSOLE_GLYPHS)
    found = "".join(STAND_INS.get(each, each) for each in on_a_console)
    if not found.isascii():  # such as a letter with an accent, in somebody's name of a file
        decomposed = unicodedata.normalize("NFKD", found)
        found = decomposed.encode("ascii", "ignore").decode()
    width = cell_len(character)
    return found if len(found) == width else UNKNOWN * width


class AsciiOnly(LineFilter):
    """Textual's hook for changing what is about to be shown."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in ASCII."""
        return [
            segment
            if segment.text.isascii()
            else Segment(in_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]
