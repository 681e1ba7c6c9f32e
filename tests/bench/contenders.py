"""The contenders: the engines, and common ways to write the same training."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from tests.bench.cases import Case

from superpos_core.engine.fused.cohort import CohortRunner, FusedCohort
from superpos_core.engine.fused.layout import Optimiser
from superpos_core.engine.fused.ray_choice import are_rays
from superpos_core.engine.fused.specialisation import Formula
from superpos_core.engine.fused.threads import Threads
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.machine.cores import usable_cores
from superpos_core.task.models import model_named

LEARNING_RATE = 1e-3
MAX_MODULES = 500
"""Maximum lanes for one module per lane in a loop, which is hopelessly slow beyond this."""


@dataclass
class Contender:
    """One way to train; ``advance(steps)`` takes that many steps of all lanes."""

    name: str
    advance: Callable[[int], Any]
    close: Callable[[], None] = field(default=lambda: None)


def contenders_for(case: Case) -> list[Contender]:
    """All contenders that can train this case, the fused engine first."""
    found = [_fused(case, usable_cores(), "fused"), _fused(case, 1, "fused, one thread")]
    found.append(_torch_engine(case))
    found += [_batched_autograd(case, threads) for threads in (1, usable_cores())]
    if case.lanes <= MAX_MODULES:
        found.append(_module_per_lane(case))
    if importlib.util.find_spec("jax") is not None:
        from tests.bench.jax_contender import jitted

        found.append(Contender("jax.jit", jitted(case)))
    return found


def initial_weights(case: Case, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Normally distributed weights with Xavier's scale."""
    scale = (2 / (case.features + case.hidden)) ** 0.5
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32) * np.float32(scale)


def _fused(case: Case, threads: int, name: str) -> Contender:
    pool = Threads(threads)
    runner = CohortRunner(pool)
    cohorts = [_fused_cohort(case, model) for model in case.models]

    def advance(steps: int) -> None:
        optimiser = Optimiser(np.full(steps, LEARNING_RATE))
        runner.advance(case.config.batch, [(cohort, optimiser) for cohort in cohorts])

    return Contender(name, advance, pool.close)


def _fused_cohort(case: Case, name: str) -> FusedCohort:
    model = model_named(name)
    cohort = FusedCohort.new(
        formula=Formula(model.hidden_activation, model.output_activation, model.target),
        tied=model.tied,
        hidden=case.hidden,
        probabilities=case.density,
        importance=case.importance,
        seeds=np.arange(len(case.density)),
    )
    cohort.parameters.encoder[:] = initial_weights(case, cohort.parameters.encoder.shape)
    if not model.tied:
        cohort.parameters.decoder[:] = initial_weights(case, cohort.parameters.decoder.shape)
    if are_rays(case.config, name):
        cohort = cohort.on_rays(case.density)
    cohort.compile()
    return cohort


def _torch_engine(case: Case) -> Contender:
    engine = TorchEngine(case.config)

    def advance(steps: int) -> None:
        torch.set_num_threads(1)
        engine.advance(dict.fromkeys(case.models, steps))

    return Contender("torch engine", advance, engine.close)


class _Autograd:
    """einsum over lanes and torch.optim.AdamW: the official notebook's way."""

    def __init__(self, case: Case, name: str) -> None:
        model = model_named(name)
        lanes = len(case.density)
        self.batch = case.config.batch
        self.encoder = _parameter(initial_weights(case, (lanes, case.features, case.hidden)))
        self.decoder = (
            None
            if model.tied
            else _parameter(initial_weights(case, (lanes, case.hidden, case.features)))
        )
        self.bias = _parameter(np.zeros((lanes, case.features), np.float32))
        self.density = torch.tensor(case.density, dtype=torch.float32)
        self.importance = torch.tensor(case.importance, dtype=torch.float32)
        free = [] if self.decoder is None else [self.decoder]
        self.optimizer = torch.optim.AdamW([self.encoder, *free, self.bias], lr=LEARNING_RATE)

    def step(self) -> None:
        shape = (self.batch, *self.density.shape)
        active = torch.rand(shape) <= self.density
        x = torch.where(active, torch.rand(shape), torch.zeros(()))
        hidden = torch.einsum("bln,lnm->blm", x, self.encoder)
        if self.decoder is None:
            output = torch.einsum("blm,lnm->bln", hidden, self.encoder)
        else:
            output = torch.einsum("blm,lmn->bln", hidden, self.decoder)
        error = x - torch.relu(output + self.bias)
        loss = (self.importance * error**2).mean((0, 2)).sum()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()


def _batched_autograd(case: Case, threads: int) -> Contender:
    stacks = [_Autograd(case, model) for model in case.models]

    def advance(steps: int) -> None:
        torch.set_num_threads(threads)
        for _ in range(steps):
            for stack in stacks:
                stack.step()

    return Contender(f"batched autograd, {threads} thread(s)", advance)


class _Net(torch.nn.Module):
    """One model at one density, as a tutorial would write it."""

    def __init__(self, case: Case, name: str) -> None:
        super().__init__()
        self.encoder = _parameter(initial_weights(case, (case.features, case.hidden)))
        self.free_decoder = (
            None
            if model_named(name).tied
            else _parameter(initial_weights(case, (case.hidden, case.features)))
        )
        self.bias = _parameter(np.zeros(case.features, np.float32))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        decoder = self.encoder.T if self.free_decoder is None else self.free_decoder
        return torch.relu(x @ self.encoder @ decoder + self.bias)


def _module_per_lane(case: Case) -> Contender:
    nets = [_Net(case, model) for model in case.models for _ in case.density]
    optimizers = [torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE) for net in nets]
    densities = torch.tensor(np.tile(case.density, (len(case.models), 1)), dtype=torch.float32)
    weights = torch.tensor(np.tile(case.importance, (len(case.models), 1)), dtype=torch.float32)

    def advance(steps: int) -> None:
        torch.set_num_threads(1)
        for _ in range(steps):
            for lane, (net, optimizer) in enumerate(zip(nets, optimizers, strict=True)):
                shape = (case.config.batch, case.features)
                x = torch.rand(shape) * (torch.rand(shape) <= densities[lane])
                loss = (weights[lane] * (x - net(x)) ** 2).mean()
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()

    return Contender("one nn.Module per lane", advance)


def _parameter(values: np.ndarray[Any, np.dtype[np.float32]]) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.from_numpy(values.copy()))
