"""Configs from and to typed text: on the command line and in the form."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of, read_options
from superpos_core.task.sweeps import sweep_named
from superpos_core.task.values import Numbers, ValueType, listed


def config_with(config: ExperimentConfig, typed: Mapping[str, str]) -> ExperimentConfig:
    """The config with some options as typed, keyed by field name.

    Raises ``InvalidValue`` for invalid values, and for a config that cannot be trained.
    """
    from superpos_core.training.jobs import check_trainable  # which --help does without

    values = read_options(type(config), typed)
    changed = replace(config, **_with_swept_hidden(config, values))
    check_trainable(changed)
    return changed


def _with_swept_hidden(config: ExperimentConfig, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values with the largest swept m as m, if m is swept and was left as it is."""
    sweep = sweep_named(values.get("sweep", config.sweep))
    swept = values.get("sweep_values", config.sweep_values)
    if not sweep.sets_hidden or values.get("hidden", config.hidden) != config.hidden:
        return values
    sweep.check(swept)
    return {**values, "hidden": int(max(swept))}


LISTED = "one that superpos-tui --show-config lists"
"""What to choose instead of an unknown option, variable or key."""
ADDING = re.compile(r"(?<![eE])\+")
"""A plus that is no sign of an exponent."""


def with_added(takes: ValueType, current: str, typed: str) -> str:
    """A list as typed, in which ``+`` adds to it; a leading one adds to the ``current`` list.

    Numbers in ascending order stay so.

    >>> with_added(Numbers(), "0,0.9,0.99", "+0.95")
    '0,0.9,0.95,0.99'
    """
    first, *added = ADDING.split(typed)
    if not takes.is_list or not added:
        return typed
    before = listed(first if first.strip() else current)
    after = [*before, *listed(",".join(added))]
    if isinstance(takes, Numbers) and _is_ascending(before):
        after.sort(key=_value)
    return ",".join(after)


def _is_ascending(numbers: Sequence[str]) -> bool:
    values = [_value(number) for number in numbers]
    return values == sorted(values)


def _value(number: str) -> float:
    """The number; infinity for what is none, so that it stays at the end."""
    try:
        return float(number)
    except ValueError:
        return math.inf


def as_texts(config: ExperimentConfig) -> dict[str, str]:
    """Every option as it would be typed, keyed by field name."""
    return {
        option.field: option.show(getattr(config, option.field))
        for option in options_of(type(config))
    }
