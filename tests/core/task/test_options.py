"""Options are declared once, on their fields: what a config makes of them, and reads back."""

import json
from dataclasses import dataclass, fields
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import DISTRIBUTIONS
from superpos_core.task.decay import DECAYED
from superpos_core.task.dictionaries.directions import DIRECTIONS
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.dictionaries.options import (
    BIASES,
    ENCODERS,
    NORMS,
    DictionaryOptions,
)
from superpos_core.task.dictionaries.options import STARTS as DICTIONARY_STARTS
from superpos_core.task.frequencies import FREQUENCIES
from superpos_core.task.grid import MAX_SEED, MAX_SPARSITY, Grid
from superpos_core.task.models import MODELS
from superpos_core.task.noise_schedules import NOISE_SCHEDULES
from superpos_core.task.optimisers import OPTIMISERS
from superpos_core.task.options import option, options_of
from superpos_core.task.recipe import MAX_STEPS, Recipe
from superpos_core.task.schedules import SCHEDULES
from superpos_core.task.starts import STARTS
from superpos_core.task.sweeps import SWEEPS
from superpos_core.task.task import Task
from superpos_core.task.values import Number

PARTS = (Task, Recipe, Grid, DictionaryOptions)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "features": st.integers(1, 100),
    "hidden": st.integers(1, 100) | st.just(2),
    "importance": st.floats(1e-3, 1.1),
    "distribution": st.sampled_from(sorted(DISTRIBUTIONS)),
    "frequency": st.sampled_from(sorted(FREQUENCIES))
    | st.lists(st.floats(0, 1), min_size=1, max_size=20).map(tuple),
    "alpha": st.floats(0, 10),
    "active": st.floats(0, 16, exclude_min=True),
    "set_size": st.integers(1, 10),
    "branching": st.integers(1, 10),
    "correlation": st.just((0.0,)) | st.floats(-1, 1).map(lambda value: (value,)),
    "value_noise": st.floats(0, 1),
    "covariance": st.just(""),
    "rows": st.just(""),
    "dataset_size": st.integers(0, 1000),
    "models": st.lists(st.sampled_from(sorted(MODELS)), min_size=1, unique=True).map(tuple),
    "sparsities": st.lists(st.floats(-0.0, MAX_SPARSITY), min_size=1).map(tuple),
    "sweep": st.sampled_from(sorted(SWEEPS)),
    "sweep_values": st.lists(st.floats(0, 2), max_size=4).map(tuple),
    "restarts": st.integers(1, 100),
    "seed": st.integers(0, MAX_SEED),
    "steps": st.integers(1000, MAX_STEPS),
    "batch": st.integers(1, 1 << 20),
    "optimiser": st.sampled_from(sorted(OPTIMISERS)),
    "momentum": st.floats(0, 1, exclude_max=True),
    "learning_rate": st.floats(0, 10, exclude_min=True),
    "learning_rate_schedule": st.sampled_from(sorted(SCHEDULES)),
    "warm_up": st.integers(0, 999),
    "weight_decay": st.floats(-1000, 1000),
    "decay_of": st.sampled_from(sorted(DECAYED)),
    "hidden_penalty": st.floats(0, 1000),
    "hidden_noise": st.floats(0, 1000),
    "hidden_noise_schedule": st.sampled_from(sorted(NOISE_SCHEDULES)),
    "hidden_dropout": st.floats(0, 1, exclude_max=True),
    "initial": st.sampled_from(sorted(STARTS)),
    "initial_scale": st.floats(0, 100, exclude_min=True),
    "dictionaries": st.lists(st.sampled_from(sorted(KINDS)), min_size=1, unique=True).map(tuple),
    "latents": st.integers(1, 100),
    "active_latents": st.floats(0, 2, exclude_min=True),
    "latent_penalty": st.floats(0, 1000),
    "directions": st.sampled_from(sorted(DIRECTIONS)),
    "model_steps": st.integers(0, MAX_STEPS),
    "encoder": st.sampled_from(sorted(ENCODERS)),
    "decoder_bias": st.sampled_from(sorted(BIASES)),
    "decoder_norm": st.sampled_from(sorted(NORMS)),
    "dictionary_start": st.sampled_from(sorted(DICTIONARY_STARTS)),
    "resample_every": st.integers(0, MAX_STEPS),
}


@st.composite
def configs(draw: st.DrawFn) -> ExperimentConfig:
    """Any valid config, with some options that are not the default ones."""
    names = draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=8))
    values = {name: draw(VALUES[name]) for name in sorted(names)}
    try:
        return ExperimentConfig(draw(st.text(max_size=9)), kind=draw(st.text(max_size=9)), **values)
    except InvalidValue:  # options that do not suit each other
        assume(False)
        raise


# ── the parts ─────────────────────────────────────────────────────────────────────────────────


def test_every_option_belongs_to_one_part() -> None:
    by_part = [{each.field for each in options_of(part)} for part in PARTS]
    together = {each.field for each in options_of(ExperimentConfig)}
    assert set[str]().union(*by_part) == together == VALUES.keys()
    assert sum(map(len, by_part)) == len(together)
    assert together <= {field.name for field in fields(ExperimentConfig)}


def test_each_part_works_alone_and_checks_itself() -> None:
    assert Task(features=3, hidden=2).feature_importance.shape == (3,)
    assert len(Grid(models=("tied",), restarts=3).lanes) == 15
    with pytest.raises(InvalidValue, match="warm-up 9: the whole run is 9 steps"):
        Recipe(steps=9, warm_up=9)
    with pytest.raises(InvalidValue, match="3 features do not divide"):
        Task(features=3, distribution="correlated")
    with pytest.raises(InvalidValue, match="nothing is swept"):
        Grid(sweep_values=(1.0,))


# ── what is written is read back ──────────────────────────────────────────────────────────────


@given(configs())
def test_a_config_survives_a_round_trip_through_json(
    config: ExperimentConfig,
) -> None:
    written = json.loads(json.dumps(config.as_dict()))
    assert ExperimentConfig.from_dict(written) == config
    assert ExperimentConfig.from_dict(config.as_dict()) == config


def test_an_option_missing_from_an_old_file_has_its_default() -> None:
    config = EXPERIMENTS["pentagon"].config
    older = {name: value for name, value in config.as_dict().items() if name != "initial"}
    assert ExperimentConfig.from_dict(older) == config


def test_the_order_of_names_in_files_is_fixed() -> None:
    """The identity of a run is a digest of its config as text."""
    names = (
        "name, features, hidden, models, sparsities, importance, distribution, set_size, "
        "dataset_size, batch, steps, learning_rate, learning_rate_schedule, warm_up, optimiser, "
        "momentum, weight_decay, hidden_penalty, initial, initial_scale, seed, restarts, sweep, "
        "sweep_values"
    )
    assert ", ".join(ExperimentConfig("test").as_dict()).startswith(names)


def refusal(**values: Any) -> str:
    """The one line about a config that cannot be read."""
    with pytest.raises(InvalidValue) as caught:
        ExperimentConfig.from_dict({"name": "test", **values})
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 200
    return message


@pytest.mark.parametrize("field", ["name", "kind", *VALUES])
@pytest.mark.parametrize("value", [None, {"a": 1}, [[1]], True, b"5"], ids=str)
def test_a_value_of_the_wrong_type_is_rejected_by_name(field: str, value: object) -> None:
    message = refusal(**{field: value})
    names = {each.field: each.name for each in options_of(ExperimentConfig)}
    assert message.startswith(f"{names.get(field, field)} ")


def test_a_number_as_text_is_rejected() -> None:
    assert refusal(steps="5").startswith("steps 5: it is not a whole number")
    assert refusal(learning_rate="0.1").startswith("learning-rate 0.1: it is not a number")
    assert refusal(sparsities=["0.5"]).startswith("sparsity 0.5: it is not a number")
    assert refusal(sparsities=0.5).startswith("sparsity 0.5: it is not a tuple")


def test_an_option_of_a_newer_version_is_rejected_by_name() -> None:
    message = refusal(temperature=0.5)
    assert message.startswith("temperature 0.5: superpos-tui ")
    assert "newer" in message


def test_a_config_without_a_name_is_rejected() -> None:
    with pytest.raises(InvalidValue, match="name '': it is missing"):
        ExperimentConfig.from_dict({"features": 5})


# ── one more option is one more field ─────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Warmer(ExperimentConfig):
    """A config with an option of a later day."""

    temperature: float = option(
        1.0, help="How warm it is.", heading="Training", takes=Number(above=0, most=9)
    )


def test_a_new_field_is_checked_written_and_read_back() -> None:
    config = Warmer(name="test", temperature=2.5)
    assert "temperature" in {each.name for each in options_of(Warmer)}
    assert Warmer.from_dict(json.loads(json.dumps(config.as_dict()))) == config
    with pytest.raises(InvalidValue, match=r"temperature 9\.5: out of range"):
        Warmer(name="test", temperature=9.5)
