"""Runs the app for a test: headless, at a given size, with a scripted engine."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.scripted_engine import ScriptedEngine
from textual.pilot import Pilot

from superpos_core.engine import Engine
from superpos_core.engine.given_start import GivenStart
from superpos_core.experiments import Trial, experiment_named
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.pacing import PACES
from superpos_tui.app import SuperposApp
from superpos_tui.drawing.cell_view import CellView
from superpos_tui.process.source import Source
from superpos_tui.settings.start import ListedRuns, Settings
from superpos_tui.views.panel_view import PanelView

STEPS = 200
SMALL = replace(experiment_named("twenty").config, steps=STEPS)
PATIENCE = 400
"""How often to look again before giving up; a look takes about 20 ms."""


@asynccontextmanager
async def running(
    size: tuple[int, int] = (120, 40),
    config: ExperimentConfig = SMALL,
    make_engine: Callable[[ExperimentConfig], Engine] = ScriptedEngine,
    theme: str | None = None,
    source: Source | None = None,
    start: GivenStart | None = None,
    listed: ListedRuns | None = None,
    notifications: bool = False,
) -> AsyncIterator[tuple[SuperposApp, Pilot[None]]]:
    """The app and its pilot. The scripted engine finishes at once, so that nothing runs on."""
    settings = Settings(
        Trial(config, start=start),
        lambda config, on_news: make_engine(config),
        source=source,
        listed=listed,
        frames_per_second=50,
        theme=theme,
        pace=PACES["full"],
        formats=("svg",),
    )
    app = SuperposApp(settings)
    async with app.run_test(size=size, notifications=notifications) as pilot:
        yield app, pilot
    # The program does not wait for its worker, which has been stopped; the next test does.
    thread = app.watched.source.thread
    if thread is not None:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert not app.faults, f"the instrument went on, but something failed: {[*app.faults]}"


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait until the condition holds; fails if it never does."""
    for _ in range(PATIENCE):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("waited too long for the condition")


async def until_finished(app: SuperposApp, pilot: Pilot[None]) -> None:
    """Wait until the scripted training is at its end and shown."""
    await until(pilot, lambda: app.watched.state == "finished")


def panel(app: SuperposApp, name: str, view: str = "live") -> PanelView:
    """A panel's widget."""
    return app.screen_stack[0].query_one(f"#{view}-{name}", PanelView)


def text_of(app: SuperposApp, view_id: str) -> str:
    """What a view shows, without colours."""
    view = app.screen_stack[0].query_one(f"#{view_id}", CellView)
    return "\n".join(view.render_line(y).text for y in range(view.size.height))
