"""Views are made when they first open, and stay."""

from tests.tui.running import panel, running, text_of, until, until_finished

from superpos_tui.app import SuperposApp
from superpos_tui.views.panel_view import PanelView
from superpos_tui.views.registry import VIEWS


def made(app: SuperposApp) -> list[str]:
    """The views whose panels have been made."""
    panels = app.screen_stack[0].query(PanelView)
    return list(dict.fromkeys(each.view for each in panels))


async def test_the_panels_of_a_view_are_made_when_it_first_opens() -> None:
    async with running() as (app, pilot):
        assert made(app) == ["live"]
        await until_finished(app, pilot)
        assert made(app) == ["live"]
        await pilot.press("3", "1", "2")
        assert made(app) == ["live", "geometry", "sweep"]
        first = panel(app, "shapes", "geometry")
        await pilot.press("3")
        assert panel(app, "shapes", "geometry") is first
        assert made(app) == ["live", "geometry", "sweep"]


async def test_a_view_that_has_just_been_made_has_the_focus_and_the_colours_of_now() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("T")
        (front, *_) = VIEWS["geometry"].panels
        await pilot.press("3")
        await until(pilot, lambda: panel(app, front, "geometry").has_focus)
        assert panel(app, front, "geometry").palette == app.palette
        assert text_of(app, f"geometry-{front}").strip()


async def test_what_is_said_in_place_of_a_picture_is_there_in_a_view_just_made() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("8")
        await until(pilot, lambda: bool(text_of(app, "phase-phase").strip()))
        assert "No phase diagram yet" in " ".join(text_of(app, "phase-phase").split())
