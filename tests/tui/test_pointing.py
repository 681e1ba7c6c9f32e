"""The pointer over panels: reading, framing, the wheel; and the keys that zoom."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tests.tui.running import panel, running, text_of, until, until_finished
from textual import events
from textual.geometry import Offset
from textual.pilot import Pilot

from superpos_tui.app import SuperposApp
from superpos_tui.drawing.palette import Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Cursor, MoveCursor
from superpos_tui.views.panel import Cell, Zoom
from superpos_tui.views.panel_view import PanelView

MIDDLE = (20, 6)


async def test_what_lies_under_the_pointer_is_read_and_the_cursors_line_returns() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("down")
        await pilot.hover("#live-matrix", offset=MIDDLE)
        await until(pilot, lambda: "W·Wᵀ[" in text_of(app, "inspector"))
        assert "◂" not in text_of(app, "inspector")
        assert " · " in text_of(app, "inspector")
        await pilot.hover("#status")
        await until(pilot, lambda: "feature  0" in text_of(app, "inspector"))


async def test_hovering_draws_no_panel_and_repaints_one_row() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        matrix = panel(app, "matrix")
        await pilot.hover("#live-matrix", offset=MIDDLE)
        await until(pilot, lambda: "W·Wᵀ[" in text_of(app, "inspector"))
        before, drawn = text_of(app, "inspector"), dict(matrix._strips)
        await pilot.hover("#live-matrix", offset=(MIDDLE[0] + 6, MIDDLE[1]))
        await until(pilot, lambda: text_of(app, "inspector") != before)
        assert {y: id(strip) for y, strip in matrix._strips.items()} == {
            y: id(strip) for y, strip in drawn.items()
        }


async def test_a_hidden_panel_reads_nothing() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.hover("#live-matrix", offset=MIDDLE)
        await until(pilot, lambda: panel(app, "matrix").read() != "")
        await pilot.press("3")
        await until(pilot, lambda: not panel(app, "matrix").is_on_screen)
        assert panel(app, "matrix").read() == ""


# ── zoom ──────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def zooming(view: PanelView) -> Iterator[list[tuple[object, ...]]]:
    """A panel that says what it was asked to zoom; once in, it moves the cursor to show it."""
    asked: list[tuple[object, ...]] = []

    def at(
        scene: Scene, width: int, height: int, cell: Cell | None, steps: int, palette: Palette
    ) -> Change:
        asked.append(("at", cell, steps))
        return MoveCursor(Cursor(1, 2))

    def onto(
        scene: Scene, width: int, height: int, start: Cell, end: Cell, palette: Palette
    ) -> Change:
        asked.append(("onto", start, end))
        return MoveCursor(Cursor(3, 4))

    def pan(scene: Scene, right: int, down: int) -> Change | None:
        asked.append(("pan", right, down))
        return None

    def whole(scene: Scene) -> Change | None:
        asked.append(("whole",))
        return MoveCursor(Cursor(5, 6)) if scene.options.cursor == Cursor(1, 2) else None

    before, view.panel = view.panel, replace(view.panel, zoom=Zoom(at, whole, pan, onto))
    try:
        yield asked
    finally:
        view.panel = before


async def test_keys_and_the_wheel_zoom_and_esc_steps_out_of_it_first() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        with zooming(panel(app, "matrix")) as asked:
            await pilot.press("plus", "minus", "shift+right", "shift+up")
            assert asked == [("at", None, 1), ("at", None, -1), ("pan", 1, 0), ("pan", 0, -1)]
            seen = [app.selection.options.cursor]
            for _ in range(2):
                await pilot.press("escape")
                seen.append(app.selection.options.cursor)
            assert seen == [Cursor(1, 2), Cursor(5, 6), None]
            asked.clear()
            await _mouse(app, pilot, events.MouseScrollUp, MIDDLE)
            await _mouse(app, pilot, events.MouseScrollDown, MIDDLE)
            await until(pilot, lambda: asked == [("at", MIDDLE, 1), ("at", MIDDLE, -1)])


async def test_what_is_dragged_over_is_framed_then_shown_and_nothing_is_clicked() -> None:
    start, end = (10, 3), (14, 5)
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        with zooming(panel(app, "matrix")) as asked:
            await _mouse(app, pilot, events.MouseDown, start, button=1)
            await _mouse(app, pilot, events.MouseMove, end, button=1)
            await until(pilot, lambda: "╭───╮" in text_of(app, "live-matrix"))
            await _mouse(app, pilot, events.MouseUp, end, button=1)
            await until(pilot, lambda: app.selection.options.cursor == Cursor(3, 4))
            assert asked == [("onto", start, end)]
            await until(pilot, lambda: "╭───╮" not in text_of(app, "live-matrix"))


async def test_a_drag_out_of_the_panel_is_called_off() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        with zooming(panel(app, "matrix")) as asked:
            await _mouse(app, pilot, events.MouseDown, (10, 3), button=1)
            await _mouse(app, pilot, events.MouseMove, (14, 5), button=1)
            await until(pilot, lambda: "╭───╮" in text_of(app, "live-matrix"))
            await pilot.hover("#status")
            await until(pilot, lambda: "╭───╮" not in text_of(app, "live-matrix"))
            assert not asked


async def test_where_nothing_zooms_a_notice_says_so() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("3", "plus")
        assert any("nothing to zoom" in each.message for each in app._notifications)


async def _mouse(
    app: SuperposApp,
    pilot: Pilot[None],
    kind: type[events.MouseEvent],
    cell: Cell,
    button: int = 0,
) -> None:
    """An event of the mouse at a cell of the matrix's picture, as the terminal sends it."""
    region = panel(app, "matrix").content_region
    x, y = region.x + cell[0], region.y + cell[1]
    app.mouse_position = Offset(x, y)
    app.screen._forward_event(
        kind(None, x, y, 0, 0, button, False, False, False, screen_x=x, screen_y=y)
    )
    await pilot.pause()
