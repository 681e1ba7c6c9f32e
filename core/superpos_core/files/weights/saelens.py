"""Dictionaries on disk as SAELens has them: a folder with weights and a config.

``sae_weights.safetensors`` holds ``W_enc`` (d, K), ``W_dec`` (K, d), biases and whatever the kind
trains besides; ``cfg.json`` says what to compute with them, as in SAELens 6 (``SAE.save_model``).
Kinds that select from a batch are saved as jump-relu with their threshold, which is what SAELens
does for inference, too.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from superpos_core.array_files.array_file import ArrayFile, UnreadableArrays
from superpos_core.arrays import FloatArray, freeze
from superpos_core.errors import PATH, InvalidValue, printable, reason_of
from superpos_core.files import storage
from superpos_core.files.runs.layout import (
    SAELENS_CONFIG,
    SAELENS_FOLDER,
    SAELENS_WEIGHTS,
    WEIGHTS_FILE,
)
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.lane_names import exact_lane_names
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.dictionary import Dictionary
from superpos_core.task.dictionaries.kinds import Activation, DictionaryKind, kind_named
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.models import TrainedArray
from superpos_core.task.parameters import Parameters

ARCHITECTURES: dict[Activation, str] = {
    "relu": "standard",
    "topk": "topk",
    "batch-topk": "jumprelu",
    "jump-relu": "jumprelu",
    "gated": "gated",
}
"""What SAELens calls them, by activation."""
KINDS_READ = {"standard": "relu", "topk": "topk", "jumprelu": "jump-relu", "gated": "gated"}
KIND = "superpos_kind"
"""The entry of the metadata that tells the kinds of one architecture apart."""
CHOICES = f"a folder with {SAELENS_WEIGHTS} and {SAELENS_CONFIG}, as SAELens saves them"
MAX_CONFIG_BYTES = 1 << 20
MAX_FOLDERS = 1_000
"""Maximum dictionaries of a run that are written, a folder each."""


def write_dictionary(folder: Path, saved: Dictionary) -> None:
    """Write one dictionary into a folder, which is made; raises ``storage.WriteError``."""
    from safetensors.numpy import save

    storage.prepare_folder(folder)
    arrays = {name: np.ascontiguousarray(array) for name, array in saved.arrays.items()}
    storage.write_bytes(folder / SAELENS_WEIGHTS, save(arrays))
    storage.write_json(folder / SAELENS_CONFIG, _config_of(saved))


def check_dictionaries(config: ExperimentConfig, option: str) -> None:
    """Raise ``InvalidValue`` about ``option`` unless a run of this config can be written."""
    if config.kind != DICTIONARIES:
        reason = "this run trains no dictionaries"
        raise InvalidValue(option, SAELENS_FOLDER, reason, "another format, or --dictionary KINDS")
    count = len(config.groups) * len(config.settings) * config.restarts
    if count > MAX_FOLDERS:
        reason = f"this run has {count:,} dictionaries, and each would get its own folder"
        choices = f"a run of at most {MAX_FOLDERS:,}; {WEIGHTS_FILE} has all of them"
        raise InvalidValue(option, SAELENS_FOLDER, reason, choices)


def write_dictionaries(folder: Path, record: DictionaryRecord) -> Iterator[Path]:
    """Write every dictionary of a run, each into its own folder, such as ``relu/S=0.9``.

    Yields each folder once it is complete. Raises ``storage.WriteError``.
    """
    for group in record.cohorts.values():
        for index, name in enumerate(exact_lane_names(group.lanes)):
            k = record.config.active_latents_of(group.lanes[index])
            saved = Dictionary(group.kind, group.parameters.take(index), k)
            write_dictionary(folder / name, saved)
            yield folder / name


def read_dictionary(folder: Path) -> Dictionary:
    """The dictionary in a folder, float32, without trust in what the files say.

    Raises ``InvalidValue`` for a folder without one, for a kind that is not known here, and for
    arrays that are missing or of other shapes than the others.
    """
    try:
        config = _read_config(folder / SAELENS_CONFIG)
        kind = _kind_of(config)
        with ArrayFile(folder / SAELENS_WEIGHTS) as file:
            arrays = {
                each.name: freeze(file.read(each.file_name).astype(np.float32))
                for each in kind.trained
                if each.file_name in file.arrays
            }
        _check_shapes(kind, arrays)
        return Dictionary(kind, Parameters(**arrays), _k_of(config))
    except UnreadableArrays as error:
        raise InvalidValue(PATH, folder, str(error), CHOICES) from error
    except OSError as error:
        raise InvalidValue(PATH, folder, reason_of(error), CHOICES) from error


def _config_of(saved: Dictionary) -> dict[str, Any]:
    architecture = ARCHITECTURES[saved.kind.activation]
    latents, hidden = saved.parameters.decoder.shape
    of_topk = {
        "k": max(int(saved.active_latents), 1),
        "rescale_acts_by_decoder_norm": False,
    }
    return {
        "d_in": hidden,
        "d_sae": latents,
        "dtype": "float32",
        "device": "cpu",
        "apply_b_dec_to_input": True,
        "normalize_activations": "none",
        "reshape_activations": "none",
        **(of_topk if architecture == "topk" else {}),
        "metadata": {KIND: saved.kind.name},
        "architecture": architecture,
    }


def _read_config(path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        content = file.read(MAX_CONFIG_BYTES + 1)
    try:
        config = json.loads(content[:MAX_CONFIG_BYTES])
    except (ValueError, RecursionError):
        config = None
    if not isinstance(config, dict):
        raise UnreadableArrays(f"its {SAELENS_CONFIG} is no config")
    others = {
        "apply_b_dec_to_input": True,
        "normalize_activations": "none",
        "reshape_activations": "none",
        "rescale_acts_by_decoder_norm": False,
    }
    for name, here in others.items():
        if config.get(name, here) != here:
            said = printable(str(config[name]))
            raise UnreadableArrays(f"its {name} is {said}, and only {here} is computed here")
    return config


def _kind_of(config: Mapping[str, Any]) -> DictionaryKind:
    architecture, metadata = config.get("architecture"), config.get("metadata")
    if not isinstance(architecture, str) or architecture not in KINDS_READ:
        said = printable(str(architecture))
        raise UnreadableArrays(f"its architecture is {said}, which is not known here")
    told = metadata.get(KIND) if isinstance(metadata, dict) else None
    try:
        kind = kind_named(str(told)) if told is not None else None
    except InvalidValue:
        kind = None
    if kind is not None and ARCHITECTURES[kind.activation] == architecture:
        return kind
    return kind_named(KINDS_READ[architecture])


def _k_of(config: Mapping[str, Any]) -> float:
    k = config.get("k", 1)
    is_number = isinstance(k, int | float) and not isinstance(k, bool)
    if not (is_number and 1 <= k <= 1 << 30):
        raise UnreadableArrays(f"its k is {printable(str(k))}")
    return float(k)


def _check_shapes(kind: DictionaryKind, arrays: Mapping[str, FloatArray]) -> None:
    for each in kind.trained:
        if each.name not in arrays:
            raise UnreadableArrays(f"it has no {each.file_name}, which {kind.name} needs")
    decoder = arrays["decoder"]
    if decoder.ndim != 2:
        raise UnreadableArrays(f"its W_dec has shape {decoder.shape}, and is no matrix")
    latents, hidden = decoder.shape
    for each in kind.trained:
        _check_shape(each, arrays[each.name], hidden, latents)


def _check_shape(each: TrainedArray, array: FloatArray, hidden: int, latents: int) -> None:
    wanted = each.shape(0, hidden, latents)
    if array.shape != wanted:
        raise UnreadableArrays(f"its {each.file_name} has shape {array.shape}, not {wanted}")
