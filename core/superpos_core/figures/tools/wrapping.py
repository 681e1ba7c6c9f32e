"""Text measured in inches, as it will be drawn, and broken into lines that fit."""

from functools import cache, lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from superpos_core.figures.tools import style
from superpos_core.figures.tools.provenance import NO_BREAK

SEPARATOR = f"{NO_BREAK}·"
"""Follows an entry of a list; left out where a line ends."""
POINTS = 72.0
MIN_LAST_LINE = 0.2
"""Minimum length of the last line, as a share of a line: a single word below others looks lost."""
NARROWER = 0.97
"""Each attempt at a longer last line makes lines shorter by this factor."""


@cache
def _font(size: float, weight: str) -> FontProperties:
    return FontProperties(family=style.FONT[0], size=size, weight=weight)


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """The width in inches of one line of text at a size in points."""
    width, _, _ = text_to_path.get_text_width_height_descent(
        text, _font(size, weight), ismath=False
    )
    return float(width) / POINTS


def wrapped(text: str, inches: float, size: float, weight: str = "normal") -> list[str]:
    """The lines of a text wrapped to a width, at least one.

    Unbreakable parts that are longer than a line are broken between their words. A separator is
    left out where a line ends, and the last line is not a single short word if that costs no line.
    """
    lines = _filled(text, inches, size, weight)
    room = inches
    while len(lines) > 1 and text_width(lines[-1], size, weight) < MIN_LAST_LINE * inches:
        room *= NARROWER
        narrower = _filled(text, room, size, weight)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return [*map(_bare, lines[:-1]), lines[-1]]


def _filled(text: str, inches: float, size: float, weight: str) -> list[str]:
    """Lines that are as full as possible."""
    lines, used = [""], 0.0
    space = text_width(" ", size, weight)
    for word in _words(text, inches, size, weight):
        # As kerning ends at spaces, words can be measured one by one, and are so only once.
        whole, shown = (text_width(part, size, weight) for part in (word, _bare(word)))
        if not lines[-1] or used + space + shown > inches:
            lines.append(word)
            used = whole
        else:
            lines[-1] += f" {word}"
            used += space + whole
    return lines[1:] or [""]


def _bare(part: str) -> str:
    """A part of a text as it is at the end of a line."""
    return part.removesuffix(SEPARATOR)


def _words(text: str, inches: float, size: float, weight: str) -> list[str]:
    """The parts between which lines may break; a separator stays with what it follows."""
    parts = list[str]()
    for part in filter(None, text.split(" ")):
        entry = _bare(part)
        if text_width(entry, size, weight) <= inches:
            parts.append(part)
            continue
        *first, last = entry.split(NO_BREAK)
        parts += [*first, last + part[len(entry) :]]
    return parts


def cut_short(text: str, inches: float, most: int) -> list[str]:
    """The lines of a small text wrapped to a width, at most ``most`` of them."""
    lines = wrapped(text, inches, style.SMALL_SIZE)
    return lines if len(lines) <= most else [*lines[: most - 1], "…"]
