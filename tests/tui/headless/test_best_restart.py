"""The screen, ``summary.json`` and the table of an export name the same best restart."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.core.dictionary_records import SMALL_DICTIONARIES
from tests.scripted_dictionaries import scripted_engines
from tests.scripted_engine import ScriptedEngine
from tests.tui.headless.scripted import CONFIG
from tests.tui.pictures import NO_CHOICES

from superpos_core.files.summary import summarise
from superpos_core.record.history import LossCurve
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train
from superpos_tui.headless.results import MAX_ROWS, lanes_table
from superpos_tui.scene import Scene
from superpos_tui.selection import Focus

RESTARTS = MAX_ROWS + 2
MODELS = replace(CONFIG, sparsities=(0.5, 0.9), restarts=RESTARTS, hidden_penalty=0.1)
RELU = replace(
    SMALL_DICTIONARIES, dictionaries=("relu",), restarts=RESTARTS, latent_penalty=0.5, batch=8
)


def with_losses(snapshot: Snapshot, losses: np.ndarray[Any, Any]) -> Snapshot:
    """The same run, with these losses in its last step."""
    record: Any = snapshot.record
    ((name, group),) = record.cohorts.items()
    curve = LossCurve.of_means(np.array([group.step]), losses[:, None].astype(np.float32))
    return replace(
        snapshot, record=replace(record, cohorts={name: replace(group, recent_losses=curve)})
    )


@pytest.mark.parametrize(
    ("config", "engine", "name"),
    [(MODELS, ScriptedEngine, "tied"), (RELU, scripted_engines, "relu")],
    ids=["models", "dictionaries"],
)
def test_all_name_the_same_best_restart(
    config: ExperimentConfig, engine: Callable[[ExperimentConfig], Any], name: str
) -> None:
    """The rows that training drew last say otherwise than fresh ones: the former decide."""
    snapshot = train(config, engine=engine)
    losses = 100.0 + np.random.default_rng(3).permutation(2 * RESTARTS)
    snapshot = with_losses(snapshot, losses)
    lanes = summarise(snapshot, 1.0, threads=1)["lanes"]
    scene = Scene(snapshot, Focus(name, 0), NO_CHOICES)
    table, which = lanes_table({"config": config.as_dict(), "lanes": lanes})
    shown = [str(cell) for cell in table.columns[0].cells]
    assert which == f"2 of {2 * RESTARTS} lanes: the best restart per setting"
    for setting in (0, 1):
        of_setting = lanes[setting * RESTARTS :][:RESTARTS]
        ranked = [lane["seed"] for lane in sorted(of_setting, key=lambda lane: lane["rank"])]
        on_screen = [scene.group.lanes[index].seed for index in scene.ranked(setting)]
        assert ranked == on_screen
        assert shown[setting].split()[-2:] == ["seed", str(ranked[0])]
        on_fresh_rows = min(of_setting, key=lambda lane: lane["loss_minimised"])
        assert on_fresh_rows["seed"] != ranked[0], "else this test shows nothing"
