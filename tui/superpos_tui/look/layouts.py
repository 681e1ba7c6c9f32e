"""The layout for each terminal size."""

from typing import Literal

Layout = Literal["wide", "medium", "single", "tiny"]

LAYOUT_CLASSES: tuple[str, ...] = ("-wide", "-medium", "-single", "-tiny")
LEAST_WIDTH, LEAST_HEIGHT = 40, 12


def layout_for(width: int, height: int) -> Layout:
    """Three panels side by side, two above one, one at a time, or a sentence."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return "tiny"
    if width < 80 or height < 22:
        return "single"
    return "wide" if width >= 120 else "medium"
