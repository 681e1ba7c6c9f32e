"""The data colours: exact entries of the 256-colour table, ordered, safe for colour blindness."""

import numpy as np
import pytest
from rich.color import Color

from superpos_tui.drawing.palette import (
    DIVERGING_LEVELS,
    LANE_COLOURS,
    SEQUENTIAL_LEVELS,
    Ink,
    Palette,
    diverging_inks,
    sequential_inks,
)

SHADES = [Palette("full", dark=True), Palette("full", dark=False)]
CUBE = {0, 95, 135, 175, 215, 255}
GREYS = {8 + 10 * step for step in range(24)}


def scale(palette: Palette, first: int, length: int) -> list[str]:
    return [str(palette.colour(first + step)) for step in range(length)]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG)."""
    channels = np.array(Color.parse(colour).get_truecolor()) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def deuteranope(colour: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The colour as a deuteranope sees it, linear RGB (Viénot, Brettel and Mollon 1999)."""
    rgb = (np.array(Color.parse(colour).get_truecolor()) / 255) ** 2.2
    seen: np.ndarray[tuple[int], np.dtype[np.float64]] = (
        np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]) @ rgb
    )
    return seen


@pytest.mark.parametrize("palette", SHADES)
def test_every_colour_is_an_exact_entry_of_the_256(palette: Palette) -> None:
    for colour in palette.colours.values():
        red, green, blue = Color.parse(colour).get_truecolor()
        is_grey = red == green == blue and red in GREYS
        assert is_grey or {red, green, blue} <= CUBE, colour


@pytest.mark.parametrize("palette", SHADES)
@pytest.mark.parametrize(
    ("first", "length"),
    [
        (Ink.POSITIVE, DIVERGING_LEVELS),
        (Ink.NEGATIVE, DIVERGING_LEVELS),
        (Ink.SEQUENTIAL, SEQUENTIAL_LEVELS),
    ],
)
def test_scales_increase_monotonically_in_contrast_with_the_background(
    palette: Palette, first: int, length: int
) -> None:
    values = [luminance(colour) for colour in scale(palette, first, length)]
    assert values == sorted(values, reverse=not palette.dark)
    assert len(set(scale(palette, first, length))) == length


@pytest.mark.parametrize("palette", SHADES)
def test_signs_differ_for_a_deuteranope(palette: Palette) -> None:
    for level in range(1, DIVERGING_LEVELS):
        positive = deuteranope(str(palette.colour(Ink.POSITIVE + level)))
        negative = deuteranope(str(palette.colour(Ink.NEGATIVE + level)))
        assert np.abs(positive - negative).max() > 0.1, level


@pytest.mark.parametrize("palette", SHADES)
def test_lanes_are_distinct_and_stand_out_in_focus(palette: Palette) -> None:
    bright, dim = (scale(palette, first, LANE_COLOURS) for first in (Ink.LANE, Ink.LANE_DIM))
    assert len(set(bright)) == len(set(dim)) == LANE_COLOURS
    for focused, other in zip(bright, dim, strict=True):
        difference = luminance(focused) - luminance(other)
        assert difference > 0.05 if palette.dark else difference < -0.05


def test_no_colours_means_none() -> None:
    assert Palette("none").colours == {}


def test_diverging_inks() -> None:
    values = np.array([0.0, 0.01, 1.3, -1.3, 99, -99, np.nan, np.inf])
    strong = DIVERGING_LEVELS - 1
    assert diverging_inks(values, 1.3).tolist() == [
        Ink.ZERO, Ink.ZERO, Ink.POSITIVE + strong, Ink.NEGATIVE + strong,
        Ink.POSITIVE + strong, Ink.NEGATIVE + strong, Ink.NOT_FINITE, Ink.NOT_FINITE,
    ]  # fmt: skip


def test_sequential_inks() -> None:
    last = Ink.SEQUENTIAL + SEQUENTIAL_LEVELS - 1
    values = np.array([0.0, 0.99, 1.0, 7.0, np.nan])
    assert sequential_inks(values).tolist() == [Ink.SEQUENTIAL, last, last, last, Ink.NOT_FINITE]
