"""Puts together a record from what a run's folder holds at a moment."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from superpos_core.array_files.array_file import UnreadableArrays
from superpos_core.files.runs.description import Description
from superpos_core.files.runs.loss_reader import LossReader
from superpos_core.files.runs.state_file import read_state
from superpos_core.record.lane_group import named_for_files
from superpos_core.record.record import Record
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import Timeline
from superpos_core.training.checkpoint import ENGINE
from superpos_core.training.jobs import job_of
from superpos_core.training.kept import PARTIAL
from superpos_core.training.phase_maps import BLOCK

FOR_TRAINING = (ENGINE, PARTIAL, BLOCK)
"""Arrays that no record has."""


def state_in(folder: Path) -> Stored | None:
    """The record in a folder's state, without what only training needs; ``None`` if it is torn."""
    try:
        return read_state(folder, without=FOR_TRAINING)
    except (OSError, UnreadableArrays, RecursionError):
        return None


def record_from(
    described: Description,
    stored: Stored | None,
    timelines: Mapping[str, Timeline],
    losses: LossReader,
) -> Record | None:
    """The newest record that can be put together; ``None`` if there is none yet.

    The newest weights are those ``stored`` or those of a later moment. Curves that are not stored
    are made of the rows in ``loss.csv``.
    """
    complete = _completed(described, stored, timelines, losses)
    if complete is None:
        return None
    try:
        record = job_of(described.config).record_type.restored(
            described.config, complete, timelines
        )
    except (LookupError, TypeError, ValueError, AttributeError):
        return None  # what is stored does not fit this config (yet)
    return replace(record, unknown=described.unknown)


def _completed(
    described: Description,
    stored: Stored | None,
    timelines: Mapping[str, Timeline],
    losses: LossReader,
) -> Stored | None:
    """What is stored, with later moments and missing curves."""
    facts = {} if stored is None else stored.facts
    complete = Stored({} if stored is None else stored.arrays, {"marks": described.marks, **facts})
    steps = dict(facts.get("steps", {}))
    for model, timeline in timelines.items():
        newest = _newest(model, timeline)
        if newest is not None and newest[0] > steps.get(model, -1):
            steps[model], arrays = newest
            complete = complete.with_arrays(f"parameters/{model}", arrays)
        if model in steps and f"losses/{model}/steps" not in complete.arrays:
            complete = complete.with_arrays(f"losses/{model}", losses.curve(model).arrays())
            complete = complete.with_arrays(f"recent/{model}", losses.recent(model).arrays())
    if steps:
        # In the order of the config, as training has them.
        complete = complete.with_facts(steps={m: steps[m] for m in timelines if m in steps})
    return complete if steps or stored is not None else None


def _newest(model: str, timeline: Timeline) -> tuple[int, dict[str, NDArray[Any]]] | None:
    """The newest moment that is there: its step, and its arrays by their names in files."""
    for moment in reversed(timeline.moments):
        arrays = named_for_files(model, moment.parameters)
        if moment.is_there:  # asked afterwards: it may go at any time
            return moment.step, arrays
    return None
