"""The torch engine on the device against the torch engine on the CPU, for all it can train."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import torch
from tests.engine_variants import STEPS, variants_of
from tests.gpu.engines import (
    SMALL,
    assert_alike,
    assert_equal_states,
    differing,
    engine_on,
    every,
)
from tests.gpu.parts import Finding, Target, checked

from superpos_core.engine.torch.devices import resolve_device
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.engine.torch.rows import FreshRows
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import DISTRIBUTIONS
from superpos_core.task.optimisers import OPTIMISERS

RATES = {"adamw": 0.01, "sgd": 0.1}
EXACT_DRAWS = ("uniform", "signed", "binary", "correlated", "anticorrelated", "one-hot")
"""The others use a logarithm or a root, which devices round differently."""
MANY_LANES = 70_000
"""More than the 65,535 blocks of a CUDA grid along two of its axes."""

FEW = replace(SMALL, models=("tied", "mlp"))
VARIANTS = variants_of(FEW)


def check(target: Target) -> Iterator[Finding]:
    """Check all models, distributions and optimisers; then other options, and states."""
    steps, config = (3, FEW) if target.tiny else (STEPS, SMALL)
    yield checked("matrix products in full float32", _product_error, target)
    drawn_there = [name for name, each in DISTRIBUTIONS.items() if each.source is None]
    for name in drawn_there:
        yield checked(f"draws: {name}", _compare_draws, target, name)
    for optimiser, name in product(OPTIMISERS, drawn_there):
        trained = replace(
            config, distribution=name, optimiser=optimiser, learning_rate=RATES[optimiser]
        )
        what = f"{len(config.models)} models, {name}, {optimiser}"
        yield checked(what, _against_the_cpu, target, trained, steps)
    for name, variant in VARIANTS.items():
        yield checked(name, _against_the_cpu, target, variant, steps)
    yield checked("the same config again", _again, target, steps)
    yield checked("in slices of other lengths", _in_slices, target, steps)
    yield checked("from a saved state", _from_a_state, target, steps)
    yield checked("from a state of the CPU", _across, target, steps, from_cpu=True)
    yield checked("a state of it on the CPU", _across, target, steps, from_cpu=False)
    yield checked("a model that joins later", _joining, target, steps)
    yield checked("a lane alone and beside others", _alone, target, steps)
    yield checked("many lanes", _many_lanes, target)


def _product_error(target: Target) -> str:
    """The error of matrix products; TF32 keeps ten bits, with errors of 3e-4."""
    engine_on(target, replace(SMALL, models=("tied",))).close()  # it disables TF32
    random = np.random.default_rng(0)
    left, right = (random.standard_normal((4, 128, 128)).astype(np.float32) for _ in range(2))
    device = resolve_device(target.device)
    there = torch.from_numpy(left).to(device) @ torch.from_numpy(right).to(device)
    exact = left.astype(np.float64) @ right.astype(np.float64)
    error = float(np.linalg.norm(there.cpu().numpy() - exact) / np.linalg.norm(exact))
    assert error < 1e-5, f"relative error {error:.0e}, as with TF32"
    return f"relative error {error:.0e}"


def _compare_draws(target: Target, distribution: str) -> str:
    config = replace(SMALL, distribution=distribution)
    lanes = config.lanes_of("tied")
    drawn = []
    for device in (resolve_device(target.device), torch.device("cpu")):
        rows = FreshRows(config, lanes, device)
        drawn.append(rows.now(torch.tensor(1234, device=device)).cpu().numpy())
    there, here = drawn
    assert np.any(here > 0)
    if np.array_equal(there, here):
        return "bit for bit"
    assert distribution not in EXACT_DRAWS, "not the same bits"
    gap = float(np.abs(there - here).max() / np.abs(here).max())
    assert gap < 1e-6, f"{gap:.0e} apart"
    return f"{gap:.0e} apart"


def _against_the_cpu(target: Target, config: ExperimentConfig, steps: int) -> str:
    return assert_alike(config, engine_on(target, config), TorchEngine(config), 1, steps - 1)


def _again(target: Target, steps: int) -> str:
    states = []
    for _ in range(2):
        engine = engine_on(target, SMALL)
        engine.advance(every(SMALL, steps))
        states.append(engine.state())
    return assert_equal_states(*states)


def _in_slices(target: Target, steps: int) -> str:
    whole, sliced = engine_on(target, FEW), engine_on(target, FEW)
    whole.advance(every(FEW, steps))
    for count in (1, 0, steps - 2, 1):
        sliced.advance(every(FEW, count))
    return assert_equal_states(whole.state(), sliced.state())


def _from_a_state(target: Target, steps: int) -> str:
    for config in (FEW, replace(FEW, optimiser="sgd"), VARIANTS["small batches of datasets"]):
        first, second = engine_on(target, config), engine_on(target, config)
        first.advance(every(config, steps))
        second.load_state(first.state())
        assert not differing(first.state(), second.state()), "loading changed it"
        first.advance(every(config, steps))
        second.advance(every(config, steps))
        assert_equal_states(first.state(), second.state())
    return "bit for bit, with either optimiser and on a dataset"


def _across(target: Target, steps: int, from_cpu: bool) -> str:
    engines = [TorchEngine(FEW), engine_on(target, FEW)]
    first, second = engines if from_cpu else reversed(engines)
    first.advance(every(FEW, steps))
    second.load_state(first.state())
    return assert_alike(FEW, second, first, steps)


def _joining(target: Target, steps: int) -> str:
    late = engine_on(target, replace(FEW, models=("tied",)))
    late.advance({"tied": steps})
    late.join("mlp")
    late.advance({"tied": 2, "mlp": 2})
    always = engine_on(target, FEW)
    always.advance({"tied": steps + 2, "mlp": 2})
    return assert_equal_states(late.state(), always.state())


def _alone(target: Target, steps: int) -> str:
    beside = engine_on(target, replace(FEW, models=("tied",), restarts=3))
    config = replace(FEW, models=("tied",), sparsities=FEW.sparsities[:1])
    alone = engine_on(target, config)
    losses = beside.advance({"tied": steps})["tied"][:, 0]
    expected = alone.advance({"tied": steps})["tied"][:, 0]
    if np.array_equal(losses, expected):
        return "bit for bit"
    gap = float(np.abs(losses - expected).max() / expected.max())
    assert gap < 1e-5, f"losses {gap:.0e} apart"
    return f"losses {gap:.0e} apart: rounded differently"


def _many_lanes(target: Target) -> str:
    lanes = 300 if target.tiny else MANY_LANES
    config = replace(
        SMALL, features=2, hidden=1, batch=16, models=("tied",), sparsities=(0.5,), restarts=lanes
    )
    return f"{lanes:,}: {assert_alike(config, engine_on(target, config), TorchEngine(config), 3)}"
