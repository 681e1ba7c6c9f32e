"""Names for the colours of cells, and what each looks like on this terminal.

There are four scales: diverging (sign: blue positive, red negative), sequential (superposition,
importance), ordered (lanes), and, for phase diagrams alone, the paper's own colours, which show
superposition and ‖W_i‖ at once; and a set of colours for groups without an order. With 16 colours
or none, the glyphs of a drawing carry the meaning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import freeze
from superpos_core.colours.scales import SUPERPOSITION_LIMIT
from superpos_tui.drawing.shades import (
    CATEGORIES,
    DIVERGING_LEVELS,
    ORDER_LEVELS,
    PHASE_HUES,
    PHASE_NORMS,
    SEQUENTIAL_LEVELS,
    Depth,
    Shades,
    shades_for,
)


class Ink(IntEnum):
    """Names for the colours of cells. A scale occupies the values from its named entry on."""

    NONE = 0
    TEXT = 1
    MUTED = 2
    FAINT = 3
    ACCENT = 4
    GOOD = 5
    WARNING = 6
    BAD = 7
    ZERO = 16
    POSITIVE = 17
    NEGATIVE = POSITIVE + DIVERGING_LEVELS
    NOT_FINITE = NEGATIVE + DIVERGING_LEVELS
    SEQUENTIAL = NOT_FINITE + 1
    LANE = SEQUENTIAL + SEQUENTIAL_LEVELS
    LANE_DIM = LANE + ORDER_LEVELS
    CATEGORY = LANE_DIM + ORDER_LEVELS
    PHASE = CATEGORY + CATEGORIES


INKS = Ink.PHASE + 1 + PHASE_NORMS * PHASE_HUES
"""Inks are smaller than this."""


STEADY_SCALES = (
    (Ink.POSITIVE, DIVERGING_LEVELS),
    (Ink.NEGATIVE, DIVERGING_LEVELS),
    (Ink.SEQUENTIAL, SEQUENTIAL_LEVELS),
)
"""The scales of values, first inks and levels: neighbouring levels are hard to tell apart."""


@dataclass(frozen=True)
class Palette:
    """What inks look like on this terminal.

    With a ``depth`` of ``16`` or ``none``, glyphs must show sign and magnitude; so must they if
    they are ``plain``, as ASCII has no half blocks.
    """

    depth: Depth = "truecolor"
    dark: bool = True
    plain: bool = False

    @property
    def has_scales(self) -> bool:
        """Whether colour alone can show a value."""
        return self.depth in ("truecolor", "256") and not self.plain

    @property
    def colours(self) -> dict[int, str]:
        """Each ink's colour, in rich's notation; a missing ink has the default colour."""
        return _colours(self.depth, self.dark)

    def colour(self, ink: int) -> str | None:
        """An ink's colour, or ``None`` for the default."""
        return self.colours.get(ink)

    @property
    def alike(self) -> NDArray[np.uint16]:
        """For every ink the first one that looks the same here: with few colours, many do."""
        return _alike(self.depth, self.dark)


def diverging_inks(values: NDArray[np.floating], limit: float) -> NDArray[np.uint16]:
    """The ink of each value on a scale from −limit to limit, in levels of equal width."""
    level = diverging_levels(values, limit, DIVERGING_LEVELS)
    inks = np.where(level < 0, Ink.NEGATIVE - level - 1, Ink.ZERO + level).astype(np.uint16)
    inks[~np.isfinite(values)] = Ink.NOT_FINITE
    return inks


def diverging_levels(values: NDArray[np.floating], limit: float, levels: int) -> NDArray[np.int64]:
    """Each value's level, from −levels to levels; 0 if it is not finite."""
    share = np.clip(np.nan_to_num(values / limit, nan=0, posinf=0, neginf=0), -1, 1)
    level: NDArray[np.int64] = np.rint(share * levels).astype(np.int64)
    return level


def sequential_inks(values: NDArray[np.floating], limit: float = 1.0) -> NDArray[np.uint16]:
    """The ink of each value on a scale from 0 to limit; larger values count as the limit."""
    level = np.floor(np.clip(np.nan_to_num(values / limit, nan=0), 0, 1) * SEQUENTIAL_LEVELS)
    inks = Ink.SEQUENTIAL + np.minimum(level, SEQUENTIAL_LEVELS - 1)
    return np.where(np.isfinite(values), inks, Ink.NOT_FINITE).astype(np.uint16)


def superposition_inks(values: NDArray[np.floating]) -> NDArray[np.uint16]:
    """The ink of each superposition, on its scale from 0 to 2 with 1 in the middle."""
    return sequential_inks(values, SUPERPOSITION_LIMIT)


def phase_inks(
    norms: NDArray[np.floating], superposition: NDArray[np.floating]
) -> NDArray[np.uint16]:
    """The ink for each pair of ‖W_i‖ and superposition, both on scales from 0 to 1."""
    norm, hue = (
        np.rint(np.clip(np.nan_to_num(values, nan=0), 0, 1) * steps).astype(int)
        for values, steps in ((norms, PHASE_NORMS), (superposition, PHASE_HUES - 1))
    )
    inks = Ink.PHASE + np.where(norm == 0, 0, 1 + (norm - 1) * PHASE_HUES + hue)
    finite = np.isfinite(norms) & np.isfinite(superposition)
    return np.where(finite, inks, Ink.NOT_FINITE).astype(np.uint16)


def steadied_inks(inks: NDArray[np.uint16], before: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The inks, but those of before where a value has moved by one level; zero is always zero."""
    steady = np.zeros(inks.shape, dtype=bool)
    for first, levels in STEADY_SCALES:
        both = np.stack([inks, before])
        steady |= ((both >= first) & (both < first + levels)).all(axis=0)
    steady &= np.abs(inks.astype(int) - before) == 1
    return np.where(steady, before, inks)


def lane_ink(index: int, of: int, focused: bool = False) -> int:
    """The ink of one of ``of`` lanes in their order: bright in focus, dim otherwise.

    Lanes never share an ink unless there are more than ``ORDER_LEVELS``.
    """
    level = round(index / max(of - 1, 1) * (ORDER_LEVELS - 1))
    return (Ink.LANE if focused else Ink.LANE_DIM) + level


def category_ink(index: int) -> int:
    """The ink of a group that has no order; groups beyond ``CATEGORIES`` share inks."""
    return Ink.CATEGORY + index % CATEGORIES


@lru_cache
def _colours(depth: Depth, dark: bool) -> dict[int, str]:
    shades = shades_for(depth, dark)
    return {} if shades is None else _by_ink(shades)


@lru_cache
def _alike(depth: Depth, dark: bool) -> NDArray[np.uint16]:
    colours = _colours(depth, dark)
    first: dict[str | None, int] = {}
    for ink in range(INKS):
        if ink != Ink.ACCENT:  # which is bold
            first.setdefault(colours.get(ink), ink)
    alike = [ink if ink == Ink.ACCENT else first[colours.get(ink)] for ink in range(INKS)]
    return freeze(np.array(alike, dtype=np.uint16))


def _by_ink(shades: Shades) -> dict[int, str]:
    return {
        Ink.MUTED: shades.muted,
        Ink.FAINT: shades.faint,
        Ink.ACCENT: shades.accent,
        Ink.GOOD: shades.good,
        Ink.WARNING: shades.warning,
        Ink.BAD: shades.bad,
        Ink.ZERO: shades.zero,
        Ink.NOT_FINITE: shades.not_finite,
        **_scale(Ink.POSITIVE, shades.positive),
        **_scale(Ink.NEGATIVE, shades.negative),
        **_scale(Ink.SEQUENTIAL, shades.sequential),
        **_scale(Ink.LANE, shades.lanes),
        **_scale(Ink.LANE_DIM, shades.lanes_dim),
        **_scale(Ink.CATEGORY, shades.categories),
        **_scale(Ink.PHASE, shades.phases),
    }


def _scale(first: int, colours: Sequence[str]) -> dict[int, str]:
    return {first + index: colour for index, colour in enumerate(colours)}


FULL_COLOURS = Palette()
