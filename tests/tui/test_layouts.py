"""Layouts: every size, one panel at a time, and clicks; a scripted engine."""

import pytest
from tests.tui.running import panel, running, text_of, until, until_finished
from tests.tui.test_app import LIVE

from superpos_tui.bars.keys import KeyBar


async def test_maximise_shows_one_panel_and_back() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("tab", "z")
        await pilot.pause()
        shown = [name for name in LIVE if panel(app, name).display]
        assert shown == ["loss"]
        assert panel(app, "loss").size.width > 100
        await pilot.press("z")
        await pilot.pause()
        assert all(panel(app, name).display for name in LIVE)


@pytest.mark.parametrize(
    ("size", "layout", "shown"),
    [
        ((200, 60), "-wide", 4),
        ((120, 40), "-wide", 4),
        ((80, 24), "-medium", 4),
        ((60, 20), "-single", 1),
        ((40, 12), "-single", 1),
    ],
)
async def test_layouts(size: tuple[int, int], layout: str, shown: int) -> None:
    async with running(size=size) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.pause()
        assert app.screen.has_class(layout)
        visible = [panel(app, name) for name in LIVE if panel(app, name).display]
        assert len(visible) == shown
        for view in visible:
            assert view.size.area > 0
            assert app.screen.region.contains_region(view.region)
        assert app.query_one(KeyBar).region.bottom == size[1]


@pytest.mark.parametrize("size", [(1, 1), (20, 6), (39, 40), (120, 11)])
async def test_a_terminal_that_is_too_small_says_what_it_needs(size: tuple[int, int]) -> None:
    async with running(size=size) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.pause()
        assert app.screen.has_class("-tiny")
        assert app.query_one("#too-small").display
        assert not panel(app, "matrix").display or panel(app, "matrix").size.area == 0


async def test_resizing_never_loses_training() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        session = app.watched.source
        for size in [(1, 1), (20, 6), (250, 70), (60, 20), (80, 24), (41, 13), (120, 40)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.watched.source is session
            assert app.watched.state == "finished"
        await until(pilot, lambda: "represented" in text_of(app, "live-norms"))


async def test_clicks_focus_panels_and_work_in_the_footer() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.click("#live-norms")
        assert app.focused is panel(app, "norms")
        spans = app.query_one(KeyBar)._spans
        where = next(span for span, key in spans if key.action == "sparser")
        await pilot.click("#keys", offset=(where.start, 0))
        await pilot.pause()
        assert app.selection.focus.setting == 1
