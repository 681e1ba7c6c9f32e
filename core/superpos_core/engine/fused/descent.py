"""One step of an optimiser, in the order of operations of torch.optim's."""

from __future__ import annotations

from math import sqrt

import numpy as np

from superpos_core.engine.fused.layout import Optimiser
from superpos_core.engine.fused.simd import (
    LANES,
    Pointer,
    broadcast,
    compiled,
    fused_multiply_add,
    load,
    square_root,
    store,
)


@compiled
def descend(
    gradient: Pointer,
    parameters: Pointer,
    first_moment: Pointer,
    second_moment: Pointer,
    count: int,
    step: int,
    rate: float,
    optimiser: Optimiser,
) -> None:
    """One step of AdamW, in the order of operations of torch.optim.AdamW."""
    kept = broadcast(np.float32(1.0 - rate * optimiser.weight_decay))
    memory_1 = broadcast(np.float32(optimiser.beta_1))
    news_1 = broadcast(np.float32(1.0 - optimiser.beta_1))
    memory_2 = broadcast(np.float32(optimiser.beta_2))
    news_2 = broadcast(np.float32(1.0 - optimiser.beta_2))
    epsilon = broadcast(np.float32(optimiser.epsilon))
    step_size = broadcast(np.float32(-rate / (1.0 - optimiser.beta_1**step)))
    correction = broadcast(np.float32(1.0 / sqrt(1.0 - optimiser.beta_2**step)))
    for index in range(0, count, LANES):
        slope = load(gradient, index)
        mean = fused_multiply_add(news_1, slope, memory_1 * load(first_moment, index))
        square = fused_multiply_add(news_2 * slope, slope, memory_2 * load(second_moment, index))
        store(first_moment, index, mean)
        store(second_moment, index, square)
        spread = fused_multiply_add(square_root(square), correction, epsilon)
        moved = fused_multiply_add(step_size, mean / spread, kept * load(parameters, index))
        store(parameters, index, moved)
