"""Rows whose features depend on one another: frequencies, pairs, gates, and what engines see."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.core.task.draws import CPU, IMPROBABLE

from superpos_core.analysis.evaluation import linear_optimum_of
from superpos_core.arrays import FloatArray
from superpos_core.engine.fused.engine import FusedEngine
from superpos_core.engine.torch.rows import rows_for
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import DISTRIBUTIONS, moments_of, sample
from superpos_core.task.dataset import rows_of_steps
from superpos_core.task.structured import (
    PLAIN,
    Structure,
    circle_positions,
    moments_of_rows,
    parents_of,
    sphere_positions,
)

SOME_ROWS = 1 << 16
BINARY = ["circle", "figure-8", "sphere", "tree"]
FEATURES = 7
CONFIG = ExperimentConfig(
    "data", features=FEATURES, hidden=2, models=("tied",), sparsities=(0.0, 0.6), batch=32,
    distribution="circle",
)  # fmt: skip


def drawn(
    name: str, density: float = 1.0, structure: Structure = PLAIN, features: int = FEATURES
) -> FloatArray:
    probability = np.full(features, density)
    random = np.random.default_rng(5)
    return sample(DISTRIBUTIONS[name], random, SOME_ROWS, probability, structure=structure)


def test_features_of_a_circle_are_active_near_the_hidden_position() -> None:
    """P(x_j) = (1/n)·Σ_k σ(10·cos(θ_k − θ_j)), and the same for pairs, by plain loops."""
    angles = [2 * np.pi * index / FEATURES for index in range(FEATURES)]
    chance = [
        [1 / (1 + np.exp(-10 * np.cos(latent - angle))) for angle in angles] for latent in angles
    ]
    data = drawn("circle")
    for j in range(FEATURES):
        rate = sum(row[j] for row in chance) / FEATURES
        assert stats.binomtest(int(data[:, j].sum()), SOME_ROWS, rate).pvalue > IMPROBABLE
        for k in range(j):
            rate = sum(row[j] * row[k] for row in chance) / FEATURES
            both = int((data[:, j] * data[:, k]).sum())
            assert stats.binomtest(both, SOME_ROWS, rate).pvalue > IMPROBABLE


@pytest.mark.parametrize("density", [1.0, 0.3])
@pytest.mark.parametrize("name", BINARY)
def test_pairs_are_active_as_often_as_the_moments_say(name: str, density: float) -> None:
    data = drawn(name, density)
    assert set(np.unique(data)) == {0.0, 1.0}
    mean, second = moments_of(DISTRIBUTIONS[name], np.full(FEATURES, density))
    np.testing.assert_allclose(np.diag(second), mean)
    for one in range(FEATURES):
        for other in range(one + 1):
            both = int((data[:, one] * data[:, other]).sum())
            rate = min(second[one, other], 1.0)
            assert stats.binomtest(both, SOME_ROWS, rate).pvalue > IMPROBABLE


def test_sparsity_turns_whole_rows_off() -> None:
    tree = drawn("tree", 0.3)
    assert stats.binomtest(int(tree[:, 0].sum()), SOME_ROWS, 0.3).pvalue > IMPROBABLE
    assert not tree[tree[:, 0] == 0].any()


@pytest.mark.parametrize("branching", [1, 2, 3])
def test_a_child_is_active_only_if_its_parent_is_and_then_half_the_time(branching: int) -> None:
    data = drawn("tree", structure=Structure(branching=branching))
    parents = parents_of(FEATURES, branching)
    assert np.bincount(parents[1:]).max() == branching
    for child in range(1, FEATURES):
        of_active = data[data[:, parents[child]] == 1, child]
        assert not data[data[:, parents[child]] == 0, child].any()
        found = stats.binomtest(int(of_active.sum()), len(of_active), 0.5)
        assert found.pvalue > IMPROBABLE
    siblings = data[:, 0] == 1
    if branching > 1:
        table, _, _ = np.histogram2d(data[siblings, 1], data[siblings, 2], bins=2)
        assert stats.chi2_contingency(table).pvalue > IMPROBABLE


def test_positions_are_even() -> None:
    np.testing.assert_allclose(circle_positions(4), [[1, 0], [0, 1], [-1, 0], [0, -1]], atol=1e-15)
    sphere = sphere_positions(200)
    np.testing.assert_allclose(np.linalg.norm(sphere, axis=1), 1)
    np.testing.assert_allclose(sphere.T @ sphere / 200, np.eye(3) / 3, atol=0.01)


@pytest.mark.parametrize("name", BINARY)
def test_rows_of_a_step_do_not_depend_on_slices(name: str) -> None:
    config = replace(CONFIG, distribution=name)
    for lane in config.lanes:
        whole = rows_of_steps(config, lane, 0, 5)
        parts = [rows_of_steps(config, lane, 3, 2), rows_of_steps(config, lane, 0, 3)]
        np.testing.assert_array_equal(whole, np.concatenate(parts[::-1]))
        assert not np.array_equal(whole[0], whole[1])
    one, other = (rows_of_steps(config, lane, 0, 1) for lane in config.lanes)
    assert not np.array_equal(one, other)


def test_engines_see_the_same_rows_bit_for_bit() -> None:
    config = replace(CONFIG, features=10)  # like most tests: a kernel takes long to compile
    given = [rows_of_steps(config, lane, 4, 2) for lane in config.lanes]
    rows = rows_for(config, config.lanes, CPU)
    for step, choice in enumerate(rows.choices(4, 2)):
        rows.choose(choice)
        seen = rows.now(choice).numpy()
        np.testing.assert_array_equal(seen, [each[step] for each in given])
    engine = FusedEngine(config, threads=1)
    engine.advance({"tied": 4})
    cohort = engine._ready("tied", 1)
    for lane, each in enumerate(given):
        in_kernel = cohort.batch(lane, config.batch)
        np.testing.assert_array_equal(
            in_kernel[np.lexsort(in_kernel.T)], each[0][np.lexsort(each[0].T)]
        )
    engine.close()


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("sparsity", [0.0, 0.6])
def test_the_linear_optimum_is_what_principal_components_leave(name: str, sparsity: float) -> None:
    config = replace(CONFIG, distribution=name, importance=1.0, sparsities=(sparsity,), seed=3)
    data = drawn(name, 1 - sparsity).astype(np.float64)
    centred = data - data.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    rest = centred - centred @ directions[:2].T @ directions[:2]
    expected = np.square(rest).sum() / SOME_ROWS
    assert linear_optimum_of(config, config.lanes[0]) == pytest.approx(expected, rel=0.01)


def test_the_linear_optimum_of_a_dataset_is_unknown() -> None:
    config = replace(CONFIG, dataset_size=50)
    assert np.isnan(linear_optimum_of(config, config.lanes[0]))


def test_moments_of_rows() -> None:
    rows = np.array([[1, 2], [3, 4]], np.float32)
    mean, second = moments_of_rows(rows)
    np.testing.assert_array_equal(mean, [2, 3])
    np.testing.assert_array_equal(second, [[5, 7], [7, 10]])
