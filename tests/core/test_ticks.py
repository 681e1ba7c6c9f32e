"""Round numbers on logarithmic scales."""

import pytest

from superpos_core.ticks import round_numbers


@pytest.mark.parametrize(
    ("low", "high", "numbers"),
    [
        (0.01, 1, [0.01, 0.03, 0.1, 0.3, 1]),
        (0.1, 10, [0.1, 0.3, 1, 3, 10]),
        (0.4, 0.9, []),
        (2, 4e3, [3, 10, 30, 100, 300, 1000, 3000]),
    ],
)
def test_round_numbers_are_within_the_range(low: float, high: float, numbers: list[float]) -> None:
    assert round_numbers(low, high) == numbers
