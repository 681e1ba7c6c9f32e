"""How numbers are written on the screen: short, and of a width that does not jump."""

import math


def short_count(value: float) -> str:
    """0, 950, 1.5k, 10k, 2M: three digits at most."""
    for size, suffix in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{suffix}"
    return f"{value:.0f}"


def short_loss(value: float) -> str:
    """4.1e-04: always eight columns; a dash where there is no finite loss."""
    return f"{value:7.1e}" if math.isfinite(value) else "      —"


def grouped(value: int) -> str:
    """10,000."""
    return f"{value:,}"
