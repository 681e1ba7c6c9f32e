"""Configs from and to typed text: on the command line and in the form."""

from collections.abc import Mapping
from dataclasses import replace

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of, read_options


def config_with(config: ExperimentConfig, typed: Mapping[str, str]) -> ExperimentConfig:
    """The config with some options as typed, keyed by field name.

    Raises ``InvalidValue`` for invalid values, and for a config that cannot be trained.
    """
    from superpos_core.training.jobs import check_trainable  # which --help does without

    changed = replace(config, **read_options(type(config), typed))
    check_trainable(changed)
    return changed


def as_texts(config: ExperimentConfig) -> dict[str, str]:
    """Every option as it would be typed, keyed by field name."""
    return {
        option.field: option.show(getattr(config, option.field))
        for option in options_of(type(config))
    }
