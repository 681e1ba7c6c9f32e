"""A user without a plan: any keys, clicks, drags, sizes and engine events, in any order.

Nothing may raise, no second worker may live, and what is kept must stay bounded.
"""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import running
from textual.pilot import Pilot

from superpos_core.config import ExperimentConfig
from superpos_core.experiments import experiment_named
from superpos_core.trainer import MOST_BRANCHES
from superpos_tui.app import SuperposApp
from superpos_tui.keys import KEYS

SMALL = replace(
    experiment_named("seed").config, features=6, hidden=2, importance=0.9, steps=60, restarts=2
)
NOT_PRESSED = {"quit", "export", "film", "command_palette"}
"""Leaving ends the walk; files belong to tests of their own; the palette searches in a thread."""
PRESSED = sorted(
    {name for key in KEYS if key.action not in NOT_PRESSED for name in key.keys.split(",")}
    | {"x", "ctrl+a", "delete", "pageup", "1", "9", "0"}
)
SIZES = [(1, 1), (39, 11), (40, 12), (60, 20), (80, 24), (120, 40), (200, 60)]
WORKER = "trainer"

Step = tuple[str, object]
keys = st.tuples(st.just("key"), st.sampled_from(PRESSED))
clicks = st.tuples(st.just("click"), st.tuples(st.integers(0, 119), st.integers(0, 39)))
sizes = st.tuples(st.just("size"), st.sampled_from(SIZES))
events = st.tuples(st.just("engine"), st.sampled_from(["fails", "diverges", "recovers"]))
walks = st.lists(st.one_of(keys, keys, keys, clicks, sizes, events), min_size=5, max_size=25)


class Weather:
    """What the engines do next."""

    def __init__(self) -> None:
        self.now = "recovers"

    def before_advance(self, steps: Mapping[str, int]) -> None:
        if self.now == "fails":
            raise RuntimeError("the engine gave up")

    def loss(self, lane: object, step: int) -> float:
        return float("nan") if self.now == "diverges" else 0.1 / step


async def take(step: Step, app: SuperposApp, pilot: Pilot[None], weather: Weather) -> None:
    match step:
        case "key", str(name):
            await pilot.press(name)
        case "engine", str(event):
            weather.now = event
        case "size", (int(width), int(height)):
            await pilot.resize_terminal(width, height)
        case "click", (int(x), int(y)):
            if x < app.size.width and y < app.size.height:
                await pilot.click(offset=(x, y))
        case _:
            raise AssertionError(step)


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == WORKER]


async def walk(steps: list[Step]) -> None:
    weather = Weather()

    def make(config: ExperimentConfig) -> ScriptedEngine:
        return ScriptedEngine(config, loss=weather.loss, before_advance=weather.before_advance)

    async with running(config=SMALL, make_engine=make) as (app, pilot):
        for step in steps:
            await take(step, app, pilot, weather)
            assert app.is_running
            assert len(workers()) <= 1
            if app.snapshot is not None:
                assert app.snapshot.undoable <= MOST_BRANCHES
                assert len(app.screen_stack) <= 3, "a dialog, and a failure over it, at most"
    assert not workers()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(walks)
def test_any_walk_leaves_the_instrument_standing(steps: list[Step]) -> None:
    asyncio.run(walk(steps))


async def test_all_that_is_kept_stays_bounded_however_often_dials_are_turned() -> None:
    async with running(config=SMALL) as (app, pilot):
        sizes_seen = []
        for turn in range(30):
            await pilot.press("d", "right" if turn % 2 else "left", "escape")
            if turn % 10 == 9:
                assert app.snapshot is not None
                cohort = app.snapshot.cohorts["tied"]
                sizes_seen.append((cohort.losses.mean.nbytes, len(cohort.timeline.moments)))
        assert app.snapshot is not None
        assert app.snapshot.undoable <= MOST_BRANCHES
        assert max(size for size, _ in sizes_seen) <= 1024 * 4 * len(app.config.lanes)
        assert max(moments for _, moments in sizes_seen) < 200
