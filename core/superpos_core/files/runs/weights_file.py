"""Restores a record from ``weights.safetensors``, which is all that an old export has."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.array_files.array_file import ArrayFile, UnreadableArrays
from superpos_core.files.runs.stored_parameters import as_float32
from superpos_core.geometry import measures
from superpos_core.record.lane_names import exact_lane_names
from superpos_core.record.phase_grid import PHASE_MAP, PhaseGrid
from superpos_core.record.phase_map import UNKNOWN, nearest_solutions
from superpos_core.record.stored import Stored
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters

MAP_REMARK = "norms and superposition are those of each cell's best restart"
"""An old export of a phase diagram has no other restarts to average over."""


def stored_weights(
    path: Path, config: ExperimentConfig, steps: Mapping[str, int]
) -> tuple[Stored, tuple[str, ...]] | None:
    """The content of a weight file as a stored record without losses, and remarks on it.

    ``None`` as long as the file does not hold the weights of this config.
    """
    read = {LANES: _lanes, PHASE_MAP: _phase_map}.get(config.kind)
    try:
        with ArrayFile(path) as file:
            return None if read is None else read(file, config, steps)
    except (OSError, UnreadableArrays, LookupError, ValueError):
        return None


def _lanes(
    file: ArrayFile, config: ExperimentConfig, steps: Mapping[str, int]
) -> tuple[Stored, tuple[str, ...]]:
    stored = Stored(facts={"steps": {model: steps[model] for model in config.models}})
    for model in config.models:
        names = exact_lane_names(config.lanes_of(model))
        arrays = {
            each.file_name: np.stack(
                [as_float32(file.read(f"{name}/{each.file_name}")) for name in names]
            )
            for each in model_named(model).trained
        }
        stored = stored.with_arrays(f"parameters/{model}", arrays)
    return stored, ()


def _phase_map(
    file: ArrayFile, config: ExperimentConfig, _steps: Mapping[str, int]
) -> tuple[Stored, tuple[str, ...]]:
    grid = PhaseGrid(config)
    encoder, bias = as_float32(file.read("best/W")), as_float32(file.read("best/b"))
    filled = np.asarray(np.isfinite(encoder).all(axis=(-1, -2)))
    gram = measures.gram(Parameters(encoder=encoder.astype(np.float64), bias=bias))
    arrays: dict[str, NDArray[Any]] = {
        "filled": filled,
        "norm": measures.feature_norms(encoder.astype(np.float64))[..., -1],
        "superposition": measures.superposition(encoder.astype(np.float64))[..., -1],
        "region": np.where(filled, nearest_solutions(grid.diagram, gram), UNKNOWN),
        "best_restart": np.zeros(grid.shape, dtype=int),
        "encoder": encoder,
        "bias": bias,
    }
    facts = {"share_done": float(filled.mean())}
    return Stored(facts=facts).with_arrays("map", arrays), (MAP_REMARK,)
