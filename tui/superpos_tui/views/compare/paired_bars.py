"""Two bars per feature side by side: the reference's, in grey, and the current lane's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from superpos_core.ticks import round_step
from superpos_tui.drawing.bars import place_standing_bars
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.glyphs import SELECTED_BELOW
from superpos_tui.drawing.palette import Ink
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, MoveCursor
from superpos_tui.views.compare.measures import sides_of

LABELS_FROM = 3
"""Minimum rows of a picture with the features' numbers below the bars."""
Bars = tuple[NDArray[np.str_], InkArray]
"""The glyphs, shape (rows, bars), and the ink of each bar."""


@dataclass(frozen=True)
class PairedBars:
    """``features`` of either side, ``together`` per pair of bars, which begin ``spacing`` apart.

    With a spacing of one column there is no room for pairs: the bars are the current lane's.
    """

    features: int
    together: int
    spacing: int

    @classmethod
    def of(cls, scene: Scene, width: int, max_spacing: int) -> "PairedBars":
        """The widest bars in ``width`` columns."""
        features = max(side.config.features for _, side in sides_of(scene))
        if features > width:
            return cls(features, -(-features // max(width, 1)), 1)
        return cls(features, 1, min(width // features, max_spacing))

    def draw(self, cells: Cells, reference: Bars, now: Bars, top: int = 0) -> None:
        """Draw both sides' bars from row ``top`` on."""
        thickness = max((self.spacing - 1) // 2, 1)
        in_grey = reference[0], np.full_like(reference[1], Ink.MUTED)
        for is_now, (glyphs, inks) in enumerate((in_grey, now)):
            if self.spacing == 1 and not is_now:
                continue
            first = min(is_now * thickness, self.spacing - 1)
            columns = range(first, cells.width, self.spacing)
            place_standing_bars(cells, glyphs, inks, columns, thickness, top)

    def write_numbers(self, cells: Cells, scene: Scene) -> None:
        """Number as many features as fit, in the last row; the cursor's is marked."""
        y, every = cells.height - 1, round_step(self.features, max(cells.width // 4, 1))
        for feature in range(0, self.features, every):
            cells.write(self._left_of(feature), y, str(feature), Ink.MUTED)
        cursor = scene.options.cursor
        if cursor is not None:
            label = f"{SELECTED_BELOW}{cursor.feature}"
            cells.write(self._left_of(cursor.feature), y, label, Ink.ACCENT)

    def feature_at(self, x: int) -> int | None:
        """The first feature with a bar in a column."""
        feature = x // self.spacing * self.together
        return feature if 0 <= feature < self.features else None

    def pick(self, scene: Scene, x: int) -> Change | None:
        """Move the cursor to that feature, if the current lane has it."""
        feature = self.feature_at(x)
        if feature is None or feature >= scene.config.features:
            return None
        return MoveCursor(scene.options.cursor_on(feature))

    def _left_of(self, feature: int) -> int:
        return feature // self.together * self.spacing
