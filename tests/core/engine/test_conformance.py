"""What every engine promises, asked of each in the registry."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.core.engine.conftest import Make
from tests.core.task.draws import WITHOUT_FILES
from tests.engine_variants import variants_of

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import dataset
from superpos_core.task.initialization import initial_parameters
from superpos_core.task.models import model_named, reconstruct
from superpos_core.task.parameters import Parameters

State = Mapping[str, NDArray[Any]]

MODELS = ("tied", "untied", "linear", "absolute")
"""They differ in all that matters here; a kernel takes long to compile."""
SMALL = ExperimentConfig(
    "small", features=10, hidden=2, models=MODELS, sparsities=(0.0, 0.8, 0.99), batch=128, steps=100
)
TIED = replace(SMALL, models=("tied",))
VARIANTS = {"plain": TIED, **variants_of(TIED)}


def every(config: ExperimentConfig, steps: int) -> dict[str, int]:
    return dict.fromkeys(config.models, steps)


def assert_same_arrays(some: State, others: State) -> None:
    assert some.keys() == others.keys()
    for name, array in some.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def copied(state: State) -> State:
    return {name: array.copy() for name, array in state.items()}


# ── the start ─────────────────────────────────────────────────────────────────────────────────


def test_an_engine_has_its_registered_name(engine_name: str) -> None:
    engine = EngineChoice(engine_name).make(TIED)
    assert engine.name == engine_name
    assert engine.device.startswith("cpu")
    engine.close()


@pytest.mark.parametrize("initial", ["independent", "tied"])
def test_every_lane_starts_from_its_initial_weights(make: Make, initial: str) -> None:
    config = replace(SMALL, initial=initial)
    engine = make(config)
    for model in MODELS:
        for index, lane in enumerate(config.lanes_of(model)):
            start = initial_parameters(config, lane)
            assert_same_arrays(engine.parameters(model).take(index).arrays, start.arrays)


def test_parameters_are_those_declared_by_the_model_with_a_leading_lane_axis(make: Make) -> None:
    engine = make(SMALL)
    for model in MODELS:
        found = {name: array.shape for name, array in engine.parameters(model).arrays.items()}
        assert found == {
            array.name: (3, *array.shape(10, 2)) for array in model_named(model).trained
        }


def test_parameters_are_copies(make: Make) -> None:
    engine = make(TIED)
    before = engine.parameters("tied")
    kept = copied(before.arrays)
    engine.advance({"tied": 2})
    assert_same_arrays(before.arrays, kept)
    engine.parameters("tied").encoder[:] = 9
    assert not np.any(engine.parameters("tied").encoder == 9)


# ── steps ─────────────────────────────────────────────────────────────────────────────────────


def test_models_take_exactly_the_requested_steps(make: Make) -> None:
    engine = make(SMALL)
    before = {model: engine.parameters(model) for model in MODELS}
    losses = engine.advance({"tied": 3, "linear": 0})
    assert {model: array.shape for model, array in losses.items()} == {
        "tied": (3, 3), "linear": (0, 3),
    }  # fmt: skip
    assert losses["tied"].dtype == np.float32
    for model in set(MODELS) - {"tied"}:
        assert_same_arrays(engine.parameters(model).arrays, before[model].arrays)
    moved = engine.parameters("tied").encoder - before["tied"].encoder
    assert np.abs(moved).max() > 0


@pytest.mark.parametrize("variant", ["every model", *VARIANTS])
@pytest.mark.sampled(2)
def test_slices_of_any_length_give_the_same_numbers(make: Make, variant: str) -> None:
    config = {**VARIANTS, "every model": SMALL}[variant]
    whole, sliced = make(config), make(config)
    losses = whole.advance(every(config, 20))
    parts = [sliced.advance(every(config, count)) for count in (1, 7, 0, 12)]
    for model in config.models:
        joined = np.concatenate([part[model] for part in parts])
        np.testing.assert_array_equal(joined, losses[model], err_msg=model)
    assert_same_arrays(whole.state(), sliced.state())


def test_the_same_config_gives_the_same_numbers_and_another_seed_others(make: Make) -> None:
    trained: list[Parameters] = []
    for seed in (0, 0, 1):
        engine = make(replace(TIED, seed=seed))
        engine.advance({"tied": 5})
        trained.append(engine.parameters("tied"))
    first, same, other = trained
    assert_same_arrays(first.arrays, same.arrays)
    assert not np.array_equal(first.encoder, other.encoder)


@pytest.mark.parametrize("model", MODELS)
def test_a_lane_does_not_depend_on_what_else_trains(make: Make, model: str) -> None:
    many, few = make(SMALL), make(replace(SMALL, models=(model,), sparsities=(0.8,)))
    losses = many.advance(every(SMALL, 20))[model]
    np.testing.assert_array_equal(losses[:, 1], few.advance({model: 20})[model][:, 0])
    beside, alone = many.parameters(model).take(1), few.parameters(model).take(0)
    assert_same_arrays(beside.arrays, alone.arrays)


# ── the state ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("variant", VARIANTS)
def test_training_continues_bit_for_bit_from_a_saved_state(make: Make, variant: str) -> None:
    config = VARIANTS[variant]
    first, second = make(config), make(config)
    first.advance({"tied": 7})
    saved = first.state()
    kept = copied(saved)
    second.load_state(saved)
    assert_same_arrays(second.state(), saved)
    losses = first.advance({"tied": 9})["tied"]
    np.testing.assert_array_equal(second.advance({"tied": 9})["tied"], losses)
    assert_same_arrays(first.state(), second.state())
    assert_same_arrays(saved, kept)


def test_a_state_includes_models_that_joined_later(make: Make) -> None:
    first, second = make(TIED), make(TIED)
    first.join("linear")
    first.advance({"linear": 4})
    second.load_state(first.state())
    steps = {"tied": 2, "linear": 3}
    assert_same_arrays(first.advance(steps), second.advance(steps))
    assert_same_arrays(first.state(), second.state())


def without_an_array(state: State) -> State:
    _, *others = state
    return {name: state[name] for name in others}


def with_another_array(state: State) -> State:
    return {**state, "tied/something": np.zeros(3, np.float32)}


def with_an_unknown_model(state: State) -> State:
    return {**state, "mystery/step": np.zeros(3, np.float32)}


def with_half_a_model_more(state: State) -> State:
    return {**state, "linear/something": np.zeros(3, np.float32)}


def with_another_shape(state: State) -> State:
    return {**state, next(iter(state)): np.zeros((2, 5, 4), np.float32)}


def with_words_for_numbers(state: State) -> State:
    name = next(iter(state))
    return {**state, name: np.full(state[name].shape, "x")}


def with_names_of_nothing(state: State) -> State:
    return {name.replace("/", "-"): array for name, array in state.items()}


def without_anything(state: State) -> State:
    return {}


@pytest.mark.parametrize(
    "spoil",
    [
        without_an_array,
        with_another_array,
        with_an_unknown_model,
        with_half_a_model_more,
        with_another_shape,
        with_words_for_numbers,
        with_names_of_nothing,
        without_anything,
    ],
)
def test_an_invalid_state_is_rejected_and_changes_nothing(
    make: Make, spoil: Callable[[State], State]
) -> None:
    engine = make(TIED)
    engine.advance({"tied": 3})
    before = engine.state()
    with pytest.raises(ValueError, match="does not match this config"):
        engine.load_state(spoil(before))
    assert_same_arrays(engine.state(), before)


@pytest.mark.parametrize("change", [{"sparsities": (0.0,)}, {"models": ("untied",)}])
def test_a_state_of_another_config_is_rejected(make: Make, change: dict[str, Any]) -> None:
    engine, other = make(TIED), make(replace(TIED, **change))
    before = engine.state()
    if {name: array.shape for name, array in other.state().items()} == {
        name: array.shape for name, array in before.items()
    }:
        pytest.skip("an engine that keeps nothing of each lane cannot tell")
    with pytest.raises(ValueError, match="does not match this config"):
        engine.load_state(other.state())
    assert_same_arrays(engine.state(), before)


# ── joining ───────────────────────────────────────────────────────────────────────────────────


def test_a_model_that_joins_late_trains_as_if_from_the_start(make: Make) -> None:
    late, always = make(TIED), make(replace(TIED, models=("tied", "linear")))
    late.advance({"tied": 5})
    late.join("linear")
    late.advance({"tied": 4, "linear": 4})
    always.advance({"tied": 9, "linear": 4})
    assert_same_arrays(late.state(), always.state())


def test_an_unknown_model_cannot_join(make: Make) -> None:
    with pytest.raises(InvalidValue, match="did you mean linear"):
        make(TIED).join("linaer")


# ── learning ──────────────────────────────────────────────────────────────────────────────────


def first_loss(engine: Engine, config: ExperimentConfig) -> tuple[FloatArray, FloatArray]:
    """The losses of the first step, and those of datasets by hand, shape (lanes,)."""
    (model,) = config.models
    before = engine.parameters(model)
    expected = []
    for index, lane in enumerate(config.lanes):
        x = dataset(config, lane)
        output = reconstruct(model_named(model), before.take(index), x).output
        expected.append(np.mean(config.importance_of(lane) * (x - output) ** 2))
    return engine.advance({model: 1})[model][0], np.array(expected)


def test_the_loss_on_a_dataset_is_the_mean_over_its_rows(make_learner: Make) -> None:
    config = VARIANTS["whole datasets"]
    found, expected = first_loss(make_learner(config), config)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("distribution", WITHOUT_FILES)
@pytest.mark.sampled(5)  # each is another kernel to compile
def test_the_loss_on_fresh_rows_matches_their_distribution(
    make_learner: Make, distribution: str
) -> None:
    config = replace(
        TIED, distribution=distribution, sparsities=(0.5,), batch=1 << 15, dataset_size=1 << 15
    )
    engine = make_learner(replace(config, dataset_size=0))
    _, expected = first_loss(make_learner(config), config)
    found = engine.advance({"tied": 1})["tied"][0]
    np.testing.assert_allclose(found, expected, rtol=0.05)


def test_a_learning_rate_of_zero_changes_nothing(make_learner: Make) -> None:
    engine = make_learner(replace(TIED, learning_rate_schedule="linear", steps=10))
    engine.advance({"tied": 9})
    before = engine.parameters("tied").encoder
    engine.advance({"tied": 1})
    np.testing.assert_array_equal(engine.parameters("tied").encoder, before)
