"""The layout of the spokes in a picture of the hidden space."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.geometry.measures import REPRESENTED_NORM
from superpos_core.geometry.projection import EDGE, circle_radius, seen_from
from superpos_core.geometry.spoke_limits import MAX_SPOKES, NOISE
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN
from superpos_tui.measures.geometry import feature_norms, hidden_picture
from superpos_tui.scene import Scene
from superpos_tui.views.shared.viewpoint import Viewpoint

SECONDS_BETWEEN_DRAWS = 0.1
"""The same for all panels of the view, which therefore show the same moment."""
MIN_ROWS_WITH_LEGEND = 5
LEAST_LONGEST = 0.2
"""Norms below which even the longest feature is an ignored one."""


@dataclass(frozen=True)
class SpokeLayout:
    """Positions in dots on a canvas of ``width`` × ``rows`` cells.

    A circle of ``unit`` dots around (``x0``, ``y0``) represents the length ``radius``. Spokes go
    from its centre to (``x``, ``y``); ``length`` is in radii of the circle, and ``behind`` marks
    spokes that point away from the viewer. All of these have shape (n,).
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
    long: BoolArray
    """The features that have a spoke; others are dots."""

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "SpokeLayout":
        """The largest circle that fits, centred; the last row is for a legend."""
        rows = height - 1 if height >= MIN_ROWS_WITH_LEGEND else height
        across, down = DOTS_ACROSS * width, DOTS_DOWN * rows
        unit = (min(across, down) - 1) / 2 / EDGE
        x0, y0 = across // 2, down // 2
        points = scene.of(hidden_picture).points
        radius = circle_radius(points, scene.hidden)
        side = scene.options.of(Viewpoint)
        right, up, near = seen_from(points / radius, side.turn, side.tilt)
        visible = np.isfinite(right) & np.isfinite(up)
        norms = scene.of(feature_norms)
        return cls(
            width=width,
            rows=rows,
            x0=x0,
            y0=y0,
            unit=unit,
            radius=radius,
            x=x0 + unit * right,
            y=y0 - unit * up,
            length=np.linalg.norm(points, axis=1) / radius,
            behind=near < -NOISE,
            visible=visible,
            long=visible & (norms > _shortest_spoke(norms[visible])),
        )

    @property
    def ends(self) -> FloatArray:
        """The ends of the spokes, shape (n, 2)."""
        return np.stack([self.x, self.y], axis=1)

    @property
    def many(self) -> bool:
        """Whether spokes would cover each other, so that only their ends are drawn."""
        return int(self.long.sum()) > MAX_SPOKES


def _shortest_spoke(norms: FloatArray) -> float:
    """The norm above which a feature has a spoke: that of represented ones.

    Where none is represented, half the longest: dense features may all be short, as on a ring.
    """
    longest = float(norms.max(initial=0.0))
    if LEAST_LONGEST < longest <= REPRESENTED_NORM:
        return longest / 2
    return REPRESENTED_NORM
