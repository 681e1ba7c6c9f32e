"""Views, lanes and pointing: cursor, clicks, probe and comparison; a scripted engine."""

from dataclasses import replace

import pytest
from tests.tui.running import SMALL, STEPS, running, text_of, until, until_finished

from superpos_core.record.lanes import LanesRecord
from superpos_tui.app import SuperposApp
from superpos_tui.bars.tabs import ViewTabs, place_tabs
from superpos_tui.selection import Cursor, Focus
from superpos_tui.views.compare.state import CompareState
from superpos_tui.views.probe.state import ProbeState
from superpos_tui.views.registry import VIEWS

RESTARTS = replace(SMALL, restarts=3)


def selected(app: SuperposApp) -> Cursor | None:
    return app.selection.options.cursor


# ── views ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(200, 60), (120, 40), (80, 24), (60, 20), (40, 12)])
@pytest.mark.sampled(2)
async def test_every_view_shows_its_panels_at_every_size(size: tuple[int, int]) -> None:
    async with running(size=size) as (app, pilot):
        await until_finished(app, pilot)
        for view in VIEWS.values():
            await pilot.press(view.key)
            await pilot.pause()
            assert app.selection.view == view.name
            panels = list(view.panels_for(LanesRecord))
            shown = [
                name
                for name in view.panels
                if app.query_one(f"#{view.name}-{name}").region.area > 0
            ]
            if all(panel.takes is not LanesRecord for panel in view.panels.values()):
                assert shown == list(view.panels)[:1]  # which says how to get such a record
            elif size[0] >= 120:
                assert shown == panels
            elif size[0] >= 80:  # where a view may leave out what stands below the others
                assert shown == panels[: len(shown)] != []
            else:
                assert len(shown) == 1
            for name in shown:
                region = app.query_one(f"#{view.name}-{name}").region
                assert app.screen.region.contains_region(region)
                assert text_of(app, f"{view.name}-{name}").strip()


async def test_tabs_open_views_by_a_click() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        tabs = app.query_one(ViewTabs)
        for span, view in place_tabs(app.selection.view, tabs.size.width):
            await pilot.click(tabs, offset=(span.start, 0))
            await pilot.pause()
            assert app.selection.view == view.name


async def test_restarts_are_shown_one_after_another_best_first() -> None:
    async with running(config=RESTARTS) as (app, pilot):
        await until_finished(app, pilot)
        assert "restart 1 of 3" in text_of(app, "status")
        await pilot.press("s")
        assert "restart 2 of 3" in text_of(app, "status")
        await pilot.press("s", "s")
        assert app.selection.focus.rank == 0


# ── pointing ──────────────────────────────────────────────────────────────────────────────────


async def test_the_cursor_moves_and_the_inspector_describes_its_feature() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("down", "down", "greater_than_sign")
        assert selected(app) == Cursor(1, 1)
        await pilot.pause()
        assert "feature  1" in text_of(app, "inspector")
        assert "[1, 1]" in text_of(app, "inspector")
        await pilot.press("escape")
        assert selected(app) is None
        await until(pilot, lambda: not text_of(app, "inspector").strip())
        assert app.query_one("#inspector").display  # the panels keep their place


async def test_the_line_of_the_inspector_is_there_without_a_cursor_only_where_there_is_room() -> (
    None
):
    for height, is_shown in ((24, True), (23, False)):
        async with running((80, height)) as (app, pilot):
            await until_finished(app, pilot)
            inspector = app.query_one("#inspector")
            assert inspector.display is is_shown
            await pilot.press("down")
            await until(pilot, lambda: "feature" in text_of(app, "inspector"))
            assert inspector.display


async def test_a_click_in_the_matrix_selects_an_entry_and_one_in_the_strip_a_setting() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.click("#live-matrix", offset=(20, 6))
        assert app.selection.options.cursor is not None
        strip = app.query_one("#live-strip")
        await pilot.click("#live-strip", offset=(strip.size.width - 16, 3))
        assert app.selection.focus.setting == len(SMALL.sparsities) - 1


async def test_the_probe_switches_features_and_sets_their_values() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("6", "down", "down", "enter")
        assert app.selection.options.of(ProbeState).value_of(1) == 1
        await pilot.press("shift+left", "shift+left")
        assert app.selection.options.of(ProbeState).value_of(1) == pytest.approx(0.8)
        await pilot.press("a")
        assert app.selection.options.of(ProbeState).attack > 0
        await pilot.press("enter")
        assert app.selection.options.of(ProbeState).value_of(1) == 0
        await pilot.press("backspace")
        assert app.selection.options.of(ProbeState).values == ()


async def test_a_pinned_lane_is_compared_with_the_next_one() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("p", "right", "7")
        await pilot.pause()
        assert app.selection.options.of(CompareState).reference == Focus("tied", 0, step=STEPS)
        text = text_of(app, "compare-compare")
        assert "tied S 0 " in text
        assert "tied S 0.7" in text
