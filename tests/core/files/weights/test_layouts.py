"""A file of each layout, saved by modules as their authors write them, opens as what it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tests.core.files.weights.modules import (
    ArenaModel,
    Autoencoder,
    DecomposedModel,
    DevinterpModel,
    Dictionary,
    NotebookModel,
    Prefixed,
    numbers,
    state_of,
)
from tests.core.polytopes import regular_polygon
from torch import nn

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.files.weights.layouts import LAYOUTS
from superpos_core.files.weights.opening import open_weights
from superpos_core.geometry.components import geometry_of
from superpos_core.record.lanes import Cohort, LanesRecord

PENTAGON = 1.05 * regular_polygon(5).astype(np.float32)
FOUR = np.array([[1, 0], [-1.1, 0], [0, 0.9], [0, -1]], np.float32)


@pytest.fixture(autouse=True)
def same_draws() -> None:
    torch.manual_seed(0)


def opened(path: Path, layout: str | None = None, **options: str) -> LanesRecord:
    return open_weights(path, layout, options).record_as(LanesRecord)


def only_cohort(record: LanesRecord) -> Cohort:
    (cohort,) = record.cohorts.values()
    return cohort


def saved(module: nn.Module, path: Path) -> Path:
    save_file(state_of(module), path)
    return path


def products(record: LanesRecord) -> FloatArray:
    """W·Wᵀ, or W₁·W₂, of every lane."""
    parameters = only_cohort(record).parameters
    return parameters.encoder.astype(np.float64) @ parameters.decoder.astype(np.float64)


def double(tensor: torch.Tensor) -> FloatArray:
    return numbers(tensor).astype(np.float64)


def test_the_official_notebook(tmp_path: Path) -> None:
    model = NotebookModel(3, 5, 2)
    model.W.data[1] = torch.from_numpy(PENTAGON)
    record = opened(saved(model, tmp_path / "w"))
    W = double(model.W)
    np.testing.assert_allclose(products(record), W @ W.transpose(0, 2, 1), atol=1e-6)
    cohort = only_cohort(record)
    assert [lane.instance for lane in cohort.lanes] == [0, 1, 2]
    for lane in range(3):
        assert geometry_of(cohort.vectors_of(lane)) == geometry_of(numbers(model.W[lane]))
    assert [shape.name for shape in geometry_of(cohort.vectors_of(1)).shapes] == ["pentagon"]
    assert (list(record.cohorts), "models" in record.unknown) == (["tied"], False)


def test_arena(tmp_path: Path) -> None:
    model = ArenaModel(2, 20, 5)
    record = opened(saved(model, tmp_path / "w"))
    W = double(model.W)
    np.testing.assert_allclose(products(record), W.transpose(0, 2, 1) @ W, atol=1e-6)
    assert "left out: importance" in record.remarks


def test_one_instance_without_an_axis(tmp_path: Path) -> None:
    np.savez(tmp_path / "w", W=FOUR.T, b_final=np.arange(4.0))
    cohort = only_cohort(opened(tmp_path / "w.npz"))
    np.testing.assert_array_equal(cohort.parameters.encoder, FOUR[None])
    np.testing.assert_array_equal(cohort.parameters.bias, [[0, 1, 2, 3]])


@pytest.mark.parametrize("tied", [True, False])
def test_parameter_decomposition(tied: bool, tmp_path: Path) -> None:
    model = DecomposedModel(40, 10, tied=tied)
    record = opened(saved(Prefixed(Prefixed(model)), tmp_path / "w"))
    product = double(model.linear2.weight) @ double(model.linear1.weight)
    np.testing.assert_allclose(products(record)[0].T, product, atol=1e-6)
    assert list(record.cohorts) == ["tied" if tied else "untied"]
    np.testing.assert_array_equal(
        only_cohort(record).parameters.bias[0], numbers(model.linear2.bias)
    )


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("tied", [True, False])
def test_devinterp(tied: bool, bias: bool, tmp_path: Path) -> None:
    model = DevinterpModel(6, 2, tied=tied, bias=bias)
    record = opened(saved(model, tmp_path / "w"))
    product = double(model.unembedding.weight) @ double(model.embedding.weight)
    np.testing.assert_allclose(products(record)[0].T, product, atol=1e-6)
    assert ("bias" in record.unknown) is not bias


def test_embedding_alone_is_tied(tmp_path: Path) -> None:
    W = torch.randn(2, 6)
    save_file({"embedding.weight": W, "unembedding.bias": torch.ones(6)}, tmp_path / "w")
    record = opened(tmp_path / "w")
    np.testing.assert_allclose(products(record)[0], double(W).T @ double(W), atol=1e-6)


def test_an_autoencoder_of_one_s_own(tmp_path: Path) -> None:
    model = Autoencoder(6, 3)
    record = opened(saved(model, tmp_path / "w"))
    product = double(model.decoder.weight) @ double(model.encoder.weight)
    np.testing.assert_allclose(products(record)[0].T, product, atol=1e-6)
    assert "models" in record.unknown  # its activations are in the code alone


def test_a_dictionary_shows_its_rows(tmp_path: Path) -> None:
    model = Dictionary(8, 40)
    record = opened(saved(model, tmp_path / "w"))
    W = double(model.W_dec)
    np.testing.assert_allclose(products(record)[0], W @ W.T, atol=1e-5)
    assert {"models", "bias"} <= record.unknown
    assert (record.config.features, record.config.hidden) == (40, 8)


def test_a_dictionary_in_a_linear_layer_is_asked_for(tmp_path: Path) -> None:
    W, latents = torch.randn(8, 40), torch.zeros(40)
    arrays = {"decoder.weight": W, "encoder.weight": torch.randn(40, 8), "encoder.bias": latents}
    save_file({**arrays, "bias": torch.zeros(8)}, tmp_path / "w")
    record = opened(tmp_path / "w", "dictionary-linear")
    np.testing.assert_allclose(products(record)[0], double(W).T @ double(W), atol=1e-5)


def test_one_bare_matrix_has_more_features_than_dimensions(tmp_path: Path) -> None:
    for name, matrix in (("rows", FOUR), ("columns", np.ascontiguousarray(FOUR.T))):
        np.save(tmp_path / name, matrix)
        record = opened(tmp_path / f"{name}.npy")
        np.testing.assert_array_equal(only_cohort(record).parameters.encoder, FOUR[None])
        assert f"read as {name}" in record.remarks
    turned = opened(tmp_path / "rows.npy", "columns")
    assert (turned.config.features, turned.config.hidden) == (2, 4)


def test_a_matrix_and_a_vector_of_any_name(tmp_path: Path) -> None:
    stack = np.stack([FOUR, 2 * FOUR])
    np.savez(tmp_path / "w", first=stack, second=np.ones((2, 4)))
    record = opened(tmp_path / "w.npz")
    np.testing.assert_array_equal(only_cohort(record).parameters.encoder, stack)
    np.savez(tmp_path / "v", first=FOUR, second=np.ones(2))  # a bias of two outputs: n = 2
    assert opened(tmp_path / "v.npz").config.features == 2


@pytest.mark.parametrize(
    ("layout", "encoder", "decoder"),
    [
        ("products", lambda A, B: A, lambda A, B: B),
        ("linear", lambda A, B: B.T, lambda A, B: A.T),
    ],
)
def test_two_matrices_need_a_layout(
    layout: str,
    encoder: Callable[[FloatArray, FloatArray], FloatArray],
    decoder: Callable[[FloatArray, FloatArray], FloatArray],
    tmp_path: Path,
) -> None:
    A, B = np.random.default_rng(0).normal(size=(2, 12)).astype(np.float32).reshape(2, 4, 3)
    np.savez(tmp_path / "w", A=A, B=B.T, c=np.zeros(4))
    with pytest.raises(InvalidValue, match="products or linear"):
        opened(tmp_path / "w.npz")
    parameters = only_cohort(opened(tmp_path / "w.npz", layout)).parameters.take(0)
    np.testing.assert_array_equal(parameters.encoder, encoder(A, B.T))
    np.testing.assert_array_equal(parameters.decoder, decoder(A, B.T))


def test_two_matrices_that_are_transposes_are_one(tmp_path: Path) -> None:
    np.savez(tmp_path / "w", A=FOUR, B=FOUR.T, c=np.zeros(4))
    cohort = only_cohort(opened(tmp_path / "w.npz"))
    assert cohort.model.tied
    np.testing.assert_array_equal(cohort.parameters.encoder, FOUR[None])


@pytest.mark.parametrize(
    ("arrays", "choices"),
    [
        ({"W": np.ones((2, 5, 5)), "b_final": np.ones((2, 5))}, "notebook or arena"),
        ({"x": np.ones((5, 5))}, "rows or columns"),
        ({"x": np.ones((5, 5)), "b": np.ones(5)}, "rows or columns"),
    ],
)
def test_a_square_is_never_guessed(
    arrays: dict[str, FloatArray], choices: str, tmp_path: Path
) -> None:
    skewed: dict[str, Any] = {
        name: array + np.arange(array.size).reshape(array.shape) for name, array in arrays.items()
    }
    np.savez(tmp_path / "w.npz", **skewed)
    with pytest.raises(InvalidValue, match=choices) as refused:
        opened(tmp_path / "w.npz")
    assert "\n" not in str(refused.value)
    for layout in choices.split(" or "):
        opened(tmp_path / "w.npz", layout)


def test_two_squares_say_nothing_about_which_comes_first(tmp_path: Path) -> None:
    A, B = np.random.default_rng(0).normal(size=(2, 3, 3))
    np.savez(tmp_path / "w", A=A, B=B)
    with pytest.raises(InvalidValue):
        opened(tmp_path / "w.npz")
    with pytest.raises(InvalidValue, match="nothing says which matrix is the encoder"):
        opened(tmp_path / "w.npz", "linear")


def test_a_symmetric_square_needs_no_question(tmp_path: Path) -> None:
    np.save(tmp_path / "w", np.eye(3))
    assert opened(tmp_path / "w.npy").config.features == 3


def test_a_layout_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "w", FOUR)
    with pytest.raises(InvalidValue, match="do not fit"):
        opened(tmp_path / "w.npy", "spd")
    with pytest.raises(InvalidValue, match="did you mean arena"):
        opened(tmp_path / "w.npy", "aren")


def test_a_hidden_bias_is_refused_unless_it_is_zero(tmp_path: Path) -> None:
    arrays = {**state_of(Autoencoder(6, 3)), "encoder.bias": torch.zeros(3)}
    save_file(arrays, tmp_path / "w")
    opened(tmp_path / "w")
    save_file({**arrays, "encoder.bias": torch.ones(3)}, tmp_path / "w")
    with pytest.raises(InvalidValue, match="hidden layer has a bias"):
        opened(tmp_path / "w")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats_are_read_as_float32(dtype: torch.dtype, tmp_path: Path) -> None:
    W = torch.randn(5, 2).to(dtype)
    save_file({"W": W, "b": torch.zeros(5, dtype=dtype)}, tmp_path / "w")
    encoder = only_cohort(opened(tmp_path / "w")).parameters.encoder
    assert encoder.dtype == np.float32
    np.testing.assert_array_equal(encoder[0], W.to(torch.float32).numpy())


def test_every_layout_says_what_it_is() -> None:
    assert all(layout.summary for layout in LAYOUTS.values())
