"""The reference engine, judged by formulas and by an optimiser that are not its own.

Gradients are read from the state after one step: Adam's first moment is then a tenth of them.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.core.reference import (
    REFERENCE_MODELS,
    ReferenceAdamW,
    ReferenceSGD,
    Weights,
    finite_differences,
    training_data,
)

from superpos_core.arrays import FloatArray
from superpos_core.engine.choice import EngineChoice
from superpos_core.engine.fused.layout import RULES
from superpos_core.engine.torch.descent import OPTIMISERS as OPTIMISERS_OF_TORCH
from superpos_core.engine.torch.devices import available_devices, resolve_device
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.models import MODELS
from superpos_core.task.optimisers import OPTIMISERS
from superpos_core.task.parameters import Parameters

State = dict[str, NDArray[Any]]

each_model = pytest.mark.parametrize("model", MODELS)
SMALL = ExperimentConfig(
    "small", features=5, hidden=3, models=("tied",), sparsities=(0.0, 0.6), batch=16, steps=100
)
SPARSITIES = (0.0, 0.3, 0.7, 0.9, 0.99, 0.999)


def small_config(model: str) -> ExperimentConfig:
    return replace(SMALL, models=(model,))


def weights_in(
    state: Mapping[str, NDArray[Any]], model: str, kind: str = "weights"
) -> list[Weights]:
    """The weights of each lane (or their moments, by another ``kind``), in float64."""
    names = [f"{model}/{kind} of {each.name}" for each in MODELS[model].trained]
    encoder, *middle, bias = (state[name].astype(np.float64) for name in names)
    return [
        Weights(encoder[lane], middle[0][lane] if middle else None, bias[lane].reshape(-1))
        for lane in range(len(encoder))
    ]


def engine_at_random_weights(config: ExperimentConfig) -> TorchEngine:
    """Biases that are not 0, so that hardly a pre-activation sits on the corner of a ReLU."""
    engine = TorchEngine(config)
    random = np.random.default_rng(11)
    state = engine.state()
    for name in state:
        if "/weights " in name:
            state[name] = random.normal(0, 0.6, state[name].shape).astype(np.float32)
    engine.load_state(state)
    return engine


def equal_states(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)


def lane_arrays(parameters: Parameters, index: int) -> list[FloatArray]:
    return [*parameters.take(index).arrays.values()]


def assert_equal_arrays(some: list[FloatArray], others: list[FloatArray]) -> None:
    for one, other in zip(some, others, strict=True):
        np.testing.assert_array_equal(one, other)


def assert_close_arrays(some: list[FloatArray], others: list[FloatArray]) -> None:
    for one, other in zip(some, others, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_every_model_has_a_reference() -> None:
    assert REFERENCE_MODELS.keys() == MODELS.keys()


@each_model
def test_a_hand_derived_gradient_agrees_with_finite_differences(model: str) -> None:
    """The reference itself, in float64: what the next test relies on."""
    reference, importance = REFERENCE_MODELS[model], SMALL.feature_importance
    random = np.random.default_rng(3)
    free = None if MODELS[model].tied else random.standard_normal((3, 5))
    weights = Weights(random.standard_normal((5, 3)), free, random.standard_normal(5))
    x = random.uniform(0, 1, (40, 5)) * (random.uniform(0, 1, (40, 5)) < 0.6)
    numeric = finite_differences(reference, weights, x, importance)
    derived = reference.gradient(weights, x, importance)
    for slope, expected in zip(derived.arrays, numeric.arrays, strict=True):
        np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-9)


@each_model
def test_the_gradient_matches_the_hand_derived_one_and_finite_differences(model: str) -> None:
    config = small_config(model)
    engine = engine_at_random_weights(config)
    before = weights_in(engine.state(), model)
    engine.advance({model: 1})
    moments = weights_in(engine.state(), model, kind="exp_avg")
    reference, importance = REFERENCE_MODELS[model], config.feature_importance
    for index, lane in enumerate(config.lanes):
        x = training_data(config, lane, step=0)
        derived = reference.gradient(before[index], x, importance)
        numeric = finite_differences(reference, before[index], x, importance)
        for moment, by_hand, by_difference in zip(
            moments[index].arrays, derived.arrays, numeric.arrays, strict=True
        ):
            assert np.abs(by_hand).max() > 1e-4
            np.testing.assert_allclose(moment / 0.1, by_hand, rtol=1e-4, atol=1e-7)
            np.testing.assert_allclose(moment / 0.1, by_difference, rtol=1e-4, atol=1e-7)


@each_model
def test_losses_are_the_means_over_the_rows_and_features_that_were_drawn(model: str) -> None:
    config = small_config(model)
    engine = engine_at_random_weights(config)
    for step in range(3):
        before = weights_in(engine.state(), model)
        losses = engine.advance({model: 1})[model]
        assert losses.shape == (1, 2)
        for index, lane in enumerate(config.lanes):
            x = training_data(config, lane, step)
            expected = REFERENCE_MODELS[model].loss(before[index], x, config.feature_importance)
            assert losses[0, index] == pytest.approx(expected, rel=1e-5)


@each_model
def test_steps_match_adamw(model: str) -> None:
    config = replace(small_config(model), learning_rate=0.01, weight_decay=0.5)
    engine = engine_at_random_weights(config)
    expected = weights_in(engine.state(), model)
    begun = [weights.arrays[0] for weights in expected]
    optimizers = [ReferenceAdamW(weights, 0.01, 0.5) for weights in expected]
    for step in range(8):
        for index, lane in enumerate(config.lanes):
            x = training_data(config, lane, step)
            gradient = REFERENCE_MODELS[model].gradient(
                expected[index], x, config.feature_importance
            )
            expected[index] = optimizers[index].step(expected[index], gradient)
    engine.advance({model: 5})
    engine.advance({model: 3})
    for trained, reference, start in zip(
        weights_in(engine.state(), model), expected, begun, strict=True
    ):
        assert np.abs(reference.arrays[0] - start).max() > 0.03
        for array, wanted in zip(trained.arrays, reference.arrays, strict=True):
            np.testing.assert_allclose(array, wanted, atol=2e-5)


@each_model
def test_the_hidden_penalty_changes_the_gradient_but_not_the_loss(model: str) -> None:
    config = replace(small_config(model), hidden_penalty=0.8)
    engine = engine_at_random_weights(config)
    before = weights_in(engine.state(), model)
    losses = engine.advance({model: 1})[model]
    moments = weights_in(engine.state(), model, kind="exp_avg")
    reference, importance = REFERENCE_MODELS[model], config.feature_importance
    for index, lane in enumerate(config.lanes):
        x = training_data(config, lane, step=0)
        numeric = finite_differences(reference, before[index], x, importance, penalty=0.8)
        derived = reference.gradient(before[index], x, importance, penalty=0.8)
        for moment, by_hand, by_difference in zip(
            moments[index].arrays, derived.arrays, numeric.arrays, strict=True
        ):
            np.testing.assert_allclose(moment / 0.1, by_hand, rtol=1e-4, atol=1e-6)
            np.testing.assert_allclose(moment / 0.1, by_difference, rtol=1e-4, atol=1e-6)
        expected = reference.loss(before[index], x, importance)
        assert losses[0, index] == pytest.approx(expected, rel=1e-5)


@each_model
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_steps_match_sgd(model: str, momentum: float) -> None:
    config = replace(
        small_config(model), optimiser="sgd", momentum=momentum, learning_rate=0.1, weight_decay=0.2
    )
    engine = engine_at_random_weights(config)
    expected = weights_in(engine.state(), model)
    begun = [weights.arrays[0] for weights in expected]
    optimizers = [ReferenceSGD(weights, 0.1, momentum, 0.2) for weights in expected]
    for step in range(8):
        for index, lane in enumerate(config.lanes):
            x = training_data(config, lane, step)
            gradient = REFERENCE_MODELS[model].gradient(
                expected[index], x, config.feature_importance
            )
            expected[index] = optimizers[index].step(expected[index], gradient)
    engine.advance({model: 5})
    engine.advance({model: 3})
    for trained, reference, start in zip(
        weights_in(engine.state(), model), expected, begun, strict=True
    ):
        assert np.abs(reference.arrays[0] - start).max() > 0.03
        for array, wanted in zip(trained.arrays, reference.arrays, strict=True):
            np.testing.assert_allclose(array, wanted, atol=2e-5)


def test_the_learning_rate_warms_up_before_its_schedule() -> None:
    config = replace(SMALL, warm_up=4, steps=20)
    engine = TorchEngine(config)
    start = engine.parameters("tied").encoder
    engine.advance({"tied": 1})
    np.testing.assert_array_equal(engine.parameters("tied").encoder, start)
    engine.advance({"tied": 1})
    # AdamW's first step with a gradient moves by the rate, up to ε and weight decay.
    moved = np.abs(engine.parameters("tied").encoder - start)
    assert np.median(moved) == pytest.approx(config.learning_rate / 4, rel=0.5)


def test_every_optimiser_is_implemented() -> None:
    assert set(OPTIMISERS_OF_TORCH) == set(OPTIMISERS)
    assert set(RULES) == set(OPTIMISERS)


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


def trained_state(config: ExperimentConfig, *slices: int) -> State:
    engine = TorchEngine(config)
    for count in slices:
        engine.advance(dict.fromkeys(config.models, count))
    return engine.state()


ALL_MODELS = replace(SMALL, models=tuple(MODELS), features=20, hidden=5, batch=512)


def test_slices_of_any_length_give_the_same_numbers() -> None:
    whole = trained_state(ALL_MODELS, 20)
    assert equal_states(whole, trained_state(ALL_MODELS, 1, 7, 0, 12))


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


@pytest.mark.parametrize("device", ["cuda:99", "cuda:099"])
def test_a_missing_device_is_rejected_with_the_available_ones(device: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        EngineChoice(device=device).make(SMALL)
    message = str(caught.value)
    assert caught.value.name == "device"
    assert message.startswith(f"device {device}: ")
    assert message.endswith("; choose " + " or ".join(available_devices()))
    assert "\n" not in message


@pytest.mark.parametrize(
    ("is_built", "warned", "reason"),
    [
        (False, None, "is built without CUDA; choose cpu"),
        (True, None, "torch sees no GPU here; choose cpu"),
        (True, "CUDA initialization: the driver\n is too old", "the driver is too old; choose cpu"),
    ],
)
def test_cuda_without_a_gpu_says_what_is_missing(
    is_built: bool, warned: str | None, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> int:
        if warned is not None:
            warnings.warn(warned, stacklevel=1)
        return 0

    monkeypatch.setattr("torch.cuda.device_count", count)
    monkeypatch.setattr("torch.backends.cuda.is_built", lambda: is_built)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    with pytest.raises(InvalidValue) as caught:
        resolve_device("cuda")
    assert str(caught.value).endswith(reason)


def test_devices_are_found_by_any_spelling_of_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert [str(resolve_device(name)) for name in ("cpu", "cuda", "cuda:0", "cuda:01")] == [
        "cpu", "cuda:0", "cuda:0", "cuda:1",
    ]  # fmt: skip
    with pytest.raises(InvalidValue, match=r"this machine has no such device; choose .* or cuda:1"):
        resolve_device("cuda:2")


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


@pytest.mark.parametrize("device", available_devices()[1:])
def test_other_devices_train_like_the_cpu(device: str) -> None:
    here, there = TorchEngine(SMALL), TorchEngine(SMALL, device)
    np.testing.assert_allclose(
        there.advance({"tied": 5})["tied"], here.advance({"tied": 5})["tied"], rtol=1e-4
    )


def test_lanes_of_a_model_see_different_data() -> None:
    lanes = [Lane("tied", 0.5, 0), Lane("mlp", 0.5, 0), Lane("tied", 0.5, 1)]
    drawn = [training_data(SMALL, lane, step=0) for lane in lanes]
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
