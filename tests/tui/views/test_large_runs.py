"""Runs of maximum size: the interface's thread measures nothing, and no full square is held."""

import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tests.tui.pictures import options_with, scene_of_settings
from tests.tui.running import SMALL, panel, running, text_of, until, until_finished
from textual.pilot import Pilot

from superpos_core.analysis import adversarial, loss_split, neurons, probe
from superpos_core.analysis.events import log as event_log
from superpos_core.experiments import EXPERIMENTS
from superpos_core.geometry import blocks, components, hidden_space, measures
from superpos_core.geometry.blocks import strongest_of_gram
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.phase_grid import PHASE_MAP
from superpos_core.strips import strips
from superpos_core.task.config import ExperimentConfig
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.events import EventsDialog
from superpos_tui.drawing.palette import Palette
from superpos_tui.measures.large import is_large
from superpos_tui.selection import Cursor
from superpos_tui.views.dimensionality import over_steps
from superpos_tui.views.live.state import LiveState
from superpos_tui.views.numbers import Numbers
from superpos_tui.views.panel_view import COMPUTING
from superpos_tui.views.probe.state import ProbeState
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.shared.colouring import Colouring

PANELS = {name: panel for view in VIEWS.values() for name, panel in view.panels.items()}

LARGE = replace(
    SMALL, features=400, hidden=12, importance=1, models=("tied",), sparsities=(0.5, 0.9), steps=12
)
GREATEST = replace(LARGE, features=4096, hidden=64)
EXPENSIVE: tuple[tuple[ModuleType | type, str], ...] = (
    (adversarial, "worst_attack"),
    (Numbers, "as_tsv"),
    (blocks, "gram_change"),
    (blocks, "strongest_of_gram"),
    (components, "geometry_of"),
    (components, "geometry_shares"),
    (event_log, "events_of_lanes"),
    (hidden_space, "hidden_picture"),
    (loss_split, "split"),
    (measures, "superposition_and_dimensionality"),
    (neurons, "aligned"),
    (neurons, "hidden_directions"),
    (neurons, "neurons_of_lane"),
    (over_steps, "feature_dimensionality_over"),
    (probe, "probe"),
)
"""The expensive functions of core, and the modules through which measures call them."""
SOON = 200


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, bool]]:
    """How often each expensive measure was called, and whether in the test's own thread."""
    counted: Counter[tuple[str, bool]] = Counter()
    own = threading.get_ident()

    def counting(name: str, compute: Callable[..., Any]) -> Callable[..., Any]:
        def count(*arguments: Any, **options: Any) -> Any:
            counted[name, threading.get_ident() == own] += 1
            return compute(*arguments, **options)

        return count

    for module, name in EXPENSIVE:
        monkeypatch.setattr(module, name, counting(name, getattr(module, name)))
    return counted


def own_calls(calls: Counter[tuple[str, bool]]) -> set[str]:
    return {name for name, is_own in calls if is_own}


async def until_drawn(app: SuperposApp, pilot: Pilot[None]) -> None:
    """Wait until no panel of the open view is waiting for a picture."""
    views = [panel(app, name, app.selection.view) for name in VIEWS[app.selection.view].panels]

    def are_drawn() -> bool:
        return all(
            view._asked is None and view._next_draw is None and COMPUTING not in view._title
            for view in views
            if view.display
        )

    for _ in range(SOON):
        if are_drawn():
            return
        await pilot.pause(0.05)
    raise AssertionError("a picture does not come")


# ── the interface's thread ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("view", [name for name in VIEWS if name != "phase"])
@pytest.mark.sampled(9)
async def test_no_key_and_no_click_makes_the_interface_measure(
    view: str, calls: Counter[tuple[str, bool]]
) -> None:
    async with running(config=LARGE) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press(VIEWS[view].key)
        await until_drawn(app, pilot)
        assert calls or view == "weights"
        for key in ("]", "j", ">", "c", "b", "l", "p", "[", "a", "enter", "shift+right", "z", "z"):
            await pilot.press(key)
        await until_drawn(app, pilot)
        for name in VIEWS[view].panels:
            await pilot.click(f"#{view}-{name}", offset=(12, 4))
        await pilot.press("t", "left", "home", "right", "escape", "escape")
        await until_drawn(app, pilot)
        assert not own_calls(calls)
        for name in VIEWS[view].panels:
            assert "cannot be drawn" not in text_of(app, f"{view}-{name}")


async def test_nor_does_it_with_the_maximum_number_of_features(
    calls: Counter[tuple[str, bool]],
) -> None:
    async with running(config=GREATEST) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("]", "j")
        await until(pilot, lambda: panel(app, "matrix")._title == "W·Wᵀ and b")
        assert calls["strongest_of_gram", False] > 0
        assert not own_calls(calls)


async def test_every_panel_of_a_large_run_shows_what_its_function_draws() -> None:
    async with running(config=LARGE) as (app, pilot):
        await until_finished(app, pilot)
        for view in ("live", "dimensionality"):
            await pilot.press(VIEWS[view].key)
            await until_drawn(app, pilot)
            assert app.scene is not None
            for name in VIEWS[view].panels:
                shown = panel(app, name, view)
                expected = PANELS[name].draw(app.scene, *shown.size, shown.palette)
                assert text_of(app, f"{view}-{name}").rstrip() == expected.text().rstrip()
                assert shown._title == PANELS[name].title(app.scene)


async def test_numbers_of_a_large_run_become_text_beside_the_interface(
    calls: Counter[tuple[str, bool]],
) -> None:
    async with running(config=replace(LARGE, sparsities=(0.5,))) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("2", "Y")
        await until(pilot, lambda: calls["as_tsv", False] == 1)
        assert not own_calls(calls)


async def test_events_of_a_large_run_are_found_beside_the_interface(
    calls: Counter[tuple[str, bool]],
) -> None:
    async with running(config=replace(LARGE, sparsities=(0.5,))) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, EventsDialog))
        assert calls["events_of_lanes", False] == 1
        assert not own_calls(calls)


async def test_a_panel_says_that_it_is_computing_and_then_shows_its_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_go_on, compute = threading.Event(), strongest_of_gram

    def slow(*arguments: Any) -> Any:
        may_go_on.wait()
        return compute(*arguments)

    monkeypatch.setattr(blocks, "strongest_of_gram", slow)
    async with running(config=LARGE) as (app, pilot):
        try:
            await until_finished(app, pilot)
            assert text_of(app, "live-matrix").strip() == COMPUTING
            may_go_on.set()
            await until_drawn(app, pilot)
            first = text_of(app, "live-matrix")
            assert COMPUTING not in first
            may_go_on.clear()
            await pilot.press("t", "home")
            matrix = panel(app, "matrix")
            await until(pilot, lambda: matrix._title.endswith(f" · step {LARGE.steps}"))
            pictures = first, text_of(app, "live-matrix")
            before, after = (each.strip("\n ").splitlines()[:8] for each in pictures)
            assert after == before, "the last picture stays"
            await pilot.press("escape", "]")
            await until(pilot, lambda: matrix._title.endswith(f" · {COMPUTING}"))
            may_go_on.set()
            await until_drawn(app, pilot)
            assert matrix._title == "W·Wᵀ and b"
        finally:
            may_go_on.set()


async def test_a_drawing_error_is_shown_in_its_panel_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*arguments: Any) -> Any:
        raise ValueError("no such luck")

    monkeypatch.setattr(blocks, "strongest_of_gram", fail)
    async with running(config=LARGE) as (app, pilot):
        await until_finished(app, pilot)
        await until_drawn(app, pilot)
        assert "cannot be drawn: ValueError: no such luck" in text_of(app, "live-matrix")
        assert "of 400 represented" in text_of(app, "live-norms")
        monkeypatch.undo()
        await pilot.press("]")
        await until_drawn(app, pilot)
        assert "cannot be drawn" not in text_of(app, "live-matrix")


async def test_a_hidden_view_keeps_no_scene_and_orders_nothing() -> None:
    async with running(config=LARGE) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("2", "1")
        await until_drawn(app, pilot)
        left = panel(app, "sweep", "sweep")
        assert (left._scene, left._drawn, left._asked, left._next_draw) == (None,) * 4


# ── sizes and memory ──────────────────────────────────────────────────────────────────────────


def test_the_experiments_of_planes_and_pentagons_are_drawn_at_once() -> None:
    """Dozens of restarts, and runs as large as the paper's figures, count as small."""
    large = {name for name, each in EXPERIMENTS.items() if is_large(each.config)}
    maps = {name for name, each in EXPERIMENTS.items() if each.config.kind == PHASE_MAP}
    polygons = {"k-gons", "k-gons-7", "k-gons-8"}
    scaling = {"scaling-weak", "scaling-strong", "scaling-skewed"}
    others = {"privileged-basis", "local-bases", "noise", "hedging-map"}
    assert large - maps == others | polygons | scaling


@pytest.mark.parametrize(
    "changed",
    [
        {"features": 4096, "hidden": 1},
        {"features": 200, "hidden": 40},
        {"restarts": 1000},
        {"sparsities": tuple(index / 300 for index in range(300))},
    ],
    ids=str,
)
def test_everything_that_makes_frames_slow_makes_a_run_large(changed: dict[str, Any]) -> None:
    assert is_large(replace(SMALL, importance=1, **changed))
    assert not is_large(SMALL)


def test_no_panel_holds_the_square_of_many_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strips are short here, so that the size of the square is distinct from theirs."""
    features = 2048
    monkeypatch.setattr(strips, "__defaults__", (features**2 // 64,))
    random = np.random.default_rng(0)
    encoders = random.standard_normal((2, 3, features, 8)).astype(np.float32) / np.sqrt(8)
    config = ExperimentConfig(
        "test",
        features=features,
        hidden=8,
        models=("tied",),
        sparsities=(0.0, 0.5, 0.9),
        importance=1,
    )
    options = options_with(ProbeState(attack=0.1), Colouring("group"), cursor=Cursor(3, 5))
    shown = [(name, options) for name, panel in PANELS.items() if panel.takes is LanesRecord]
    for name, each in [*shown, ("norms", options.with_state(LiveState(split_norms=True)))]:
        scene = scene_of_settings(encoders, config=config, steps=(0, 10), options=each)
        tracemalloc.start()
        try:
            PANELS[name].title(scene)
            PANELS[name].draw(scene, 60, 30, Palette())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 4 * features**2, name
