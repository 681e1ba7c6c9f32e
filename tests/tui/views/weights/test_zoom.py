"""The zoom of the weights panel: what is merged is said, and keys, wheel and drags undo it."""

import re
from dataclasses import replace

import numpy as np
import pytest
from tests.tui.pictures import after, options_with, scene_of
from tests.tui.running import SMALL, panel, running, text_of, until, until_finished

from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.span import Span
from superpos_tui.drawing.squares import draw_squares
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Cursor
from superpos_tui.views.weights.matrices import PANEL
from superpos_tui.views.weights.zoom import ZOOM, WeightsZoom, layout_of

SIZE = (60, 30)
MERGED = re.compile(r"each cell: the largest of (\d+)×(\d+)")


def scene(n: int, m: int, zoom: WeightsZoom | None = None, model: str = "tied") -> Scene:
    encoder = np.random.default_rng(n + m).normal(0, 0.5, (n, m))
    options = options_with(zoom or WeightsZoom())
    return scene_of(encoder, np.ones((1, 1)), model=model, options=options)


def zoomed(change: Change | None) -> WeightsZoom:
    assert change is not None
    return after(change).options.of(WeightsZoom)


def reading(shown: Scene, palette: Palette) -> str:
    return PANEL.reading_within(200, shown, SIZE, palette)


@pytest.mark.parametrize("model", ["tied", "untied"])
@pytest.mark.parametrize("palette", [Palette("truecolor"), Palette("none")])
def test_what_is_merged_is_said_and_zooming_in_ends_it(palette: Palette, model: str) -> None:
    shown, seen = scene(300, 120, model=model), []
    while found := MERGED.match(reading(shown, palette)):
        seen.append((int(found[1]), int(found[2])))
        state = zoomed(ZOOM.at(shown, *SIZE, None, 1, palette))
        shown = scene(300, 120, state, model)
    assert len(seen) > 1
    assert seen == sorted(seen, reverse=True)
    assert re.search(r" · features \d+–\d+ of 300 · units \d+–\d+ of 120$", PANEL.title(shown))
    assert zoomed(ZOOM.whole(shown)) == WeightsZoom()
    assert ZOOM.whole(scene(300, 120)) is None
    assert ZOOM.pan(scene(300, 120), 1, 0) is None


def test_each_cell_is_the_largest_of_the_weights_that_it_says() -> None:
    shown = scene(300, 120)
    found = MERGED.match(reading(shown, Palette()))
    assert found is not None
    rows, columns = int(found[1]), int(found[2])
    layout = layout_of(shown, *SIZE, Palette())
    assert layout is not None
    merged = strongest_of_blocks(shown.parameters.encoder, rows, columns)
    expected = draw_squares(merged, layout.wide, Palette(), layout.half_rows)
    cells = PANEL.draw(shown, *SIZE, Palette())
    part = np.s_[layout.top :, layout.left :]
    drawn = cells.grounds[part][: expected.height, : expected.width]
    np.testing.assert_array_equal(drawn, expected.grounds)
    assert f"the largest of {rows * columns}" in PANEL.read(shown, *SIZE, layout.left, layout.top)


def test_a_part_is_drawn_as_a_model_of_that_part_alone() -> None:
    encoder = np.random.default_rng(0).normal(0, 0.5, (80, 40))
    part = options_with(WeightsZoom(Span(40, 10), Span(8, 6)))
    whole = scene_of(encoder, np.ones((1, 1)), options=part)
    alone = scene_of(encoder[40:50, 8:14], np.ones((1, 1)))
    grounds = [
        {tuple(row) for row in PANEL.draw(each, *SIZE, Palette()).grounds[2:-6].tolist()}
        for each in (whole, alone)
    ]
    assert grounds[0] == grounds[1]
    assert PANEL.title(whole) == "W and b · features 40–49 of 80 · units 8–13 of 40"


def test_few_units_all_stay_while_rows_are_zoomed() -> None:
    state = zoomed(ZOOM.at(scene(20, 5), *SIZE, None, 1, Palette()))
    assert state == WeightsZoom(features=Span(5, 10))


def test_the_wheel_keeps_what_is_under_the_pointer_there() -> None:
    shown = scene(300, 120)
    layout = layout_of(shown, *SIZE, Palette())
    assert layout is not None
    x, y = layout.left + layout.columns * layout.wide * 3 // 4, layout.row_of(200)
    state = zoomed(ZOOM.at(shown, *SIZE, (x, y), 2, Palette()))
    for span, count, pointed in (
        (state.features, 300, layout.nearest_features(y).start),
        (state.columns, 120, layout.nearest_units(x).start),
    ):
        assert span is not None
        assert span.size < count / 2
        assert (pointed - span.start) / span.size == pytest.approx(pointed / count, abs=1 / 30)


@pytest.mark.parametrize("model", ["tied", "untied"])
def test_a_drag_shows_what_was_dragged_over(model: str) -> None:
    shown = scene(40, 30, model=model)
    layout = layout_of(shown, 150, 60, Palette())
    assert layout is not None
    start = (layout.left_of(0) + 3 * layout.wide, layout.row_of(10))
    end = (layout.left_of(layout.matrices - 1) + 12 * layout.wide, layout.row_of(20))
    assert ZOOM.onto is not None
    state = zoomed(ZOOM.onto(shown, 150, 60, start, end, Palette()))
    assert state == WeightsZoom(Span(10, 11), Span(3, 10))


def test_the_window_follows_the_cursor_and_fits_into_another_run() -> None:
    state = WeightsZoom(Span(100, 40), Span(5, 10))
    assert state.showing(Cursor(145, 0)).features == Span(106, 40)
    few = replace(SMALL, features=120, hidden=8)
    assert state.within(few) == WeightsZoom(Span(80, 40))
    assert state.within(replace(few, features=30)) == WeightsZoom()


def test_where_there_is_room_weights_stand_in_their_cells() -> None:
    shown = scene(20, 5)
    weight = f"{shown.parameters.encoder[3, 2]:+.2f}".replace("-", "−")
    assert weight in PANEL.draw(shown, 116, 33, Palette()).text()
    assert weight not in PANEL.draw(shown, 33, 33, Palette()).text()
    narrow, wide = (
        np.count_nonzero(PANEL.draw(shown, width, 33, Palette()).grounds) for width in (33, 116)
    )
    assert wide > 2 * narrow


async def test_a_maximised_panel_zooms_with_keys_and_esc_shows_all_again() -> None:
    async with running(config=replace(SMALL, steps=50)) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("5", "z", "plus")
        weights = panel(app, "weights", "weights")
        await until(pilot, lambda: weights.title == "W and b · features 5–14 of 20")
        await pilot.press("shift+down")
        await until(pilot, lambda: weights.title == "W and b · features 7–16 of 20")
        assert " 16 " in text_of(app, "weights-weights")
        await pilot.press("escape")
        await until(pilot, lambda: weights.title == "W and b")
