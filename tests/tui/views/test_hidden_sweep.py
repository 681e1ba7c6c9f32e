"""Views of a sweep over m: a lane looks as it does alone, and the header says its m."""

from dataclasses import replace
from functools import partial

import pytest
from tests.core.hidden_sweeps import SWEEP, alone, place_of
from tests.core.snapshots import finished
from tests.tui.running import running, text_of, until, until_finished

from superpos_core.record.snapshot import Snapshot
from superpos_tui.app import SuperposApp
from superpos_tui.drawing.palette import Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Focus, Options
from superpos_tui.views.panel import Panel
from superpos_tui.views.registry import VIEWS

CONFIG = replace(SWEEP, models=("untied", "absolute"), sparsities=(0.9,))
SIZES = ((118, 30), (60, 20))
OF_ONE_LANE = (
    "live/matrix",
    "live/norms",
    "geometry/geometry",
    "geometry/shapes",
    "dimensionality/dimensions",
    "dimensionality/dimensions-over-steps",
    "weights/weights",
    "weights/neurons",
    "probe/probe",
    "probe/hidden",
)
PANELS = {
    f"{view.name}/{name}": each for view in VIEWS.values() for name, each in view.panels.items()
}


@pytest.fixture(scope="module")
def sweep() -> Snapshot:
    return finished(CONFIG)


def shown(panel: Panel, scene: Scene, size: tuple[int, int]) -> list[str]:
    cells = panel.draw(scene, *size, Palette())
    return [panel.title(scene), *(cells.row_text(y) for y in range(cells.height))]


@pytest.mark.parametrize("hidden", [1, 2, 3, 5])
@pytest.mark.parametrize("model", CONFIG.models)
def test_a_lane_looks_as_it_does_alone(sweep: Snapshot, model: str, hidden: int) -> None:
    single = finished(alone(CONFIG, hidden))
    options = Options(Cursor(1, 0))
    together = Scene(sweep, Focus(model, place_of(CONFIG, hidden)), options)
    by_itself = Scene(single, Focus(model), options)
    for name in OF_ONE_LANE:
        for size in SIZES:
            expected = shown(PANELS[name], by_itself, size)
            assert shown(PANELS[name], together, size) == expected, name


async def test_every_view_shows_every_lane() -> None:
    few = replace(CONFIG, sweep_values=(1.0, 5.0))
    async with running(config=few) as (app, pilot):
        await until_finished(app, pilot)
        for sizes in ("8 features → 1 dimension ", "8 features → 5 dimensions "):
            await until(pilot, partial(is_in_status, app, sizes))
            for view in VIEWS.values():
                await pilot.press(view.key)
                await pilot.pause()
                for name in view.panels:
                    assert "cannot be drawn" not in text_of(app, f"{view.name}-{name}")
            await pilot.press("1", "right")


def is_in_status(app: SuperposApp, text: str) -> bool:
    return text in text_of(app, "status")
