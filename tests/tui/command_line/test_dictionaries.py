"""``--dictionary`` makes a run of dictionaries, of an experiment's models or of given weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.core.dictionary_records import made_record
from tests.core.snapshots import trained
from tests.tui.command_line.test_parts import parsed

from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_core.files.storage import write_weights
from superpos_core.files.weights.opening import open_weights
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.config import LANES
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_tui.selection import Focus
from superpos_tui.settings.recreating import command_for


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_weights(Path("own.safetensors"), trained())
    write_weights(Path("dictionaries.safetensors"), made_record())
    np.savez("mine.npz", W=np.ones((2, 5, 3), np.float32), b_final=np.zeros((2, 5), np.float32))


@pytest.mark.parametrize("kinds", ["relu", "topk,gated"])
def test_an_experiment_becomes_a_run_of_dictionaries_and_can_be_recreated(kinds: str) -> None:
    words = ["--dictionary", kinds, "--latents", "8"]
    request = parsed(words)
    assert request.view == "dictionary"
    config = request.trials[0].config
    assert (config.kind, config.dictionaries) == (DICTIONARIES, tuple(kinds.split(",")))
    command = command_for(config, "live", Focus(config.dictionaries[0]))
    assert command.startswith(f"superpos-tui --dictionary {kinds} --latents 8")
    assert parsed(command.split()[1:]).trials[0].config == config


def test_without_it_options_of_dictionaries_change_no_kind() -> None:
    (trial,) = parsed(["--latents", "8"]).trials
    assert (trial.config.kind, trial.config.latents) == (LANES, 8)


def test_the_focus_is_one_of_the_kinds() -> None:
    assert parsed(["--dictionary", "topk,gated", "--focus", "gated,1"]).focus == Focus("gated", 1)
    with pytest.raises(InvalidValue, match="choose topk or gated"):
        parsed(["--dictionary", "topk,gated", "--focus", "tied"])


def test_given_weights_are_read_as_they_are() -> None:
    words = ["--from", "mine.npz", "--sparsity", "0.9", "--dictionary", "topk"]
    (trial,) = parsed(words).trials
    assert (trial.config.kind, trial.config.model_steps) == (DICTIONARIES, 0)
    assert trial.start is not None
    assert trial.start.parameters["tied"].encoder.shape == (2, 5, 3)
    (further,) = parsed([*words, "--model-steps", "50"]).trials
    assert further.config.model_steps == 50


def test_weights_of_dictionaries_open_again() -> None:
    record, written = open_weights(Path("dictionaries.safetensors")).record, made_record()
    assert isinstance(record, DictionaryRecord)
    assert record.config == written.config
    for name, array in written.arrays().items():
        np.testing.assert_array_equal(record.arrays()[name], array, err_msg=name)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--dictionary topk --latents 4 --active-latents 5", "active-latents 5.0: there are 4"),
        ("--dictionary topk --sweep hidden --sweep-values 1,2", "sweep hidden: all dictionaries"),
        ("--dictionary topk --dictionary-start truth --latents 9", "latents 9: a start from"),
        ("--dictionary topk --directions orthogonal", "only 5 orthogonal directions fit"),
        ("own.safetensors --dictionary relu", "dictionary relu: an opened file is shown"),
        ("dictionaries.safetensors --dictionary relu", "an opened file is shown"),
        ("--from dictionaries.safetensors", "a run of dictionaries is not a model to start from"),
        ("--from own.safetensors --dictionary foo", "dictionary foo: there is no such"),
        ("--from mine.npz --dictionary topk", "sparsity '': training needs it"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_in_one_line(words: str, message: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parsed(words.split())
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_experiment_keeps_its_kind() -> None:
    config = replace(EXPERIMENTS["intro"].config, kind=DICTIONARIES)
    assert "--dictionary relu" in command_for(config, "live", Focus("relu"))
