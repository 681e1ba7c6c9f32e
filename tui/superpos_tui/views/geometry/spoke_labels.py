"""Which spokes have the indices of their features at their ends."""

import math

import numpy as np

from superpos_core.geometry.spoke_limits import MAX_LABELS, MIN_LABELLED
from superpos_tui.drawing.palette import Ink
from superpos_tui.scene import Scene
from superpos_tui.views.geometry.spoke_layout import SpokeLayout
from superpos_tui.views.shared.labels import Label


def spoke_labels(layout: SpokeLayout, scene: Scene) -> list[Label]:
    """The selected features first, then important and long ones."""
    cursor = scene.options.cursor
    return [
        Label(
            feature,
            layout.x[feature],
            layout.y[feature],
            math.atan2(layout.y0 - layout.y[feature], layout.x[feature] - layout.x0),
            Ink.MUTED if layout.behind[feature] else Ink.TEXT,
            cursor is not None and cursor.feature == feature,
        )
        for feature in _labelled(layout, scene)
    ]


def _labelled(layout: SpokeLayout, scene: Scene) -> list[int]:
    represented = np.flatnonzero(layout.long)
    long = represented[layout.length[represented] >= MIN_LABELLED]
    order = np.lexsort((-layout.length[long], -scene.importance[long]))
    chosen = long[order][: MAX_LABELS // 2 if layout.many else MAX_LABELS].tolist()
    cursor = scene.options.cursor
    selected = [] if cursor is None else [cursor.feature, cursor.other]
    visible = [feature for feature in selected if layout.visible[feature]]
    return list(dict.fromkeys([*visible, *chosen]))
