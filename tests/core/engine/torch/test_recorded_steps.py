"""Steps as CUDA graphs need them, checked without CUDA: see ``tests/recorded_step.py``."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.core.task.draws import WITHOUT_FILES
from tests.recorded_step import OnlyOnMeta, optimisers_record_anywhere, replayed

from superpos_core.engine.torch.captured_step import Step
from superpos_core.engine.torch.cohort import TorchCohort
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.engine.torch.noise import HiddenNoise
from superpos_core.engine.torch.rows import StoredRows
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS
from superpos_core.task.optimisers import OPTIMISERS
from superpos_core.task.schedules import SCHEDULES

SMALL = ExperimentConfig(
    "small", features=6, hidden=3, models=("tied", "mlp"), sparsities=(0.0, 0.6), batch=8, steps=10
)
ROWS = {
    "fresh rows": SMALL,
    "whole datasets": replace(SMALL, dataset_size=5),
    "small batches": replace(SMALL, dataset_size=20),
    "datasets of several sizes": replace(
        SMALL, dataset_size=20, sweep="dataset-size", sweep_values=(0.1, 1.0)
    ),
}
VARIANTS = {
    **ROWS,
    "a penalty": replace(SMALL, hidden_penalty=0.5),
    "several penalties": replace(
        SMALL, hidden_penalty=0.5, sweep="hidden-penalty", sweep_values=(0.0, 1.0)
    ),
    "noise": replace(SMALL, hidden_noise=0.5, hidden_dropout=0.2),
    "noise that rises and falls": replace(
        SMALL, hidden_noise=0.5, hidden_noise_schedule="up-and-down"
    ),
    "sgd": replace(SMALL, optimiser="sgd", learning_rate=0.1),
    "sgd without momentum": replace(SMALL, optimiser="sgd", momentum=0.0, learning_rate=0.1),
    "warm-up": replace(SMALL, warm_up=5),
    **{f"{name} rates": replace(SMALL, learning_rate_schedule=name) for name in SCHEDULES},
}


@pytest.fixture(autouse=True)
def recordable() -> Iterator[None]:
    with optimisers_record_anywhere():
        yield


def unrecorded(take_step: Step, changed: Sequence[torch.Tensor]) -> Step:
    """A step as a graph needs it, taken plainly."""
    return take_step


@pytest.fixture
def on_meta(monkeypatch: pytest.MonkeyPatch) -> Callable[[ExperimentConfig], int]:
    """Takes a step of each model where nothing can be read; returns the fewest operations."""
    monkeypatch.setattr("superpos_core.engine.torch.engine.resolve_device", torch.device)

    def take_a_step(config: ExperimentConfig) -> int:
        engine = TorchEngine(config, "meta", record=unrecorded)
        operations: list[int] = []
        for cohort in engine._cohorts.values():
            with OnlyOnMeta() as watching:
                losses = cohort._take_step()
            assert losses.shape == (len(config.lanes_of(config.models[0])),)
            operations.append(watching.operations)
        return min(operations)

    return take_a_step


# ── a step never waits for the device ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_no_step_reads_what_it_computes_or_mixes_devices(
    optimiser: str, on_meta: Callable[[ExperimentConfig], int]
) -> None:
    assert on_meta(replace(SMALL, models=tuple(MODELS), optimiser=optimiser)) > 50


@pytest.mark.parametrize("distribution", WITHOUT_FILES)
def test_drawing_rows_does_not_either(
    distribution: str, on_meta: Callable[[ExperimentConfig], int]
) -> None:
    assert on_meta(replace(SMALL, models=("tied",), distribution=distribution)) > 50


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)
def test_no_variant_of_a_step_does(
    config: ExperimentConfig, on_meta: Callable[[ExperimentConfig], int]
) -> None:
    assert on_meta(config) > 50


def reads_a_number(step: torch.Tensor) -> object:
    return step.item()


def decides_by_a_number(step: torch.Tensor) -> object:
    return step > 3 and step < 9


def selects_by_a_mask(step: torch.Tensor) -> object:
    return step[step > 3]


def copies_to_the_host(step: torch.Tensor) -> object:
    return step.cpu()


def goes_through_numpy(step: torch.Tensor) -> object:
    return step.numpy()


def brings_a_tensor_from_the_host(step: torch.Tensor) -> object:
    return step * torch.tensor(2)


def makes_a_tensor_on_the_host(step: torch.Tensor) -> object:
    return torch.rand(3)


@pytest.mark.parametrize(
    "spoil",
    [
        reads_a_number,
        decides_by_a_number,
        selects_by_a_mask,
        copies_to_the_host,
        goes_through_numpy,
        brings_a_tensor_from_the_host,
        makes_a_tensor_on_the_host,
    ],
)
def test_a_step_that_did_would_be_detected(
    spoil: Callable[[torch.Tensor], object],
    on_meta: Callable[[ExperimentConfig], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_step = TorchCohort._take_step

    def spoilt(cohort: TorchCohort) -> torch.Tensor:
        spoil(cohort._step)
        return take_step(cohort)

    monkeypatch.setattr(TorchCohort, "_take_step", spoilt)
    with pytest.raises((RuntimeError, NotImplementedError, TypeError, AssertionError)):
        on_meta(SMALL)


# ── what is decided while it is recorded must not be what changes ─────────────────────────────


def assert_recorded_steps_are_plain_ones(config: ExperimentConfig) -> None:
    plain, recorded = TorchEngine(config), TorchEngine(config, record=replayed)
    for steps in (1, 7):
        expected = plain.advance(dict.fromkeys(config.models, steps))
        for model, losses in recorded.advance(dict.fromkeys(config.models, steps)).items():
            np.testing.assert_allclose(losses, expected[model], rtol=1e-4)
    state = recorded.state()
    for name, array in plain.state().items():
        np.testing.assert_allclose(state[name], array, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)
def test_recorded_steps_match_plain_ones(config: ExperimentConfig) -> None:
    assert_recorded_steps_are_plain_ones(config)


def test_a_recorded_learning_rate_would_be_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    step = torch.optim.AdamW.step

    def deaf(optimizer: torch.optim.AdamW) -> None:
        group = optimizer.param_groups[0]
        group["lr"] = float(group["lr"])
        step(optimizer)

    monkeypatch.setattr(torch.optim.AdamW, "step", deaf)
    with pytest.raises(AssertionError):
        assert_recorded_steps_are_plain_ones(VARIANTS["cosine rates"])


def test_recorded_noise_would_be_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(noise: HiddenNoise, factor: float) -> None:
        noise._factor = torch.tensor(factor)

    monkeypatch.setattr(HiddenNoise, "set_factor", elsewhere)
    with pytest.raises(AssertionError):
        assert_recorded_steps_are_plain_ones(VARIANTS["noise that rises and falls"])


def test_recorded_rows_would_be_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen_elsewhere(rows: StoredRows, choice: torch.Tensor) -> None:
        rows._chosen = choice

    monkeypatch.setattr(StoredRows, "choose", chosen_elsewhere)
    with pytest.raises(AssertionError):
        assert_recorded_steps_are_plain_ones(ROWS["small batches"])


# ── recordings are made once, and go on with what is loaded ───────────────────────────────────


class Recordings:
    """A recorder that counts."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, take_step: Step, changed: Sequence[torch.Tensor]) -> Step:
        self.made += 1
        return replayed(take_step, changed)


def test_a_step_is_recorded_once_per_model_when_first_taken() -> None:
    recordings = Recordings()
    engine = TorchEngine(SMALL, record=recordings)
    engine.advance({"tied": 0})
    assert recordings.made == 0
    engine.advance({"tied": 2})
    engine.advance({"tied": 2, "mlp": 1})
    assert recordings.made == 2
    engine.join("linear")
    engine.advance({"linear": 3, "tied": 1})
    engine.advance({"linear": 3})
    assert recordings.made == 3


def test_a_loaded_state_continues_in_existing_recordings() -> None:
    recordings = Recordings()
    first, second = (TorchEngine(SMALL, record=recordings) for _ in range(2))
    both = dict.fromkeys(SMALL.models, 5)
    first.advance(both)
    saved = first.state()
    expected = first.advance(both)
    second.advance(both)
    second.advance(both)
    second.load_state(saved)
    losses = second.advance(both)
    for model in SMALL.models:
        np.testing.assert_array_equal(losses[model], expected[model])
    assert recordings.made == 4


def test_recording_does_not_change_parameters() -> None:
    engine = TorchEngine(SMALL, record=replayed)
    before = engine.state()
    cohort = engine._cohorts["tied"]
    replayed(cohort._take_step, [*cohort.state_tensors().values()])
    after = engine.state()
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)
