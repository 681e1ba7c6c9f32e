"""Steps per second on the device, the fused engine on all cores and torch on the CPU."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec

from tests.bench.cases import CASES
from tests.gpu.engines import every
from tests.gpu.parts import Finding, Target, checked

from superpos_core.engine import Engine
from superpos_core.engine.choice import EngineChoice
from superpos_core.machine.cores import usable_cores
from superpos_core.task.config import ExperimentConfig

SECONDS = 1.5
"""Per engine and case, or two steps if they take longer."""
NEEDED_BY_FUSED = ("numba", "platformdirs")
DEVICE, FUSED, TORCH = "on the device", "fused", "torch on the CPU"

DENSITIES = (0.0, 0.7, 0.9, 0.99, 0.999)
LARGE = (
    ExperimentConfig(
        "gpu",
        features=1000,
        hidden=100,
        models=("tied",),
        sparsities=DENSITIES,
        importance=0.99,
        batch=1024,
    ),
    ExperimentConfig(
        "gpu",
        features=4096,
        hidden=64,
        models=("tied",),
        sparsities=DENSITIES,
        importance=0.999,
        batch=1024,
    ),
)
MEASURED = ("20→5", "200→20", "10,000-cell")


def cases() -> dict[str, ExperimentConfig]:
    """The cases by name, from small to large matrices."""
    small = {case.name: case.config for case in CASES if case.name.startswith(MEASURED)}
    return small | {f"{each.features}→{each.hidden}, five densities": each for each in LARGE}


def check(target: Target) -> Iterator[Finding]:
    """Measure every case."""
    for name, config in cases().items():
        yield _case(target, name, _tiny(config) if target.tiny else config)


def _tiny(config: ExperimentConfig) -> ExperimentConfig:
    return replace(
        config,
        features=min(config.features, 8),
        hidden=min(config.hidden, 3),
        sparsities=config.sparsities[:2],
        sweep_values=config.sweep_values[:2],
        batch=8,
    )


def _case(target: Target, name: str, config: ExperimentConfig) -> Finding:
    numbers = {"lanes": float(len(config.models) * len(config.settings))}
    choices = {DEVICE: EngineChoice("torch", target.device), TORCH: EngineChoice("torch")}
    missing = " and ".join(name for name in NEEDED_BY_FUSED if find_spec(name) is None)
    if not missing:
        choices[FUSED] = EngineChoice("fused")

    def measure() -> str:
        for who, choice in choices.items():
            numbers[who] = _steps_per_second(choice, config, target.tiny)
        rates = ", ".join(f"{_rounded(numbers[who])} {who}" for who in choices)
        without = f"; fused skipped: {missing} not installed" if missing else ""
        return f"{numbers['lanes']:,.0f} lanes, steps/s: {rates}{without}"

    return replace(checked(name, measure), numbers=numbers)


def _steps_per_second(choice: EngineChoice, config: ExperimentConfig, tiny: bool) -> float:
    engine = choice.make(config)
    try:
        engine.advance(every(config, 1))  # compiles, or records
        steps, seconds = 1, _seconds(engine, config, 1)
        while seconds < (0.01 if tiny else SECONDS):
            steps = math.ceil(steps * min(max(1.2 * SECONDS / seconds, 2), 50))
            seconds = _seconds(engine, config, steps)
        return steps / seconds
    finally:
        engine.close()


def _seconds(engine: Engine, config: ExperimentConfig, steps: int) -> float:
    start = time.perf_counter()
    engine.advance(every(config, steps))  # returns once the losses are available
    return time.perf_counter() - start


def table(device: str, findings: Sequence[Finding]) -> list[str]:
    """The lines of a Markdown table: steps per second, and the ratio to fused in brackets."""
    lines = [
        f"| steps/s | lanes | torch on {device} | fused on {usable_cores()} cores "
        "| torch on one core |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for finding in findings:
        cells = [f"{finding.numbers['lanes']:,.0f}"]
        cells += [_cell(finding.numbers, who) for who in (DEVICE, FUSED, TORCH)]
        lines.append(f"| {finding.what} | {' | '.join(cells)} |")
    return lines


def _cell(numbers: Mapping[str, float], who: str) -> str:
    """A rate with its ratio; a dash if it was not measured."""
    if who not in numbers:
        return "–"
    ratio = f" ({numbers[who] / numbers[FUSED]:.2g}×)" if FUSED in numbers and who != FUSED else ""
    return f"{_rounded(numbers[who])}{ratio}"


def _rounded(rate: float) -> str:
    """A rate with three significant digits, without an exponent."""
    digits = max(2 - math.floor(math.log10(rate)), -9)
    return f"{round(rate, digits):,.{max(digits, 0)}f}"
