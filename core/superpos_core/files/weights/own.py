"""This program's own weights.safetensors: all lanes of a run, or the best of every cell of a map.

The names of the arrays tell the lanes, and the metadata hold the config. The step and the losses
are not in it: they are in the files beside it in the run's folder.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from superpos_core.array_files.array_file import UnreadableArrays
from superpos_core.array_files.found import FoundArray
from superpos_core.arrays import FloatArray, freeze
from superpos_core.errors import InvalidValue, lookup, printable
from superpos_core.files.storage import CONFIG_KEY, UNKNOWN_KEY
from superpos_core.record.dictionaries import DIRECTIONS, DictionaryCohort, DictionaryRecord
from superpos_core.record.hidden_penalty import penalties_of
from superpos_core.record.history import LossHistory
from superpos_core.record.lane_names import exact_lane_names
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.phase_grid import PHASE_MAP, Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.record import Record
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters, stacked
from superpos_core.task.trained_arrays import trained_arrays

STEPS = "steps"
"""What such a file does not tell, as a name in ``Record.unknown``."""
IN_ORDER_OF_SEEDS = "restarts in the order of their seeds: the file has no losses"
ONE_RESTART = "of each cell the best restart, not the mean: the file has no others"

Arrays = Mapping[str, FoundArray]


def is_own(metadata: Mapping[str, str]) -> bool:
    """Whether a file with these metadata was written by this program."""
    return CONFIG_KEY in metadata


def own_record(arrays: Arrays, metadata: Mapping[str, str]) -> Record:
    """The record in a file of this program; raises ``UnreadableArrays`` if it is damaged."""
    try:
        values = dict(json.loads(metadata[CONFIG_KEY]))
        unknown = frozenset(map(str, values.pop(UNKNOWN_KEY, ())))
        config = ExperimentConfig.from_dict(values)
        read = lookup("kind", _READERS, config.kind)
    except InvalidValue as error:
        raise UnreadableArrays(f"its config has {error}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableArrays("its config is damaged") from error
    record = read(config, arrays)
    return replace(record, unknown=record.unknown | unknown)


def untrained_cohort(config: ExperimentConfig, model: str, parameters: Parameters) -> Cohort:
    """The lanes of a model with these parameters, at step 0 and without losses."""
    lanes = config.lanes_of(model)
    history = LossHistory(len(lanes))
    return Cohort(
        lanes=lanes,
        step=0,
        parameters=parameters,
        losses=history.full,
        recent_losses=history.recent,
        restarts=config.restarts,
        penalties=penalties_of(config, lanes, parameters),
    )


def _lanes(config: ExperimentConfig, arrays: Arrays) -> LanesRecord:
    found = _groups(config, arrays)
    cohorts = {model: untrained_cohort(config, model, each) for model, each in found.items()}
    return LanesRecord(config, cohorts, **_of_groups(config))


def _dictionaries(config: ExperimentConfig, arrays: Arrays) -> DictionaryRecord:
    found = _groups(config, arrays, DIRECTIONS)
    lanes = config.lanes_of(config.groups[0])
    shape = (len(lanes), config.features, config.hidden)
    directions = freeze(_values(arrays, DIRECTIONS, shape))
    none = LossHistory(len(lanes))
    cohorts = {
        kind: DictionaryCohort(
            lanes=config.lanes_of(kind),
            step=0,
            parameters=parameters,
            losses=none.full,
            recent_losses=none.recent,
            restarts=config.restarts,
            active=none.full,
            recent_active=none.recent,
        )
        for kind, parameters in found.items()
    }
    return DictionaryRecord(config, cohorts, directions, **_of_groups(config))


def _of_groups(config: ExperimentConfig) -> dict[str, Any]:
    """What to say of lanes whose losses and steps nobody knows."""
    remarks = (IN_ORDER_OF_SEEDS,) if config.restarts > 1 else ()
    return {"remarks": remarks, "unknown": frozenset({STEPS})}


def _groups(config: ExperimentConfig, arrays: Arrays, *further: str) -> dict[str, Parameters]:
    """The parameters of every model or kind; a file holds the ``further`` arrays, too."""
    count = len(config.settings) * config.restarts
    wanted = count * sum(len(trained_arrays(name)) for name in config.groups) + len(further)
    if len(arrays) != wanted:  # checked before lanes are made, of which a config may promise many
        raise UnreadableArrays(
            f"it holds {len(arrays):,} arrays, and its config promises {wanted:,}"
        )
    found = {}
    for group in config.groups:
        lanes = config.lanes_of(group)
        named = zip(lanes, exact_lane_names(lanes), strict=True)
        each = [_parameters_of(config, lane, name, arrays) for lane, name in named]
        found[group] = stacked(each, config.padding_of(lanes)).map(freeze)
    return found


def _parameters_of(config: ExperimentConfig, lane: Lane, name: str, arrays: Arrays) -> Parameters:
    sizes = config.features, config.hidden_of(lane), config.latents
    return Parameters(
        **{
            each.name: _values(arrays, f"{name}/{each.file_name}", each.shape(*sizes))
            for each in trained_arrays(lane.model)
        }
    )


def _phase_map(config: ExperimentConfig, arrays: Arrays) -> PhaseMap:
    grid = PhaseGrid(replace(config, restarts=1))
    n, m = config.features, config.hidden
    encoder = _values(arrays, "best/W", (*grid.shape, n, m))
    bias = _values(arrays, "best/b", (*grid.shape, n))
    rows, columns = grid.shape
    everything = Block(tuple(range(rows)), tuple(range(columns)))
    flat = Parameters(encoder=encoder.reshape(-1, n, m), bias=bias.reshape(-1, n))
    trained = PhaseMap.empty(grid).with_block(everything, flat, np.zeros(rows * columns))
    filled = np.asarray(np.isfinite(encoder).all(axis=(-1, -2)))
    return replace(
        trained,
        filled=freeze(filled),
        share_done=float(filled.mean()),
        remarks=(ONE_RESTART,),
        unknown=frozenset({STEPS}),
    )


def _values(arrays: Arrays, name: str, shape: tuple[int, ...]) -> FloatArray:
    """An array of this program, which is float32; raises ``UnreadableArrays`` for another one."""
    found = arrays.get(name)
    if found is None:
        raise UnreadableArrays(f"it has no {printable(name)}, which its config promises")
    if found.shape != shape or found.dtype != "float32":
        raise UnreadableArrays(f"{found.description} is not what its config promises")
    return found.read()


_READERS: dict[str, Callable[[ExperimentConfig, Arrays], Record]] = {
    LANES: _lanes,
    PHASE_MAP: _phase_map,
    DICTIONARIES: _dictionaries,
}
"""By kind of run."""
