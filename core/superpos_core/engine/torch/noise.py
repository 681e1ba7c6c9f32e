"""Noise and dropout on the hidden layer, in training only."""

from collections.abc import Sequence
from math import pi

import numpy as np
import torch

from superpos_core.engine.torch.counter_random import CounterRandom
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane

DRAWS_PER_STEP, DRAWS_PER_ROW = 1 << 40, 1 << 20
"""Counters set aside, so that a lane's noise does not depend on the other lanes' rows and m."""


class HiddenNoise:
    """What the decoder reads instead of h: h̃ = d·(h + σ·ε), after the hidden activation.

    ε is standard normal, and d is 0 with probability q and otherwise 1 / (1 − q), both drawn anew
    for each row and hidden unit from a counter. A recorded step only reads tensors, so
    ``set_factor`` writes the factor on σ into one.
    """

    def __init__(
        self, config: ExperimentConfig, lanes: Sequence[Lane], device: torch.device
    ) -> None:
        deviations = np.array([config.hidden_noise_of(lane) for lane in lanes], np.float32)
        self._has_noise = bool(deviations.any())
        self._dropout = config.hidden_dropout
        units = np.array([config.hidden_of(lane) for lane in lanes])
        exists = np.arange(config.hidden) < units[:, None, None]
        self._deviation = torch.from_numpy(deviations[:, None, None] * exists).to(device)
        self._factor = torch.ones((), dtype=torch.float32, device=device)
        self._noise = CounterRandom(lanes, device, "hidden noise")
        self._drops = CounterRandom(lanes, device, "hidden dropout")

    def set_factor(self, factor: float) -> None:
        """Multiply σ by ``factor`` from the next step on."""
        self._factor.fill_(factor)

    def on(self, hidden: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        """h̃ for ``hidden`` (L, rows, m) at this step."""
        _, rows, units = hidden.shape
        row = torch.arange(rows, device=hidden.device)[:, None]
        unit = torch.arange(units, device=hidden.device)
        entries = (row * DRAWS_PER_ROW + unit).view(-1)
        counters = step * DRAWS_PER_STEP + entries
        if self._has_noise:
            size, turn = self._noise.uniform_pairs(counters)
            # Box and Muller (1958); draws lie in [0, 1).
            normal = (-2.0 * torch.log1p(-size)).sqrt() * torch.cos(2 * pi * turn)
            hidden = hidden + self._factor * self._deviation * normal.view(hidden.shape)
        if self._dropout:
            draw, _ = self._drops.uniform_pairs(counters)
            kept = (draw >= self._dropout).float() / (1.0 - self._dropout)
            hidden = hidden * kept.view(hidden.shape)
        return hidden


def hidden_noise_for(
    config: ExperimentConfig, lanes: Sequence[Lane], device: torch.device
) -> HiddenNoise | None:
    """The noise of these lanes; ``None`` if none has any."""
    is_noisy = config.hidden_dropout or any(config.hidden_noise_of(lane) for lane in lanes)
    return HiddenNoise(config, lanes, device) if is_noisy else None
