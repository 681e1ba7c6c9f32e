"""The scales of data: even in lightness, quiet at zero, and distinct for the colour-blind too."""

from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pytest
from screenshots.colour_blindness import MATRICES, seen

from superpos_core.arrays import FloatArray
from superpos_core.colours import ramps, scales
from superpos_core.colours.oklab import difference, from_lch, mixed, names_of, oklab, srgb_of
from superpos_core.colours.scales import DARK, LIGHT, PAPER, Background

LEVELS = np.linspace(0, 1, 33)
SIGHTS = ("all cones", *MATRICES)
JUST_SEEN = 0.02
"""A difference in OKLab that is just noticed side by side."""

on_every_background = pytest.mark.parametrize("background", [DARK, LIGHT, PAPER])
for_everybody = pytest.mark.parametrize("sight", SIGHTS)


def seen_with(sight: str, srgb: FloatArray) -> FloatArray:
    return seen(srgb, sight) if sight in MATRICES else srgb


# ── conversions ───────────────────────────────────────────────────────────────────────────────


def test_oklab_agrees_with_published_values() -> None:
    """Ottosson's: white is (1, 0, 0); red, green and blue as in CSS Color 4's examples."""
    lab = oklab(srgb_of(["#ffffff", "#ff0000", "#00ff00", "#0000ff"]))
    expected = [
        [1.0, 0.0, 0.0],
        [0.6280, 0.2249, 0.1258],
        [0.8664, -0.2339, 0.1795],
        [0.4520, -0.0325, -0.3115],
    ]
    np.testing.assert_allclose(lab, expected, atol=2e-4)


def test_a_colour_that_no_screen_shows_keeps_its_lightness_and_hue() -> None:
    lightness, hue = np.linspace(0.1, 0.9, 9), np.full(9, 250.0)
    lab = oklab(from_lch(lightness, np.full(9, 0.4), hue))
    np.testing.assert_allclose(lab[:, 0], lightness, atol=2e-3)
    np.testing.assert_allclose(np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360, hue, atol=1.0)


def test_names_and_mixtures() -> None:
    names = ["#1f77b4", "#000000", "#ffffff"]
    assert names_of(srgb_of(names)) == names
    black, white = srgb_of(["#000000", "#ffffff"])
    np.testing.assert_allclose(oklab(mixed(black, white, 0.3)), [0.3, 0, 0], atol=1e-3)


@pytest.mark.parametrize(("name", "ramp"), [("viridis", ramps.VIRIDIS), ("plasma", ramps.PLASMA)])
def test_the_sampled_ramps_are_matplotlibs(name: str, ramp: FloatArray) -> None:
    expected = mpl.colormaps[name](np.arange(256))[:, :3]
    np.testing.assert_allclose(ramps.along(ramp, np.arange(256) / 255), expected, atol=3.5 / 255)


# ── the scales ────────────────────────────────────────────────────────────────────────────────


@on_every_background
def test_lightness_grows_with_every_step_and_both_signs_are_equally_light(
    background: Background,
) -> None:
    positive, negative = (
        oklab(scales.diverging(sign * LEVELS, background))[:, 0] for sign in (1, -1)
    )
    steps = np.diff(positive) * (1 if background.dark else -1)
    assert steps.min() > 0.01
    assert steps.max() < 3 * steps.min()
    np.testing.assert_allclose(positive, negative, atol=2e-3)


@on_every_background
@pytest.mark.parametrize("scale", [scales.sequential, scales.ordered])
def test_ramps_get_lighter_with_every_step(
    background: Background, scale: Callable[[FloatArray, Background], FloatArray]
) -> None:
    assert np.diff(oklab(scale(LEVELS, background))[:, 0]).min() > 0


@on_every_background
def test_zero_is_a_grey_and_small_values_are_seen_beside_it(background: Background) -> None:
    values = np.array([0.0, 0.05, -0.05, 0.2, -0.2])
    colours = scales.diverging(values / scales.WEIGHT_LIMIT, background)
    assert np.ptp(colours[0]) < 0.01
    to_zero = difference(colours[1:], colours[0])
    assert to_zero.min() > 1.5 * JUST_SEEN
    assert to_zero[2:].min() > 4 * JUST_SEEN


@on_every_background
@for_everybody
def test_everybody_tells_the_signs_apart(background: Background, sight: str) -> None:
    """A pair of equal and opposite values, from an eighth of the limit on."""
    shares = LEVELS[4:]
    positive, negative = (
        seen_with(sight, scales.diverging(sign * shares, background)) for sign in (1, -1)
    )
    assert difference(positive, negative).min() > 4 * JUST_SEEN


@on_every_background
@for_everybody
@pytest.mark.parametrize("lanes", [2, 5, 8])
def test_everybody_tells_lanes_apart(background: Background, sight: str, lanes: int) -> None:
    colours = seen_with(sight, scales.ordered(np.linspace(0, 1, lanes), background))
    between = difference(colours[:, None], colours[None])[~np.eye(lanes, dtype=bool)]
    assert between.min() > JUST_SEEN


@on_every_background
@for_everybody
def test_everybody_tells_phases_apart(background: Background, sight: str) -> None:
    """Not represented, dedicated, and in superposition."""
    colours = scales.phase(np.array([0.0, 1, 1]), np.array([0.0, 0, 1]), background)
    of_phases = seen_with(sight, colours)
    assert difference(of_phases, np.roll(of_phases, 1, axis=0)).min() > 4 * JUST_SEEN
