"""The data colours at every colour depth: ordered, distinct, and neutral at zero."""

import numpy as np
import pytest
from rich.color import Color, ColorSystem

from superpos_core.arrays import FloatArray
from superpos_core.colours.oklab import difference, oklab, srgb_of
from superpos_tui.drawing.palette import (
    Ink,
    Palette,
    diverging_inks,
    lane_ink,
    sequential_inks,
    superposition_inks,
)
from superpos_tui.drawing.shades import (
    DARK_WORDS,
    DIVERGING_LEVELS,
    LIGHT_WORDS,
    ORDER_LEVELS,
    SEQUENTIAL_LEVELS,
)

with_scales = pytest.mark.parametrize(
    "palette",
    [Palette(depth, dark) for depth in ("truecolor", "256") for dark in (True, False)],
    ids=["true-dark", "true-light", "256-dark", "256-light"],
)


def srgb(palette: Palette, first: int, length: int) -> FloatArray:
    """The colours of a scale as the terminal shows them."""
    colours = [Color.parse(str(palette.colour(first + step))) for step in range(length)]
    if palette.depth == "256":
        colours = [colour.downgrade(ColorSystem.EIGHT_BIT) for colour in colours]
    return np.array([colour.get_truecolor() for colour in colours]) / 255


def lightness(palette: Palette, first: int, length: int) -> list[float]:
    return [float(each) for each in oklab(srgb(palette, first, length))[:, 0]]


@with_scales
@pytest.mark.parametrize(
    ("first", "length"),
    [
        (Ink.POSITIVE, DIVERGING_LEVELS),
        (Ink.NEGATIVE, DIVERGING_LEVELS),
        (Ink.SEQUENTIAL, SEQUENTIAL_LEVELS),
        (Ink.LANE, ORDER_LEVELS),
    ],
)
def test_lightness_follows_every_scale(palette: Palette, first: int, length: int) -> None:
    values = lightness(palette, first, length)
    falls = not palette.dark and first in (Ink.POSITIVE, Ink.NEGATIVE)
    steps = np.diff(values) * (-1 if falls else 1)
    assert steps.min() > (0 if palette.depth == "truecolor" else -1e-9)


def luminance(colours: FloatArray) -> FloatArray:
    """The relative luminance of sRGB colours (…, 3), by WCAG 2."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    result: FloatArray = linear @ np.array([0.2126, 0.7152, 0.0722])
    return result


@with_scales
def test_curves_stand_out_from_the_ground_in_focus_or_not(palette: Palette) -> None:
    words = DARK_WORDS if palette.dark else LIGHT_WORDS
    ground = luminance(srgb_of([words.ground]))
    for first, least in ((Ink.LANE, 2.2), (Ink.LANE_DIM, 1.7)):
        curves = luminance(srgb(palette, first, ORDER_LEVELS))
        contrast = (np.maximum(curves, ground) + 0.05) / (np.minimum(curves, ground) + 0.05)
        assert contrast.min() > least


@with_scales
def test_zero_is_neutral_and_the_quietest_of_all(palette: Palette) -> None:
    (zero,) = oklab(srgb(palette, Ink.ZERO, 1))
    assert np.hypot(*zero[1:]) < 0.001
    others = [
        *lightness(palette, Ink.POSITIVE, DIVERGING_LEVELS),
        *lightness(palette, Ink.NEGATIVE, DIVERGING_LEVELS),
    ]
    assert zero[0] < min(others) if palette.dark else zero[0] > max(others)


@with_scales
def test_every_level_of_a_sign_has_a_hue_of_its_sign(palette: Palette) -> None:
    """Blue has a negative b in OKLab, red a positive a."""
    positive = oklab(srgb(palette, Ink.POSITIVE, DIVERGING_LEVELS))
    negative = oklab(srgb(palette, Ink.NEGATIVE, DIVERGING_LEVELS))
    assert positive[:, 2].max() < -0.01
    assert negative[:, 1].min() > 0.01


@with_scales
@pytest.mark.parametrize("lanes", [2, 5, 8])
def test_lanes_differ_and_the_one_in_focus_stands_out(palette: Palette, lanes: int) -> None:
    bright, dim = (
        np.concatenate([srgb(palette, lane_ink(lane, lanes, focused), 1) for lane in range(lanes)])
        for focused in (True, False)
    )
    assert difference(bright[1:], bright[:-1]).min() > 0.05
    assert difference(dim[1:], dim[:-1]).min() > 0.01
    (ground,) = srgb_of(["#121212" if palette.dark else "#eeeeee"])
    assert (difference(bright, ground) > difference(dim, ground) + 0.05).all()
    assert difference(dim, ground).min() > 0.12


def test_diverging_inks() -> None:
    values = np.array([0.0, 0.01, 0.04, 1.3, -1.3, 99, -99, np.nan, np.inf])
    strong = DIVERGING_LEVELS - 1
    assert diverging_inks(values, 1.3).tolist() == [
        Ink.ZERO, Ink.ZERO, Ink.POSITIVE, Ink.POSITIVE + strong, Ink.NEGATIVE + strong,
        Ink.POSITIVE + strong, Ink.NEGATIVE + strong, Ink.NOT_FINITE, Ink.NOT_FINITE,
    ]  # fmt: skip


def test_sequential_inks() -> None:
    last = Ink.SEQUENTIAL + SEQUENTIAL_LEVELS - 1
    values = np.array([0.0, 0.999, 1.0, 7.0, np.nan])
    assert sequential_inks(values).tolist() == [Ink.SEQUENTIAL, last, last, last, Ink.NOT_FINITE]


def test_superposition_runs_to_2() -> None:
    values = np.array([0.0, 1.0, 2.0])
    middle = SEQUENTIAL_LEVELS // 2
    assert (superposition_inks(values) - Ink.SEQUENTIAL).tolist() == [0, middle, 2 * middle - 1]


def test_no_colours_means_none() -> None:
    assert Palette("none").colours == {}
