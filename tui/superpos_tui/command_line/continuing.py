"""``--resume``: the run to continue, and which other options make sense beside it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from superpos_core.errors import InvalidValue
from superpos_core.experiments import DEFAULT_EXPERIMENT, EXPERIMENTS, Trial
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_core.task.parse_numbers import whole_number

if TYPE_CHECKING:
    from superpos_core.training.checkpoint import Checkpoint

STEPS = "steps"


def resumed(folder: Path, given: Mapping[str, Any]) -> tuple[Trial, "Checkpoint"]:
    """The run in ``folder`` and where it continues: to its end, or further with ``--steps``.

    Raises ``InvalidValue`` for a folder without such a run, and for options that would change it.
    """
    from superpos_core.files.run_folder import check_not_in_progress
    from superpos_core.files.runs.resuming import checkpoint_in

    _check_nothing_else_changes(given)
    checkpoint = checkpoint_in(folder)
    try:
        check_not_in_progress(folder)
    except InvalidValue as error:
        raise error.of_option("resume") from None
    if given[STEPS] is not None:
        config = _with_steps(checkpoint, given[STEPS])
        checkpoint = replace(checkpoint, config=config)
    experiment = EXPERIMENTS.get(checkpoint.config.name)
    return Trial(checkpoint.config, experiment), checkpoint


def _check_nothing_else_changes(given: Mapping[str, Any]) -> None:
    """A run keeps its settings: with others it would be another one."""
    for option in options_of(ExperimentConfig):
        if option.field != STEPS and given[option.field] is not None:
            reason = "a resumed run keeps its settings"
            raise InvalidValue(option.name, given[option.field], reason, "none, or --steps N")
    if given["start_from"] is not None:
        reason = "a resumed run continues from its own weights"
        raise InvalidValue("from", given["start_from"], reason, "one of both")
    if given["quick"] or given["experiment"] != DEFAULT_EXPERIMENT:
        value = "quick" if given["quick"] else given["experiment"]
        reason = "a resumed run keeps its settings"
        raise InvalidValue("experiment", value, reason, "none beside --resume")


def _with_steps(checkpoint: "Checkpoint", typed: str) -> ExperimentConfig:
    """The config with more steps; raises ``InvalidValue`` for fewer than are done."""
    config, steps = checkpoint.config, whole_number(STEPS, typed)
    taken = checkpoint.state.facts.get("steps")
    if taken is None:
        raise InvalidValue(STEPS, typed, "a phase map ends with its last cell", "none")
    done = max(taken.values(), default=0)
    if steps < done:
        raise InvalidValue(STEPS, typed, f"{done:,} are done already", f"{done} or more")
    return replace(config, steps=steps)
