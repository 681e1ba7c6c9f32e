"""The timeline as a row: the kept moments between the first and the last step, with both numbers.

On it are the current step and where dials were turned.
"""

from collections.abc import Sequence

import numpy as np
from textual.events import Click, MouseMove
from textual.message import Message

from superpos_core.arrays import FloatArray
from superpos_tui.bars.pieces import Pieces, length_of, richest, write
from superpos_tui.bars.progress import numbers_of, state_of
from superpos_tui.bars.status import MARKS, Status
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.glyphs import FULL
from superpos_tui.drawing.numbers import grouped
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.scene import Scene

MIN_BAR, GOOD_BAR = 10, 24
"""Columns of the shortest bar, and of one for which the numbers beside it are left out."""
GAP = 2
WIDE = 100
"""Columns from which the state is in words."""


class TimelineBar(DrawnView):
    """One row, in the place of the progress; a click or a drag goes to a moment."""

    DEFAULT_CSS = "TimelineBar { height: 1; display: none; }"

    class Moved(Message):
        """The user pointed at a step."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, id="timeline")
        self._status: Status | None = None

    def show_status(self, status: Status) -> None:
        """Show the timeline of another scene."""
        self._status = status
        self.redraw()

    def on_click(self, event: Click) -> None:
        """Go to the clicked moment."""
        self._point_at(event.x)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Scrub by dragging."""
        if event.button:
            self._point_at(event.x)

    def _point_at(self, x: int) -> None:
        if self._status is None:
            return
        step = step_at(self._status, self.size.width, x)
        if step is not None:
            self.post_message(self.Moved(step))

    def picture(self, width: int, height: int) -> Cells | None:
        """The row, or nothing while it is hidden: scenes arrive with every frame."""
        return draw(self._status, width) if self._status is not None and self.display else None


def draw(status: Status, width: int) -> Cells:
    """The state, all moments on a logarithmic scale, the current step, and its numbers."""
    cells = Cells.blank(width, 1)
    scene = _scene_of(status)
    if scene is None:
        write(cells, 1, 0, state_of(status))
        return cells
    bar = _bar_columns(status, scene, width)
    write(cells, 1, 0, _label(status, width))
    if bar:
        first, last = _ends(scene)
        cells.write(bar.start - len(first) - 1, 0, first, Ink.MUTED)
        cells.write(bar.stop + 1, 0, last, Ink.MUTED)
    for x in bar:
        cells.write(x, 0, "─", Ink.FAINT)
    steps = scene.group.timeline.steps
    for x in _columns(scene, bar, steps.tolist()):
        cells.write(x, 0, "┴", Ink.MUTED)
    for x in _columns(scene, bar, [mark.step for mark in scene.group.marks]):
        cells.write(x, 0, "◆", Ink.WARNING)
    for x in _columns(scene, bar, [scene.step]):
        cells.write(x, 0, FULL, Ink.ACCENT)
    note = _note(status, scene, width)
    write(cells, width - 1 - length_of(note), 0, note)
    return cells


def step_at(status: Status, width: int, x: int) -> int | None:
    """The kept step nearest to a column; ``None`` outside the bar."""
    scene = _scene_of(status)
    if scene is None:
        return None
    bar = _bar_columns(status, scene, width)
    steps = scene.group.timeline.steps
    if x not in bar or not steps.size:
        return None
    columns = np.array(_columns(scene, bar, steps.tolist()))
    return int(steps[int(np.abs(columns - x).argmin())])


def _scene_of(status: Status) -> Scene | None:
    """The scene, if it shows a lane of any kind."""
    scene = status.scene
    return scene if scene is not None and scene.has_group else None


def _label(status: Status, width: int) -> Pieces:
    """The state; its mark alone if there is little room."""
    if width >= WIDE:
        return state_of(status)
    mark, ink = MARKS[status.state]
    return [(mark, ink)]


def _note(status: Status, scene: Scene, width: int) -> Pieces:
    """The current step and its numbers, as far as they leave room for a good bar."""
    room = width - 2 - length_of(_label(status, width)) - 2 * GAP - GOOD_BAR - _room_of_ends(scene)
    step = _step_text(scene)
    beside = [[(status.work, Ink.ACCENT)]] if status.work else numbers_of(status)
    with_numbers = [[step, (" " * GAP, Ink.TEXT), *each] for each in beside if each]
    return richest([*with_numbers, [step]], room)


def _step_text(scene: Scene) -> tuple[str, int]:
    """What is looked at, in a width that depends on the length of the run alone."""
    step = f"{grouped(scene.step):>{len(grouped(scene.group.step))}}"
    past = f"◀ looking at step {step}"
    if scene.focus.step is not None:
        return past, Ink.ACCENT
    return f"{f'live at step {step}':>{len(past)}}", Ink.TEXT


def _ends(scene: Scene) -> tuple[str, str]:
    """The steps at both ends of the bar."""
    return "0", grouped(scene.group.step)


def _room_of_ends(scene: Scene) -> int:
    return sum(len(end) + 1 for end in _ends(scene))


def _bar_columns(status: Status, scene: Scene, width: int) -> range:
    """The columns of the bar, between the numbers at its ends; none without room."""
    first, last = _ends(scene)
    start = 1 + length_of(_label(status, width)) + GAP + len(first) + 1
    end = width - 1 - length_of(_note(status, scene, width)) - GAP - len(last) - 1
    return range(start, end) if end - start >= MIN_BAR else range(0)


def _columns(scene: Scene, bar: range, steps: Sequence[int]) -> list[int]:
    """The columns of steps on the bar, at log(1 + step), since much happens early."""
    if not bar:
        return []
    last = float(np.log1p(max(scene.group.step, 1)))
    shares: FloatArray = np.log1p(np.asarray(steps, dtype=np.float64)) / last
    indices = np.rint(np.clip(shares, 0, 1) * (len(bar) - 1)).astype(int)
    return [bar[index] for index in indices.tolist()]
