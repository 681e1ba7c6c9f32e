"""Where the spokes of a picture of the hidden space stand."""

import math
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.measures import REPRESENTED_NORM
from superpos_tui.canvas import DOTS_ACROSS, DOTS_DOWN
from superpos_tui.options import Options
from superpos_tui.scene import Scene

EDGE = 1.5
"""How far the picture reaches, in radii of its circle; the paper's figures reach as far."""
LEAST_RADIUS = 1 / 8
"""The circle's radius is 1, so that nothing jumps; but of more than three dimensions the two that
are seen may hold little of each feature."""
LEAST_ROWS_WITH_LEGEND = 5
MOST_SPOKES = 60
NOISE = 1e-6
"""A spoke that lies in the paper may be so far behind it, in radii of the circle."""


@dataclass(frozen=True)
class SpokeLayout:
    """Where everything stands, in dots of a canvas of ``width`` × ``rows`` cells.

    A circle ``unit`` dots in radius around (``x0``, ``y0``) stands for the length ``radius``. The
    spokes go from its middle to (``x``, ``y``); ``length`` is theirs in radii of the circle, and
    ``behind`` are those that point away from the viewer. All of these have shape (n,).
    """

    width: int
    rows: int
    x0: int
    y0: int
    unit: float
    radius: float
    x: FloatArray
    y: FloatArray
    length: FloatArray
    behind: BoolArray
    visible: BoolArray
    represented: BoolArray

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "SpokeLayout":
        """The largest circle that fits, in the middle; the last row is left for a legend."""
        rows = height - 1 if height >= LEAST_ROWS_WITH_LEGEND else height
        across, down = DOTS_ACROSS * width, DOTS_DOWN * rows
        unit = (min(across, down) - 1) / 2 / EDGE
        x0, y0 = across // 2, down // 2
        points = scene.hidden_picture.points
        length = np.linalg.norm(points, axis=1)
        radius = _radius(length, LEAST_RADIUS if scene.config.hidden > 3 else 1.0)
        right, up, towards = _seen_from(points / radius, scene.options)
        visible = np.isfinite(right) & np.isfinite(up)
        return cls(
            width=width,
            rows=rows,
            x0=x0,
            y0=y0,
            unit=unit,
            radius=radius,
            x=x0 + unit * right,
            y=y0 - unit * up,
            length=length / radius,
            behind=towards < -NOISE,
            visible=visible,
            represented=visible & (scene.feature_norms > REPRESENTED_NORM),
        )

    @property
    def many(self) -> bool:
        """Whether spokes would cover one another, so that only their ends are drawn."""
        return int(self.represented.sum()) > MOST_SPOKES


def _radius(lengths: FloatArray, least: float) -> float:
    """The least power of two such that all spokes are in the picture, but at least ``least``."""
    longest = float(lengths[np.isfinite(lengths)].max(initial=0))
    if longest <= EDGE * least:
        return least
    return float(2.0 ** math.ceil(math.log2(longest / EDGE)))


def _seen_from(points: FloatArray, options: Options) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points of a picture as how far to the right, up and towards the viewer they are.

    Three dimensions are turned about the upright, then seen from above by the angle of tilt, from
    infinitely far.
    """
    x, upright = points[:, 0], points[:, -1]
    if points.shape[1] == 2:
        return x, upright, np.zeros_like(x)
    near = -points[:, 1]
    turn, tilt = math.radians(options.turn), math.radians(options.tilt)
    right = x * math.cos(turn) + near * math.sin(turn)
    near = near * math.cos(turn) - x * math.sin(turn)
    up = upright * math.cos(tilt) - near * math.sin(tilt)
    towards = upright * math.sin(tilt) + near * math.cos(tilt)
    return right, up, towards
