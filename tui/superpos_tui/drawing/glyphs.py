"""The characters that panels draw with: the same mark looks the same everywhere."""

SELECTED = "▸"
"""Precedes the item under the cursor."""
SELECTED_BELOW = "▾"
"""Stands above it instead."""
PINNED = "•"
"""Precedes the item that others are compared with."""
NOT_FINITE = "?"
FULL, NEARLY_FULL, NEARLY_WIDE = "█", "▇", "▉"
"""A cell; one with a gap above it, and one with a gap on its right, so that bars stay apart."""
SOLID = FULL + NEARLY_FULL + NEARLY_WIDE
BEYOND, BEYOND_ABOVE = "►", "▲"
"""The end of a bar that is longer than there is room."""
UPPER_HALF, LOWER_HALF, LEFT_HALF, RIGHT_HALF = "▀", "▄", "▌", "▐"
LEFT_EIGHTHS = " ▏▎▍▌▋▊▉█"
LOWER_EIGHTHS = " ▁▂▃▄▅▆▇█"
"""A cell filled from the left, or from below, by 0 to 8 eighths."""
SHADES = "░▒▓█"
"""From light to full."""


def horizontal_bar(eighths: int) -> str:
    """A bar that grows to the right, from its length in eighths of a cell.

    >>> horizontal_bar(19), horizontal_bar(8)
    ('██▍', '█')
    """
    return FULL * (eighths // 8) + LEFT_EIGHTHS[eighths % 8].strip()


def bar_apart(eighths: int) -> str:
    """A bar that grows to the right and does not touch those in the rows above and below.

    It is a little lower than its row. No glyphs of
    that height end within a cell, so only bars shorter than a cell show eighths.

    >>> bar_apart(19), bar_apart(21), bar_apart(3)
    ('▇▇', '▇▇▇', '▍')
    """
    return LEFT_EIGHTHS[eighths].strip() if eighths < 8 else NEARLY_FULL * round(eighths / 8)


def vertical_bar(eighths: int) -> str:
    """The cells of a bar that grows upwards, lowest first, from its height in eighths of a cell.

    >>> vertical_bar(19), vertical_bar(8)
    ('██▃', '█')
    """
    return FULL * (eighths // 8) + LOWER_EIGHTHS[eighths % 8].strip()
