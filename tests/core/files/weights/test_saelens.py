"""Dictionaries in the layout of SAELens: written, read back, and refused in one line."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tests.core.dictionary_records import made_record

from superpos_core.errors import InvalidValue
from superpos_core.files.weights.saelens import (
    read_dictionary,
    write_dictionaries,
    write_dictionary,
)
from superpos_core.task.dictionaries.dictionary import Dictionary
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.parameters import Parameters

D, K = 3, 5


def saved(name: str, k: float = 2.0) -> Dictionary:
    random, kind = np.random.default_rng(0), KINDS[name]
    arrays = {
        each.name: random.standard_normal(each.shape(0, D, K), np.float32) for each in kind.trained
    }
    return Dictionary(kind, Parameters(**arrays), k)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_comes_back_and_computes_the_same(name: str, tmp_path: Path) -> None:
    written = saved(name)
    write_dictionary(tmp_path / "one", written)
    read = read_dictionary(tmp_path / "one")
    assert read.kind == written.kind
    for array, values in written.arrays.items():
        np.testing.assert_array_equal(read.arrays[array], values, err_msg=array)
    hidden = np.random.default_rng(1).standard_normal((7, D), np.float32)
    np.testing.assert_array_equal(read.encode(hidden), written.encode(hidden))
    np.testing.assert_array_equal(
        read.decode(read.encode(hidden)), written.decode(written.encode(hidden))
    )


def test_files_are_those_of_saelens(tmp_path: Path) -> None:
    write_dictionary(tmp_path, saved("topk"))
    config = json.loads((tmp_path / "cfg.json").read_text())
    assert (config["architecture"], config["d_in"], config["d_sae"], config["k"]) == (
        "topk", D, K, 2,
    )  # fmt: skip
    arrays = load_file(tmp_path / "sae_weights.safetensors")
    assert {name: array.shape for name, array in arrays.items()} == {
        "W_enc": (D, K), "W_dec": (K, D), "b_enc": (K,), "b_dec": (D,),
    }  # fmt: skip
    write_dictionary(tmp_path, saved("matryoshka"))
    assert json.loads((tmp_path / "cfg.json").read_text())["architecture"] == "jumprelu"


def test_saelens_itself_computes_the_same(tmp_path: Path) -> None:
    lens = pytest.importorskip("sae_lens")
    torch = pytest.importorskip("torch")
    hidden = np.random.default_rng(1).standard_normal((9, D), np.float32)
    for name in KINDS:
        write_dictionary(tmp_path / name, saved(name))
        loaded = lens.SAE.load_from_disk(tmp_path / name)
        expected = saved(name).encode(hidden)
        found = loaded.encode(torch.from_numpy(hidden)).detach().numpy()
        np.testing.assert_allclose(found, expected, atol=1e-5, err_msg=name)


def test_a_run_has_a_folder_for_each_dictionary(tmp_path: Path) -> None:
    record = made_record()
    folders = list(write_dictionaries(tmp_path, record))
    assert len(folders) == 3 * 4
    read = read_dictionary(tmp_path / "batch-topk" / "S=0.9" / "seed=1")
    assert read.kind.name == "batch-topk"
    group = record.cohorts["batch-topk"]
    np.testing.assert_array_equal(read.parameters.decoder, group.parameters.decoder[3])


def _changed_config(**changes: object) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "cfg.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return spoil


def _changed_array(name: str, shape: tuple[int, ...] | None) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "sae_weights.safetensors"
        arrays = load_file(path)
        del arrays[name]
        save_file(arrays if shape is None else {**arrays, name: np.zeros(shape)}, path)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / "cfg.json").unlink(), "no such file"),
        (lambda folder: (folder / "cfg.json").write_text("{"), "cfg.json is no config"),
        (lambda folder: (folder / "cfg.json").write_text("[" * 9999), "cfg.json is no config"),
        (_changed_config(architecture="crosscoder\x1b[2J"), "its architecture is crosscoder"),
        (_changed_config(architecture=["topk"]), "which is not known here"),
        (
            _changed_config(normalize_activations="layer_norm"),
            "normalize_activations is layer_norm",
        ),
        (_changed_config(k=0), "its k is 0"),
        (_changed_array("W_dec", None), "it has no W_dec, which topk needs"),
        (_changed_array("b_enc", (4,)), r"its b_enc has shape \(4,\), not \(5,\)"),
        (_changed_array("W_dec", (5,)), "is no matrix"),
        (
            lambda folder: (folder / "sae_weights.safetensors").write_bytes(b"\xff" * 64),
            "a folder with sae_weights.safetensors",
        ),
    ],
)
def test_anything_else_is_refused_in_one_line(
    spoil: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    write_dictionary(tmp_path, saved("topk"))
    spoil(tmp_path)
    with pytest.raises(InvalidValue, match=reason) as refused:
        read_dictionary(tmp_path)
    assert str(refused.value).isprintable()
