"""What the pointer does in a panel: it reads what lies under it, clicks, drags, and zooms."""

from textual.events import (
    Click,
    Leave,
    MouseDown,
    MouseEvent,
    MouseMove,
    MouseScrollDown,
    MouseScrollUp,
    MouseUp,
)
from textual.message import Message

from superpos_tui.drawing.cell_view import CellView
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Change
from superpos_tui.views.panel import Cell, Panel
from superpos_tui.views.picture import subject_of


class PointedView(CellView):
    """A picture of a panel that answers the pointer, and the keys that zoom."""

    class Pointed(Message):
        """A click, a drag or the wheel makes a change."""

        def __init__(self, change: Change) -> None:
            super().__init__()
            self.change = change

    class Hovered(Message):
        """The pointer has moved within the panel, or left it."""

        def can_replace(self, message: Message) -> bool:
            """Only the last place counts."""
            return isinstance(message, PointedView.Hovered)

    def __init__(self, panel: Panel, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(palette, id=id)
        self.panel = panel
        self._pointer: Cell | None = None
        self._pressed: Cell | None = None
        self._has_framed = False
        self._unframed = Cells.blank(0, 0)
        self._subject: tuple[object, ...] = ()

    @property
    def pointed_scene(self) -> Scene | None:
        """The scene of the picture on the screen; ``None`` if there is no picture."""
        raise NotImplementedError

    def show_picture(self, scene: Scene, cells: Cells) -> None:
        """Show the picture of a scene."""
        if self._subject != subject_of(scene):
            self._subject = subject_of(scene)
            self.turn_to_another()
        self.show_cells(cells)

    def read(self) -> str:
        """What lies under the pointer; empty if nothing does."""
        scene = self.pointed_scene
        if scene is None or self._pointer is None:
            return ""
        return self.panel.read(scene, *self.size, *self._pointer, self._palette)

    def read_selected(self, columns: int) -> str:
        """What is selected, in so many columns; empty if nothing is, or if every view says it."""
        scene, selected = self.pointed_scene, self.panel.selected
        return "" if scene is None or selected is None else selected(scene, columns)

    def zoom(self, steps: int) -> Change | None:
        """The change that the keys make: closer, or farther away if negative."""
        return self._zoom(None, steps)

    def pan(self, right: int, down: int) -> Change | None:
        """The change that moves what is shown, or turns it; ``None`` if it does neither."""
        scene, zoom, turn = self.pointed_scene, self.panel.zoom, self.panel.turn
        if scene is None:
            return None
        moved = zoom.pan(scene, right, down) if zoom else None
        return turn(scene, right, down) if moved is None and turn else moved

    def zoom_out_whole(self) -> Change | None:
        """The change back to everything; ``None`` if everything is shown."""
        scene, zoom = self.pointed_scene, self.panel.zoom
        return zoom.whole(scene) if zoom and scene is not None else None

    def _zoom(self, at: Cell | None, steps: int) -> Change | None:
        scene, zoom = self.pointed_scene, self.panel.zoom
        if zoom is None or scene is None:
            return None
        return zoom.at(scene, *self.size, at, steps, self._palette)

    def _cell_of(self, event: MouseEvent) -> Cell | None:
        offset = event.get_content_offset(self)
        return None if offset is None else (offset.x, offset.y)

    def _post(self, change: Change | None) -> None:
        if change is not None:
            self.post_message(self.Pointed(change))

    def _hover(self, pointer: Cell | None) -> None:
        if pointer != self._pointer:
            self._pointer = pointer
            self.post_message(self.Hovered())

    # ── events ────────────────────────────────────────────────────────────────────────────────

    def on_click(self, event: Click) -> None:
        """Post the change that a click makes, if any; what ends a drag is not a click."""
        scene, cell = self.pointed_scene, self._cell_of(event)
        if not self._has_framed and scene is not None and cell is not None:
            self._post(self.panel.pick(scene, *self.size, *cell, self._palette))

    def on_mouse_move(self, event: MouseMove) -> None:
        """Read what is there; while a button is held, drag or frame a part."""
        if self.panel.drag and event.button and (event.delta_x or event.delta_y):
            self._post(self.panel.drag(event.delta_x, event.delta_y))
        self._hover(self._cell_of(event))
        if not event.button:  # it was released outside the terminal
            self._stop_framing()
        elif self._pressed is not None and self._pointer not in (None, self._pressed):
            self._has_framed = True
            self._show_framed()

    def on_leave(self, event: Leave) -> None:
        """Nothing lies under the pointer any more; a drag out of the panel is called off."""
        self._hover(None)
        self._stop_framing()

    def on_mouse_down(self, event: MouseDown) -> None:
        """Begin to frame a part if the panel can zoom onto one."""
        self._has_framed = False
        if self.panel.zoom and self.panel.zoom.onto and event.button == 1:
            self._pressed = self._cell_of(event)

    def on_mouse_up(self, event: MouseUp) -> None:
        """Zoom onto the framed part."""
        start, end, scene = self._pressed, self._cell_of(event), self.pointed_scene
        self._stop_framing()
        onto = self.panel.zoom.onto if self.panel.zoom else None
        if self._has_framed and onto and scene and start and end and start != end:
            self._post(onto(scene, *self.size, start, end, self._palette))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Zoom in around the pointer."""
        self._post(self._zoom(self._cell_of(event), 1))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Zoom out around the pointer."""
        self._post(self._zoom(self._cell_of(event), -1))

    # ── the frame around what is dragged over ─────────────────────────────────────────────────

    def show_cells(self, cells: Cells) -> None:
        """Show another picture, under the frame if there is one."""
        self._unframed = cells
        if self._pressed is not None and self._has_framed:
            self._show_framed()
        else:
            super().show_cells(cells)

    def _stop_framing(self) -> None:
        if self._pressed is not None:
            self._pressed = None
            self.show_cells(self._unframed)

    def _show_framed(self) -> None:
        assert self._pressed is not None
        framed = self._unframed.copy()
        if self._pointer is not None:
            framed.write_frame(*_corners(self._pressed, self._pointer), Ink.ACCENT)
        super().show_cells(framed)

    def forget_pointer(self) -> None:
        """The panel is hidden: nothing is under the pointer, and nothing is being framed."""
        self._pointer = self._pressed = None
        self._has_framed = False


def _corners(start: Cell, end: Cell) -> tuple[Cell, Cell]:
    """The upper left and the lower right cell of the box between two cells."""
    (x, y), (other_x, other_y) = start, end
    return (min(x, other_x), min(y, other_y)), (max(x, other_x), max(y, other_y))
