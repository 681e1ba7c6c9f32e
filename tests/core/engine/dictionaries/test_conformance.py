"""What both engines for dictionaries promise, and that they take the same steps."""

from typing import Any

import numpy as np
import pytest
from tests.core.engine.dictionaries.examples import (
    ENGINES,
    LANES,
    away_from_start,
    dictionaries,
    every,
    move_from_start,
    reading,
)

from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import KINDS, kind_named
from superpos_core.task.dictionaries.start import initial_dictionary
from superpos_core.task.dictionaries.truth import made_directions
from superpos_core.task.parameters import Parameters

VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "tied": {"encoder": "tied"},
    "without bias, of any length": {"decoder_bias": "zero", "decoder_norm": "free"},
    "tied, without bias, of any length": {
        "encoder": "tied", "decoder_bias": "zero", "decoder_norm": "free",
    },
    "of any length": {"decoder_norm": "free"},
    "resampled": {"resample_every": 3},
    "features of any value": {"distribution": "uniform"},
    "wide": {"latents": 23, "hidden": 7, "active_latents": 4.3, "distribution": "uniform"},
    "many dimensions": {"latents": 6, "hidden": 37, "distribution": "uniform"},
    "many dimensions, few patterns": {"features": 4, "hidden": 70, "encoder": "tied"},
    "a sweep of activity": {
        "sweep": "latent-activity", "sweep_values": (0.6, 1.0), "distribution": "uniform",
    },
    "cosine rates after a warm-up": {"warm_up": 3, "learning_rate_schedule": "cosine"},
}  # fmt: skip

OF_BUNDLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "without bias, of any length": {"decoder_bias": "zero", "decoder_norm": "free"},
    "of any length": {"decoder_norm": "free"},
    "resampled": {"resample_every": 3},
    "many dimensions": {"features": 4, "hidden": 37, "latents": 6},
    "a leader's few patterns, in half of the dimensions": {
        "features": 3, "hidden": 6, "latents": 7, "distribution": "leader",
        "correlation": (1.0, 0.0), "sparsities": (0.4, 0.7),
    },
}  # fmt: skip
"""Variants of ReLU dictionaries on counted rows, of which sixteen are trained at once."""


def trained(engine: str, config: ExperimentConfig, steps: int = 8) -> dict[str, Any]:
    """Losses, activity and parameters of each kind, from starts that are not symmetric."""
    made = reading(engine, config)
    move_from_start(made, config)
    losses = made.advance(every(config, steps))
    found = {
        kind: (losses[kind], made.active(kind), made.parameters(kind).arrays)
        for kind in config.dictionaries
    }
    made.close()
    return found


@pytest.mark.parametrize("variant", VARIANTS)
def test_both_engines_take_the_same_steps(variant: str) -> None:
    check_that_engines_agree(dictionaries(**VARIANTS[variant]))


@pytest.mark.parametrize("variant", OF_BUNDLES)
def test_both_engines_take_the_same_steps_in_bundles(variant: str) -> None:
    relu = {"dictionaries": ("relu",), "restarts": 17}
    check_that_engines_agree(dictionaries(**relu, **OF_BUNDLES[variant]))


def test_small_losses_of_bundles_are_right() -> None:
    """Also where latents cancel each other outside of the subspace in which all rows are."""
    config = dictionaries(
        features=3, hidden=8, latents=6, restarts=17, dictionaries=("relu",), latent_penalty=0.0,
        decoder_norm="free", steps=1500, learning_rate=1e-2, learning_rate_schedule="cosine",
    )  # fmt: skip
    made = reading("fused", config)
    assert made.advance({"relu": 1500})["relu"].min() > 0
    ended = made.parameters("relu")
    made.close()
    found = {}
    for engine in ENGINES:
        made = reading(engine, config)
        made.start_from("relu", ended)
        found[engine] = made.advance({"relu": 1})["relu"]
        made.close()
    assert np.median(found["torch"]) < 1e-6
    np.testing.assert_allclose(found["fused"], found["torch"], rtol=1e-2, atol=1e-12)


def check_that_engines_agree(config: ExperimentConfig) -> None:
    """Fail unless losses, activity and parameters are the same."""
    fused, torch = (trained(engine, config) for engine in ENGINES)
    for kind in config.dictionaries:
        for ours, theirs in zip(fused[kind][:2], torch[kind][:2], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=2e-5, err_msg=kind)
        for name, array in fused[kind][2].items():
            np.testing.assert_allclose(
                array, torch[kind][2][name], atol=2e-5, err_msg=f"{kind}: {name}"
            )


@pytest.mark.parametrize("engine", ENGINES)
def test_lanes_start_as_declared(engine: str) -> None:
    config = dictionaries()
    made = reading(engine, config)
    directions = made_directions(config, config.lanes_of("relu"))
    for kind in KINDS:
        found = made.parameters(kind)
        shapes = {name: array.shape for name, array in found.arrays.items()}
        assert shapes == {
            each.name: (LANES, *each.shape(5, 3, 5)) for each in kind_named(kind).trained
        }
        for index, lane in enumerate(config.lanes_of(kind)):
            start = initial_dictionary(config, lane, directions[index])
            for name, array in found.take(index).arrays.items():
                np.testing.assert_allclose(array, start.arrays[name], rtol=1e-6, err_msg=name)
    made.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_slices_and_resuming_change_nothing(engine: str) -> None:
    config = dictionaries(resample_every=5)
    whole, sliced = reading(engine, config), reading(engine, config)
    losses = whole.advance(every(config, 13))
    parts = [sliced.advance(every(config, count)) for count in (1, 4, 0, 3)]
    resumed = reading(engine, config)
    resumed.load_state(sliced.state())
    parts.append(resumed.advance(every(config, 5)))
    for kind in KINDS:
        joined = np.concatenate([part[kind] for part in parts])
        np.testing.assert_array_equal(joined, losses[kind], err_msg=kind)
        np.testing.assert_array_equal(resumed.active(kind), whole.active(kind)[8:], err_msg=kind)
    for name, array in whole.state().items():
        np.testing.assert_array_equal(array, resumed.state()[name], err_msg=name)
    for made in (whole, sliced, resumed):
        made.close()


@pytest.mark.parametrize("distribution", ["uniform", "binary"])
def test_neither_threads_nor_other_lanes_change_a_number(distribution: str) -> None:
    kinds = ("batch-topk", "relu")
    config = dictionaries(restarts=40, dictionaries=kinds, distribution=distribution)
    one, three = reading("fused", config, 1), reading("fused", config, 3)
    alone = reading("fused", dictionaries(
        restarts=40, dictionaries=("relu",), distribution=distribution, sparsities=(0.9,)
    ))  # fmt: skip
    losses = one.advance(every(config, 80))
    for kind, values in three.advance(every(config, 80)).items():
        np.testing.assert_array_equal(values, losses[kind])
    np.testing.assert_array_equal(alone.advance({"relu": 80})["relu"], losses["relu"][:, 40:])
    for made in (one, three, alone):
        made.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_constraints_hold(engine: str) -> None:
    config = dictionaries(encoder="tied", decoder_bias="zero")
    for losses, active, arrays in trained(engine, config).values():
        assert losses.shape == active.shape == (8, LANES)
        np.testing.assert_allclose(np.linalg.norm(arrays["decoder"], axis=2), 1, atol=1e-6)
        np.testing.assert_array_equal(arrays["encoder"], arrays["decoder"].swapaxes(1, 2))
    made = reading(engine, config)
    made.advance(every(config, 2))
    assert not any(made.parameters(kind).bias.any() for kind in KINDS)
    made.close()


@pytest.mark.parametrize("restarts", [1, 17])
def test_a_start_from_the_truth_reconstructs_orthogonal_features(restarts: int) -> None:
    config = dictionaries(
        restarts=restarts, hidden=6, directions="orthogonal", dictionary_start="truth",
        dictionaries=("relu",), latent_penalty=0.0,
    )  # fmt: skip
    made = reading("fused", config)
    directions = made_directions(config, config.lanes_of("relu"))
    np.testing.assert_allclose(made.parameters("relu").decoder, directions, atol=1e-6)
    assert made.advance({"relu": 1})["relu"].max() < 1e-10
    made.close()


def test_what_is_impossible_is_refused() -> None:
    with pytest.raises(InvalidValue, match="one latent for each of 5"):
        EngineChoice("fused").make(dictionaries(dictionary_start="truth", latents=4))
    config = dictionaries(encoder="tied", dictionaries=("relu",))
    unread = EngineChoice("fused").make(config)
    with pytest.raises(ValueError, match="nothing to read"):
        unread.join("relu")
    unread.close()
    made = reading("fused", config)
    start: Parameters = away_from_start(made.parameters("relu"))
    with pytest.raises(ValueError, match="not the decoder's transpose"):
        made.start_from("relu", start)
    made.close()
