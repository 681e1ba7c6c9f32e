"""The fused engine behind the protocol, compared with the torch engine."""

from dataclasses import replace

import numpy as np
import pytest

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.engine.choice import EngineChoice, engine_names
from superpos_core.engine.fused.engine import FusedEngine
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.errors import InvalidValue
from superpos_core.geometry import measures
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.initialization import initial_parameters
from superpos_core.task.optimisers import OPTIMISERS
from superpos_core.task.schedules import SCHEDULES

SOME = ("tied", "untied", "linear", "absolute")
"""They differ in all that matters here. A kernel takes long to compile; its gradient is tested."""
SMALL = ExperimentConfig(
    "small", features=10, hidden=2, models=SOME, sparsities=(0.0, 0.8, 0.99), batch=128, steps=100
)


def weights_of(engine: Engine, model: str) -> list[FloatArray]:
    parameters = engine.parameters(model)
    return [parameters.encoder, parameters.decoder, parameters.bias]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules_train_like_torch(schedule: str) -> None:
    config = replace(
        SMALL, models=("tied",), sparsities=(0.0,), learning_rate_schedule=schedule,
        steps=40, batch=4096,
    )  # fmt: skip
    assert_moves_alike(config)


def assert_moves_alike(config: ExperimentConfig) -> None:
    engines: list[Engine] = [FusedEngine(config), TorchEngine(config)]
    start = initial_parameters(config, config.lanes[0]).encoder
    moves = []
    for engine in engines:
        engine.advance({"tied": 15})
        engine.advance({"tied": 25})
        moves.append(engine.parameters("tied").encoder[0] - start)
        engine.close()
    # The data differ, but with 4,096 dense rows the gradient hardly does.
    assert np.abs(moves[0] - moves[1]).max() < 0.1 * np.abs(moves[1]).max()


@pytest.fixture(scope="module")
def trained() -> dict[str, list[dict[str, FloatArray]]]:
    """The experiment ``twenty``, shortened, by both engines from three seeds."""
    config = ExperimentConfig(
        "seed", models=("tied",), sparsities=(0.0, 0.9, 0.99), steps=500, batch=256,
        learning_rate=5e-3,
    )  # fmt: skip
    outcomes: dict[str, list[dict[str, FloatArray]]] = {"fused": [], "torch": []}
    for seed in range(3):
        for name in outcomes:
            engine = EngineChoice(engine=name).make(replace(config, seed=seed))
            losses = engine.advance({"tied": config.steps})["tied"]
            encoder = engine.parameters("tied").encoder
            outcomes[name].append(
                {
                    "loss": losses[-200:].mean(axis=0),
                    "represented": measures.represented(encoder).astype(float),
                    "dimensions per feature": measures.dimensions_per_feature(encoder),
                }
            )
            engine.close()
    return outcomes


@pytest.mark.parametrize(
    ("measure", "tolerance"),
    [("loss", 0.15), ("represented", 0.15), ("dimensions per feature", 0.15)],
)
def test_both_engines_end_with_equal_losses(
    trained: dict[str, list[dict[str, FloatArray]]], measure: str, tolerance: float
) -> None:
    """Means over three seeds; single seeds differ by as much from one another."""
    fused, torch = (
        np.mean([outcome[measure] for outcome in trained[name]], axis=0)
        for name in ("fused", "torch")
    )
    np.testing.assert_allclose(fused, torch, rtol=tolerance)


# ── datasets: both engines see the same rows, so they must agree step by step ───────────────────

DATASETS = ExperimentConfig(
    "datasets", features=90, hidden=2, models=("tied",), sparsities=(0.5, 0.99), importance=0.98,
    dataset_size=60, batch=1000, learning_rate=0.01, steps=60, warm_up=5, hidden_penalty=0.01,
)  # fmt: skip
"""Dense rows and rows with next to nothing in them, which the kernel does not even lay out."""

DATASET_VARIANTS = {
    "full batch": DATASETS,
    "small batches": replace(DATASETS, batch=16),
    "unit norm": replace(DATASETS, distribution="unit-norm"),
    "datasets of several sizes": replace(
        DATASETS, batch=40, sweep="dataset-size", sweep_values=(0.1, 1.0, 2.0)
    ),
    "sgd": replace(DATASETS, optimiser="sgd", learning_rate=1.0, momentum=0.5),
    "row-norm decay": replace(DATASETS, weight_decay=-5.0),
    "decay of the weights": replace(DATASETS, weight_decay=5.0, decay_of="weights"),
    "decay of the weights by sgd": replace(
        DATASETS, weight_decay=0.1, decay_of="weights", optimiser="sgd", learning_rate=1.0
    ),
    "several penalties": replace(DATASETS, sweep="hidden-penalty", sweep_values=(0.0, 1.0, 10.0)),
}


@pytest.mark.parametrize("config", DATASET_VARIANTS.values(), ids=DATASET_VARIANTS)
def test_both_engines_train_alike_on_a_dataset(config: ExperimentConfig) -> None:
    fused, torch = FusedEngine(config), TorchEngine(config)
    for steps in (1, 7, 32):
        ours, theirs = (engine.advance({"tied": steps})["tied"] for engine in (fused, torch))
        assert ours.shape == (steps, len(config.lanes))
        np.testing.assert_allclose(ours, theirs, rtol=1e-3)
    for ours, theirs in zip(weights_of(fused, "tied"), weights_of(torch, "tied"), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)
    start = initial_parameters(config, config.lanes[0]).encoder
    assert np.abs(fused.parameters("tied").encoder[0] - start).max() > 0.03
    fused.close()


def test_many_small_batches_are_taken_in_several_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    config = DATASET_VARIANTS["small batches"]
    whole, parts = FusedEngine(config), FusedEngine(config)
    expected = whole.advance({"tied": 10})["tied"]
    monkeypatch.setattr("superpos_core.engine.fused.engine.MAX_ORDER", 3 * 16 * 2)
    np.testing.assert_array_equal(parts.advance({"tied": 10})["tied"], expected)
    whole.close()
    parts.close()


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("warm_up", [0, 20])
def test_optimisers_and_warm_up_train_like_torch(optimiser: str, warm_up: int) -> None:
    config = replace(
        SMALL, models=("tied",), sparsities=(0.0,), optimiser=optimiser, warm_up=warm_up,
        learning_rate=1e-3 if optimiser == "adamw" else 0.1, momentum=0.5, steps=40, batch=4096,
    )  # fmt: skip
    assert_moves_alike(config)


# ── the choice ────────────────────────────────────────────────────────────────────────────────


def test_auto_chooses_the_fused_engine_on_the_cpu() -> None:
    engine = EngineChoice(threads=1).make(replace(SMALL, models=("tied",)))
    assert (engine.name, engine.device) == ("fused", "cpu, 1 thread")
    engine.close()


def test_invalid_choices_are_rejected() -> None:
    with pytest.raises(InvalidValue, match="did you mean fused"):
        EngineChoice(engine="fussed")
    with pytest.raises(InvalidValue, match="1 to"):
        EngineChoice(threads=0)
    assert "auto" in engine_names()
