"""Dictionaries: the engines, batched PyTorch as one would write it, and SAELens if it is there."""

import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from tests.bench.contenders import Contender

from superpos_core.engine.choice import EngineChoice
from superpos_core.engine.dictionaries import DictionaryEngine
from superpos_core.machine.cores import usable_cores
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.truth import made_directions

RELU = ("relu",)


@dataclass(frozen=True)
class DictionaryCase:
    """Lanes of ReLU dictionaries with an L1 penalty."""

    name: str
    config: ExperimentConfig

    @property
    def lanes(self) -> int:
        """The number of dictionaries."""
        return len(self.config.lanes_of(*RELU))


def _case(name: str, **options: object) -> DictionaryCase:
    usual: dict[str, object] = {"kind": DICTIONARIES, "dictionaries": RELU, "batch": 1024}
    return DictionaryCase(
        f"dictionaries, {name}",
        ExperimentConfig("bench", **usual | options),  # type: ignore[arg-type]
    )


DICTIONARY_CASES = (
    _case("5 features in 2 dimensions, density .025 (ARENA)", features=5, hidden=2, latents=5,
          sparsities=(0.975,), restarts=16, directions="random", latent_penalty=0.2),
    _case("4 binary features, 1,000 at once", features=4, hidden=4, latents=4, sparsities=(0.75,),
          restarts=1000, directions="orthogonal", distribution="binary", latent_penalty=3e-5),
    _case("20 features in 5 dimensions, density .01", features=20, hidden=5, latents=20,
          sparsities=(0.99,), restarts=16, directions="random"),
)  # fmt: skip


def dictionary_contenders_for(case: DictionaryCase) -> list[Contender]:
    """All contenders that can be had, the fused engine first."""
    found = [
        _engine(case, EngineChoice("fused"), "fused"),
        _engine(case, EngineChoice("fused", threads=1), "fused, one thread"),
        _engine(case, EngineChoice("torch"), "torch engine"),
        *(_batched_autograd(case, threads) for threads in (1, usable_cores())),
    ]
    is_there = importlib.util.find_spec("sae_lens") is not None
    return [*found, _saelens(case)] if is_there else found


def _engine(case: DictionaryCase, choice: EngineChoice, name: str) -> Contender:
    engine = choice.make(case.config)
    assert isinstance(engine, DictionaryEngine)
    engine.read(_directions(case))

    def advance(steps: int) -> None:
        torch.set_num_threads(1)
        engine.advance(dict.fromkeys(RELU, steps))

    return Contender(name, advance, engine.close)


def _directions(case: DictionaryCase) -> np.ndarray[tuple[int, ...], np.dtype[np.floating]]:
    return made_directions(case.config, case.config.lanes_of(*RELU))


class _Autograd:
    """einsum over instances and torch.optim.Adam, as ARENA's chapter has it."""

    def __init__(self, case: DictionaryCase) -> None:
        config, lanes = case.config, case.lanes
        self.config, self.shape = config, (config.batch, lanes, config.features)
        self.directions = torch.from_numpy(_directions(case).copy())
        start = torch.nn.functional.normalize(
            torch.randn(lanes, config.latents, config.hidden), dim=2
        )
        self.decoder = torch.nn.Parameter(start)
        self.encoder = torch.nn.Parameter(start.mT.clone())
        self.encoder_bias = torch.nn.Parameter(torch.zeros(lanes, config.latents))
        self.bias = torch.nn.Parameter(torch.zeros(lanes, config.hidden))
        weights = [self.decoder, self.encoder, self.encoder_bias, self.bias]
        self.optimizer = torch.optim.Adam(weights, lr=config.learning_rate)
        (self.density,) = {lane.density for lane in config.lanes_of(*RELU)}

    def draw(self) -> torch.Tensor:
        """Fresh hidden vectors, (batch, lanes, d)."""
        active = torch.rand(self.shape) <= self.density
        is_binary = self.config.distribution == "binary"
        x = active.float() if is_binary else active * torch.rand(self.shape)
        return torch.einsum("bln,lnd->bld", x, self.directions)

    def step(self) -> None:
        hidden = self.draw()
        before = torch.einsum("bld,ldk->blk", hidden - self.bias, self.encoder)
        latents = torch.relu(before + self.encoder_bias)
        output = torch.einsum("blk,lkd->bld", latents, self.decoder) + self.bias
        penalty = self.config.latent_penalty * latents.sum(2)
        objective = (((output - hidden) ** 2).sum(2) + penalty).mean(0).sum()
        self.optimizer.zero_grad(set_to_none=True)
        objective.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        with torch.no_grad():
            self.decoder.copy_(torch.nn.functional.normalize(self.decoder, dim=2))


def _batched_autograd(case: DictionaryCase, threads: int) -> Contender:
    stack = _Autograd(case)

    def advance(steps: int) -> None:
        torch.set_num_threads(threads)
        for _ in range(steps):
            stack.step()

    return Contender(f"batched autograd, {threads} thread(s)", advance)


def _saelens(case: DictionaryCase) -> Contender:
    """A training SAE of SAELens per lane, one after the other, without its loaders and loggers."""
    from sae_lens import StandardTrainingSAE, StandardTrainingSAEConfig  # type: ignore[import-not-found,unused-ignore]
    from sae_lens.saes.sae import TrainStepInput  # type: ignore[import-not-found,unused-ignore]

    config = case.config
    sizes = {"d_in": config.hidden, "d_sae": config.latents}
    penalty = config.latent_penalty
    saes: list[Any] = [
        StandardTrainingSAE(StandardTrainingSAEConfig(**sizes, l1_coefficient=penalty))
        for _ in range(case.lanes)
    ]
    optimisers = [torch.optim.Adam(sae.parameters(), lr=config.learning_rate) for sae in saes]
    rows = _Autograd(case)

    def advance(steps: int) -> None:
        torch.set_num_threads(1)
        for step in range(steps):
            hidden = rows.draw()
            for lane, (sae, optimiser) in enumerate(zip(saes, optimisers, strict=True)):
                given = TrainStepInput(hidden[:, lane], {"l1": penalty}, None, step, False)
                optimiser.zero_grad(set_to_none=True)
                sae.training_forward_pass(given).loss.backward()
                optimiser.step()

    return Contender("SAELens, one SAE at a time", advance)
