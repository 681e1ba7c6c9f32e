"""Measures in strips: the same as the plain formula, in bounded memory, and cancellable."""

import threading
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from superpos_core import strips
from superpos_core.analysis import attacked_inputs
from superpos_core.analysis.adversarial import worst_attack
from superpos_core.analysis.loss_split import split
from superpos_core.arrays import FloatArray
from superpos_core.geometry import blocks, measures
from superpos_core.geometry.blocks import (
    GramChange,
    gram_change,
    merged_entries,
    strongest_of_blocks,
    strongest_of_gram,
)
from superpos_core.geometry.components import geometry_of
from superpos_core.geometry.hidden_space import hidden_picture
from superpos_core.strips import MAX_STRIP_ENTRIES, Cancelled, cancellable
from superpos_core.task.models import MODELS, Model, reconstruct, target_of
from superpos_core.task.parameters import Parameters

MANY = 2048
TRIES = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])

any_number = st.one_of(
    st.floats(-2, 2, width=32), st.sampled_from([0.0, -0.0, 1e30, np.inf, -np.inf, np.nan])
)
sizes = st.tuples(st.integers(1, 14), st.integers(1, 6))
any_weights = sizes.flatmap(lambda size: hnp.arrays(np.float32, size, elements=any_number))
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(params=[1, 7, 40], ids=lambda entries: f"{entries}-entries-at-once")
def _thin_strips(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strips of one or a few rows, so that small arrays have many strips."""
    monkeypatch.setattr(strips.strips, "__defaults__", (request.param,))
    monkeypatch.setattr(blocks, "TILE_ENTRIES", request.param)
    monkeypatch.setattr(attacked_inputs, "BLOCK_ENTRIES", request.param)


def lane(encoder: FloatArray, tied: bool = True) -> Parameters:
    features = len(encoder)
    free = None if tied else 2 * encoder.T[:, ::-1]
    return Parameters(
        encoder=encoder, decoder=free, bias=np.linspace(-0.2, 0.3, features, dtype=np.float32)
    )


def normal(seed: int, features: int, hidden: int) -> FloatArray:
    random = np.random.default_rng(seed)
    weights: FloatArray = random.standard_normal((features, hidden)) / np.sqrt(hidden)
    return weights


# ── the plain formula ─────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("_thin_strips")
@TRIES
@given(any_weights, st.booleans(), st.integers(1, 15))
def test_blocks_of_the_gram_match_the_whole_square(
    encoder: FloatArray, tied: bool, block: int
) -> None:
    parameters = lane(encoder, tied)
    expected = strongest_of_blocks(measures.gram(parameters), block)
    np.testing.assert_allclose(strongest_of_gram(parameters, block), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.usefixtures("_thin_strips")
@TRIES
@given(any_weights, st.integers(1, 15), st.data())
def test_blocks_of_a_part_match_that_part(
    encoder: FloatArray, block: int, data: st.DataObject
) -> None:
    parameters = lane(encoder)
    edges = st.lists(st.integers(0, len(encoder)), min_size=2, max_size=2).map(sorted)
    (top, bottom), (left, right) = data.draw(edges), data.draw(edges)
    part = range(top, bottom), range(left, right)
    square = measures.gram(parameters)[top:bottom, left:right]
    found = strongest_of_gram(parameters, block, part)
    expected = strongest_of_blocks(square, block)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    if square.size:
        merged = merged_entries(parameters, part)
        np.testing.assert_allclose(merged.strongest, square[merged.row - top, merged.column - left])
        with np.errstate(all="ignore"):
            size = np.sqrt(np.mean(np.square(square, dtype=np.float64)))
        np.testing.assert_allclose(merged.typical, size, rtol=1e-5)
        assert not np.isfinite(square).all() or abs(merged.strongest) == np.abs(square).max()


@pytest.mark.usefixtures("_thin_strips")
@TRIES
@given(any_weights, st.integers(1, 15))
def test_changes_match_the_whole_squares(encoder: FloatArray, block: int) -> None:
    before, now = lane(encoder), lane(encoder, tied=False)
    squares = measures.gram(before), measures.gram(now)
    with np.errstate(all="ignore"):
        difference = squares[1] - squares[0]
    found: GramChange = gram_change(before, now, block)
    expected = strongest_of_blocks(difference, block)
    np.testing.assert_allclose(found.strongest, expected, rtol=1e-5, atol=1e-5)
    distance = float(measures.gram_distance(*squares))
    np.testing.assert_allclose(found.distance, distance, rtol=1e-5, atol=1e-5)


def test_the_strongest_entry_keeps_its_sign_and_the_first_wins_a_tie() -> None:
    values = np.array([[1.0, -1.0, 0.5], [0.0, 0.2, -0.7], [np.nan, 9.0, -0.1]])
    np.testing.assert_array_equal(strongest_of_blocks(values, 2), [[1.0, -0.7], [np.nan, -0.1]])


@TRIES
@given(any_weights, st.integers(1, 15))
def test_large_blocks_have_the_same_strongest_entries(encoder: FloatArray, block: int) -> None:
    square = measures.gram(lane(encoder))
    square[::3] = -square[::-1][::3]  # many ties of opposite signs
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(blocks, "MANY_ENTRIES", 1 << 30)
        small = strongest_of_blocks(square, block)
        monkeypatch.setattr(blocks, "MANY_ENTRIES", 1)
        large = strongest_of_blocks(square, block)
    np.testing.assert_array_equal(large, small)
    np.testing.assert_array_equal(np.signbit(large), np.signbit(small))


@pytest.mark.usefixtures("_thin_strips")
@TRIES
@given(any_weights)
def test_shares_match_the_full_product(encoder: FloatArray) -> None:
    weights = encoder.astype(np.float64)
    with np.errstate(all="ignore"):
        norms = np.linalg.norm(weights, axis=1)
        directions = weights / np.where(norms > 0, norms, 1)[:, None]
        overlaps = np.sum((directions @ weights.T) ** 2, axis=1)
        others = np.maximum(overlaps - norms**2, 0)
        share = norms**2 / overlaps
    missing = np.where(np.isnan(norms), np.nan, 0)
    superposition, dimensionality = measures.superposition_and_dimensionality(encoder)
    atol = 1e-9 * float(np.nan_to_num(overlaps, posinf=0).max())
    np.testing.assert_allclose(superposition, np.where(norms > 0, others, missing), atol=atol)
    np.testing.assert_allclose(dimensionality, np.where(norms > 0, share, missing), atol=1e-9)
    np.testing.assert_array_equal(measures.superposition(encoder), superposition)
    np.testing.assert_array_equal(measures.feature_dimensionality(encoder), dimensionality)
    for feature in range(len(encoder)):
        alone = measures.dimensionality_of_feature(encoder, feature)
        np.testing.assert_allclose(alone, dimensionality[feature], atol=1e-9)


@pytest.mark.usefixtures("_thin_strips")
@settings(TRIES, max_examples=10)
@given(seeds, st.integers(130, 300), st.integers(1, 20))
def test_shares_of_many_rows_match_the_full_product(seed: int, features: int, hidden: int) -> None:
    weights = normal(seed, features, hidden)
    norms = np.linalg.norm(weights, axis=1)
    overlaps = np.sum((weights / norms[:, None] @ weights.T) ** 2, axis=1)
    found = measures.feature_dimensionality(weights)
    np.testing.assert_allclose(found, norms**2 / overlaps, rtol=1e-9)


@pytest.mark.usefixtures("_thin_strips")
@settings(TRIES, max_examples=10)
@given(any_weights, seeds)
def test_the_geometry_does_not_depend_on_the_strips(encoder: FloatArray, seed: int) -> None:
    for weights in (encoder, 2 * normal(seed, 30, 3)):
        found = geometry_of(weights)
        with pytest.MonkeyPatch.context() as whole:
            whole.setattr(strips.strips, "__defaults__", (MAX_STRIP_ENTRIES,))
            expected = geometry_of(weights)
        assert found.text == expected.text
        assert {shape.features for shape in found.shapes} == {
            shape.features for shape in expected.shapes
        }


@pytest.mark.usefixtures("_thin_strips")
@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_the_split_does_not_depend_on_the_strips(model: Model) -> None:
    parameters, importance = lane(normal(0, 9, 3), model.tied), 0.9 ** np.arange(9)
    found = split(model, parameters, importance)
    with pytest.MonkeyPatch.context() as whole:
        whole.setattr(strips.strips, "__defaults__", (MAX_STRIP_ENTRIES,))
        expected = split(model, parameters, importance)
    np.testing.assert_allclose(found.benefit_loss, expected.benefit_loss, rtol=1e-12)
    np.testing.assert_allclose(found.interference, expected.interference, rtol=1e-12)


@pytest.mark.usefixtures("_thin_strips")
@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
@pytest.mark.parametrize("features", [5, 150])
def test_the_worst_attack_is_the_worst_found_by_brute_force(model: Model, features: int) -> None:
    """Follows every attack through the model, both ways along its gradient in the input space."""
    parameters = lane(normal(1, features, 4), model.tied)
    parameters.encoder[1] = 0
    x = np.random.default_rng(2).random(features) * (np.arange(features) < 4)
    importance, size = 0.99 ** np.arange(features), 0.3
    target = target_of(model, x)

    def followed(step: FloatArray) -> FloatArray:
        output: FloatArray = reconstruct(model, parameters, (x + step)[None]).output[0]
        return output

    losses, found = [], worst_attack(model, parameters, x, importance, size)
    slopes = np.ones(4)
    if model.hidden_activation == "relu":
        slopes = (x @ parameters.encoder > 0).astype(float)
    for feature in range(features):
        gradient = parameters.encoder @ (slopes * parameters.decoder[:, feature])
        if not gradient.any():
            gradient[feature] = 1
        step = size * gradient / np.linalg.norm(gradient)
        ways = [followed(step), followed(-step)]
        worse = max(ways, key=lambda output: abs(output[feature] - target[feature]))
        losses.append(float(importance @ (worse - target) ** 2))
    assert found.loss_after == pytest.approx(max(losses))
    assert losses[found.feature] == pytest.approx(max(losses))
    np.testing.assert_allclose(found.output, followed(found.perturbation), atol=1e-9)


@given(seeds, st.integers(1, 6), st.integers(7, 40))
@settings(max_examples=20)
def test_few_features_of_a_large_hidden_space_look_the_same_in_their_span(
    seed: int, features: int, hidden: int
) -> None:
    """n features span n dimensions at most, so more dimensions add nothing."""
    weights = normal(seed, features, features)
    axes, _ = np.linalg.qr(normal(seed + 1, hidden, features))
    wide, narrow = hidden_picture(weights @ axes.T), hidden_picture(weights)
    assert wide.points.shape == (features, 2)
    if features > 3:
        np.testing.assert_allclose(wide.share, narrow.share, atol=1e-9)
    np.testing.assert_allclose(wide.axes.T @ wide.axes, np.eye(2), atol=1e-9)


# ── memory and cancelling ─────────────────────────────────────────────────────────────────────

WEIGHTS = normal(3, MANY, 4).astype(np.float32)
LANE = lane(WEIGHTS)
IMPORTANCE = np.ones(MANY)
PROMISED: dict[str, Callable[[], object]] = {
    "strongest_of_gram": lambda: strongest_of_gram(LANE, MANY // 32),
    "gram_change": lambda: gram_change(LANE, lane(WEIGHTS, tied=False), MANY // 32),
    "superposition": lambda: measures.superposition(WEIGHTS),
    "geometry": lambda: geometry_of(WEIGHTS),
    "split": lambda: split(MODELS["tied"], LANE, IMPORTANCE),
    "attack": lambda: worst_attack(MODELS["tied"], LANE, np.eye(1, MANY)[0], IMPORTANCE, 0.1),
}
each_promise = pytest.mark.parametrize("measure", PROMISED.values(), ids=PROMISED)


def test_no_square_of_many_features_is_allocated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strips are an eighth of the square here, so a square would stand out."""
    monkeypatch.setattr(strips.strips, "__defaults__", (MANY**2 // 64,))
    square = 4 * MANY**2
    for name in ("strongest_of_gram", "gram_change", "superposition", "geometry", "attack"):
        tracemalloc.start()
        try:
            PROMISED[name]()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < square, name


@each_promise
def test_measures_can_be_cancelled(measure: Callable[[], object]) -> None:
    with cancellable(lambda: True), pytest.raises(Cancelled):
        measure()


def test_cancelling_in_one_thread_does_not_affect_others() -> None:
    shapes: list[tuple[int, ...]] = []
    worker = threading.Thread(target=lambda: shapes.append(strongest_of_gram(LANE, MANY).shape))
    with cancellable(lambda: True):
        worker.start()
        worker.join()
    assert shapes == [(1, 1)]
    assert strongest_of_gram(LANE, MANY).shape == (1, 1)


def test_strips_cover_all_rows_once_and_no_rows_give_one_empty_strip() -> None:
    for rows in (1, 2, 5, 64):
        for entries in (1, 3, 1000):
            covered = [row for strip in strips.strips(rows, 3, entries) for row in range(64)[strip]]
            assert covered == list(range(rows))
    assert list(strips.strips(0, 3)) == [slice(0, 0)]
