"""Round numbers for scales."""

import math
from collections.abc import Sequence


def round_numbers(low: float, high: float, digits: Sequence[int] = (1, 3)) -> list[float]:
    """``digits`` times powers of ten from ``low`` to ``high``, in order.

    >>> round_numbers(0.02, 1)
    [0.03, 0.1, 0.3, 1.0]
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    numbers = (float(f"{digit}e{power}") for power in powers for digit in digits)
    return [number for number in numbers if low <= number <= high]


def round_step(count: int, most: int = 5) -> int:
    """The least of 1, 2, 5, 10 … that divides ``count`` into at most about ``most`` parts.

    >>> round_step(20), round_step(40), round_step(5)
    (5, 10, 1)
    """
    steps = (int(digit + power * "0") for power in range(10) for digit in "125")
    return next(step for step in steps if count / step <= most)
