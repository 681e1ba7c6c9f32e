"""One more model, parameter or engine, registered by one line, works wherever there are any."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import panel, running, until, until_finished

from superpos_core.engine.choice import EngineChoice, engine_names
from superpos_core.engine.registry import ENGINES, EngineEntry
from superpos_core.experiments import Trial
from superpos_core.figures.drawing import DrawFigures, draw_here
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS, Model, TrainedArray
from superpos_core.training.run import train
from superpos_tui.command_line.cli import command
from superpos_tui.headless.runs import export_headless

SMOOTH = Model(
    name="smooth",
    formula="x̂ = softplus(x·W₁·W₂ + b)",
    summary="two free matrices and a smooth output",
    tied=False,
    output_activation="softplus",
)
THRESHOLD = TrainedArray("threshold", "θ", "theta", ("hidden",), initial=0.5)
CONFIG = ExperimentConfig(
    "extended", features=5, hidden=2, models=("tied",), sparsities=(0.0, 0.9), batch=64, steps=60,
    learning_rate=0.01,
)  # fmt: skip


@pytest.fixture
def smooth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, SMOOTH.name, SMOOTH)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EngineEntry("scripted", ("cpu",), lambda config, *_: ScriptedEngine(config))
    monkeypatch.setitem(ENGINES, entry.name, entry)


@pytest.fixture
def drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process would not know what a test has registered."""

    @contextmanager
    def here(*_: Any) -> Iterator[DrawFigures]:
        yield draw_here

    monkeypatch.setattr("superpos_tui.headless.runs.drawing_processes", here)


def trained(config: ExperimentConfig, engine: str) -> Cohort:
    """The lanes of its only model at the end of training."""
    record = train(config, engine=EngineChoice(engine).make).record
    assert isinstance(record, LanesRecord)
    (cohort,) = record.cohorts.values()
    return cohort


# ── a model ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("smooth")
@pytest.mark.parametrize("engine", ["fused", "torch"])
def test_another_model_is_trained_by_every_engine(engine: str) -> None:
    config = replace(CONFIG, models=("smooth",))
    cohort = trained(config, engine)
    assert [*cohort.parameters.arrays] == ["encoder", "decoder", "bias"]
    losses = cohort.losses.mean
    assert np.all(losses[:, -1] < losses[:, 0])


@pytest.mark.usefixtures("smooth", "scripted", "drawn_here")
def test_another_model_is_exported_without_a_screen(tmp_path: Path) -> None:
    config = replace(CONFIG, models=("smooth",))
    assert export_headless([Trial(config)], tmp_path, ("svg",), EngineChoice("scripted")) == 0
    names = load_file(tmp_path / "weights.safetensors")
    assert {name.rpartition("/")[2] for name in names} == {"W1", "W2", "b"}
    assert (tmp_path / "weights-smooth.svg").exists()
    assert '"engine": "scripted"' in (tmp_path / "summary.json").read_text()


@pytest.mark.usefixtures("smooth")
async def test_another_model_is_reached_with_its_key() -> None:
    config = replace(CONFIG, models=("tied", "smooth"))
    async with running(config=config) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("M")
        await until(pilot, lambda: app.selection.focus.model == "smooth")
        await until(pilot, lambda: "W₁·W₂" in panel(app, "matrix").title)
        assert app.selection.focus.model == "smooth"


# ── a parameter ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("scripted", "drawn_here")
def test_another_parameter_is_kept_shown_and_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only the model declares it: the record, the timeline and the files ask for no name."""
    gated = replace(SMOOTH, name="clipped", further=(THRESHOLD,))
    monkeypatch.setitem(MODELS, gated.name, gated)
    config = replace(CONFIG, models=("clipped",))
    cohort = trained(config, "scripted")
    assert cohort.parameters.arrays["threshold"].shape == (2, 2)
    for moment in cohort.timeline.moments:
        np.testing.assert_array_equal(moment.parameters.arrays["threshold"], 0.5)
    assert export_headless([Trial(config)], tmp_path, ("svg",), EngineChoice("scripted")) == 0
    assert load_file(tmp_path / "weights.safetensors")["clipped/S=0.9/theta"].tolist() == [
        0.5,
        0.5,
    ]


# ── an engine ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("scripted", "drawn_here")
def test_another_engine_is_reached_from_the_command_line(tmp_path: Path) -> None:
    assert engine_names()[-1] == "scripted"
    arguments = ["--features", "5", "--hidden", "2", "--sparsity", "0.9", "--steps", "20"]
    arguments += ["--engine", "Scripted", "--export", str(tmp_path), "--formats", "svg"]
    assert command.main(arguments, prog_name="superpos-tui", standalone_mode=False) == 0
    assert '"engine": "scripted"' in (tmp_path / "summary.json").read_text()
