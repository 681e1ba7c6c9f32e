"""README's loops are what the folder holds afterwards."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.core.live.examples import plain_torch, stacked_torch, with_numpy
from tests.core.live.rig import losses, manifest, moments, status

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig

STEPS = 30


def config_in(folder: Path) -> ExperimentConfig:
    """The config, which has to be a valid one."""
    return ExperimentConfig.from_dict(manifest(folder)["config"])


def of(tensor: torch.Tensor) -> FloatArray:
    array: FloatArray = tensor.detach().numpy()
    return array


def check_ended(folder: Path, model: str = "tied") -> None:
    """Check what all examples have in common."""
    assert status(folder).state == "finished"
    assert list(losses(folder)) == list(range(STEPS))
    kept = moments(folder, model)
    assert set(kept) >= {0, 1, 10, 20, STEPS - 1}
    shown = [arrays["W"] for arrays in kept.values()]
    assert all(np.any(one != other) for one, other in itertools.pairwise(shown))


@pytest.mark.thorough  # torch.optim takes long to import
def test_a_plain_loop(tmp_path: Path) -> None:
    model = plain_torch.train(str(tmp_path), STEPS, batch=16)
    check_ended(tmp_path)
    last = moments(tmp_path)[STEPS - 1]
    np.testing.assert_array_equal(last["W"], of(model.W)[None])
    np.testing.assert_array_equal(last["b"], of(model.b)[None])
    config = config_in(tmp_path)
    assert (config.sparsities, config.importance, config.batch) == ((0.9,), 0.9, 16)


@pytest.mark.thorough
def test_stacked_instances_are_lanes(tmp_path: Path) -> None:
    models = stacked_torch.train(str(tmp_path), STEPS, batch=16)
    check_ended(tmp_path)
    last = moments(tmp_path)[STEPS - 1]
    np.testing.assert_array_equal(last["W"], of(models.W))
    np.testing.assert_array_equal(last["b"], of(models.b_final))
    config = config_in(tmp_path)
    density = [lane.density for lane in config.lanes_of("tied")]
    np.testing.assert_allclose(density, 20.0 ** -np.linspace(0, 1, 10), rtol=1e-6)
    assert config.importance == pytest.approx(0.9)
    assert all(len(row) == 10 for row in losses(tmp_path).values())


def test_a_loop_in_numpy(tmp_path: Path) -> None:
    W = with_numpy.train(str(tmp_path), STEPS)
    check_ended(tmp_path, "linear")
    last = moments(tmp_path, "linear")[STEPS - 1]["W"]
    np.testing.assert_allclose(last, W.T[None], rtol=1e-6)
    config = config_in(tmp_path)
    assert config.models == ("linear",)
    assert config.importance == pytest.approx(0.7)
    assert config.learning_rate == with_numpy.RATE
