"""Scales: round numbers, minus signs and powers of ten, and labels that keep apart."""

import math
from collections.abc import Sequence

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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


def round_up(value: float, digits: Sequence[int] = (1, 2, 5)) -> float:
    """The least of ``digits`` times a power of ten that is not below a positive value.

    >>> round_up(1234), round_up(200), round_up(0.1 + 0.2, digits=(1, 3))
    (2000.0, 200.0, 0.3)
    """
    power = math.floor(math.log10(value)) - 1
    numbers = (float(f"{digit}e{power + more}") for more in range(3) for digit in digits)
    return next(number for number in numbers if number >= value * (1 - 1e-9))


def with_minus(text: str) -> str:
    """A number as text, with a minus sign instead of a hyphen.

    >>> with_minus("-1.2e-03")
    '−1.2e−03'
    """
    return text.replace("-", "−")


def power_of_ten(value: float, digits: int = 3) -> str:
    """A positive number with a power of ten.

    >>> power_of_ten(0.001), power_of_ten(0.00234, 2)
    ('10⁻³', '2.3·10⁻³')
    """
    factor, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    factor = factor.rstrip("0").rstrip(".") if "." in factor else factor
    power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return power if factor == "1" else f"{factor}·{power}"


def nondecreasing(values: Sequence[float]) -> list[float]:
    """The nearest non-decreasing sequence in least squares: pool adjacent violators.

    >>> nondecreasing([1, 3, 2, 4])
    [1, 2.5, 2.5, 4]
    """
    pools: list[tuple[float, int]] = []
    for value in values:
        pools.append((value, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (upper, upper_count), (lower, lower_count) = pools.pop(), pools.pop()
            count = upper_count + lower_count
            pools.append(((upper * upper_count + lower * lower_count) / count, count))
    return [mean for mean, count in pools for _ in range(count)]
