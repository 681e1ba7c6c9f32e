"""The characters that panels draw with, so that the same mark looks the same everywhere."""

SELECTED = "▸"
"""Stands before what the cursor is on."""
NOT_FINITE = "?"
FULL, NEARLY_FULL = "█", "▇"
UPPER_HALF, LOWER_HALF, LEFT_HALF, RIGHT_HALF = "▀", "▄", "▌", "▐"
LEFT_EIGHTHS = " ▏▎▍▌▋▊▉█"
LOWER_EIGHTHS = " ▁▂▃▄▅▆▇█"
"""A cell filled from the left, or from below, by 0 to 8 eighths."""
SHADES = "░▒▓█"
"""From light to full."""


def lying_bar(eighths: int) -> str:
    """A bar that grows to the right, by its length in eighths of a cell.

    >>> lying_bar(19), lying_bar(8)
    ('██▍', '█')
    """
    return FULL * (eighths // 8) + LEFT_EIGHTHS[eighths % 8].strip()


def standing_bar(eighths: int) -> str:
    """The cells of a bar that grows upwards, lowest first, by its height in eighths of a cell.

    >>> standing_bar(19), standing_bar(8)
    ('██▃', '█')
    """
    return FULL * (eighths // 8) + LOWER_EIGHTHS[eighths % 8].strip()
