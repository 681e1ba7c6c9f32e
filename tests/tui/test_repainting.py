"""What is redrawn after a snapshot, and what waits; a scripted engine."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.tui.running import SMALL, panel, running, text_of, until, until_finished

from superpos_tui.drawing.cells import Cells
from superpos_tui.scene import Scene
from superpos_tui.views.panel_view import SECONDS_AFTER_A_KEY


async def test_a_snapshot_repaints_only_the_rows_that_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.pause()
        view = panel(app, "matrix")
        refreshed: list[int] = []
        original: Callable[..., object] = view.refresh

        def count(*regions: object, **options: object) -> object:
            refreshed.append(len(regions))
            return original(*regions, **options)

        monkeypatch.setattr(view, "refresh", count)
        app.redraw()
        assert refreshed == []


@pytest.mark.parametrize(("features", "hidden"), [(1, 1), (2, 3), (6, 2), (80, 20), (300, 5)])
@pytest.mark.sampled(3)
async def test_any_size_of_model_is_drawn(features: int, hidden: int) -> None:
    config = replace(SMALL, features=features, hidden=hidden, importance=0.98)
    async with running(size=(80, 24), config=config) as (app, pilot):
        await until_finished(app, pilot)
        represented = f"of {features} represented"
        await until(pilot, lambda: represented in text_of(app, "live-norms"))
        assert represented in text_of(app, "live-norms")


async def test_an_expensive_panel_ends_with_the_last_scene(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Scenes arrive faster than they are drawn, and nothing follows the last one."""
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.pause(3 * SECONDS_AFTER_A_KEY)  # delayed drawing has finished
        panel_view, last = panel(app, "loss"), app.scene
        assert panel_view.panel.seconds_between_draws > 0
        assert last is not None
        before = Scene(last.snapshot, replace(last.focus, setting=3), last.options)
        shown: list[Cells] = []
        monkeypatch.setattr(panel_view, "show_cells", shown.append)
        for scene in (before, before, last):
            panel_view.show_scene(scene)
        first, expected = (
            rows_of(panel_view.panel.draw(scene, *panel_view.size, panel_view.palette))
            for scene in (before, last)
        )
        assert first != expected
        await until(pilot, lambda: bool(shown) and rows_of(shown[-1]) == expected)


def rows_of(cells: Cells) -> list[object]:
    return [cells.runs(y) for y in range(cells.height)]
