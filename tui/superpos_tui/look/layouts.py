"""The layout for each terminal size."""

from typing import Literal

Layout = Literal["wide", "medium", "single", "tiny"]

LAYOUT_CLASSES: tuple[str, ...] = ("-wide", "-medium", "-single", "-tiny")
MIN_WIDTH, MIN_HEIGHT = 40, 12


def layout_for(width: int, height: int) -> Layout:
    """Three panels side by side, two above one, one at a time, or a sentence."""
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return "tiny"
    if width < 80 or height < 22:
        return "single"
    return "wide" if width >= 120 else "medium"


MIN_HEIGHT_WITH_INSPECTOR = 24
"""From this height on there is always a row for what is pointed at; below, only with a cursor."""

RAIL = "-rail"
MIN_WIDTH_WITH_RAIL, MIN_HEIGHT_WITH_RAIL = 160, 30
"""The class of screens from this size on, which show the rail."""
TALL = "-tall"
MIN_TALL = 48
"""The class of screens from this height on, on which low panels get more rows."""
