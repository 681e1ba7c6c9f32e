"""The reference engine: its numbers do not depend on slices, threads, neighbours or settings."""

import warnings
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.core.engine.torch.states import SMALL, State, each_model, equal_states
from tests.core.reference import training_data

from superpos_core.arrays import FloatArray
from superpos_core.engine.choice import EngineChoice
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.models import MODELS
from superpos_core.task.parameters import Parameters

SPARSITIES = (0.0, 0.3, 0.7, 0.9, 0.99, 0.999)


def lane_arrays(parameters: Parameters, index: int) -> list[FloatArray]:
    return [*parameters.take(index).arrays.values()]


def assert_equal_arrays(some: list[FloatArray], others: list[FloatArray]) -> None:
    for one, other in zip(some, others, strict=True):
        np.testing.assert_array_equal(one, other)


def assert_close_arrays(some: list[FloatArray], others: list[FloatArray]) -> None:
    for one, other in zip(some, others, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@each_model
@pytest.mark.parametrize(
    ("features", "hidden", "batch"), [(20, 5, 256), (5, 2, 33), (7, 7, 64), (3, 1, 1)]
)
@pytest.mark.sampled(4)
def test_a_lane_trains_alike_alone_and_with_others(
    model: str, features: int, hidden: int, batch: int
) -> None:
    """Bit for bit; but torch's smooth functions differ in their last bit within and after vectors.

    So where a lane's values do not fill vectors, its place among others decides that bit.
    """
    fills_vectors = features * batch % 64 == 0
    is_smooth = {MODELS[model].output_activation, MODELS[model].hidden_activation} & {
        "gelu",
        "softplus",
    }
    assert_alike = assert_equal_arrays if fills_vectors or not is_smooth else assert_close_arrays
    others = tuple(name for name in MODELS if name != model)
    config = ExperimentConfig(
        "beside",
        features=features,
        hidden=hidden,
        models=(*others, model),
        sparsities=SPARSITIES,
        batch=batch,
    )
    beside = TorchEngine(config)
    losses_beside = beside.advance(dict.fromkeys(config.models, 30))[model]
    for index, sparsity in enumerate(SPARSITIES):
        alone = TorchEngine(replace(config, models=(model,), sparsities=(sparsity,)))
        losses_alone = alone.advance({model: 30})[model]
        assert_alike([losses_alone[:, 0]], [losses_beside[:, index]])
        assert_alike(
            lane_arrays(alone.parameters(model), 0), lane_arrays(beside.parameters(model), index)
        )


def trained_state(config: ExperimentConfig, steps: int) -> State:
    engine = TorchEngine(config)
    engine.advance(dict.fromkeys(config.models, steps))
    return engine.state()


ALL_MODELS = replace(SMALL, models=tuple(MODELS), features=20, hidden=5, batch=512)


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_an_engine_limits_torch_to_one_thread() -> None:
    TorchEngine(SMALL)
    assert torch.get_num_threads() == 1


@pytest.mark.usefixtures("two_threads")
def test_numbers_do_not_depend_on_the_number_of_threads() -> None:
    config = replace(ALL_MODELS, batch=4096)
    states = []
    for threads in (1, 2):
        engine = TorchEngine(config)
        torch.set_num_threads(threads)
        engine.advance(dict.fromkeys(config.models, 3))
        states.append(engine.state())
    assert equal_states(*states)


def test_a_loaded_state_stays_the_caller_s() -> None:
    engine = TorchEngine(SMALL)
    saved = engine.state()
    before = {name: array.copy() for name, array in saved.items()}
    engine.load_state(saved)
    engine.advance({"tied": 3})
    assert equal_states(saved, before)


@pytest.fixture
def every_warning() -> Iterator[None]:
    """Torch gives some warnings only once in a process."""
    torch.set_warn_always(True)
    yield
    torch.set_warn_always(False)


@pytest.mark.usefixtures("every_warning")
def test_a_read_only_state_loads_without_a_warning() -> None:
    saved = TorchEngine(SMALL).state()
    for array in saved.values():
        array.setflags(write=False)
    engine = TorchEngine(SMALL)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        engine.load_state(saved)
    assert equal_states(engine.state(), saved)


def test_diverging_weights_give_non_finite_losses_and_no_error() -> None:
    config = replace(SMALL, sparsities=(0.0, 0.5))
    engine = TorchEngine(config)
    state = engine.state()
    state["tied/weights of encoder"][0] = 1e30
    engine.load_state(state)
    losses = engine.advance({"tied": 3})["tied"]
    assert not np.isfinite(losses[:, 0]).any()
    assert np.isfinite(losses[:, 1]).all()


def test_the_engine_says_what_it_is_and_where_it_runs() -> None:
    engine = EngineChoice(engine="torch").make(SMALL)
    assert (engine.name, engine.device) == ("torch", "cpu")
    engine.close()


def test_products_are_in_full_float32_whatever_the_environment_asks_for() -> None:
    torch.set_float32_matmul_precision("high")
    TorchEngine(SMALL)
    assert torch.get_float32_matmul_precision() == "highest"
    assert not torch.backends.cuda.matmul.allow_tf32


def test_torch_s_default_of_float64_changes_nothing() -> None:
    expected = trained_state(SMALL, 3)
    torch.set_default_dtype(torch.float64)
    try:
        assert equal_states(trained_state(SMALL, 3), expected)
    finally:
        torch.set_default_dtype(torch.float32)


def test_lanes_of_a_model_see_different_data() -> None:
    lanes = [Lane("tied", 0.5, 0), Lane("mlp", 0.5, 0), Lane("tied", 0.5, 1)]
    drawn = [training_data(SMALL, lane, step=0) for lane in lanes]
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
