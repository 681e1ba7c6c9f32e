"""The dials: options that can be turned while a model trains, keeping its weights.

An option is a dial if its field declares a ``DialSpec``.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import DialSpec, Option, Options, options_of
from superpos_core.task.values import WholeNumber
from superpos_core.training.jobs import check_trainable


@dataclass(frozen=True)
class Dial:
    """One dial: ``stops`` are its ascending values; ``read`` and ``turn`` act on one setting."""

    name: str
    hint: str
    stops: tuple[float, ...]
    read: Callable[[ExperimentConfig, int], float]
    turn: Callable[[ExperimentConfig, int, float], ExperimentConfig]
    applies: Callable[[ExperimentConfig], bool]

    def next_stop(self, value: float, direction: int) -> float:
        """The next stop above or below a value, clamped at both ends."""
        if direction > 0:
            index = min(bisect_right(self.stops, value), len(self.stops) - 1)
            return max(self.stops[index], value)
        index = max(bisect_left(self.stops, value) - 1, 0)
        return min(self.stops[index], value)

    def turned(self, config: ExperimentConfig, setting: int, direction: int) -> ExperimentConfig:
        """The config with this dial one stop up or down.

        Raises ``InvalidValue`` if that value, or changing it in this experiment, is not possible.
        """
        stop = self.next_stop(self.read(config, setting), direction)
        changed = self.turn(config, setting, stop)
        check_trainable(changed)
        return changed


def dials_of(config: type[Options]) -> tuple[Dial, ...]:
    """The dials of a config class, quantities before counts."""
    options = sorted(options_of(config), key=lambda option: isinstance(option.takes, WholeNumber))
    return tuple(
        _dial_of_sparsity(option.dial)
        if option.field == "sparsities"
        else _shared_dial(option, option.dial)
        for option in options
        if option.dial is not None
    )


def dials_for(config: ExperimentConfig) -> tuple[Dial, ...]:
    """The dials that have an effect on the training of this config."""
    return tuple(dial for dial in dials_of(type(config)) if dial.applies(config))


def _dial_of_sparsity(spec: DialSpec) -> Dial:
    """The dial for the sparsity of one setting."""

    def read(config: ExperimentConfig, setting: int) -> float:
        return config.settings[setting].sparsity

    def turn(config: ExperimentConfig, setting: int, value: float) -> ExperimentConfig:
        sparsities = list(config.sparsities)
        sparsities[setting // max(len(config.sweep_values), 1)] = value
        return replace(config, sparsities=tuple(sparsities))

    return Dial(spec.label, spec.hint, spec.stops, read, turn, spec.applies)


def _shared_dial(option: Option, spec: DialSpec) -> Dial:
    """The dial of a plain option, which all lanes share."""

    def read(config: ExperimentConfig, _setting: int) -> float:
        return float(getattr(config, option.field))

    def turn(config: ExperimentConfig, _setting: int, value: float) -> ExperimentConfig:
        is_whole = isinstance(option.takes, WholeNumber)
        changed: dict[str, Any] = {option.field: int(value) if is_whole else value}
        return replace(config, **changed)

    return Dial(spec.label, spec.hint, spec.stops, read, turn, spec.applies)


def changes(before: ExperimentConfig, after: ExperimentConfig, setting: int) -> str:
    """The dials that changed, such as ``sparsity S 0.5 → 0.7``; empty if none did."""
    return ", ".join(
        f"{dial.name} {dial.read(before, setting):g} → {dial.read(after, setting):g}"
        for dial in dials_of(type(before))
        if dial.read(before, setting) != dial.read(after, setting)
    )
