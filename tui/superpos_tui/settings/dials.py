"""The dials: settings that can be turned while a model trains, on the same weights.

A new dial is one more entry in ``DIALS``.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from superpos_core.experiments import check_trainable
from superpos_core.task.config import ExperimentConfig


@dataclass(frozen=True)
class Dial:
    """One dial: ``stops`` are its values, rising; ``read`` and ``turn`` act on one setting."""

    name: str
    explanation: str
    stops: tuple[float, ...]
    read: Callable[[ExperimentConfig, int], float]
    turn: Callable[[ExperimentConfig, int, float], ExperimentConfig]

    def next_stop(self, value: float, direction: int) -> float:
        """The stop above or below a value; the ends are ends."""
        if direction > 0:
            place = min(bisect_right(self.stops, value), len(self.stops) - 1)
            return max(self.stops[place], value)
        place = max(bisect_left(self.stops, value) - 1, 0)
        return min(self.stops[place], value)

    def turned(self, config: ExperimentConfig, setting: int, direction: int) -> ExperimentConfig:
        """The config with this dial one stop up or down.

        Raises ``InvalidValue`` where that cannot be used, or not in this kind of experiment.
        """
        stop = self.next_stop(self.read(config, setting), direction)
        changed = self.turn(config, setting, stop)
        check_trainable(changed)
        return changed


def _sparsity(config: ExperimentConfig, setting: int) -> float:
    return config.settings[setting].sparsity


def _turn_sparsity(config: ExperimentConfig, setting: int, value: float) -> ExperimentConfig:
    place = setting // max(len(config.sweep_values), 1)
    sparsities = list(config.sparsities)
    sparsities[place] = value
    return replace(config, sparsities=tuple(sparsities))


def _shared(name: str, explanation: str, attribute: str, stops: tuple[float, ...]) -> Dial:
    """A dial for a plain setting of the config, which all lanes share."""
    whole = all(isinstance(stop, int) for stop in stops)

    def turn(config: ExperimentConfig, setting: int, value: float) -> ExperimentConfig:
        changed: dict[str, Any] = {attribute: int(value) if whole else value}
        return replace(config, **changed)

    return Dial(
        name, explanation, stops, lambda config, setting: float(getattr(config, attribute)), turn
    )


DENSITIES = (1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.015, 0.01,
             0.007, 0.005, 0.003, 0.002, 0.001, 0.0005, 0.0002, 0.0001)  # fmt: skip

DIALS: tuple[Dial, ...] = (
    Dial("sparsity S", "of the setting in focus",
         tuple(round(1 - density, 6) for density in DENSITIES), _sparsity, _turn_sparsity),
    _shared("importance R", "I_i = R^i of feature i", "importance",
            (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)),
    _shared("learning rate", "of the optimiser", "learning_rate",
            tuple(float(f"{digit}e{power}") for power in range(-6, 0) for digit in (1, 2, 5))),
    _shared("weight decay", "of the optimiser", "weight_decay",
            (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)),
    _shared("batch", "samples a step and lane", "batch",
            tuple(2**power for power in range(5, 15))),
)  # fmt: skip


def changes(before: ExperimentConfig, after: ExperimentConfig, setting: int) -> str:
    """What turning dials changed, such as ``sparsity S 0.5 → 0.7``; nothing if nothing did."""
    return ", ".join(
        f"{dial.name} {dial.read(before, setting):g} → {dial.read(after, setting):g}"
        for dial in DIALS
        if dial.read(before, setting) != dial.read(after, setting)
    )
