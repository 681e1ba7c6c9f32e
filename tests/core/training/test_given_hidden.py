"""``train_dictionary``: numpy in and out, with the same engines as runs of dictionaries."""

from dataclasses import replace

import numpy as np
import pytest

from superpos_core.arrays import FloatArray
from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.task.dictionaries.given_rows import GivenRows
from superpos_core.task.lanes import Lane
from superpos_core.training.given_hidden import DictionaryConfig, train_dictionary

CONFIG = DictionaryConfig(
    kind="topk", latents=4, steps=1500, batch=64, learning_rate=0.01, resample_every=300
)


def sparse_rows(rows: int = 2000) -> FloatArray:
    """One of four orthogonal directions in each row, of random length."""
    random = np.random.default_rng(0)
    basis, _ = np.linalg.qr(random.standard_normal((6, 6)))
    lengths = random.uniform(0.5, 1.5, (rows, 1))
    chosen: FloatArray = lengths * basis[:4][random.integers(0, 4, rows)]
    return chosen.astype(np.float32)


def test_it_finds_the_directions_that_rows_are_made_of() -> None:
    hidden = sparse_rows()
    found = train_dictionary(hidden, CONFIG)
    assert (found.losses.shape, found.active.shape) == ((1500,), (1500,))
    assert {name: array.shape for name, array in found.arrays.items()} == {
        "W_enc": (6, 4), "b_enc": (4,), "W_dec": (4, 6), "b_dec": (6,),
    }  # fmt: skip
    errors = np.square(found.decode(found.encode(hidden)) - hidden).sum(axis=1)
    assert errors.mean() < 0.01
    assert found.losses[:10].mean() > 0.3, "it was not easy"
    assert (found.encode(hidden) > 0).sum(axis=1).max() == 1


@pytest.mark.parametrize("engine", ["fused", "torch"])
def test_the_same_call_gives_the_same_numbers(engine: str) -> None:
    config, hidden = replace(CONFIG, steps=40), sparse_rows(300)
    one, other = (train_dictionary(hidden, config, EngineChoice(engine)) for _ in range(2))
    another = train_dictionary(hidden, replace(config, seed=1), EngineChoice(engine))
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name])
    assert np.abs(one.arrays["W_dec"] - another.arrays["W_dec"]).max() > 0.1
    torch = train_dictionary(hidden, config, EngineChoice("torch"))
    np.testing.assert_allclose(one.losses, torch.losses, rtol=2e-3, atol=1e-5)


def test_every_row_comes_once_before_any_comes_again() -> None:
    hidden = np.arange(20, dtype=np.float32).reshape(10, 2)
    rows = GivenRows(hidden, Lane("topk", 0.0, 0), batch=4)
    whole = rows.of_steps(0, 10)
    np.testing.assert_array_equal(whole.first, 4 * np.arange(11))
    for number in range(4):
        seen = whole.vectors[10 * number : 10 * number + 10, 0]
        assert sorted(seen) == list(hidden[:, 0])
    assert list(whole.vectors[:10, 0]) != list(whole.vectors[10:20, 0])
    np.testing.assert_array_equal(rows.of_steps(7, 2).vectors, whole.vectors[28:36])
    begin, chunk = rows.chunk_at(3)
    np.testing.assert_array_equal(chunk.vectors[:40], rows.of_steps(begin, 10).vectors)
    assert whole.shares.sum() == pytest.approx(10)


@pytest.mark.parametrize(
    ("hidden", "reason"),
    [
        (np.zeros(5), "it is no matrix of numbers"),
        (np.zeros((0, 5)), "it is no matrix of numbers"),
        (np.array([["a"]]), "it is no matrix of numbers"),
        (np.array([[1.0, np.nan]]), "a row is not finite"),
    ],
)
def test_what_is_no_matrix_is_refused(hidden: FloatArray, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason):
        train_dictionary(hidden, CONFIG)


def test_settings_are_checked_as_on_the_command_line() -> None:
    with pytest.raises(InvalidValue, match="there is no such dictionary"):
        train_dictionary(sparse_rows(9), replace(CONFIG, kind="sparse"))
    with pytest.raises(InvalidValue, match="active-latents 9: there are 4 latents"):
        train_dictionary(sparse_rows(9), replace(CONFIG, active_latents=9))
