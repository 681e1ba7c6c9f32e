"""The colours of each scale, for every kind of terminal: truecolor, 256 colours and 16.

The scales are those of core. With 256 colours they are the nearest entries of the terminal's cube;
with 16, the few hues that every terminal has, and glyphs show the rest.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.colours import scales
from superpos_core.colours.oklab import mixed, names_of, oklab, srgb_of

Depth = Literal["truecolor", "256", "16", "none"]

DIVERGING_LEVELS = 32
"""Levels from zero to each end of the scale."""
SEQUENTIAL_LEVELS = 64
ORDER_LEVELS = 32
CATEGORIES = len(scales.CATEGORICAL)
PHASE_HUES = 16
"""From a dedicated dimension (blue) to superposition (red)."""
PHASE_NORMS = 16
"""Levels of ‖W_i‖ above that of an unrepresented feature, which has no hue."""
DIM = 0.35
"""How far the colours of lanes that are not in focus are mixed with the background."""
DISTINCT_LANES = 8
"""As many lanes have colours of their own with 256 colours too."""
UNLIMITED = 1000
TINTED = 0.03
"""The chroma (OKLab) from which an entry of the cube has a hue."""
SAME_HUE = math.cos(math.radians(50))
"""The cosine of the largest angle between hues of one sign."""


@dataclass(frozen=True)
class Shades:
    """One variant of all colours, in rich's notation, for a dark or a light background."""

    muted: str
    faint: str
    accent: str
    good: str
    warning: str
    bad: str
    not_finite: str
    zero: str
    positive: Sequence[str]
    negative: Sequence[str]
    sequential: Sequence[str]
    lanes: Sequence[str]
    lanes_dim: Sequence[str]
    categories: Sequence[str]
    phases: Sequence[str]


@dataclass(frozen=True)
class _Words:
    """The colours of text, which are entries of the cube, and the ground that they stand on."""

    ground: str
    muted: str
    faint: str
    accent: str
    good: str
    warning: str
    bad: str
    not_finite: str


DARK_WORDS = _Words(
    ground="#121212",
    muted="#9e9e9e",
    faint="#626262",
    accent="#af87ff",
    good="#5faf87",
    warning="#d7af5f",
    bad="#ff5f5f",
    not_finite="#767676",
)
LIGHT_WORDS = _Words(
    ground="#eeeeee",
    muted="#626262",
    faint="#9e9e9e",
    accent="#8700ff",
    good="#005f5f",
    warning="#875f00",
    bad="#af0000",
    not_finite="#8a8a8a",
)


def _spread(colours: Sequence[str], count: int) -> tuple[str, ...]:
    """A few colours, each for an equal part of ``count`` levels."""
    return tuple(colours[level * len(colours) // count] for level in range(count))


SIXTEEN = Shades(
    muted="bright_black",
    faint="bright_black",
    accent="magenta",
    good="green",
    warning="yellow",
    bad="red",
    not_finite="bright_black",
    zero="bright_black",
    positive=_spread(("blue", "bright_blue"), DIVERGING_LEVELS),
    negative=_spread(("red", "bright_red"), DIVERGING_LEVELS),
    sequential=_spread(("blue", "cyan", "green", "yellow"), SEQUENTIAL_LEVELS),
    lanes=_spread(
        ("blue", "bright_blue", "magenta", "bright_magenta", "red", "bright_red", "yellow"),
        ORDER_LEVELS,
    ),
    lanes_dim=("bright_black",) * ORDER_LEVELS,
    categories=_spread(("blue", "red", "green", "magenta", "yellow", "cyan"), CATEGORIES),
    phases=("bright_black", *_spread(("blue", "magenta", "red"), PHASE_HUES) * PHASE_NORMS),
)


@lru_cache
def shades_for(depth: Depth, dark: bool) -> Shades | None:
    """The colours for a terminal and a background; ``None`` without colours."""
    if depth == "none":
        return None
    if depth == "16":
        return SIXTEEN
    words = DARK_WORDS if dark else LIGHT_WORDS
    nearest = _Exactly() if depth == "truecolor" else _Cube()
    return _shades(words, scales.DARK if dark else scales.LIGHT, nearest)


def _shades(words: _Words, background: scales.Background, nearest: "_Exactly") -> Shades:
    sides = np.arange(DIVERGING_LEVELS + 1) / DIVERGING_LEVELS
    lanes = scales.ordered(np.linspace(0, 1, ORDER_LEVELS), background)
    hues, norms = np.meshgrid(np.linspace(0, 1, PHASE_HUES), np.arange(PHASE_NORMS + 1))
    phases = scales.phase(norms / PHASE_NORMS, hues, background)
    zero, *positive = nearest.scale(scales.diverging(sides, background), signed=True)
    _, *negative = nearest.scale(scales.diverging(-sides, background), signed=True)
    return Shades(
        muted=words.muted,
        faint=words.faint,
        accent=words.accent,
        good=words.good,
        warning=words.warning,
        bad=words.bad,
        not_finite=words.not_finite,
        zero=zero,
        positive=positive,
        negative=negative,
        sequential=nearest.scale(
            scales.sequential(np.linspace(0, 1, SEQUENTIAL_LEVELS), background)
        ),
        lanes=nearest.scale(lanes, longest=ORDER_LEVELS // DISTINCT_LANES),
        lanes_dim=nearest.scale(
            mixed(lanes, srgb_of([words.ground]), DIM), longest=ORDER_LEVELS // DISTINCT_LANES
        ),
        categories=nearest.each(scales.categorical(background)),
        phases=nearest.each(np.concatenate([phases[0, :1], *phases[1:]])),
    )


class _Exactly:
    """Truecolor: every colour as it is."""

    def each(self, colours: FloatArray) -> list[str]:
        """The colours to show, of shape (count, 3), on their own."""
        return names_of(colours)

    def scale(
        self, colours: FloatArray, *, signed: bool = False, longest: int = UNLIMITED
    ) -> list[str]:
        """The colours to show of a scale, whose lightness only rises or only falls."""
        return names_of(colours)


class _Cube(_Exactly):
    """256 colours: the nearest entries of the cube and the greys, which all terminals share."""

    def __init__(self) -> None:
        steps = (0, 95, 135, 175, 215, 255)
        cube = [(r, g, b) for r in steps for g in steps for b in steps if not r == g == b]
        greys = range(1, 25)
        self._lab = oklab(np.array([*cube, *((10 * grey - 2,) * 3 for grey in greys)]) / 255)
        # The name of a colour for which rich emits this entry: for greys that is a lighter one.
        self._names = names_of(np.array([*cube, *((10.2 * grey,) * 3 for grey in greys)]) / 255)

    def each(self, colours: FloatArray) -> list[str]:
        """The nearest entry of each colour."""
        return [self._names[entry] for entry in np.argmin(self._distances(colours), axis=1)]

    def scale(
        self, colours: FloatArray, *, signed: bool = False, longest: int = UNLIMITED
    ) -> list[str]:
        """The nearest entries whose lightness follows that of the scale.

        No entry is used for more than ``longest`` levels.
        ``signed`` scales begin at a neutral and go on in their own hues, never in greys, which
        would hide the sign.
        """
        lab = oklab(colours)
        rising = np.sign(lab[-1, 0] - lab[0, 0])
        distances = self._distances(colours)
        if signed:
            chromas = np.hypot(*self._lab[:, 1:].T)
            distances[0, chromas > TINTED] = np.inf
            # The cosine of the angle between two hues, times the entry's chroma.
            alike = lab[1:, 1:] @ self._lab[:, 1:].T / np.hypot(*lab[1:, 1:].T)[:, None]
            distances[1:][(alike < SAME_HUE * chromas) | (chromas < TINTED)] = np.inf
        chosen = [int(np.argmin(distances[0]))]
        for to_each in distances[1:]:
            follows = rising * (self._lab[:, 0] - self._lab[chosen[-1], 0]) >= 0
            if len(set(chosen[-longest:])) == 1 and len(chosen) >= longest:
                follows[chosen[-1]] = False
            chosen.append(int(np.argmin(np.where(follows, to_each, np.inf))))
        return [self._names[entry] for entry in chosen]

    def _distances(self, colours: FloatArray) -> FloatArray:
        distances: FloatArray = np.linalg.norm(oklab(colours)[:, None] - self._lab[None], axis=2)
        return distances
