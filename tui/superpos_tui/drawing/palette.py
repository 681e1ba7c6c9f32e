"""The data colours, for every kind of terminal: truecolor, 256 colours, 16 and none.

There are only three scales: diverging (sign: blue positive, red negative), sequential
(superposition 0 … 1) and categorical (lanes, Okabe and Ito's hues); and, for phase diagrams alone,
the paper's own colours, which show superposition and ‖W_i‖ at once. Every colour is an exact entry
of the xterm 256-colour cube, so that a 256-colour terminal looks the same as a truecolor one. With
16 colours or none, the glyphs of a drawing carry the meaning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Depth = Literal["full", "16", "none"]

DIVERGING_LEVELS = 6
"""Levels from zero to each end of the scale."""
SEQUENTIAL_LEVELS = 8
LANE_COLOURS = 7
PHASE_HUES = 5
"""From a dedicated dimension (blue) to superposition (red)."""
PHASE_NORMS = 3
"""Levels of ‖W_i‖ above that of an unrepresented feature, which has no hue."""


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
    SEQUENTIAL = 40
    LANE = 50
    LANE_DIM = LANE + LANE_COLOURS
    PHASE = 80


@dataclass(frozen=True)
class _Shades:
    """One variant of all colours, for a dark or a light background."""

    muted: str
    faint: str
    accent: str
    good: str
    warning: str
    bad: str
    zero: str
    positive: Sequence[str]
    negative: Sequence[str]
    not_finite: str
    sequential: Sequence[str]
    lanes: Sequence[str]
    lanes_dim: Sequence[str]
    phases: Sequence[str]


DARK = _Shades(
    muted="#9e9e9e",
    faint="#626262",
    accent="#af87ff",
    good="#5faf87",
    warning="#d7af5f",
    bad="#ff5f5f",
    zero="#262626",
    positive=("#000087", "#0000d7", "#005fd7", "#0087ff", "#5fafff", "#afd7ff"),
    negative=("#5f0000", "#870000", "#af0000", "#d70000", "#ff5f5f", "#ffafaf"),
    not_finite="#767676",
    sequential=(
        "#5f5faf", "#5f87af", "#5fafaf", "#5fd7af", "#87d787", "#afd787", "#d7d787", "#ffff5f",
    ),
    lanes=("#ffaf00", "#5fd7ff", "#00d787", "#ffff5f", "#ff875f", "#ff87d7", "#87afff"),
    lanes_dim=("#875f00", "#005f87", "#00875f", "#87875f", "#875f5f", "#875f87", "#5f5faf"),
    phases=(
        "#3a3a3a",
        "#005f87", "#5f5f87", "#875f87", "#875f5f", "#875f5f",
        "#005faf", "#5f5faf", "#875faf", "#af5f87", "#af5f5f",
        "#0087ff", "#5f5fff", "#af5fd7", "#d75f87", "#ff5f5f",
    ),
)  # fmt: skip

LIGHT = _Shades(
    muted="#626262",
    faint="#9e9e9e",
    accent="#8700ff",
    good="#005f5f",
    warning="#875f00",
    bad="#af0000",
    zero="#dadada",
    positive=("#afd7ff", "#87afff", "#5f87ff", "#005fff", "#005faf", "#00005f"),
    negative=("#ffd7d7", "#ffafaf", "#ff8787", "#ff5f5f", "#d70000", "#870000"),
    not_finite="#8a8a8a",
    sequential=(
        "#87afd7", "#5fafaf", "#5f87af", "#5f5faf", "#5f5f87", "#5f00af", "#5f0087", "#5f005f",
    ),
    lanes=("#af5f00", "#0087d7", "#00875f", "#878700", "#d75f00", "#af5f87", "#005faf"),
    lanes_dim=("#d7af87", "#87d7ff", "#87d7af", "#d7d787", "#ffaf87", "#d7afd7", "#87afd7"),
    phases=(
        "#dadada",
        "#afd7ff", "#afafff", "#d7afff", "#ffafd7", "#ffafaf",
        "#5f87ff", "#8787ff", "#af87d7", "#d75faf", "#ff5f5f",
        "#005fd7", "#5f00d7", "#8700af", "#af005f", "#d70000",
    ),
)  # fmt: skip

SIXTEEN: dict[int, str] = {
    Ink.MUTED: "bright_black",
    Ink.FAINT: "bright_black",
    Ink.ACCENT: "magenta",
    Ink.GOOD: "green",
    Ink.WARNING: "yellow",
    Ink.BAD: "red",
    Ink.ZERO: "bright_black",
    Ink.NOT_FINITE: "bright_black",
}
SIXTEEN_LANES = ("yellow", "cyan", "green", "bright_yellow", "red", "magenta", "blue")
SIXTEEN_PHASES = ("bright_black", *("blue", "blue", "magenta", "red", "red") * PHASE_NORMS)
SIXTEEN_SEQUENTIAL = ("blue",) * 2 + ("cyan",) * 2 + ("green",) * 2 + ("yellow",) * 2


@dataclass(frozen=True)
class Palette:
    """What inks look like on this terminal.

    ``depth`` is ``full`` for 256 colours and above; with ``16`` or ``none``, glyphs must show sign
    and magnitude.
    """

    depth: Depth = "full"
    dark: bool = True

    @property
    def has_scales(self) -> bool:
        """Whether colour alone can show a value."""
        return self.depth == "full"

    @cached_property
    def colours(self) -> dict[int, str]:
        """Each ink's colour, in rich's notation; a missing ink has the default colour."""
        if self.depth == "none":
            return {}
        return _sixteen_colours() if self.depth == "16" else _full_colours(self.dark)

    def colour(self, ink: int) -> str | None:
        """An ink's colour, or ``None`` for the default."""
        return self.colours.get(ink)


def diverging_inks(values: NDArray[np.floating], limit: float) -> NDArray[np.uint8]:
    """The ink of each value on a scale from −limit to limit, in levels of equal width."""
    level = diverging_levels(values, limit)
    inks = np.full(values.shape, Ink.ZERO, dtype=np.uint8)
    inks[level > 0] = Ink.POSITIVE + level[level > 0] - 1
    inks[level < 0] = Ink.NEGATIVE - level[level < 0] - 1
    inks[~np.isfinite(values)] = Ink.NOT_FINITE
    return inks


def diverging_levels(values: NDArray[np.floating], limit: float) -> NDArray[np.int64]:
    """Each value's level, from −6 to 6; 0 if it is not finite."""
    share = np.clip(np.nan_to_num(values / limit, nan=0, posinf=0, neginf=0), -1, 1)
    levels: NDArray[np.int64] = np.rint(share * DIVERGING_LEVELS).astype(np.int64)
    return levels


def sequential_inks(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    """The ink of each value on a scale from 0 to 1; larger values count as 1."""
    level = np.floor(np.clip(np.nan_to_num(values, nan=0), 0, 1) * SEQUENTIAL_LEVELS)
    inks = Ink.SEQUENTIAL + np.minimum(level, SEQUENTIAL_LEVELS - 1)
    return np.where(np.isfinite(values), inks, Ink.NOT_FINITE).astype(np.uint8)


def phase_inks(
    norms: NDArray[np.floating], superposition: NDArray[np.floating]
) -> NDArray[np.uint8]:
    """The ink for each pair of ‖W_i‖ and superposition, both on scales from 0 to 1."""
    norm, hue = (
        np.rint(np.clip(np.nan_to_num(values, nan=0), 0, 1) * steps).astype(int)
        for values, steps in ((norms, PHASE_NORMS), (superposition, PHASE_HUES - 1))
    )
    inks = Ink.PHASE + np.where(norm == 0, 0, 1 + (norm - 1) * PHASE_HUES + hue)
    finite = np.isfinite(norms) & np.isfinite(superposition)
    return np.where(finite, inks, Ink.NOT_FINITE).astype(np.uint8)


def lane_ink(index: int, focused: bool = False) -> int:
    """The ink of the lane with this index: bright in focus, dim otherwise."""
    return (Ink.LANE if focused else Ink.LANE_DIM) + index % LANE_COLOURS


def _full_colours(dark: bool) -> dict[int, str]:
    shades = DARK if dark else LIGHT
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
        **_scale(Ink.PHASE, shades.phases),
    }


def _sixteen_colours() -> dict[int, str]:
    weak, strong = DIVERGING_LEVELS // 2, DIVERGING_LEVELS - DIVERGING_LEVELS // 2
    return {
        **SIXTEEN,
        **_scale(Ink.POSITIVE, ("blue",) * weak + ("bright_blue",) * strong),
        **_scale(Ink.NEGATIVE, ("red",) * weak + ("bright_red",) * strong),
        **_scale(Ink.SEQUENTIAL, SIXTEEN_SEQUENTIAL),
        **_scale(Ink.LANE, SIXTEEN_LANES),
        **_scale(Ink.LANE_DIM, ("bright_black",) * LANE_COLOURS),
        **_scale(Ink.PHASE, SIXTEEN_PHASES),
    }


def _scale(first: int, colours: Sequence[str]) -> dict[int, str]:
    return {first + index: colour for index, colour in enumerate(colours)}


FULL_COLOURS = Palette()
