"""A measure is a function of a scene: its value is computed once, and kept while it is valid."""

import pickle
import pkgutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from inspect import signature
from typing import Any

import numpy as np
import pytest
from tests.tui.pictures import options_with, scene_of_settings
from tests.tui.running import SMALL, running, text_of, until, until_finished

import superpos_tui
from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.measures import dictionaries as dictionary_measures
from superpos_tui.scene import Measure, Scene, measure_of_lane, measure_of_scene
from superpos_tui.selection import Cursor, Focus, Options
from superpos_tui.views.live.state import LiveState
from superpos_tui.views.panel import Panel
from superpos_tui.views.probe.state import ProbeState
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.shared.colouring import Colouring
from superpos_tui.views.shared.viewpoint import Viewpoint

ENCODERS = np.random.default_rng(0).standard_normal((3, 4, 5, 2))
"""Weights at 3 moments and 4 settings, each with 5 features in 2 dimensions."""
LARGE = replace(SMALL, features=400, hidden=12, importance=1, models=("tied",), steps=12)

# ── one more measure, which touches no other file ─────────────────────────────────────────────

calls: list[tuple[str, int]] = []
"""Which of the measures below were computed, and in which thread."""


@pytest.fixture(autouse=True)
def _no_calls_yet() -> None:
    calls.clear()


@measure_of_lane
def largest_weight(scene: Scene) -> float:
    """max |W_ik| of the lane."""
    calls.append(("largest weight", threading.get_ident()))
    return float(np.abs(scene.parameters.encoder).max())


@measure_of_lane
def rows_above(scene: Scene, least: float) -> FloatArray:
    """The rows of W with an entry above some share of the largest."""
    calls.append((f"rows above {least:g}", threading.get_ident()))
    encoder = scene.parameters.encoder
    rows: FloatArray = encoder[np.abs(encoder).max(axis=1) > least * scene.of(largest_weight)]
    return rows


@measure_of_scene
def pointed_at(scene: Scene) -> float:
    """The largest weight of the feature at the cursor, or else of all."""
    calls.append(("pointed at", threading.get_ident()))
    cursor = scene.options.cursor
    if cursor is None:
        return scene.of(largest_weight)
    return float(np.abs(scene.parameters.encoder[cursor.feature]).max())


def names_called() -> list[str]:
    return [name for name, _ in calls]


def looking_at(setting: int = 0, step: int | None = None, options: Options | None = None) -> Scene:
    return scene_of_settings(
        ENCODERS, setting=setting, steps=(0, 10, 20), step=step, options=options or Options()
    )


# ── how long a value is kept ──────────────────────────────────────────────────────────────────


def test_a_measure_is_computed_once_for_a_scene() -> None:
    scene = looking_at()
    assert scene.of(largest_weight) == scene.of(largest_weight) == np.abs(ENCODERS[-1, 0]).max()
    assert scene.of(pointed_at) == scene.of(pointed_at)
    assert names_called() == ["largest weight", "pointed at"]


def test_a_measure_of_a_lane_is_shared_by_all_scenes_of_it_at_that_step() -> None:
    first = looking_at()
    for options in (
        Options(),
        Options(cursor=Cursor(1, 2)),
        options_with(Viewpoint(turn=90.0)),
    ):
        Scene(first.snapshot, first.focus, options).of(largest_weight)
    assert names_called() == ["largest weight"]
    elsewhere, earlier = first.at_setting(2), first.with_focus(replace(first.focus, step=10))
    assert elsewhere.of(largest_weight) == np.abs(ENCODERS[-1, 2]).max()
    assert earlier.of(largest_weight) == np.abs(ENCODERS[1, 0]).max()
    assert len(calls) == 3
    for scene in (first, elsewhere.at_setting(0), earlier.with_focus(first.focus)):
        scene.of(largest_weight)
    assert len(calls) == 3, "to look away and back is free"


def test_a_measure_of_a_lane_is_computed_again_for_a_newer_snapshot() -> None:
    scene = looking_at()
    scene.of(largest_weight)
    newer = replace(scene.snapshot, record=replace(scene.lanes))
    Scene(newer, scene.focus, scene.options).of(largest_weight)
    assert names_called() == ["largest weight"] * 2


def test_a_measure_of_a_scene_may_depend_on_options_and_goes_with_it() -> None:
    scene = looking_at()
    chosen = Scene(scene.snapshot, scene.focus, Options(cursor=Cursor(3, 3)))
    assert chosen.of(pointed_at) == np.abs(ENCODERS[-1, 0, 3]).max()
    assert scene.of(pointed_at) == np.abs(ENCODERS[-1, 0]).max()
    Scene(scene.snapshot, scene.focus, scene.options).of(pointed_at)
    assert names_called().count("pointed at") == 3
    assert names_called().count("largest weight") == 1


def test_arguments_select_one_of_several_values() -> None:
    scene = looking_at()
    all_rows, some_rows = scene.of(rows_above, 0.0), scene.of(rows_above, 0.9)
    assert len(all_rows) == 5 > len(some_rows) >= 1
    assert scene.of(rows_above, 0.9) is some_rows
    assert names_called() == ["rows above 0", "largest weight", "rows above 0.9"]


def test_a_measure_that_fails_is_not_kept() -> None:
    @measure_of_lane
    def fragile(scene: Scene) -> int:
        calls.append(("fragile", threading.get_ident()))
        return 1 // scene.focus.rank

    scene = looking_at()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            scene.of(fragile)
    assert names_called() == ["fragile"] * 2


# ── drawn by a panel ──────────────────────────────────────────────────────────────────────────


def panel_of(name: str) -> Panel:
    """A panel that shows the measures from above."""

    def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
        cells = Cells.blank(width, height)
        cells.write(0, 0, f"largest weight {scene.of(largest_weight):.4f}", Ink.TEXT)
        return cells

    return Panel(name=name, title=lambda scene: name, readings=(), draw=draw)


@pytest.mark.parametrize(
    ("config", "is_beside"), [(SMALL, False), (LARGE, True)], ids=["small", "large"]
)
async def test_panels_show_a_new_measure_computed_once_and_in_the_background_for_large_runs(
    config: ExperimentConfig, is_beside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    panels = panel_of("one"), panel_of("other")
    side_by_side = ".-wide #view-compare { grid-size: 2 1; }"
    replaced = replace(VIEWS["compare"], load_panels=lambda: panels, css=side_by_side)
    monkeypatch.setitem(VIEWS, "compare", replaced)
    async with running(size=(150, 40), config=config) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press(VIEWS["compare"].key)
        for key, lanes_seen in (("", 1), ("]", 2), ("[", 2)):
            await pilot.press(*key)

            def is_shown() -> bool:
                assert app.scene is not None
                largest = np.abs(app.scene.parameters.encoder).max()
                texts = (text_of(app, f"compare-{each.name}") for each in panels)
                return all(f"largest weight {largest:.4f}" in text for text in texts)

            await until(pilot, is_shown)
            assert len(calls) == lanes_seen, "once for each lane, and to look back is free"
    is_own = {thread == threading.get_ident() for _, thread in calls}
    assert is_own == {not is_beside}


# ── what measures of lanes may look at ────────────────────────────────────────────────────────


def measures_of_lanes() -> Iterator[tuple[str, Measure[Any]]]:
    """All measures of the interface that take no arguments, with their names.

    Those of dictionaries are left out: the run here has none.
    """
    scene = looking_at()
    for found in pkgutil.walk_packages(superpos_tui.__path__, "superpos_tui."):
        if found.name.endswith("__main__"):
            continue
        for name, value in vars(import_module(found.name)).items():
            is_measure = (
                isinstance(value, Measure) and len(signature(value.compute).parameters) == 1
            )
            of_dictionaries = any(value is each for each in vars(dictionary_measures).values())
            if is_measure and not of_dictionaries and value.known_to(scene) is scene.known_of_lane:
                yield name, value


def test_no_measure_of_a_lane_depends_on_options() -> None:
    """Otherwise a scene would get values computed for another."""
    found = dict(measures_of_lanes())
    assert {"feature_norms", "has_diverged", "split_loss", "hidden_units"} <= set(found)
    options = options_with(
        LiveState(loss_scale="linear", split_norms=True),
        Colouring("importance"),
        Viewpoint(turn=10.0),
        ProbeState(((0, 0.5),), attack=0.1),
        cursor=Cursor(1, 2),
    )
    for name, measure in found.items():
        plain, other = (measure.compute(looking_at(options=each)) for each in (Options(), options))
        assert pickle.dumps(plain) == pickle.dumps(other), name


# ── the restart that is shown ─────────────────────────────────────────────────────────────────


def test_it_does_not_follow_the_noise_of_the_losses_until_all_is_trained() -> None:
    config = replace(SMALL, models=("tied",), sparsities=(0.9,), restarts=6, steps=4000)
    weights = Parameters(encoder=np.zeros((6, 20, 5)), bias=np.zeros((6, 20)))
    losses = np.random.default_rng(0).lognormal(sigma=0.3, size=(config.steps, 6))
    history = LossHistory(6)
    steady, noisy = [], []
    for part in np.array_split(losses.astype(np.float32), 100):
        history.append(part)
        cohort = Cohort(
            config.lanes_of("tied"), history.step, weights, history.full, history.recent, restarts=6
        )
        record = LanesRecord(config, {"tied": cohort})
        scene = Scene(
            Snapshot(0, record, "training", 10.0, "scripted", "cpu"), Focus("tied"), Options()
        )
        steady.append(scene.lane_index)
        noisy.append(cohort.lane_at(0))
    assert np.count_nonzero(np.diff(noisy)) > 20
    assert np.count_nonzero(np.diff(steady)) <= 5
    assert steady[-1] == noisy[-1]
