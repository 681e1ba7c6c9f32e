"""The directions that dictionaries should find, and the models that have them."""

from dataclasses import replace

import numpy as np
import pytest

from superpos_core.errors import InvalidValue
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.dictionaries.directions import DIRECTIONS
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.truth import made_directions, model_config, model_lanes_of

CONFIG = ExperimentConfig(
    "truth", kind=DICTIONARIES, features=4, hidden=6, directions="orthogonal",
    sparsities=(0.5, 0.9), restarts=2, dictionaries=("relu", "topk"), latents=4, model_steps=7,
    sweep="latent-activity", sweep_values=(0.5, 1.0),
)  # fmt: skip


def test_orthogonal_directions_are_orthonormal_and_random_ones_have_length_1() -> None:
    lanes = CONFIG.lanes_of("relu")
    each = made_directions(CONFIG, lanes)
    assert each.shape == (8, 4, 6)
    np.testing.assert_allclose(each @ each.swapaxes(1, 2), np.broadcast_to(np.eye(4), (8, 4, 4)),
                               atol=1e-6)  # fmt: skip
    drawn = made_directions(replace(CONFIG, directions="random"), lanes)
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=2), 1, rtol=1e-6)
    assert np.abs(drawn[0] @ drawn[0].T - np.eye(4)).max() > 0.05


def test_kinds_and_swept_values_share_directions_and_seeds_do_not() -> None:
    of_relu, of_topk = (made_directions(CONFIG, CONFIG.lanes_of(kind)) for kind in ("relu", "topk"))
    np.testing.assert_array_equal(of_relu, of_topk)
    np.testing.assert_array_equal(of_relu[0], of_relu[2])  # the other swept value, the same seed
    assert np.abs(of_relu[0] - of_relu[1]).max() > 0.1


def test_more_orthogonal_directions_than_dimensions_are_refused() -> None:
    with pytest.raises(InvalidValue, match="only 3 orthogonal directions fit"):
        DIRECTIONS["orthogonal"].check(4, 3)
    DIRECTIONS["random"].check(4, 3)
    with pytest.raises(InvalidValue, match="only 3 orthogonal directions fit"):
        replace(CONFIG, hidden=3)


def test_one_model_trains_for_each_sparsity_and_seed() -> None:
    config = replace(CONFIG, directions="model")
    of_models = model_config(config)
    assert (of_models.kind, of_models.steps, of_models.sweep) == (LANES, 7, "none")
    read = list(model_lanes_of(config, config.lanes_of("topk")))
    assert read == [0, 1, 0, 1, 2, 3, 2, 3]


def test_activity_is_swept_for_both_ways_of_keeping_latents_silent() -> None:
    first, *_, last = CONFIG.lanes_of("topk")
    assert (CONFIG.active_latents_of(first), CONFIG.active_latents_of(last)) == (0.5, 1.0)
    assert CONFIG.latent_penalty_of(first) == 2 * CONFIG.latent_penalty_of(last)
