"""No view leaves a large part of the screen empty: its largest blank rectangle is measured."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.core.dictionary_records import SMALL_DICTIONARIES
from tests.scripted_dictionaries import scripted_engines
from tests.tui.pictures import scene_of_settings
from tests.tui.running import SMALL, running, until_finished
from tests.tui.views.dictionary.dictionary_scenes import in_a_plane
from tests.tui.views.phase.phase_scenes import as_theory_says, scene_with

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import LanesRecord
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.scene import Scene
from superpos_tui.views.registry import VIEWS

SIZES = ((120, 40), (160, 50), (200, 60))
MOST_BLANK = 0.25
"""The largest blank rectangle, as a share of the area of the view's panels."""
REPRESENTED = (5, 7, 10, 12, 13)
"""Features of the default run at each of its sparsities."""


def encoder_with(kept: int, generator: np.random.Generator) -> FloatArray:
    """20 features in 5 dimensions, as trained: antipodal pairs while those are enough."""
    encoder = generator.normal(0, 0.004, (20, 5))
    directions = np.concatenate([np.eye(5), -np.eye(5)])
    encoder[: min(kept, 10)] += directions[: min(kept, 10)]
    if kept > 10:
        encoder[:kept] += generator.normal(0, 0.25, (kept, 5))
    return encoder


@cache
def default_run() -> Scene:
    """The default run at its end, in focus at S = 0.9, with a timeline and falling losses."""
    generator = np.random.default_rng(0)
    config = replace(SMALL, models=("tied",), steps=10_000)
    final = np.stack([encoder_with(kept, generator) for kept in REPRESENTED])
    start = generator.normal(0, 0.2, final.shape)
    steps = (0, 1, 10, 100, 300, 1000, 3000, 10_000)
    share = np.log1p(steps)[:, None, None, None] / np.log1p(steps[-1])
    scene = scene_of_settings(
        start + share * (final - start), setting=2, config=config, steps=steps
    )
    history = LossHistory(len(REPRESENTED))
    falling = 0.02 * (1 + np.arange(10_000) / 50) ** -0.5
    history.append((falling[:, None] * (1 - np.array(config.sparsities))).astype(np.float32))
    cohort = replace(
        scene.snapshot.record_as(LanesRecord).cohorts["tied"],
        losses=history.full,
        recent_losses=history.recent,
    )
    record = LanesRecord(config, {"tied": cohort})
    return Scene(replace(scene.snapshot, record=record), scene.focus, scene.options)


def blank(cells: Cells) -> BoolArray:
    """Where there is nothing, not even a coloured ground."""
    empty: BoolArray = (cells.glyphs == " ") & (cells.grounds == Ink.NONE)
    return empty


def largest_rectangle(empty: BoolArray) -> int:
    """The area of the largest rectangle of which every cell is empty."""
    largest, heights = 0, np.zeros(empty.shape[1] + 1, dtype=int)
    for row in empty:
        heights[:-1] = np.where(row, heights[:-1] + 1, 0)
        lower: list[int] = []
        for end, height in enumerate(heights.tolist()):
            while lower and heights[lower[-1]] >= height:
                top = int(heights[lower.pop()])
                largest = max(largest, top * (end - lower[-1] - 1 if lower else end))
            lower.append(end)
    return largest


def test_the_largest_rectangle_is_found() -> None:
    picture = ["#....", "#...#", "#...#", ".#..."]
    assert largest_rectangle(np.array([[cell == "." for cell in row] for row in picture])) == 9
    assert largest_rectangle(np.ones((3, 4), dtype=bool)) == 12
    assert largest_rectangle(np.zeros((3, 4), dtype=bool)) == 0


@pytest.mark.parametrize("kind", ["lanes", "dictionaries"])
async def test_no_view_has_a_large_void(kind: str) -> None:
    """Views of a run of models, and those of dictionaries, each laid out as for its run."""
    of_models = default_run(), scene_with(as_theory_says(40, 40))
    of_kind = of_models if kind == "lanes" else (in_a_plane(),)
    scenes = {type(scene.snapshot.record): scene for scene in of_kind}
    of_dictionaries = running(config=SMALL_DICTIONARIES, make_engine=scripted_engines)
    voids = {}
    async with running() if kind == "lanes" else of_dictionaries as (app, pilot):
        await until_finished(app, pilot)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            for view in VIEWS.values():
                panels = {
                    name: panel for name, panel in view.panels.items() if panel.takes in scenes
                }
                if not panels:
                    continue
                app.widgets.show_view(view.name)
                await pilot.pause()
                area = largest = 0
                for name, panel in panels.items():
                    room = app.query_one(f"#{view.name}-{name}").size
                    scene = scenes[panel.takes]
                    area += room.area
                    if room.area:
                        cells = panel.draw(scene, room.width, room.height, Palette())
                        largest = max(largest, largest_rectangle(blank(cells)))
                voids[view.name, size] = largest / area
    assert len(voids) == len(SIZES) * (len(VIEWS) - 1 if kind == "lanes" else 2)
    assert {place: share for place, share in voids.items() if share > MOST_BLANK} == {}
