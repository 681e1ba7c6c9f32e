"""Valid configs, and the errors of invalid ones."""

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.errors import InvalidValue
from superpos_core.experiments import DEFAULT_EXPERIMENT, EXPERIMENTS, experiment_named
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane, density_of

# Settings, the name of the one at fault, the value shown, and words of the reason and choices.
BAD_SETTINGS: list[tuple[dict[str, Any], str, str, tuple[str, ...]]] = [
    ({"features": 0}, "features", "0", ("at least one", "1 to")),
    ({"features": -3}, "features", "-3", ("at least one", "1 to")),
    ({"features": 16_385}, "features", "16385", ("more than", "to 16384")),
    ({"hidden": 0}, "hidden", "0", ("at least one", "1 to")),
    ({"hidden": 10**9}, "hidden", "1000000000", ("more than", "to 16384")),
    ({"batch": 0}, "batch", "0", ("at least one", "1 to")),
    ({"batch": 2**21}, "batch", "2097152", ("more than",)),
    ({"steps": 0}, "steps", "0", ("at least one", "1 to")),
    ({"steps": 10**9}, "steps", "1000000000", ("more than",)),
    ({"seed": -1}, "seed", "-1", ("out of range", "0 to")),
    ({"seed": 2**63}, "seed", str(2**63), ("out of range", "2**63")),
    ({"learning_rate": 0.0}, "learning-rate", "0.0", ("out of range", "above 0")),
    ({"learning_rate": -1e-3}, "learning-rate", "-0.001", ("out of range",)),
    ({"learning_rate": math.nan}, "learning-rate", "nan", ("out of range",)),
    ({"learning_rate": math.inf}, "learning-rate", "inf", ("out of range",)),
    ({"learning_rate": 11.0}, "learning-rate", "11.0", ("up to 10",)),
    ({"weight_decay": -1001.0}, "weight-decay", "-1001.0", ("out of range", "from -1000")),
    ({"decay_of": "bias"}, "decay-of", "bias", ("all or weights",)),
    ({"weight_decay": math.nan}, "weight-decay", "nan", ("out of range",)),
    ({"importance": 0.0}, "importance", "0.0", ("positive", "0.7")),
    ({"importance": -0.7}, "importance", "-0.7", ("positive",)),
    ({"importance": math.nan}, "importance", "nan", ("positive",)),
    ({"importance": math.inf}, "importance", "inf", ("positive",)),
    ({"importance": 3.0}, "importance", "3.0", ("20 features", "R <=")),
    ({"importance": 1e300}, "importance", "1e+300", ("20 features", "R <=")),
    ({"sparsities": (1.0,)}, "sparsity", "1.0", ("every feature 0", "S < 1")),
    ({"sparsities": (0.0, 1)}, "sparsity", "1", ("every feature 0", "S < 1")),
    ({"sparsities": (-0.1,)}, "sparsity", "-0.1", ("probability", "0 <= S < 1")),
    ({"sparsities": (1.5,)}, "sparsity", "1.5", ("probability", "0 <= S < 1")),
    ({"sparsities": (math.nan,)}, "sparsity", "nan", ("probability", "0 <= S < 1")),
    ({"sparsities": (math.inf,)}, "sparsity", "inf", ("probability",)),
    ({"sparsities": (1 - 1e-12,)}, "sparsity", "0.999999999999", ("too close to 1",)),
    ({"sparsities": ()}, "sparsity", "", ("nothing to train", "comma-separated")),
    ({"models": ()}, "model", "", ("nothing to train",)),
    ({"models": ("tied", "tied")}, "model", "tied", ("twice",)),
    ({"models": ("tide",)}, "model", "tide", ("no such model", "mean tied?", "untied, linear")),
    ({"models": ("tied", "")}, "model", "", ("no such model", "untied")),
    ({"distribution": "unifrom"}, "distribution", "unifrom", ("no such", "mean uniform?")),
    ({"set_size": 0}, "set-size", "0", ("at least one", "1 to")),
    ({"set_size": 2.0}, "set-size", "2.0", ("not a whole number",)),
    ({"set_size": 3, "distribution": "correlated"}, "set-size", "3", ("20 features", "choose 2,")),
    ({"set_size": 9, "distribution": "anticorrelated"}, "set-size", "9", ("choose 10,",)),
    ({"dataset_size": -1}, "dataset-size", "-1", ("out of range", "0 (fresh")),
    ({"dataset_size": 1 << 28}, "dataset-size", str(1 << 28), ("20 features", "13421772")),
    ({"dataset_size": 2.5}, "dataset-size", "2.5", ("not a whole number",)),
    ({"warm_up": -1}, "warm-up", "-1", ("out of range", "from 0")),
    ({"warm_up": 100, "steps": 100}, "warm-up", "100", ("100 steps", "0 to 99")),
    ({"optimiser": "adam"}, "optimiser", "adam", ("no such", "mean adamw?", "sgd")),
    ({"momentum": 1.0}, "momentum", "1.0", ("out of range", "< 1")),
    ({"momentum": -0.1}, "momentum", "-0.1", ("out of range",)),
    ({"momentum": math.nan}, "momentum", "nan", ("out of range",)),
    ({"hidden_penalty": -1e-3}, "hidden-penalty", "-0.001", ("out of range", "from 0")),
    ({"hidden_noise": -0.1}, "hidden-noise", "-0.1", ("out of range", "from 0")),
    ({"hidden_dropout": 1.0}, "hidden-dropout", "1.0", ("dropout < 1", "0.2")),
    ({"sweep": "hidden-noise", "sweep_values": (1.0,)}, "hidden-noise", "0", ("a number above 0",)),
    ({"hidden_penalty": math.inf}, "hidden-penalty", "inf", ("out of range",)),
    (
        {"sweep": "hidden-penalty", "sweep_values": (0.0, 1.0)},
        "hidden-penalty",
        "0",
        ("above 0",),
    ),
    (
        {"sweep": "hidden-penalty", "sweep_values": (-1.0,), "hidden_penalty": 1.0},
        "sweep-values",
        "-1.0",
        ("from 0",),
    ),
    (
        {"sweep": "hidden-penalty", "sweep_values": (9.0,), "hidden_penalty": 999.0},
        "hidden-penalty",
        "8991.0",
        ("out of range",),
    ),
    ({"initial": "tide"}, "initial", "tide", ("no such", "mean tied?", "independent")),
    ({"initial": "4-gon"}, "initial", "4-gon", ("2 hidden", "not 5", "--hidden 2")),
    (
        {"initial": "4-gon", "features": 3, "hidden": 2},
        "initial",
        "4-gon",
        ("features 4",),
    ),
    ({"initial_scale": 0.0}, "initial-scale", "0.0", ("out of range", "above 0")),
    ({"initial_scale": math.nan}, "initial-scale", "nan", ("out of range",)),
]


@pytest.mark.parametrize(
    ("settings", "name", "value", "words"), BAD_SETTINGS, ids=[str(bad[0]) for bad in BAD_SETTINGS]
)
def test_a_bad_value_is_rejected_with_a_helpful_line(
    settings: dict[str, Any], name: str, value: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidValue) as caught:
        ExperimentConfig("test", **settings)
    message = str(caught.value)
    assert caught.value.name == name
    assert message.startswith(f"{name} {value}")
    assert "; choose " in message
    assert "\n" not in message
    assert len(message) < 250
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": 30},
        {"features": 1, "hidden": 1},
        {"features": 1, "importance": 1e300},
        {"sparsities": (0.0,)},
        {"sparsities": (0.99999,)},
        {"importance": 1},
        {"importance": 2.0},
        {"importance": 1e-3},
        {"weight_decay": 0.0},
        {"seed": 2**63 - 1},
        {"steps": 1, "batch": 1},
        {"learning_rate": 10},
        {"features": 4096, "hidden": 4096},
        {"models": ("mlp",)},
        {"set_size": 3},
        {"set_size": 20, "distribution": "correlated"},
        {"features": 7, "distribution": "one-hot"},
        {"dataset_size": 1 << 23},
        {"warm_up": 99, "steps": 100},
        {"momentum": 0, "optimiser": "sgd"},
    ],
    ids=str,
)
def test_values_at_the_limits_are_accepted(settings: dict[str, Any]) -> None:
    config = ExperimentConfig("test", **settings)
    assert np.isfinite(config.feature_importance).all()
    assert len(config.lanes) == len(config.models) * len(config.sparsities)


@pytest.mark.parametrize("features", [2, 3, 20, 400, 4096])
def test_the_largest_importance_that_an_error_names_is_accepted(features: int) -> None:
    with pytest.raises(InvalidValue) as caught:
        ExperimentConfig("test", features=features, importance=1e7)
    named = float(str(caught.value).split("R <= ")[1].split(",")[0])
    config = ExperimentConfig("test", features=features, importance=named)
    assert config.feature_importance.max() <= 1e6 * (1 + 1e-9)
    assert named > 1


def test_decay_applies_to_all_parameters_to_the_weights_or_to_row_norms() -> None:
    def decay_of(weight_decay: float, applies_to: str) -> tuple[float, float, float]:
        decay = ExperimentConfig("test", weight_decay=weight_decay, decay_of=applies_to).decay
        return decay.of_all, decay.of_weights, decay.towards_one

    assert decay_of(0.1, "all") == (0.1, 0.0, 0.0)
    assert decay_of(0.1, "weights") == (0.0, 0.1, 0.0)
    assert decay_of(-0.1, "all") == decay_of(-0.1, "weights") == (0.0, -0.1, 0.1)


@pytest.mark.parametrize("name", ["features", "hidden", "batch", "steps", "seed"])
def test_a_fractional_count_is_rejected(name: str) -> None:
    settings: dict[str, Any] = {name: 2.5}
    with pytest.raises(InvalidValue):
        ExperimentConfig("test", **settings)


@given(
    st.fixed_dictionaries(
        {
            "features": st.integers(-5, 5000),
            "hidden": st.integers(-5, 5000),
            "importance": st.floats(),
            "learning_rate": st.floats(),
            "sparsities": st.lists(st.floats(), max_size=3).map(tuple),
            "models": st.lists(st.text(max_size=5) | st.just("tied"), max_size=2).map(tuple),
            "seed": st.integers(),
        }
    )
)
def test_any_settings_make_a_config_or_an_invalid_value(settings: dict[str, Any]) -> None:
    try:
        config = ExperimentConfig("test", **settings)
    except InvalidValue:
        return
    assert np.isfinite(config.feature_importance).all()
    assert all(0 < lane.density <= 1 for lane in config.lanes)


def test_importance_falls_by_a_constant_ratio() -> None:
    config = ExperimentConfig("test", features=4, importance=0.5)
    np.testing.assert_array_equal(config.feature_importance, [1, 0.5, 0.25, 0.125])
    uniform = ExperimentConfig("test", features=4, importance=1)
    np.testing.assert_array_equal(uniform.feature_importance, 1)


@pytest.mark.parametrize(
    ("sparsity", "density"), [(0, 1), (0.9, 0.1), (0.7, 0.3), (0.99, 0.01), (0.999, 0.001)]
)
def test_density_is_the_expected_decimal_number(sparsity: float, density: float) -> None:
    assert density_of(sparsity) == density
    assert Lane("tied", sparsity, 0).density == density


def test_every_feature_of_a_lane_is_active_with_its_density() -> None:
    config = ExperimentConfig("test", features=3)
    probability = config.feature_probability(Lane("tied", 0.7, 0))
    np.testing.assert_array_equal(probability, [0.3, 0.3, 0.3])


def test_lanes_are_ordered_by_model() -> None:
    config = ExperimentConfig("test", models=("mlp", "tied"), sparsities=(0.9, 0.0), seed=4)
    assert config.lanes == (
        Lane("mlp", 0.9, 4),
        Lane("mlp", 0.0, 4),
        Lane("tied", 0.9, 4),
        Lane("tied", 0.0, 4),
    )


def test_a_config_is_frozen_and_made_of_plain_values() -> None:
    config = ExperimentConfig("test")
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.seed = 1  # type: ignore[misc]
    told = json.loads(json.dumps(config.as_dict()))
    assert told["sparsities"] == list(config.sparsities)
    assert ExperimentConfig(**config.as_dict()) == config


def test_the_default_config_is_the_experiment_twenty() -> None:
    config = experiment_named("twenty").config
    assert DEFAULT_EXPERIMENT == "twenty"
    assert (config.features, config.hidden, config.importance) == (20, 5, 0.7)
    assert config.sparsities == (0.0, 0.7, 0.9, 0.99, 0.999)
    assert list(config.models) == ["tied", "untied"]
    assert (config.batch, config.steps) == (1024, 10_000)
    assert (config.learning_rate, config.weight_decay) == (1e-3, 0.01)
    assert EXPERIMENTS["twenty"].name == "twenty"


@pytest.mark.parametrize("name", ["seed", "Seed"])
def test_an_experiment_is_found_by_its_former_name(name: str) -> None:
    assert experiment_named(name) is experiment_named("twenty")


def test_an_unknown_experiment_lists_the_known_ones() -> None:
    with pytest.raises(InvalidValue, match=r"did you mean twenty\?; choose .*twenty"):
        experiment_named("twnty")
