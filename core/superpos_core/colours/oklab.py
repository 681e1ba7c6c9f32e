"""OKLab, in which equal distances look equally different, and its conversion to screen colours.

Colours are arrays of shape (…, 3): sRGB from 0 to 1; OKLab (L, a, b), or the same by lightness,
chroma and hue. Source: Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

from collections.abc import Sequence

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LAB, _FROM_CONES = np.linalg.inv(_TO_LAB), np.linalg.inv(_TO_CONES)
HALVINGS = 12
"""Steps of the search for the greatest chroma that a screen can show: to 1/4096 of it."""
ROUNDING = 1e-4
"""How far outside 0 … 1 a channel may lie by rounding."""


def srgb_of(names: Sequence[str]) -> FloatArray:
    """The colours named such as ``#1f77b4``, shape (number of names, 3)."""
    channels = [[int(name[start : start + 2], 16) for start in (1, 3, 5)] for name in names]
    return np.array(channels, dtype=float).reshape(-1, 3) / 255


def names_of(srgb: FloatArray) -> list[str]:
    """The names of colours of shape (count, 3), such as ``#1f77b4``."""
    channels = np.rint(np.clip(srgb, 0, 1) * 255).astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in channels.tolist()]


def linear(srgb: FloatArray) -> FloatArray:
    """The amounts of light: sRGB without its gamma."""
    light: FloatArray = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return light


def from_linear(light: FloatArray) -> FloatArray:
    """sRGB of amounts of light; negative amounts give negative channels."""
    srgb: FloatArray = np.where(
        light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055
    )
    return srgb


def oklab(srgb: FloatArray) -> FloatArray:
    """Screen colours in OKLab."""
    lab: FloatArray = np.cbrt(linear(srgb) @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def difference(srgb: FloatArray, other: FloatArray) -> FloatArray:
    """How different colours look: their distance in OKLab, shape (…); about 0.02 is just seen."""
    distance: FloatArray = np.linalg.norm(oklab(srgb) - oklab(other), axis=-1)
    return distance


def from_lch(lightness: FloatArray, chroma: FloatArray, hue: FloatArray) -> FloatArray:
    """sRGB by lightness (0 … 1), chroma and hue in degrees.

    Where a screen cannot show that much chroma, it is the greatest that it can: lightness and hue
    stay.
    """
    lightness, chroma, hue = np.broadcast_arrays(lightness, chroma, np.radians(hue))
    most, least = chroma.astype(float), np.zeros(chroma.shape)
    largest = most
    for _ in range(HALVINGS):
        fits = _is_shown(_raw(lightness, largest, hue))
        least, most = np.where(fits, largest, least), np.where(fits, most, largest)
        largest = (least + most) / 2
    return np.clip(_raw(lightness, least, hue), 0, 1)


def _raw(lightness: FloatArray, chroma: FloatArray, hue: FloatArray) -> FloatArray:
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
    return from_linear((lab @ _FROM_LAB.T) ** 3 @ _FROM_CONES.T)


def _is_shown(srgb: FloatArray) -> BoolArray:
    inside: BoolArray = np.all((srgb >= -ROUNDING) & (srgb <= 1 + ROUNDING), axis=-1)
    return inside


def with_lightness(srgb: FloatArray, lightness: FloatArray) -> FloatArray:
    """The same hues and chromas, as far as a screen can show them, at other lightnesses."""
    _, a, b = np.moveaxis(oklab(srgb), -1, 0)
    return from_lch(lightness, np.hypot(a, b), np.degrees(np.arctan2(b, a)))


def mixed(srgb: FloatArray, other: FloatArray, share: float) -> FloatArray:
    """Colours on the way to others, ``share`` of it, in OKLab."""
    lab = (1 - share) * oklab(srgb) + share * oklab(other)
    return np.clip(from_linear((lab @ _FROM_LAB.T) ** 3 @ _FROM_CONES.T), 0, 1)
