"""The characters that panels draw with: the same mark looks the same everywhere."""

SELECTED = "▸"
"""Precedes the item under the cursor."""
PINNED = "•"
"""Precedes the item that others are compared with."""
NOT_FINITE = "?"
FULL, NEARLY_FULL = "█", "▇"
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


def vertical_bar(eighths: int) -> str:
    """The cells of a bar that grows upwards, lowest first, from its height in eighths of a cell.

    >>> vertical_bar(19), vertical_bar(8)
    ('██▃', '█')
    """
    return FULL * (eighths // 8) + LOWER_EIGHTHS[eighths % 8].strip()
