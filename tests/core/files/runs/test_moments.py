"""Kept moments on disk."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from superpos_core.files import storage
from superpos_core.files.runs.moments import moment_path, write_moment
from superpos_core.task.dictionaries.kinds import KINDS, DictionaryKind
from superpos_core.task.models import MODELS, Model
from superpos_core.task.parameters import Parameters

LANES, FEATURES, HIDDEN, LATENTS = 3, 5, 2, 6


def parameters_of(model: Model | DictionaryKind) -> Parameters:
    random = np.random.default_rng(0)
    return Parameters(
        **{
            each.name: random.normal(size=(LANES, *each.shape(FEATURES, HIDDEN, LATENTS)))
            for each in model.trained
        }
    )


@pytest.mark.parametrize("model", [*MODELS.values(), *KINDS.values()], ids=[*MODELS, *KINDS])
def test_a_moment_holds_the_arrays_of_all_lanes_under_their_names(
    tmp_path: Path, model: Model | DictionaryKind
) -> None:
    parameters = parameters_of(model)
    path = write_moment(tmp_path, model.name, 120, parameters)
    assert path == moment_path(tmp_path, model.name, 120)
    found = load_file(path)
    assert set(found) == {each.file_name for each in model.trained}
    for each in model.trained:
        expected = parameters.arrays[each.name].astype(np.float32)
        np.testing.assert_array_equal(found[each.file_name], expected)
        assert found[each.file_name].dtype == np.float32


def test_arrays_in_any_order_of_memory_are_written_as_they_are(tmp_path: Path) -> None:
    encoder = np.asfortranarray(np.arange(10, dtype=">f8").reshape(1, 5, 2))
    parameters = Parameters(encoder=encoder, bias=np.zeros((1, 5)))
    found = load_file(write_moment(tmp_path, "tied", 0, parameters))
    np.testing.assert_array_equal(found["W"], encoder)


def test_a_folder_that_was_removed_stays_away(tmp_path: Path) -> None:
    model = MODELS["tied"]
    with pytest.raises(storage.WriteError, match="no such file or directory"):
        write_moment(tmp_path / "gone", model.name, 0, parameters_of(model))
    assert not (tmp_path / "gone").exists()
