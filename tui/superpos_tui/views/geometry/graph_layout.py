"""The layout of the small pictures of shapes: boxes in rows, as large as the room allows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry.components import Shape
from superpos_core.geometry.shape_pictures import ShapePicture, shape_picture
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN
from superpos_tui.drawing.window import start_around
from superpos_tui.measures.geometry import feature_vectors, lane_geometry
from superpos_tui.scene import Scene, measure_of_lane

ACROSS = DOTS_DOWN // DOTS_ACROSS
"""The width of a square in cells, relative to its height."""
MIN_SIDE = 5
"""Minimum height of a square in rows; if not all pictures fit, the grid scrolls."""
CAPTION = 1
"""Rows below a square, for the name of its shape."""
LEGEND = 1
"""Rows below the grid."""
BESIDE, ABOVE = 3, 2
"""Columns at both sides of the nodes, and rows above and below, for discs and numbers."""
ROOMY = 9
"""Lower pictures have a row less above and below."""
NARROW = 0.01
"""Pictures of no width, of digons, may be higher than wide."""


@measure_of_lane
def shapes_by_size(scene: Scene) -> list[Shape]:
    """All shapes, the largest first."""
    shapes = scene.of(lane_geometry).shapes
    return sorted(shapes, key=lambda shape: (-len(shape.features), shape.features))


@measure_of_lane
def picture_of(scene: Scene, shape: Shape) -> ShapePicture:
    """The picture of one of the shapes."""
    return shape_picture(shape, scene.of(feature_vectors))


@dataclass(frozen=True)
class Box:
    """A picture, and the cells that it has: its corner, its width and its height with a caption.

    ``reach``: how far its nodes, and those of its neighbours, are from the middle at most, across
    and down; a circle's is (1, 1).
    """

    picture: ShapePicture
    left: int
    top: int
    width: int
    height: int
    reach: tuple[float, float] = (1, 1)

    @property
    def caption_row(self) -> int:
        """The row of the caption."""
        return self.top + self.height - CAPTION

    @property
    def radius(self) -> int:
        """The radius of the picture in dots."""
        rows = self.height - CAPTION
        across = DOTS_ACROSS * (self.width - 2 * BESIDE)
        down = DOTS_DOWN * (rows - 2 * (ABOVE if rows >= ROOMY else ABOVE - 1))
        radii = np.array([across, down]) / 2 / np.maximum(self.reach, NARROW)
        return max(int(radii.min()), 1)

    @property
    def nodes(self) -> FloatArray:
        """The nodes in dots, shape (k, 2), x to the right and y downwards."""
        x0 = DOTS_ACROSS * (2 * self.left + self.width) // 2
        y0 = DOTS_DOWN * (2 * self.top + self.height - CAPTION) // 2
        return np.array([x0, y0]) + self.radius * self.picture.points * [1, -1]

    def holds(self, x: int, y: int) -> bool:
        """Whether a cell is in it."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


@dataclass(frozen=True)
class GraphLayout:
    """The boxes of the shapes that are shown, in reading order, and how many more there are."""

    boxes: tuple[Box, ...]
    more: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "GraphLayout":
        """All shapes, or as many as fit, with that of the selected feature among them."""
        shapes = scene.of(shapes_by_size)
        columns, rows = _grid(len(shapes), width, height - LEGEND)
        row = selected_among([shape.features for shape in shapes], scene) // columns
        first = columns * start_around(row, rows, -(-len(shapes) // columns))
        shown = [scene.of(picture_of, each) for each in shapes[first : first + columns * rows]]
        in_rows = -(-len(shown) // columns)
        box_width = width // columns
        reach = _reach(shown)
        box_height = (height - LEGEND) // max(in_rows, 1)
        if reach[0] > NARROW:
            box_height = min(box_height, box_width // ACROSS + CAPTION)
        top = max((height - LEGEND - in_rows * box_height) // 2, 0)
        boxes = []
        for index, picture in enumerate(shown):
            line, column = divmod(index, columns)
            in_line = min(len(shown) - line * columns, columns)
            left = (width - in_line * box_width) // 2 + column * box_width
            boxes.append(Box(picture, left, top + line * box_height, box_width, box_height, reach))
        return cls(tuple(boxes), len(shapes) - len(shown))

    def box_at(self, x: int, y: int) -> Box | None:
        """The box that a cell is in."""
        return next((box for box in self.boxes if box.holds(x, y)), None)


def _grid(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows of the largest squares that fit, of at least ``MIN_SIDE``."""

    def side(columns: int) -> int:
        rows = -(-count // columns)
        return min(height // rows - CAPTION, width // columns // ACROSS)

    best = max(range(1, max(count, 1) + 1), key=side) if count else 1
    if count and side(best) >= MIN_SIDE:
        return best, -(-count // best)
    return max(width // (ACROSS * MIN_SIDE), 1), max(height // (MIN_SIDE + CAPTION), 1)


def _reach(pictures: Sequence[ShapePicture]) -> tuple[float, float]:
    """How far nodes of all pictures are from the middle at most, across and down."""
    across, down = (
        max((float(np.abs(each.points[:, k]).max()) for each in pictures), default=1)
        for k in (0, 1)
    )
    return across, down


def selected_among(groups: Sequence[tuple[int, ...]], scene: Scene) -> int:
    """The index of the group of features with the selected one; 0 if there is none."""
    cursor = scene.options.cursor
    if cursor is None:
        return 0
    holding = (index for index, features in enumerate(groups) if cursor.feature in features)
    return next(holding, 0)
