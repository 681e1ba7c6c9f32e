"""The timeline as a row: the kept moments, the current step, and where dials were turned."""

from collections.abc import Sequence

import numpy as np
from textual.events import Click, MouseMove
from textual.message import Message

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.glyphs import FULL
from superpos_tui.drawing.numbers import grouped
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.scene import Scene

LABEL = " timeline "
MIN_BAR = 10


class TimelineBar(DrawnView):
    """One row; a click or a drag goes to a moment."""

    DEFAULT_CSS = "TimelineBar { height: 1; display: none; }"

    class Moved(Message):
        """The user pointed at a step."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, id="timeline")
        self._scene: Scene | None = None

    def show_scene(self, scene: Scene) -> None:
        """Show the timeline of another scene."""
        self._scene = scene
        self.redraw()

    def on_click(self, event: Click) -> None:
        """Go to the clicked moment."""
        self._point_at(event.x)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Scrub by dragging."""
        if event.button:
            self._point_at(event.x)

    def _point_at(self, x: int) -> None:
        if self._scene is None:
            return
        step = step_at(self._scene, self.size.width, x)
        if step is not None:
            self.post_message(self.Moved(step))

    def picture(self, width: int, height: int) -> Cells | None:
        """The row, or nothing while it is hidden: scenes arrive with every frame."""
        return draw(self._scene, width) if self._scene is not None and self.display else None


def draw(scene: Scene, width: int) -> Cells:
    """The label, a bar of all moments on a logarithmic scale, and the current step."""
    cells = Cells.blank(width, 1)
    bar, note = _bar_columns(scene, width), _note(scene)
    cells.write(0, 0, LABEL, Ink.MUTED)
    for x in bar:
        cells.write(x, 0, "─", Ink.FAINT)
    steps = scene.cohort.timeline.steps
    for x in _columns(scene, bar, steps.tolist()):
        cells.write(x, 0, "┴", Ink.MUTED)
    for x in _columns(scene, bar, [mark.step for mark in scene.cohort.marks]):
        cells.write(x, 0, "◆", Ink.WARNING)
    for x in _columns(scene, bar, [scene.step]):
        cells.write(x, 0, FULL, Ink.ACCENT)
    cells.write_right(width - 1, 0, note, Ink.TEXT)
    return cells


def step_at(scene: Scene, width: int, x: int) -> int | None:
    """The kept step nearest to a column; ``None`` outside the bar."""
    bar = _bar_columns(scene, width)
    steps = scene.cohort.timeline.steps
    if x not in bar or not steps.size:
        return None
    columns = np.array(_columns(scene, bar, steps.tolist()))
    return int(steps[int(np.abs(columns - x).argmin())])


def _note(scene: Scene) -> str:
    total = grouped(scene.cohort.step)
    where = "now " if scene.focus.step is None else "then"
    return f"{where} step {grouped(scene.step):>{len(total)}} of {total}"


def _bar_columns(scene: Scene, width: int) -> range:
    end = width - len(_note(scene)) - 3
    return range(len(LABEL), end) if end - len(LABEL) >= MIN_BAR else range(0)


def _columns(scene: Scene, bar: range, steps: Sequence[int]) -> list[int]:
    """The columns of steps on the bar, at log(1 + step), since much happens early."""
    if not bar:
        return []
    last = float(np.log1p(max(scene.cohort.step, 1)))
    shares: FloatArray = np.log1p(np.asarray(steps, dtype=np.float64)) / last
    indices = np.rint(np.clip(shares, 0, 1) * (len(bar) - 1)).astype(int)
    return [bar[index] for index in indices.tolist()]
