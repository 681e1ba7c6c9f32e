"""What would delay the answer to a key: work of other frames, and garbage. Counted, not timed."""

import gc

import pytest
from tests.tui.running import panel, running, text_of, until, until_finished
from textual.strip import Strip

from superpos_tui.views.panel_view import SECONDS_AFTER_A_KEY


async def test_a_frame_is_left_out_while_a_key_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        drawn: list[bool] = []
        monkeypatch.setattr(app.watched, "take_newest", lambda: True)
        monkeypatch.setattr(app, "redraw", lambda at_once=True: drawn.append(at_once))
        app.pressed.note()
        app._pull()
        assert drawn == []
        app.pressed.answer()
        app.pressed.show()
        app._pull()
        assert drawn == [False]


async def test_a_key_is_answered_when_it_has_come_back_from_the_panel() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        app.pressed.note()
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: not app.pressed.are_waiting)
        assert "▐0.7▌" in text_of(app, "status")
        assert app.pressed._shown_at >= app.pressed._read_at, "not only because time has passed"


async def test_expensive_panels_wait_for_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.pause(3 * SECONDS_AFTER_A_KEY)
        view, drawn = panel(app, "loss"), list[object]()
        assert view.panel.seconds_between_draws > 0
        assert app.scene is not None
        monkeypatch.setattr(view, "show_picture", lambda scene, cells: drawn.append(scene))
        app.pressed.note()
        view.show_scene(app.scene)
        view._draw_in_turn()
        assert drawn == []
        await until(pilot, lambda: bool(drawn))  # the last scene is drawn in the end


async def test_frames_leave_no_lines_for_the_garbage_collector() -> None:
    """Otherwise each second of frames leaves so many that collecting them takes as long as two."""
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        gc.collect()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            for key in ("right_square_bracket", "left_square_bracket"):
                await pilot.press(key)
                await pilot.pause(0.05)
            gc.collect()
            left = [each for each in gc.garbage if isinstance(each, Strip)]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
        assert not left
