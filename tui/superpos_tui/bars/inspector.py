"""The line below the panels: what lies under the pointer, else about the feature at the cursor."""

from collections.abc import Sequence

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import signed
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.text_lines import cut_after_word
from superpos_tui.measures.geometry import (
    angle_of_features,
    dimensionality_of_feature,
    norm_of_feature,
)
from superpos_tui.measures.product import gram_entry, strongest_interferers
from superpos_tui.scene import Scene

INTERFERERS = 3
SMALLEST_EFFECT = 0.005
"""Below this an interference reads 0.00 and is left out."""


class InspectorBar(DrawnView):
    """One row about what is pointed at. Where there is room, it is never hidden: nothing jumps."""

    DEFAULT_CSS = "InspectorBar { height: 1; }"

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, id="inspector")
        self._scene: Scene | None = None
        self._read_out = ""

    def show(self, scene: Scene | None, read_out: str) -> None:
        """Show what was read under the pointer, or else the cursor of a scene with a lane."""
        self._scene, self._read_out = scene, read_out
        self.redraw()

    def picture(self, width: int, height: int) -> Cells | None:
        """The row, or nothing while it is hidden: scenes arrive with every frame."""
        return draw(self._scene, width, self._read_out) if self.display else None


Pieces = Sequence[tuple[str, int]]


def draw(scene: Scene | None, width: int, read_out: str = "") -> Cells:
    """One row: what was read under the pointer; else what is known of the feature at the cursor.

    That is: feature i and its measures, entry (i, j) and the angle, the strongest interferers.
    Groups that do not fit are dropped from the end.
    """
    cells = Cells.blank(width, 1)
    if read_out:
        cells.write(1, 0, cut_after_word(read_out, width - 1))
        return cells
    if scene is None or scene.options.cursor is None:
        return cells
    x = 1
    for group in _groups(scene):
        length = sum(len(text) for text, _ in group)
        if x + length > width:
            break
        for text, ink in group:
            cells.write(x, 0, text, ink)
            x += len(text)
        x += 2
    return cells


def _groups(scene: Scene) -> list[Pieces]:
    cursor = scene.options.cursor
    assert cursor is not None
    i, j = cursor.feature, cursor.other
    model, norm = scene.model, scene.of(norm_of_feature, i)
    digits = len(str(scene.config.features - 1))
    groups: list[Pieces] = [
        [(f"{SELECTED} feature ", Ink.ACCENT), (f"{i:>{digits}}", Ink.ACCENT)],
        [(f"‖{model.vectors_name}_{i}‖ ", Ink.MUTED), (f"{norm:5.2f}", Ink.TEXT)],
        [("D ", Ink.MUTED), (f"{scene.of(dimensionality_of_feature, i):4.2f}", Ink.TEXT)],
        [("b ", Ink.MUTED), (signed(float(scene.parameters.bias[i])), Ink.TEXT)],
        [
            (f"{model.product}[{i}, {j}] ", Ink.MUTED),
            (signed(scene.of(gram_entry, i, j)), Ink.TEXT),
            (f" {scene.of(angle_of_features, i, j):5.1f}°", Ink.TEXT),
        ],
    ]
    interferers = [
        (other, value)
        for other, value in scene.of(strongest_interferers, i, INTERFERERS)
        if not abs(value) < SMALLEST_EFFECT
    ]
    for other, value in interferers:
        word = "interference from: " if other == interferers[0][0] else ""
        groups.append([(word, Ink.MUTED), (f"{other} {signed(value)}", Ink.TEXT)])
    return groups
