"""The colours of data: sign, superposition, order, group and phase, on any background.

Scales are even in lightness (OKLab), so that equal steps look equal, also to the colour-blind, and
each begins near its background, so that small values are quiet and large ones stand out.
"""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.colours import ramps
from superpos_core.colours.oklab import from_lch, oklab, srgb_of, with_lightness

WEIGHT_LIMIT = 1.3
"""Weights are coloured from −1.3 to 1.3 whatever their range, so that pictures are comparable."""
SUPERPOSITION_LIMIT = 2.0
"""Superposition is coloured from 0 to 2; at 1 others share as much of a direction as its owner."""

# Okabe and Ito's, without yellow, which is invisible on paper, and black, which is ink.
CATEGORICAL = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""For what has no order. Distinguishable by the colour-blind (Okabe and Ito 2008)."""

GAMMA = 0.8
"""The power of a value's share of the limit in its lightness: below 1, small ones are raised."""


@dataclass(frozen=True)
class Background:
    """What colours are seen against: the lightnesses (OKLab) that stand out from it.

    ``zero`` and ``strongest`` are the ends of the diverging scale; ``empty`` is the neutral of
    phase diagrams. ``sequential`` and ``ordered`` are the ends of the two ramps, or ``None`` for
    the ramps as they are; ``part`` is the part of the ordered ramp that is used.
    """

    zero: float
    strongest: float
    empty: float
    sequential: tuple[float, float] | None = None
    ordered: tuple[float, float] | None = None
    part: tuple[float, float] = (0.0, 1.0)

    @property
    def dark(self) -> bool:
        """Whether larger values are lighter."""
        return self.strongest > self.zero


DARK = Background(0.25, 0.87, 0.34, sequential=(0.46, 0.93), ordered=(0.52, 0.93), part=(0.2, 1.0))
LIGHT = Background(0.925, 0.39, 0.925, sequential=(0.34, 0.76), ordered=(0.22, 0.68))
PAPER = Background(0.975, 0.36, 1.0, part=(0.0, 0.82))
"""A figure's white page. The bright end of the ordered ramp is invisible there."""


def diverging(shares: FloatArray, background: Background) -> FloatArray:
    """The colours (…, 3) of shares of the limit, −1 … 1: blue is positive, red negative.

    Both signs of a value are equally light; zero is the neutral of the background.
    """
    strength = np.abs(shares) ** GAMMA
    lightness = background.zero + (background.strongest - background.zero) * strength
    if background.dark:
        chroma = 0.16 * np.minimum(strength / 0.4, 1) ** 0.8
        hue = np.where(shares > 0, 252 - 17 * strength, 20 + 25 * strength)
    else:
        chroma = 0.17 * np.minimum(strength / 0.55, 1) ** 0.9
        hue = np.where(shares > 0, 240 + 15 * strength, 40 - 17 * strength)
    return from_lch(lightness, chroma, hue)


def sequential(shares: FloatArray, background: Background) -> FloatArray:
    """The colours (…, 3) of shares of the limit, 0 … 1: viridis."""
    return _seen(ramps.along(ramps.VIRIDIS, shares), background.sequential, ramps.VIRIDIS)


def ordered(shares: FloatArray, background: Background) -> FloatArray:
    """The colours (…, 3) of positions in an order, 0 … 1: plasma."""
    first, last = background.part
    colours = ramps.along(ramps.PLASMA, first + (last - first) * np.clip(shares, 0, 1))
    return _seen(colours, background.ordered, ramps.PLASMA)


def categorical(background: Background) -> FloatArray:
    """The colours (count, 3) of groups without an order."""
    colours = srgb_of(CATEGORICAL)
    return with_lightness(colours, oklab(colours)[:, 0] + 0.08) if background.dark else colours


def phase(norms: FloatArray, superposition: FloatArray, background: Background) -> FloatArray:
    """The colours (…, 3) of pairs of ‖W_i‖ and superposition, both 0 … 1.

    After the paper's "Superposition as a Phase Change": the neutral is a feature that is not
    represented, blue one with a dedicated dimension, red one in superposition.
    """
    strong = 0.64 if background.dark else 0.52
    lightness = background.empty + (strong - background.empty) * norms
    return from_lch(lightness, 0.17 * norms, 252 + (385 - 252) * superposition)


def _seen(
    colours: FloatArray, lightnesses: tuple[float, float] | None, ramp: FloatArray
) -> FloatArray:
    """Colours of a ramp, their lightnesses spread between those that stand out."""
    if lightnesses is None:
        return colours
    darkest, lightest = oklab(ramp[[0, -1]])[:, 0]
    share = (oklab(colours)[..., 0] - darkest) / (lightest - darkest)
    return with_lightness(colours, lightnesses[0] + (lightnesses[1] - lightnesses[0]) * share)
