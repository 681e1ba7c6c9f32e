"""What training begins from: the default's numbers, tied decoders, and regular polygons."""

import math
from dataclasses import replace

import numpy as np
import pytest

from superpos_core.engine.fused.engine import FusedEngine
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.files.runs.manifest import identifying_settings
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import FIRST_IN_FILES, ExperimentConfig
from superpos_core.task.initialization import initial_parameters, stacked_initial_parameters
from superpos_core.task.models import MODELS, model_named
from superpos_core.task.starts import POLYGON_CORNERS, STARTS
from superpos_core.theory import level_of, one_sparse_loss
from superpos_core.theory.polygons import best_polygon
from superpos_core.training.run import train

ALL = ExperimentConfig("test", features=10, hidden=2, models=tuple(MODELS), steps=3, batch=8)
PLANE = replace(ALL, models=("tied",), distribution="one-hot", importance=1, sparsities=(0.0,))


@pytest.mark.parametrize("model", MODELS)
def test_the_default_start_draws_the_encoder_and_then_the_decoder(model: str) -> None:
    """Written out: these numbers belong to a seed for good."""
    lane = replace(ALL.lanes[0], model=model)
    start = initial_parameters(ALL, lane)
    random = lane.random("initial weights")
    scale = math.sqrt(2 / 12)
    expected = (scale * random.standard_normal((10, 2))).astype(np.float32)
    np.testing.assert_array_equal(start.encoder, expected)
    if not model_named(model).tied:
        expected = (scale * random.standard_normal((2, 10))).astype(np.float32)
        np.testing.assert_array_equal(start.decoder, expected)
    assert not start.bias.any()


@pytest.mark.parametrize("model", MODELS)
def test_the_tied_start_is_the_default_with_the_decoder_of_a_tied_model(model: str) -> None:
    lane = replace(ALL.lanes[0], model=model)
    independent = initial_parameters(ALL, lane)
    tied = initial_parameters(replace(ALL, initial="tied"), lane)
    np.testing.assert_array_equal(tied.encoder, independent.encoder)
    np.testing.assert_array_equal(tied.decoder, tied.encoder.T)
    assert (tied.is_tied) == model_named(model).tied
    assert not tied.bias.any()


@pytest.mark.parametrize("model", MODELS)
def test_tied_magnitudes_let_every_feature_open_its_own_output(model: str) -> None:
    """By one sign or the other, where there are hidden units enough; W₂ is |W₁|ᵀ."""
    lane = replace(ALL.lanes[0], model=model)
    config = replace(ALL, initial="tied-magnitudes")
    start, independent = initial_parameters(config, lane), initial_parameters(ALL, lane)
    np.testing.assert_array_equal(start.encoder, independent.encoder)
    assert (start.is_tied) == model_named(model).tied
    if not start.is_tied:
        np.testing.assert_array_equal(start.decoder, np.abs(start.encoder.T))
        own = np.abs(start.encoder) * start.decoder.T
        assert np.all(own.max(axis=1) > 0)
    assert not start.bias.any()


@pytest.mark.parametrize("corners", POLYGON_CORNERS)
def test_a_polygon_starts_on_its_level_with_the_other_features_near_zero(corners: int) -> None:
    config = replace(PLANE, initial=f"{corners}-gon", initial_scale=1e-3)
    start = initial_parameters(config, config.lanes[0])
    polygon = best_polygon(corners)
    norms = np.linalg.norm(start.encoder, axis=1)
    np.testing.assert_allclose(norms[:corners], polygon.radius, atol=1e-3)
    assert np.max(norms[corners:], initial=0) < 1e-3
    directions = start.encoder[:corners] / norms[:corners, None]
    neighbours = np.sum(directions * np.roll(directions, -1, axis=0), axis=1)
    np.testing.assert_allclose(neighbours, math.cos(2 * math.pi / corners), atol=1e-3)
    np.testing.assert_allclose(start.bias[:corners], polygon.bias, rtol=1e-6)
    assert not start.bias[corners:].any()
    if corners <= 6:
        level = level_of(float(one_sparse_loss(start.encoder @ start.encoder.T, start.bias)), 10)
        assert level is not None
        assert level.name == str(corners)


def test_restarts_from_one_polygon_differ() -> None:
    config = replace(PLANE, initial="4-gon", restarts=2)
    first, second = stacked_initial_parameters(config, config.lanes).encoder
    assert 0.01 < np.max(np.abs(first - second)) < 0.5


@pytest.mark.parametrize("engine", [FusedEngine, TorchEngine])
@pytest.mark.parametrize("initial", STARTS)
def test_both_engines_start_there(initial: str, engine: type[FusedEngine | TorchEngine]) -> None:
    """One step of AdamW moves no weight further than its learning rate, decay aside."""
    models = ("tied", "untied", "absolute")
    config = replace(ALL, models=models, sparsities=(0.5,), initial=initial, steps=1)
    run = train(config, engine=engine).record_as(LanesRecord)
    for lane in config.lanes:
        start, after = initial_parameters(config, lane), run.cohorts[lane.model].parameters.take(0)
        for before, now in (
            (start.encoder, after.encoder),
            (start.decoder, after.decoder),
            (start.bias, after.bias),
        ):
            assert np.max(np.abs(now - before)) < 1.1 * config.learning_rate


def test_a_moment_keeps_its_identity_from_before_there_were_starts_and_kinds() -> None:
    """Folders written then lack every later field, but still hold the same run."""
    first = [name for name in FIRST_IN_FILES if name != "initial"]
    assert list(identifying_settings(PLANE)) == first
    assert identifying_settings(replace(PLANE, initial="4-gon"))["initial"] == "4-gon"
