"""Finished runs are released: however many experiments start, only the last one is kept."""

import gc
import weakref
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.pictures import scene_of_settings
from tests.tui.running import SMALL, running, until, until_finished

from superpos_core.experiments import EXPERIMENTS
from superpos_core.record.lanes import Cohort
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.timeline import MAX_CACHED_LANES, Moment
from superpos_core.task import lanes
from superpos_core.task.lanes import FEW_LANES
from superpos_core.task.models import MODELS
from superpos_core.task.parameters import Parameters
from superpos_core.training.loop import TrainingLoop
from superpos_tui.measures.geometry import feature_norms
from superpos_tui.scene import LANES_KNOWN, Scene

ROUND = ("twenty", "intro", "hexagon")
KINDS: tuple[type, ...] = (ScriptedEngine, TrainingLoop, Snapshot, Cohort, Scene)


class Living:
    """Counts the objects of some classes that have been created and not released.

    It keeps weak references, because the garbage collector does not list frozen objects.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._made: list[weakref.ref[Any]] = []
        for kind in KINDS:
            self._watch(kind, monkeypatch)

    def _watch(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        initialise = kind.__init__

        def watched(made: Any, *arguments: Any, **options: Any) -> None:
            initialise(made, *arguments, **options)
            self._made.append(weakref.ref(made))

        monkeypatch.setattr(kind, "__init__", watched)

    def count(self) -> Counter[str]:
        """The counts, by class name."""
        gc.collect()
        found = [made() for made in self._made]
        return Counter(type(each).__name__ for each in found if each is not None)


@pytest.mark.thorough
async def test_finished_experiments_are_released(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ROUND:
        config = replace(EXPERIMENTS[name].config, steps=30, restarts=2)
        monkeypatch.setitem(EXPERIMENTS, name, replace(EXPERIMENTS[name], config=config))
    living, counts, frozen = Living(monkeypatch), [], []
    async with running(config=SMALL) as (app, pilot):
        await until_finished(app, pilot)
        for _ in range(4):
            for name in ROUND:
                app.experiments.start(name)
                await until(pilot, lambda name=name: app.watched.config.name == name)  # type: ignore[misc]
                await until_finished(app, pilot)
                await pilot.press("2", "3", "1")
            counts.append(living.count())
            frozen.append(gc.get_freeze_count())
    assert counts[0]["ScriptedEngine"] == counts[0]["TrainingLoop"] == 1
    for kind in KINDS:  # nine experiments later; a timer may still hold the scene before
        assert counts[-1][kind.__name__] <= counts[0][kind.__name__] + 2, kind
    assert frozen[-1] <= frozen[0]


def test_lists_of_thousands_of_lanes_are_cached_for_a_few_runs_only() -> None:
    """Each model of an experiment once, not for every seed."""
    many = replace(SMALL, sparsities=(0.5,), restarts=FEW_LANES + 1)
    for seed in range(20):
        replace(many, seed=seed).lanes_of("tied")
    assert lanes._many_lanes.cache_info().currsize <= 8
    assert many.lanes_of("tied") is many.lanes_of("tied")


def test_a_snapshot_remembers_the_lanes_that_were_shown_last() -> None:
    encoder = np.random.default_rng(0).standard_normal((3 * MAX_CACHED_LANES, 4, 2))
    moment = Moment(0, Parameters(encoder=encoder, bias=np.zeros(encoder.shape[:2])))
    for lane in range(len(encoder)):
        moment.feature_dimensionality(MODELS["tied"], lane)
    assert len(moment._dimensionality_by_lane) == MAX_CACHED_LANES
    tied, last = MODELS["tied"], len(encoder) - 1
    assert moment.feature_dimensionality(tied, last) is moment.feature_dimensionality(tied, last)


def test_a_snapshot_remembers_the_measures_of_a_limited_number_of_lanes() -> None:
    encoders = np.random.default_rng(0).standard_normal((2 * LANES_KNOWN, 4, 2))
    scene = scene_of_settings(encoders)
    for setting in range(len(encoders)):
        scene.at_setting(setting).of(feature_norms)
    assert len(scene.snapshot.record.measured) == LANES_KNOWN
    again = Scene(scene.snapshot, scene.focus, scene.options)
    last = again.at_setting(len(encoders) - 1)
    assert last.of(feature_norms) is scene.at_setting(len(encoders) - 1).of(feature_norms)
