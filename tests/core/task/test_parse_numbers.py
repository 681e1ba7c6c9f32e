"""Numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.errors import InvalidValue
from superpos_core.task.parse_numbers import number, whole_number


@pytest.mark.parametrize(
    ("text", "value"),
    {
        "10000": 10_000, "1e4": 10_000, "1E+4": 10_000, "10k": 10_000, "10K": 10_000,
        "10,000": 10_000, "10_000": 10_000, "1M": 1_000_000, "2.5k": 2500, "1.5e3": 1500,
        "1,234,567": 1_234_567, "+50": 50, "-3": -3, "−3": -3, "٥": 5, "5.0": 5, "007": 7,
        "9223372036854775807": 2**63 - 1, "0": 0, "0.001k": 1,
    }.items(),
)  # fmt: skip
def test_whole_numbers_as_people_type_them(text: str, value: int) -> None:
    assert whole_number("steps", text) == value


@pytest.mark.parametrize(
    "text",
    ["", "many", "2.5", "1,5", "10,00", "1,0000", "10.000", "1e-3", "1e999999999", "0x10", "1__0",
     "1.2345k", "5%", "k", "e3", "1 000", "9" * 100, "inf", "²", "--5"],
)  # fmt: skip
def test_text_that_is_not_a_whole_number_is_rejected(text: str) -> None:
    with pytest.raises(InvalidValue, match="choose a whole number"):
        whole_number("steps", text)


@given(st.integers(-(2**63), 2**63))
def test_every_whole_number_is_read_exactly(value: int) -> None:
    for text in (str(value), f"{value:,}", f"{value:_}", f"{value}.0", f"{value}e0"):
        assert whole_number("seed", text) == value


@given(st.floats(allow_nan=False))
def test_every_number_is_read_exactly(value: float) -> None:
    assert number("importance", repr(value)) == number("importance", repr(value).replace("-", "−"))
    assert number("importance", repr(value)) == value
